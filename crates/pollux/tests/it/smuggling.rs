//! Requests that two servers could read in two ways, byte by byte, against the built program.
//!
//! Each of them hides a second request. It is refused or its connection is closed, or it is read in
//! the one way there is; the hidden request never reaches Gemini.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
    time::Duration,
};

use pollux_simulator::Running;
use pollux_testkit::{ACCESS_KEY, MODEL, native};

use crate::program::{Home, Program, gemini};

const PATIENCE: Duration = Duration::from_secs(15);
const TEXT: &str = "say: the outer one";
const HIDDEN: &str = "say: the hidden one";

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// 4xx and an end, or no answer at all; Gemini hears nothing.
    Refused,
    /// The same, in words that are for this status.
    Status(u16),
    /// It is read in the one way there is, and what follows it is a request of its own.
    Served,
    /// It is read in the one way there is, and the connection is closed after it.
    ServedLast,
}

use Fate::{Refused, Served, ServedLast, Status};

/// A request of its own, as nobody may slip it in.
fn hidden() -> String {
    request("", &native(HIDDEN))
}

/// A request with a `content-length` that is right.
fn request(more: &str, body: &str) -> String {
    framed(&format!("Content-Length: {}\r\n{more}", body.len()), body)
}

/// A request whose length is told by `more`.
fn framed(more: &str, body: &str) -> String {
    started(&format!("POST /v1beta/models/{MODEL}:generateContent HTTP/1.1"), more, body)
}

fn started(line: &str, more: &str, body: &str) -> String {
    format!(
        "{line}\r\nHost: pollux.test\r\nX-Api-Key: {ACCESS_KEY}\r\n\
         Content-Type: application/json\r\n{more}\r\n{body}"
    )
}

/// A body in one chunk, and its end.
fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

/// The lengths of a body, told in so many ways.
fn by_length() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let length = body.len();
    let cases = [
        ("with a sign", format!("Content-Length: +{length}"), Refused),
        ("negative", "Content-Length: -1".to_owned(), Refused),
        ("hexadecimal", format!("Content-Length: 0x{length:x}"), Refused),
        ("with a fraction", format!("Content-Length: {length}.0"), Refused),
        ("with an exponent", "Content-Length: 1e2".to_owned(), Refused),
        ("in two words", format!("Content-Length: {length} {length}"), Refused),
        ("as a list of equals", format!("Content-Length: {length}, {length}"), Refused),
        ("as a list of others", format!("Content-Length: {length}, 0"), Refused),
        ("empty", "Content-Length:".to_owned(), Refused),
        ("with a tab inside", "Content-Length: 1\t2".to_owned(), Refused),
        ("with a vertical tab", format!("Content-Length: \x0b{length}"), Refused),
        ("with a NUL", format!("Content-Length: {length}\0"), Refused),
        ("of 2^64", "Content-Length: 18446744073709551616".to_owned(), Refused),
        ("of 2^64-1", "Content-Length: 18446744073709551615".to_owned(), Refused),
        ("of many digits", format!("Content-Length: {}", "9".repeat(60)), Refused),
        ("in other digits", "Content-Length: \u{ff11}\u{ff12}".to_owned(), Refused),
        ("told twice otherwise", format!("Content-Length: {length}\r\nContent-Length: 0"), Refused),
        ("told first otherwise", format!("Content-Length: 0\r\nContent-Length: {length}"), Refused),
        (
            "told twice alike",
            format!("Content-Length: {length}\r\nContent-Length: {length}"),
            Served,
        ),
        ("with a space before the colon", format!("Content-Length : {length}"), Refused),
        ("with a space at the end", format!("Content-Length: {length} "), Served),
        ("in small letters", format!("content-length:{length}"), Served),
        ("of nothing", "Content-Length: 0".to_owned(), ServedLast),
    ];
    let told = |(what, lines, fate): (&str, String, Fate)| {
        let rest = if fate == Served { String::new() } else { hidden() };
        (format!("a length {what}"), framed(&format!("{lines}\r\n"), &body) + &rest, fate)
    };
    cases.into_iter().map(told).collect()
}

