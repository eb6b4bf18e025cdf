//! URLs in chats that mean to reach what only this server can reach: none of them is dialled.

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use pollux::web::Lookup;
use pollux_testkit::{App, MODEL};

use crate::web::{Server, get};

/// This machine, as it can be written; a port follows.
const HERE: &[(&str, &str)] = &[
    ("plain", "127.0.0.1"),
    ("another of this machine", "127.8.9.10"),
    ("short, of two parts", "127.1"),
    ("short, of three parts", "127.0.1"),
    ("one number", "2130706433"),
    ("one number, hexadecimal", "0x7f000001"),
    ("one number, octal", "017700000001"),
    ("hexadecimal parts", "0x7f.0x0.0x0.0x1"),
    ("hexadecimal parts in large letters", "0X7F.0X0.0X0.0X1"),
    ("octal parts", "0177.0.0.01"),
    ("parts of all kinds", "0177.0x0.1"),
    ("many zeros", "0000000177.0.0.1"),
    ("no hexadecimal digits", "127.0x.0x.1"),
    ("any address", "0.0.0.0"),
    ("any address, short", "0"),
    ("any address, hexadecimal", "0x"),
    ("a dot behind", "127.0.0.1."),
    ("dots behind", "127.0.0.1.."),
    ("percent", "%31%32%37.0.0.1"),
    ("wide digits", "\u{ff11}\u{ff12}\u{ff17}.0.0.1"),
    ("digits in circles", "\u{2460}\u{2461}\u{2466}.0.0.1"),
    ("ideographic dots", "127\u{3002}0\u{3002}0\u{3002}1"),
    ("wide dots", "127\u{ff0e}0\u{ff0e}0\u{ff0e}1"),
    ("half-wide dots", "127\u{ff61}0\u{ff61}0\u{ff61}1"),
    ("a tab inside", "127.0.\t0.1"),
    ("a line break inside", "127.0.\n0.1"),
    ("IPv6", "[::1]"),
    ("IPv6, whole", "[0:0:0:0:0:0:0:1]"),
    ("IPv6, any address", "[::]"),
    ("IPv6 with a zone", "[::1%25lo]"),
    ("IPv6 with a bare zone", "[::1%lo]"),
    ("IPv6 of the link with a zone", "[fe80::1%25eth0]"),
    ("mapped", "[::ffff:127.0.0.1]"),
    ("mapped, in words", "[::ffff:7f00:1]"),
    ("mapped, whole", "[0:0:0:0:0:ffff:127.0.0.1]"),
    ("mapped, any address", "[::ffff:0.0.0.0]"),
    ("compatible", "[::127.0.0.1]"),
    ("translated", "[::ffff:0:127.0.0.1]"),
    ("NAT64", "[64:ff9b::127.0.0.1]"),
    ("NAT64 of a site", "[64:ff9b:1::127.0.0.1]"),
    ("6to4", "[2002:7f00:1::]"),
    ("6to4 with an end", "[2002:7f00:1::1]"),
    ("Teredo", "[2001:0:4136:e378:8000:63bf:80ff:fffe]"),
    ("its name", "localhost"),
    ("its name in large letters", "LOCALHOST"),
    ("its name in mixed letters", "LocalHost"),
    ("its name with a dot", "localhost."),
    ("its name with dots", "localhost.."),
    ("a name below it", "a.localhost"),
    (
        "its name in circles",
        "\u{24db}\u{24de}\u{24d2}\u{24d0}\u{24db}\u{24d7}\u{24de}\u{24e2}\u{24e3}",
    ),
    ("its name with a soft hyphen", "local\u{ad}host"),
    ("its name with a gap of no width", "local\u{200b}host"),
    ("its name, percent", "%6c%6f%63%61%6c%68%6f%73%74"),
    ("its other names", "ip6-localhost"),
    ("its domain", "localhost.localdomain"),
    ("a user", "somebody@127.0.0.1"),
    ("a user who looks like a host", "images.example@127.0.0.1"),
    ("a user with a password", "a:b@127.0.0.1"),
    ("a password alone", ":b@127.0.0.1"),
    ("two users", "a@b@127.0.0.1"),
    ("a user behind a backslash", "images.example\\@127.0.0.1"),
    ("a user, percent", "images.example%40@127.0.0.1"),
];

