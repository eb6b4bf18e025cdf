//! Clients that want a stream, answered from calls that are none.

use std::time::Duration;

use pollux_gateway::catalog::{Settings, Streams};
use pollux_testkit::{App, Face, MODEL, chat};

use crate::scripted::{Reply, Scene, piece};

const PAUSE: Duration = Duration::from_secs(15);
const COMMENT: &str = ": keep-alive\n\n";
const TEXT: &str = "say: one  two\nthree";
const CHAT: &str = "/v1/chat/completions";

const FINE: &str = r#"{
  "candidates": [{"content": {"parts": [{"text": "one "}, {"text": "two"}]}, "finishReason": "STOP"}],
  "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2, "totalTokenCount": 5}
}"#;

#[tokio::test]
async fn a_stream_is_made_of_one_whole_answer() {
    for face in Face::STREAMS {
        let app = App::builder("key-1").set("streams.from_whole", "true").start().await;
        let answer = face.ask(&app, TEXT).whole().await;
        let body = answer.text();
        assert_eq!(face.text(&body), "one  two\nthree", "{face:?}: {body}");
        assert!(face.is_complete(&body), "{face:?}: {body}");
        let calls = app.calls();
        assert_eq!(calls[0].path, format!("/v1beta/models/{MODEL}:generateContent"), "{face:?}");
        assert!(!String::from_utf8_lossy(&calls[0].body).contains("stream"), "{face:?}");
        let kind = answer.header("content-type");
        assert_eq!(kind.starts_with("text/event-stream"), face != Face::NativeArray, "{kind}");
        if face == Face::NativeEvents {
            let lines = body.split("\r\n").filter(|line| !line.is_empty());
            assert!(lines.clone().all(|line| line.starts_with("data: {")), "{body}");
            assert!(body.ends_with("\r\n\r\n") && lines.count() == 1, "{body}");
        }
    }
}

#[tokio::test]
async fn what_goes_wrong_before_the_client_has_its_status_is_a_status() {
    for face in Face::STREAMS {
        let app = App::builder("key-1=location").set("streams.from_whole", "true").start().await;
        let answer = face.ask(&app, TEXT).whole().await;
        assert_eq!(answer.status, 400, "{face:?}: {}", answer.text());
        let app = App::builder("key-1=overloaded,key-2").set("streams.from_whole", "true");
        let app = app.start().await;
        let answer = face.ask(&app, TEXT).whole().await;
        assert_eq!((answer.status, app.calls().len()), (200, 2), "{face:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn every_endpoint_that_streams_does_so_from_whole_answers() {
    let app = App::builder("key-1").set("streams.from_whole", "true").start().await;
    let body = format!(r#"{{"model":"{MODEL}","prompt":"say: hello there","stream":true}}"#);
    let answer = app.post("/v1/completions", body).whole().await.text();
    assert!(answer.contains(r#""text":"hello there""#), "{answer}");
    assert!(answer.ends_with("data: [DONE]\n\n"), "{answer}");
    let body = chat(MODEL, TEXT, true).replacen('{', r#"{"n":2,"#, 1);
    let answer = app.post(CHAT, body).whole().await.text();
    assert_eq!(answer.matches(r#""finish_reason":"stop""#).count(), 2, "{answer}");
    assert!(app.calls().iter().all(|call| call.path.ends_with(":generateContent")));
}

async fn scene(keys: i64, script: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Scene {
    let streams = Streams { keep_alive: PAUSE, from_whole: true };
    Scene::new(keys, Settings { streams, ..Settings::default() }, script).await
}

/// Lets the client hear two comments before the upstream says anything, and returns what follows.
async fn after_comments(scene: &Scene) -> String {
    let moved = || async {
        scene.clock.until_sleeping(PAUSE..=PAUSE).await;
        scene.clock.advance(PAUSE);
    };
    let request = chat(MODEL, "hi", true);
    let (answer, ()) = tokio::join!(scene.ask(CHAT, &request), moved());
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8");
    let mut body = answer.into_body();
    assert_eq!(piece(&mut body).await, COMMENT, "at once, since there was a pause already");
    let (said, ()) = tokio::join!(piece(&mut body), moved());
    assert_eq!(said, COMMENT);
    scene.open_gate();
    let mut read = String::new();
    while let said = piece(&mut body).await
        && !said.is_empty()
    {
        read.push_str(&said);
    }
    read
}

#[tokio::test]
async fn a_client_hears_comments_until_the_answer_comes() {
    let scene = scene(1, |_| Reply::of(200, FINE).held()).await;
    let read = after_comments(&scene).await;
    assert_eq!(Face::ChatStream.text(&read), "one two", "{read}");
    assert!(Face::ChatStream.is_complete(&read), "{read}");
    let counts = scene.counted();
    assert_eq!((counts.requests, counts.attempts, counts.failures), (1, 1, 0));
    assert_eq!((counts.prompt_tokens, counts.output_tokens), (3, 2));
}

#[tokio::test]
async fn another_key_still_helps_while_only_comments_were_sent() {
    let scene = scene(2, |number| match number {
        0 => Reply::of(429, "").held(),
        _ => Reply::of(200, FINE),
    })
    .await;
    let read = after_comments(&scene).await;
    assert_eq!(Face::ChatStream.text(&read), "one two", "{read}");
    assert!(Face::ChatStream.is_complete(&read), "{read}");
    assert_eq!(scene.asked(), 2);
}

#[tokio::test]
async fn what_goes_wrong_after_that_is_an_event() {
    let refusal = r#"{"error":{"code":400,"message":"Request contains an invalid argument.","status":"INVALID_ARGUMENT"}}"#;
    let scene = scene(2, move |_| Reply::of(400, refusal).held()).await;
    let read = after_comments(&scene).await;
    let error = Face::ChatStream.error(&read).unwrap();
    assert_eq!(error["message"], "Request contains an invalid argument.", "{read}");
    assert!(!read.contains("[DONE]"), "{read}");
    let counts = scene.counted();
    assert_eq!((scene.asked(), counts.requests, counts.failures), (1, 1, 1));
}

#[tokio::test]
async fn a_client_that_goes_while_it_hears_comments_ends_the_call() {
    let scene = scene(1, |_| Reply::of(200, FINE).held()).await;
    let moved = async {
        scene.clock.until_sleeping(PAUSE..=PAUSE).await;
        scene.clock.advance(PAUSE);
    };
    let request = chat(MODEL, "hi", true);
    let (answer, ()) = tokio::join!(scene.ask(CHAT, &request), moved);
    assert_eq!(scene.open(), 1);
    drop(answer);
    assert_eq!((scene.open(), scene.keys()[0].in_flight), (0, 0));
}