/// Encodings that are not the one there is.
const ENCODINGS: &[(&str, &str)] = &[
    ("unknown", "Transfer-Encoding: xchunked"),
    ("none", "Transfer-Encoding: identity"),
    ("chunked and none", "Transfer-Encoding: chunked, identity"),
    ("none and chunked", "Transfer-Encoding: identity, chunked"),
    ("packed and chunked", "Transfer-Encoding: gzip, chunked"),
    ("chunked twice", "Transfer-Encoding: chunked, chunked"),
    ("chunked in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"),
    ("chunked and none in two lines", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"),
    ("none, then chunked", "Transfer-Encoding: x\r\nTransfer-Encoding: chunked"),
    ("in quotes", "Transfer-Encoding: \"chunked\""),
    ("with a parameter", "Transfer-Encoding: chunked;q=1"),
    ("with a comma", "Transfer-Encoding: chunked,"),
    ("with a comma before", "Transfer-Encoding: ,chunked"),
    ("empty", "Transfer-Encoding:"),
    ("with a vertical tab", "Transfer-Encoding: \x0bchunked"),
    ("with a NUL", "Transfer-Encoding: chunked\0"),
    ("with a space before the colon", "Transfer-Encoding : chunked"),
    ("with a tab before the colon", "Transfer-Encoding\t: chunked"),
    ("on a line of its own", "Transfer-Encoding:\r\n chunked"),
    ("folded into another", "X-Other: a\r\n Transfer-Encoding: chunked"),
    ("behind a bare CR", "X-Other: a\rTransfer-Encoding: chunked"),
    ("in a name with a control character", "Transfer-\x01Encoding: chunked"),
];

/// Both lengths at once, and encodings that are none.
fn by_encoding() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let sent = chunked(&body) + &hidden();
    let mut cases = Vec::new();
    for (what, lines) in ENCODINGS {
        cases.push((
            format!("an encoding {what}"),
            framed(&format!("{lines}\r\n"), &sent),
            Refused,
        ));
        let length = format!("Content-Length: {}\r\n{lines}\r\n", sent.len());
        cases.push((format!("a length, and an encoding {what}"), framed(&length, &sent), Refused));
    }
    for (what, lines) in [
        ("in large letters", "Transfer-Encoding: CHUNKED"),
        ("behind a tab", "Transfer-Encoding:\tchunked"),
        ("before a tab", "Transfer-Encoding: chunked\t"),
    ] {
        let sent = framed(&format!("{lines}\r\n"), &chunked(&body));
        cases.push((format!("an encoding {what}"), sent, Served));
    }
    // Those that read one length only see the hidden request as one of its own.
    for (what, first, second) in [
        ("a length and an encoding", "Content-Length", "Transfer-Encoding"),
        ("an encoding and a length", "Transfer-Encoding", "Content-Length"),
    ] {
        for length in [4, sent.len()] {
            let value = |name: &str| match name {
                "Content-Length" => length.to_string(),
                _ => "chunked".to_owned(),
            };
            let lines = format!("{first}: {}\r\n{second}: {}\r\n", value(first), value(second));
            cases.push((format!("{what} of {length}"), framed(&lines, &sent), ServedLast));
        }
    }
    let old =
        framed("Transfer-Encoding: chunked\r\n", &sent).replace("HTTP/1.1\r\n", "HTTP/1.0\r\n");
    cases.push(("an encoding in HTTP/1.0".to_owned(), old, Refused));
    cases
}

