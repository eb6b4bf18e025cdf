//! Connections: kept, counted, in either version of HTTP.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use pollux_simulator::Script;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wire::started;

const BODY: &str = r#"{"contents":[{"parts":[{"text":"say: one two"}]}]}"#;

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = started(Script::open()).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    for _ in 0..3 {
        let head = "GET /v1beta/models/gemini-2.5-flash?key=k HTTP/1.1\r\nhost: test\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(b"}\n") {
            let mut next = [0; 4_096];
            let length = stream.read(&mut next).await.unwrap();
            assert_ne!(length, 0, "it stays open");
            seen.extend_from_slice(&next[..length]);
        }
    }
    assert_eq!(server.simulator.calls("k"), 3);
    assert_eq!(server.simulator.summary().open_connections, 1);
}

#[tokio::test]
async fn h2c_is_spoken_to_those_who_know() {
    let server = started(Script::open()).await;
    let stream = TokioIo::new(TcpStream::connect(server.address).await.unwrap());
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    let talk = async {
        let path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
        let body = Full::<Bytes>::from(BODY).map_err(|never: Infallible| match never {});
        let request = http::Request::post(format!("{}{path}", server.url()))
            .header("x-goog-api-key", "k")
            .body(body)
            .unwrap();
        let response = sender.send_request(request).await.unwrap();
        assert_eq!(response.version(), http::Version::HTTP_2);
        response.into_body().collect().await.unwrap().to_bytes()
    };
    let events = tokio::select! {
        events = talk => events,
        ended = connection => panic!("the connection ended first: {ended:?}"),
    };
    assert_eq!(events.windows(8).filter(|window| *window == b"data: {\"").count(), 2);
}