/// What only this server can reach, and what is no address of the web.
const ELSEWHERE: &[(&str, &str)] = &[
    ("a private network", "http://10.0.0.1/"),
    ("a private network, short", "http://10.1/"),
    ("another private network", "http://172.16.0.1/"),
    ("the last of that private network", "http://172.31.255.255/"),
    ("a network at home", "http://192.168.1.1/"),
    ("a carrier's network", "http://100.64.0.1/"),
    ("a network for tests", "http://198.18.0.1/"),
    ("an address for documents", "http://192.0.2.1/"),
    ("many at once", "http://224.0.0.1/"),
    ("everyone", "http://255.255.255.255/"),
    ("reserved", "http://240.0.0.1/"),
    ("the metadata of clouds", "http://169.254.169.254/latest/meta-data/"),
    ("the metadata, one number", "http://2852039166/"),
    ("the metadata, octal", "http://0251.0376.0251.0376/"),
    ("the metadata, mapped", "http://[::ffff:169.254.169.254]/"),
    ("the metadata, 6to4", "http://[2002:a9fe:a9fe::]/"),
    ("the metadata, NAT64", "http://[64:ff9b::a9fe:a9fe]/"),
    ("the metadata by name", "http://metadata.google.internal/"),
    ("the metadata by IPv6", "http://[fd00:ec2::254]/"),
    ("the metadata of Alibaba", "http://100.100.100.200/"),
    ("the metadata of Oracle", "http://192.0.0.192/"),
    ("the host agent of Azure", "http://168.63.129.16/"),
    ("a private network of IPv6", "http://[fc00::1]/"),
    ("a site of IPv6", "http://[fec0::1]/"),
    ("many at once, by IPv6", "http://[ff02::1]/"),
    ("nothing, by IPv6", "http://[100::1]/"),
    ("a tunnel to a private network", "http://[2002:c0a8:101::1]/"),
    ("an address for documents, by IPv6", "http://[2001:db8::1]/"),
    ("a name at home", "http://printer.local/"),
    ("a name in a house", "http://nas.home.arpa/"),
    ("a name in a company", "http://wiki.internal/"),
    ("a file", "file:///etc/passwd"),
    ("a file of a host", "file://127.0.0.1/etc/passwd"),
    ("FTP", "ftp://127.0.0.1/"),
    ("Gopher", "gopher://127.0.0.1:6379/_INFO"),
    ("a dictionary", "dict://127.0.0.1:11211/stats"),
    ("a directory", "ldap://127.0.0.1/"),
    ("an archive", "jar:http://127.0.0.1/a!/b"),
    ("a script", "javascript:fetch('http://127.0.0.1')"),
    ("a socket", "unix:/var/run/docker.sock"),
    ("a web socket", "ws://127.0.0.1/"),
    ("one slash", "http:/127.0.0.1/"),
    ("no slash", "http:127.0.0.1/"),
    ("three slashes", "http:///127.0.0.1/"),
    ("backslashes", "http:\\\\127.0.0.1\\"),
    ("no scheme", "//127.0.0.1/"),
    ("a path alone", "/etc/passwd"),
    ("no host", "http://"),
    ("a port of mail", "http://images.example:25/"),
    ("a port of Redis", "http://8.8.8.8:6379/"),
    ("a port of shells", "https://8.8.8.8:22/"),
    ("port 0", "http://8.8.8.8:0/"),
    ("a port that is none", "http://8.8.8.8:65616/"),
    ("a negative port", "http://8.8.8.8:-1/"),
    ("a fragment that looks like a host", "http://127.0.0.1#@8.8.8.8/"),
    ("a query that looks like a host", "http://127.0.0.1?@8.8.8.8/"),
    ("a backslash that looks like a user", "http://127.0.0.1\\@8.8.8.8/"),
];

