//! Connections from clients: kept alive, limited, and not held open by those who dawdle.

use std::time::Duration;

use pollux_testkit::{ACCESS_KEY, App, Face, within};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Sends bytes on a connection of its own, and returns all that comes back until it closes.
async fn exchange(app: &App, bytes: &str) -> String {
    let mut stream = TcpStream::connect(app.address()).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A server that has said enough may reset the connection.
    let _ = within("the connection closes", stream.read_to_end(&mut answer)).await;
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_connection_serves_one_request_after_the_other() {
    let app = App::start("key-1").await;
    let get = |target: &str, last: &str| {
        format!("GET {target} HTTP/1.1\r\nhost: x\r\nx-api-key: {ACCESS_KEY}\r\n{last}\r\n")
    };
    let requests =
        [get("/health", ""), get("/v1/models", ""), get("/nowhere", "connection: close\r\n")];
    let answers = exchange(&app, &requests.concat()).await;
    let statuses: Vec<&str> =
        answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "200", "404"], "{answers}");
}

#[tokio::test]
async fn a_head_that_does_not_come_closes_the_connection() {
    let app = App::builder("key-1").set("timeouts.head", "100ms").start().await;
    let answer = exchange(&app, "GET /health HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert!(!answer.contains(" 200 "), "{answer}");
    assert_eq!(app.get("/health").whole().await.status, 200, "others are served");
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let app = App::start("key-1").await;
    let many = "x-same: y\r\n".repeat(200);
    let answer = exchange(&app, &format!("GET /health HTTP/1.1\r\nhost: x\r\n{many}\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let long = "x".repeat(70_000);
    let answer = exchange(&app, &format!("GET /{long} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 414 "), "{answer}");
}

#[tokio::test]
async fn what_is_not_http_is_refused() {
    let app = App::start("key-1").await;
    let answer = exchange(&app, "\u{16}\u{3}\u{1} tls hello\r\n\r\n").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test]
async fn more_connections_than_allowed_wait_for_their_turn() {
    let app = App::builder("key-1=slow:chunk=3600s").set("limits.connections", "1").start().await;
    let mut first = Face::ChatStream.ask(&app, "say: one two").send().await;
    first.until("one ").await;
    let waiting = app.get("/health");
    let mut waiting = std::pin::pin!(waiting.whole());
    let early = tokio::time::timeout(Duration::from_millis(50), waiting.as_mut()).await;
    assert!(early.is_err(), "{early:?}");
    first.hang_up();
    assert_eq!(waiting.await.status, 200);
}
