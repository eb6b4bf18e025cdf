//! An upstream that says nothing: before its answer, and in the middle of it.

use std::time::Duration;

use pollux_testkit::{App, Builder, Face, eventually};

const FIRST_BYTE: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(20);
const IDLE: Duration = Duration::from_secs(30);
const TEXT: &str = "say: one two three";

/// An app whose time-outs are told apart by their lengths.
fn builder(script: &str) -> Builder {
    App::builder(script)
        .set("timeouts.first_byte", "10s")
        .set("timeouts.whole", "20s")
        .set("timeouts.idle", "30s")
}

const fn limit(face: Face) -> Duration {
    match face {
        Face::Chat | Face::Native => WHOLE,
        Face::ChatStream | Face::NativeEvents | Face::NativeArray => FIRST_BYTE,
    }
}

/// Lets `limit` pass once Gemini has had so many calls and the last one is waited for.
async fn give_up(app: &App, limit: Duration, calls: usize) {
    let asked = || app.calls().len() == calls;
    eventually("the call reaches Gemini", Duration::from_secs(5), asked).await;
    app.clock.until_sleeping(limit..=limit).await;
    app.clock.advance(limit);
}

#[tokio::test]
async fn a_silent_key_is_given_up_for_another_one() {
    for face in Face::ALL {
        let app = builder("key-1=silent,key-2").start().await;
        let request = face.ask(&app, TEXT);
        let mover = give_up(&app, limit(face), 1);
        let (answer, ()) = tokio::join!(request.whole(), mover);
        let body = answer.text();
        assert_eq!(
            (answer.status, face.text(&body).as_str()),
            (200, "one two three"),
            "{face:?}: {body}"
        );
        assert_eq!(app.asked(), ["key-1", "key-2"], "{face:?}");
        let gone = || app.calls().first().is_some_and(|call| call.hung_up);
        eventually("the silent call is closed", Duration::from_secs(1), gone).await;
    }
}

#[tokio::test]
async fn when_time_is_up_the_client_is_told() {
    for face in Face::ALL {
        let app = builder("key-1=silent").set("pool.deadline", "5s").start().await;
        let request = face.ask(&app, TEXT);
        let mover = give_up(&app, limit(face), 1);
        let (answer, ()) = tokio::join!(request.whole(), mover);
        assert_eq!(answer.status, 504, "{face:?}: {}", answer.text());
        assert!(face.message(&answer).contains("did not answer within"), "{}", answer.text());
        assert_eq!(app.asked(), ["key-1"], "{face:?}");
    }
}

#[tokio::test]
async fn no_attempt_begins_after_the_deadline() {
    let app = builder("key-1=silent,key-2=silent,key-3").set("pool.deadline", "15s").start().await;
    let request = Face::ChatStream.ask(&app, TEXT);
    let mover = async {
        for calls in 1..=2 {
            give_up(&app, FIRST_BYTE, calls).await;
        }
    };
    let (answer, ()) = tokio::join!(request.whole(), mover);
    assert_eq!((answer.status, app.asked().len()), (504, 2), "{}", answer.text());
}

#[tokio::test]
async fn a_stream_that_falls_silent_ends_with_an_error() {
    for face in Face::STREAMS {
        let app = builder("key-1=slow:chunk=3600s,key-2").start().await;
        let mut answer = face.ask(&app, TEXT).send().await;
        let begun = answer.until("one ").await;
        app.clock.until_sleeping(IDLE..=IDLE).await;
        app.clock.advance(IDLE);
        let rest = answer.whole().await;
        let body = format!("{begun}{}", rest.text());
        assert!(!rest.broken, "{face:?}: {body}");
        assert_eq!(face.text(&body), "one ", "{face:?}: {body}");
        let error = face.error(&body).map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("fell silent"), "{face:?}: {body}");
        assert!(!face.is_complete(&body), "{face:?}: {body}");
        assert_eq!(app.asked(), ["key-1"], "{face:?}");
        let gone = || app.calls().first().is_some_and(|call| call.hung_up) && app.in_flight() == 0;
        eventually("the silent call is closed", Duration::from_secs(1), gone).await;
    }
}

#[tokio::test]
async fn a_long_stream_that_keeps_talking_is_not_cut() {
    let app = builder("key-1=slow:chunk=20ms").start().await;
    let mut answer = Face::ChatStream.ask(&app, "say: one two three four five").send().await;
    let mut body = String::new();
    while let Some(chunk) = answer.chunk().await {
        body.push_str(&String::from_utf8_lossy(&chunk));
        if chunk.starts_with(b":") {
            continue;
        }
        // Together far more than any time-out.
        app.clock.advance(Duration::from_secs(29));
    }
    assert_eq!(Face::ChatStream.text(&body), "one two three four five", "{body}");
    assert!(Face::ChatStream.is_complete(&body), "{body}");
}