/// Asks for an answer about an image in a chat; returns the status and the text of the error.
async fn ask(app: &App, url: &str) -> (u16, String) {
    let url = serde_json::to_string(url).unwrap();
    let body = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":[{{"type":"image_url",
        "image_url":{{"url":{url}}}}}]}}]}}"#
    );
    let answer = app.post("/v1/chat/completions", body).whole().await;
    (answer.status, answer.text())
}

#[tokio::test]
async fn no_url_leads_to_what_only_this_server_can_reach() {
    let server = Server::image("127.0.0.1:0").await;
    let port = server.address.port();
    // With a block among the exceptions names are looked up before they are refused.
    for allow in ["", "10.255.0.0/16"] {
        let app = App::builder("key-1").set("fetch.allow", allow).start().await;
        let here = HERE.iter().map(|(what, host)| (*what, format!("http://{host}:{port}/")));
        let elsewhere = ELSEWHERE.iter().map(|(what, url)| (*what, (*url).to_owned()));
        for (what, url) in here.chain(elsewhere) {
            let (status, text) = ask(&app, &url).await;
            assert_eq!(status, 400, "{what}: {url}: {text}");
            assert_eq!(server.asked(), Vec::<String>::new(), "{what}: {url}");
        }
        assert_eq!(app.calls(), []);
    }
    // The listener counts: what is admitted does reach it.
    let app = App::builder("key-1").set("fetch.allow", "127.0.0.0/8").start().await;
    assert_eq!(ask(&app, &format!("http://127.1:{port}/")).await.0, 200);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn no_redirect_leads_there() {
    let inner = Server::image("127.0.0.2:0").await;
    let port = inner.address.port();
    let mut places: Vec<String> = ["127.0.0.2", "0x7f000002", "[::ffff:127.0.0.2]", "a@127.0.0.2"]
        .map(|host| format!("http://{host}:{port}/"))
        .into();
    places.push(format!("//127.0.0.2:{port}/"));
    places.push(format!("\\\\127.0.0.2:{port}\\"));
    places.push(format!("https:\\\\127.0.0.2:{port}"));
    places.extend(
        ["file:///etc/passwd", "http://169.254.169.254/", "http://localhost/"].map(str::to_owned),
    );
    for status in [300, 301, 302, 303, 304, 305, 307, 308] {
        for place in &places {
            let moved = format!(
                "HTTP/1.1 {status} Moved\r\nlocation: {place}\r\nconnection: close\r\n\
                 content-length: 0\r\n\r\n"
            );
            let outer = Server::start("127.0.0.1:0", moved).await;
            let allow = format!("127.0.0.1:{}", outer.address.port());
            let app = App::builder("key-1").set("fetch.allow", &allow).start().await;
            let (answer, text) = ask(&app, &format!("http://{}/", outer.address)).await;
            assert_eq!(answer, 400, "{status} to {place}: {text}");
            assert_eq!(outer.asked().len(), 1, "{status} to {place}");
            assert_eq!(inner.asked(), Vec::<String>::new(), "{status} to {place}");
        }
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_is_asked_once() {
    let private = Server::image("127.0.0.1:0").await;
    let port = private.address.port();
    let admitted = Server::image(&format!("127.0.0.2:{port}")).await;
    let times = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&times);
    let lookup: Lookup = Arc::new(move |_| {
        let first = count.fetch_add(1, Ordering::SeqCst) == 0;
        let address: IpAddr = if first { "127.0.0.2" } else { "127.0.0.1" }.parse().unwrap();
        Box::pin(async move { Ok(vec![address]) })
    });
    let url = format!("http://images.example:{port}/");
    let allow = "127.0.0.2/32";
    assert_eq!(get(Arc::clone(&lookup), allow, &url).await.as_deref(), Ok("image"));
    assert_eq!(times.load(Ordering::SeqCst), 1);
    // By the next request it leads to what is private, which is seen again.
    assert!(get(lookup, allow, &url).await.is_err());
    assert_eq!((admitted.asked().len(), private.asked().len()), (1, 0));
}