/// Chunks that are none.
fn by_chunk() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let (length, end) = (format!("{:x}", body.len()), "\r\n0\r\n\r\n");
    let sent = |body: &str| framed("Transfer-Encoding: chunked\r\n", body);
    let mut cases = Vec::new();
    for (what, text) in [
        ("with a sign", format!("+{length}\r\n{body}{end}")),
        ("negative", format!("-1\r\n{body}{end}")),
        ("with a prefix", format!("0x{length}\r\n{body}{end}")),
        ("behind a space", format!(" {length}\r\n{body}{end}")),
        ("with a space inside", format!("{length} 1\r\n{body}{end}")),
        ("that is no number", format!("g\r\n{body}{end}")),
        ("without a number", format!("\r\n{body}{end}")),
        ("of 2^64", format!("10000000000000000\r\n{body}{end}")),
        ("of many digits", format!("{}{length}\r\n{body}{end}", "f".repeat(40))),
        ("with a NUL", format!("{length}\0\r\n{body}{end}")),
        ("with a bare LF", format!("{length}\n{body}{end}")),
        ("with a bare CR", format!("{length}\r{body}{end}")),
        ("with a bare LF in its extension", format!("{length};a\n{body}{end}")),
        ("with a huge extension", format!("{length};{}\r\n{body}{end}", "a".repeat(20_000))),
        ("that is longer than told", format!("4\r\n{body}{end}")),
        ("without its end", format!("{length}\r\n{body}0\r\n\r\n")),
        ("that ends with a bare LF", format!("{length}\r\n{body}\n0\r\n\r\n")),
        (
            "with a huge trailer",
            format!("{length}\r\n{body}\r\n0\r\nX: {}\r\n\r\n", "a".repeat(20_000)),
        ),
    ] {
        cases.push((format!("a chunk {what}"), sent(&text) + &hidden(), Refused));
    }
    let lengths = "Content-Length: 4\r\nTransfer-Encoding: chunked\r\nHost: other.test\r\n";
    for (what, text) in [
        ("with an extension", format!("{length};name=value\r\n{body}{end}")),
        ("with zeros", format!("000{length}\r\n{body}{end}")),
        ("with other lengths in a trailer", format!("{length}\r\n{body}\r\n0\r\n{lengths}\r\n")),
    ] {
        cases.push((format!("a chunk {what}"), sent(&text), Served));
    }
    cases
}

/// Lines of a head that are none, or of which there is one at most.
fn by_line() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let mut cases = Vec::new();
    let mut case = |what: &str, text: String, fate| cases.push((what.to_owned(), text, fate));
    for (what, line) in [
        ("a NUL in a name", "X-\0a: b"),
        ("a control character in a name", "X-\x01a: b"),
        ("a space in a name", "X a: b"),
        ("an empty name", ": b"),
        ("a line without a colon", "X-a"),
        ("a NUL in a value", "X-a: b\0c"),
        ("a control character in a value", "X-a: b\x01c"),
        ("a delete in a value", "X-a: b\x7fc"),
        ("a bare CR in a value", "X-a: b\rc"),
        ("a folded line", "X-a: b\r\n c"),
        ("a line folded by a tab", "X-a: b\r\n\tc"),
        ("a second host", "Host: other.test"),
        ("the same host again", "Host: pollux.test"),
        ("an expectation that nobody meets", "Expect: 200-ok"),
        ("two expectations", "Expect: 100-continue\r\nExpect: 200-ok"),
    ] {
        case(what, request(&format!("{line}\r\n"), &body) + &hidden(), Refused);
    }
    case("no host", request("", &body).replace("Host: pollux.test\r\n", "") + &hidden(), Refused);
    for host in ["a b", "a/b", "a@pollux.test", "pollux.test, other.test", "\u{e9}.test", "a?b"] {
        let text = request("", &body).replace("pollux.test", host);
        case(&format!("the host {host}"), text + &hidden(), Refused);
    }
    cases
}

