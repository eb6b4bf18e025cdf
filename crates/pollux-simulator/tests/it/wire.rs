//! A client that shows exactly what came over the socket.

use pollux_simulator::{Clock, Running, Script, start};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// 2026-11-21 12:00:00 UTC.
pub(crate) const NOON: i64 = 1_795_262_400_000_000;

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// 0 when the connection closed without a status line.
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its proper end.
    pub(crate) complete: bool,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The JSON of every event, which must be framed as Google frames them.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<serde_json::Value> {
        let text = self.text();
        let body = text.strip_suffix("\r\n\r\n").expect("the last event is closed");
        let event = |event: &str| {
            let line = event.strip_prefix("data: ").expect("every event is data");
            assert!(!line.contains(['\r', '\n']), "an event is one line");
            serde_json::from_str(line).unwrap()
        };
        body.split("\r\n\r\n").map(event).collect()
    }
}

/// Reads the JSON that a test wants.
pub(crate) fn read(json: &str) -> serde_json::Value {
    serde_json::from_str(json).unwrap()
}

pub(crate) async fn started(script: Script) -> Running {
    start(script, Clock::fixed(NOON)).await.unwrap()
}

/// Posts a body with `x-goog-api-key: k`.
pub(crate) async fn post(server: &Running, path: &str, body: &str) -> Answer {
    post_with(server, "k", path, body).await
}

pub(crate) async fn post_with(server: &Running, key: &str, path: &str, body: &str) -> Answer {
    let head = format!("POST {path} HTTP/1.1\r\nx-goog-api-key: {key}");
    exchange(server, &head, body.as_bytes()).await
}

pub(crate) async fn get(server: &Running, path: &str) -> Answer {
    exchange(server, &format!("GET {path} HTTP/1.1\r\nx-goog-api-key: k"), b"").await
}

/// Asks a model to say something, in whole.
pub(crate) async fn ask(server: &Running, key: &str, text: &str) -> Answer {
    let body = format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":{text:?}}}]}}]}}"#);
    post_with(server, key, "/v1beta/models/gemini-2.5-flash:generateContent", &body).await
}

/// Sends a request line with headers and a body, and reads to the end.
pub(crate) async fn exchange(server: &Running, head: &str, body: &[u8]) -> Answer {
    let mut stream = send(server, head, body).await;
    let mut raw = Vec::new();
    // A connection that is reset has said all that it will.
    let _ = stream.read_to_end(&mut raw).await;
    parse(&raw)
}

pub(crate) async fn send(server: &Running, head: &str, body: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let length = body.len();
    let head =
        format!("{head}\r\nhost: test\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    stream
}

fn parse(raw: &[u8]) -> Answer {
    let Some(end) = raw.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Answer { status: 0, headers: Vec::new(), body: raw.to_vec(), complete: false };
    };
    let head = String::from_utf8(raw[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let pair = |line: &str| {
        let (name, value) = line.split_once(": ").unwrap();
        (name.to_ascii_lowercase(), value.to_owned())
    };
    let headers: Vec<_> = lines.map(pair).collect();
    let rest = &raw[end + 4..];
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let (body, complete) = match length {
        Some((_, length)) => (rest.to_vec(), rest.len() == length.parse::<usize>().unwrap()),
        None => dechunk(rest),
    };
    Answer { status, headers, body, complete }
}

fn dechunk(mut rest: &[u8]) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else {
            return (body, false);
        };
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (body, true);
        }
        let Some(chunk) = rest.get(end + 2..end + 2 + size) else {
            return (body, false);
        };
        body.extend_from_slice(chunk);
        rest = rest.get(end + 2 + size + 2..).unwrap_or_default();
    }
}
