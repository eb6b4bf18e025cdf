//! Comments in streams that pause: when, where, and to whom.

use std::time::Duration;

use pollux_gateway::catalog::{Settings, Streams};
use pollux_testkit::{Face, MODEL, chat, native};

use crate::scripted::{Reply, Scene, Step, piece};

const PAUSE: Duration = Duration::from_secs(15);
const COMMENT: &str = ": keep-alive\n\n";

fn settings(keep_alive: Duration) -> Settings {
    Settings { streams: Streams { keep_alive, ..Streams::default() }, ..Settings::default() }
}

fn event(text: &str, more: &str) -> String {
    format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}{more}}}]}}\r\n\r\n"
    )
}

/// An answer that pauses in the middle of an event.
fn halting(_: usize) -> Reply {
    let rest = event("two", r#","finishReason":"STOP""#);
    let (begun, rest) = rest.split_at(20);
    let chunk = |text: &str| Step::Chunk(text.to_owned());
    let body = vec![chunk(&event("one ", "")), chunk(begun), Step::Hold, chunk(rest)];
    Reply { status: 200, before: Vec::new(), body }
}

#[tokio::test]
async fn a_stream_that_pauses_says_so_between_its_events() {
    let scene = Scene::new(1, settings(PAUSE), halting).await;
    let mut body = scene.ask("/v1/chat/completions", &chat(MODEL, "hi", true)).await.into_body();
    let mut read = String::new();
    while !read.contains("one ") {
        read.push_str(&piece(&mut body).await);
    }
    for _ in 0..3 {
        let move_on = async {
            scene.clock.until_sleeping(PAUSE..=PAUSE).await;
            scene.clock.advance(PAUSE);
        };
        let (said, ()) = tokio::join!(piece(&mut body), move_on);
        assert_eq!(said, COMMENT);
    }
    scene.open_gate();
    while let said = piece(&mut body).await
        && !said.is_empty()
    {
        assert_ne!(said, COMMENT);
        read.push_str(&said);
    }
    assert_eq!(Face::ChatStream.text(&read), "one two", "{read}");
    assert!(Face::ChatStream.is_complete(&read), "{read}");
}

/// Reads what has come, and returns for how long somebody sleeps then.
async fn sleepers(keep_alive: Duration, target: &str, request: &str) -> Vec<Duration> {
    let scene = Scene::new(1, settings(keep_alive), halting).await;
    let mut body = scene.ask(target, request).await.into_body();
    let mut read = String::new();
    while !read.contains("one ") {
        read.push_str(&piece(&mut body).await);
    }
    let waiting = piece(&mut body);
    tokio::select! {
        said = waiting => panic!("{said}"),
        () = scene.clock.until_sleeping(PAUSE..) => {}
    }
    scene.clock.sleepers()
}

#[tokio::test]
async fn nothing_is_said_where_that_is_switched_off_or_would_be_read_as_json() {
    let asked = chat(MODEL, "hi", true);
    let on = sleepers(PAUSE, "/v1/chat/completions", &asked).await;
    assert!(on.contains(&PAUSE), "{on:?}");
    let off = sleepers(Duration::ZERO, "/v1/chat/completions", &asked).await;
    assert!(!off.contains(&PAUSE), "{off:?}");
    let target = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
    let native = sleepers(PAUSE, &target, &native("hi")).await;
    assert!(!native.contains(&PAUSE), "{native:?}");
}