/// First lines that are none, or lead elsewhere.
fn by_first_line() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let path = format!("/v1beta/models/{MODEL}:generateContent");
    let length = format!("Content-Length: {}\r\n", body.len());
    let mut cases = Vec::new();
    let mut case = |what: &str, text: String, fate| cases.push((what.to_owned(), text, fate));
    for (what, line) in [
        ("HTTP/0.9", format!("POST {path}")),
        ("HTTP/1.2", format!("POST {path} HTTP/1.2")),
        ("HTTP/2.0", format!("POST {path} HTTP/2.0")),
        ("HTTP/11", format!("POST {path} HTTP/11")),
        ("small http", format!("POST {path} http/1.1")),
        ("more after the version", format!("POST {path} HTTP/1.1 x")),
        ("two spaces in the first line", format!("POST  {path} HTTP/1.1")),
        ("a tab in the first line", format!("POST\t{path} HTTP/1.1")),
        ("no method", format!(" {path} HTTP/1.1")),
        ("a method in small letters", format!("post {path} HTTP/1.1")),
        ("a method in mixed letters", format!("PosT {path} HTTP/1.1")),
        ("a method with a NUL", format!("PO\0ST {path} HTTP/1.1")),
        ("a method that is none", format!("P(ST {path} HTTP/1.1")),
        ("a control character in the path", format!("POST {path}\x01 HTTP/1.1")),
        ("a space in the path", format!("POST {path} x HTTP/1.1")),
        ("another host in the address", format!("POST http://other.test{path} HTTP/1.1")),
        ("a tunnel", "CONNECT other.test:443 HTTP/1.1".to_owned()),
        ("an address of its own kind", format!("POST ftp://other.test{path} HTTP/1.1")),
    ] {
        case(what, started(&line, &length, &body) + &hidden(), Refused);
    }
    let whole = format!("POST http://pollux.test{path} HTTP/1.1");
    case("its own host in the address", started(&whole, &length, &body), Served);
    let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned();
    case("the preface of HTTP/2", preface + &hidden(), Refused);
    case("a colon in front of the head", format!(" : a\r\n{}", request("", &body)), Refused);
    cases
}

/// Heads and bodies that are too much, or too little for too long.
fn by_size() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let length = format!("Content-Length: {}\r\n", body.len());
    let mut cases = Vec::new();
    let mut case = |what: &str, text: String, fate| cases.push((what.to_owned(), text, fate));
    let long = format!("/{}", "x".repeat(70_000));
    case("a huge address", started(&format!("POST {long} HTTP/1.1"), &length, &body), Status(414));
    let many = (0..200).fold(String::new(), |mut lines, at| {
        write!(lines, "X-{at}: y\r\n").unwrap();
        lines
    });
    case("many lines", request(&many, &body) + &hidden(), Status(431));
    let huge = format!("X: {}\r\n", "y".repeat(600_000));
    case("a huge line", request(&huge, &body) + &hidden(), Status(431));
    case("half a head", "POST / HTTP/1.1\r\nHost: pollux.test\r\nX-".to_owned(), Refused);
    case("half a body", framed("Content-Length: 9999\r\n", &body), Status(408));

    cases
}

