//! Answers that are late, cut, or never come, and clients that leave.

use std::time::Duration;

use pollux_simulator::{Behaviour, Running, Script};
use tokio::io::AsyncReadExt;

use crate::wire::{Answer, ask, post, send, started};

const EVENTS: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
const BODY: &str = r#"{"contents":[{"parts":[{"text":"say: one two three four"}]}]}"#;

async fn cut(after: Option<usize>) -> Answer {
    let server = started(Script::open().key("k", Behaviour::Cut { after })).await;
    post(&server, EVENTS, BODY).await
}

/// Waits until the simulator has seen what a test did to its connection.
async fn until(server: &Running, seen: impl Fn(&Running) -> bool) {
    let wait = async {
        while !seen(server) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), wait).await.expect("it is seen in time");
}

#[tokio::test]
async fn a_cut_before_the_first_byte_says_nothing() {
    let answer = cut(None).await;
    assert_eq!((answer.status, answer.body.len()), (0, 0));
}

#[tokio::test]
async fn a_cut_after_the_head_leaves_an_open_body() {
    let answer = cut(Some(0)).await;
    assert_eq!((answer.status, answer.body.len(), answer.complete), (200, 0, false));
}

#[tokio::test]
async fn a_cut_after_chunks_delivers_them() {
    let answer = cut(Some(2)).await;
    assert_eq!((answer.status, answer.events().len(), answer.complete), (200, 2, false));
}

#[tokio::test]
async fn a_whole_answer_is_cut_in_the_middle() {
    let server = started(Script::open().key("k", Behaviour::Cut { after: Some(1) })).await;
    let answer = ask(&server, "k", "say: hi").await;
    assert_eq!((answer.status, answer.complete), (200, false));
    assert!(
        answer.text().starts_with("{\n  \"candidates\"") && !answer.text().contains("modelVersion")
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_takes_the_time_it_was_told_to() {
    let (first_byte, chunk) = (Duration::from_mins(1), Duration::from_secs(5));
    let server = started(Script::open().key("k", Behaviour::Slow { first_byte, chunk })).await;
    let before = tokio::time::Instant::now();
    let answer = post(&server, EVENTS, BODY).await;
    assert_eq!(answer.events().len(), 4);
    assert!(before.elapsed() >= first_byte + 3 * chunk, "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_client_that_leaves_a_silent_server_is_noticed() {
    let server = started(Script::open().key("k", Behaviour::Silent)).await;
    let head = format!("POST {EVENTS} HTTP/1.1\r\nx-goog-api-key: k");
    let stream = send(&server, &head, BODY.as_bytes()).await;
    until(&server, |server| server.simulator.calls("k") == 1).await;
    assert_eq!(server.simulator.open_connections(), 1);
    assert!(!server.simulator.requests()[0].hung_up);
    drop(stream);
    until(&server, |server| server.simulator.open_connections() == 0).await;
    assert!(server.simulator.requests()[0].hung_up);
    assert_eq!(server.simulator.summary().hung_up, 1);
}

#[tokio::test]
async fn a_client_that_leaves_a_stream_is_noticed() {
    let (first_byte, chunk) = (Duration::ZERO, Duration::from_hours(1));
    let server = started(Script::open().key("k", Behaviour::Slow { first_byte, chunk })).await;
    let head = format!("POST {EVENTS} HTTP/1.1\r\nx-goog-api-key: k");
    let mut stream = send(&server, &head, BODY.as_bytes()).await;
    let mut first = [0; 16];
    stream.read_exact(&mut first).await.unwrap();
    drop(stream);
    until(&server, |server| server.simulator.open_connections() == 0).await;
    assert!(server.simulator.requests()[0].hung_up);
}

#[tokio::test]
async fn a_client_that_stays_to_the_end_has_not_hung_up() {
    let server = started(Script::open()).await;
    post(&server, EVENTS, BODY).await;
    ask(&server, "k", "hi").await;
    until(&server, |server| server.simulator.open_connections() == 0).await;
    assert!(server.simulator.requests().iter().all(|request| !request.hung_up));
}

#[tokio::test]
async fn a_stopped_simulator_closes_its_connections() {
    let server = started(Script::open().key("k", Behaviour::Silent)).await;
    let head = format!("POST {EVENTS} HTTP/1.1\r\nx-goog-api-key: k");
    let mut stream = send(&server, &head, BODY.as_bytes()).await;
    until(&server, |server| server.simulator.calls("k") == 1).await;
    server.stop().await;
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert!(rest.is_empty());
}