/// What is read in one way, though it looks odd.
fn by_look() -> Vec<(String, String, Fate)> {
    let body = native(TEXT);
    let mut cases = Vec::new();
    let mut case = |what: &str, text: String, fate| cases.push((what.to_owned(), text, fate));
    for (what, more) in [
        (
            "an offer of HTTP/2",
            "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        ),
        ("an offer of another protocol", "Upgrade: websocket\r\nConnection: Upgrade\r\n"),
        ("an expectation", "Expect: 100-continue\r\n"),
        ("a name that only looks like one", "Transfer_Encoding: chunked\r\n"),
        ("another name in front", "X-Content-Length: 4\r\n"),
        ("headers of another hop", "Connection: content-length, x-api-key\r\n"),
    ] {
        case(what, request(more, &body), Served);
    }
    let inside = native(&format!("{TEXT}\n{}", hidden()));
    case("a request in a text", request("", &inside), Served);
    case("an empty line in front", format!("\r\n{}", request("", &body)), Served);
    cases
}

/// Requests that make no sense of a body, which is not the next request either.
fn by_body() -> Vec<(String, String, Fate)> {
    let hidden = hidden();
    let length = format!("Content-Length: {}\r\n", hidden.len());
    ["GET /health", "HEAD /health", "GET /nowhere", "DELETE /v1/models", "GET /admin/api/keys"]
        .into_iter()
        .map(|line| {
            let text = started(&format!("{line} HTTP/1.1"), &length, &hidden);
            (format!("{line} with a body"), text, ServedLast)
        })
        .collect()
}

/// Sends bytes and then asks for an end; returns the statuses of all answers.
fn exchange(program: &Program, bytes: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(program.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let last = "GET /healthz HTTP/1.1\r\nHost: pollux.test\r\nConnection: close\r\n\r\n";
    // A server that has seen enough may have closed by now.
    let _ = stream.write_all(bytes).and_then(|()| stream.write_all(last.as_bytes()));
    let mut answers = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answers) {
        let is_over = error.kind() == std::io::ErrorKind::ConnectionReset;
        assert!(is_over, "{error}: {}", String::from_utf8_lossy(&answers));
    }
    let _ = stream.shutdown(Shutdown::Both);
    let text = String::from_utf8_lossy(&answers).into_owned();
    let statuses = text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap());
    statuses.filter(|status| *status != 100).collect()
}

fn is_hidden(body: &str) -> bool {
    body.starts_with(&native(HIDDEN))
}

/// What is wrong with the fate of a request.
fn fault(program: &Program, gemini: &Running, case: &(String, String, Fate)) -> Option<String> {
    let (what, text, fate) = case;
    gemini.simulator.clear();
    let statuses = exchange(program, text.as_bytes());
    let calls = gemini.simulator.requests();
    let bodies: Vec<String> =
        calls.iter().map(|call| String::from_utf8_lossy(&call.body).into_owned()).collect();
    let is_refused = |status: &u16| (400..500).contains(status);
    let is_outer = |body: &String| body.contains(TEXT) && !is_hidden(body);
    let is_right = match fate {
        Refused => statuses.iter().all(is_refused) && bodies.is_empty(),
        Status(status) => statuses == [*status] && bodies.is_empty(),
        Served => statuses == [200, 200] && bodies.len() == 1 && is_outer(&bodies[0]),
        ServedLast => {
            statuses.len() <= 2 && bodies.len() <= 1 && !bodies.iter().any(|it| is_hidden(it))
        }
    };
    (!is_right).then(|| format!("{what} should be {fate:?}: {statuses:?} {bodies:?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_hides_in_another() {
    let gemini = gemini("key-1".parse().unwrap()).await;
    let home = Home::new(&gemini);
    let short = "[timeouts]\nhead = \"1s\"\nbody = \"1s\"\n";
    home.write(&[("gemini_api_key", "key-1")], short);
    let program = Program::start(&home.file());
    let heads = [by_line(), by_first_line(), by_size(), by_look()].concat();
    let cases = [heads, by_length(), by_encoding(), by_chunk(), by_body()].concat();
    assert!(cases.len() > 120, "{}", cases.len());
    let count = cases.len();
    let faults: Vec<String> =
        cases.iter().filter_map(|case| fault(&program, &gemini, case)).collect();
    assert!(faults.is_empty(), "{} of {count}: {faults:#?}", faults.len());
    eprintln!("{count} requests");
    let well = ("a plain request".to_owned(), request("", &native(TEXT)), Served);
    assert_eq!(fault(&program, &gemini, &well), None);
    // It counts what it sees: two requests that follow each other are two.
    gemini.simulator.clear();
    let two = hidden() + &hidden();
    assert_eq!(exchange(&program, two.as_bytes()), [200, 200, 200]);
    assert_eq!(gemini.simulator.requests().len(), 2);
}
