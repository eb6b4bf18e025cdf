//! Limits, each with a clear answer: sizes, times, methods, paths.

use std::time::Duration;

use http::Method;
use pollux_testkit::{App, Face, MODEL, chat, native};
use serde_json::Value;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_body_over_the_limit_is_refused_announced_or_not() {
    let app = App::builder("key-1").set("limits.body", "1KiB").start().await;
    for face in Face::ALL {
        let large = face.ask(&app, &"x".repeat(2_000)).whole().await;
        assert_eq!(large.status, 413, "{face:?}: {}", large.text());
        assert!(face.message(&large).contains("1024 bytes"), "{}", large.text());
        let untold = face.ask(&app, &"x".repeat(2_000)).chunked().whole().await;
        assert_eq!(untold.status, 413, "{face:?}: {}", untold.text());
        let announced = face.ask(&app, "say: hello").announcing(4_000).send().await;
        assert_eq!(announced.status, 413, "{face:?}");
        let fits = face.ask(&app, &"x".repeat(500)).chunked().whole().await;
        assert_eq!(fits.status, 200, "{face:?}: {}", fits.text());
    }
    assert_eq!(app.calls().len(), Face::ALL.len());
}

#[tokio::test]
async fn a_body_that_stalls_is_given_up() {
    let app = App::builder("key-1").set("timeouts.body", "7s").start().await;
    for face in Face::ALL {
        let request = face.ask(&app, "say: hello").announcing(1_000);
        let mover = async {
            app.clock.until_sleeping(SECOND * 7..=SECOND * 7).await;
            app.clock.advance(SECOND * 7);
        };
        let (answer, ()) = tokio::join!(request.whole(), mover);
        assert_eq!(answer.status, 408, "{face:?}: {}", answer.text());
        assert!(face.message(&answer).contains("did not arrive in time"), "{}", answer.text());
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn an_answer_over_the_limit_is_not_held_in_memory() {
    let app = App::builder("key-1").set("limits.answer", "1KiB").start().await;
    let long = format!("say: {}", "word ".repeat(1_000));
    for face in [Face::Chat, Face::Native] {
        let answer = face.ask(&app, &long).whole().await;
        assert_eq!(answer.status, 503, "{face:?}: {}", answer.text());
        assert!(face.message(&answer).contains("larger than 1024 bytes"), "{}", answer.text());
    }
    for face in Face::STREAMS {
        let answer = face.ask(&app, &long).whole().await;
        assert!(face.is_complete(&answer.text()), "{face:?}: a stream is not held");
    }
}

/// The dialect that an error is written in, told by its shape.
fn dialect(body: &Value) -> &'static str {
    match (body.get("type"), body.pointer("/error/status"), body.pointer("/error/type")) {
        (Some(_), _, _) => "anthropic",
        (None, Some(_), _) => "gemini",
        (None, None, Some(_)) => "openai",
        (None, None, None) => "none",
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_405() {
    let app = App::start("key-1").await;
    for (method, target) in [
        (Method::GET, "/v1/chat/completions"),
        (Method::DELETE, "/v1/chat/completions"),
        (Method::POST, "/v1/models"),
        (Method::POST, "/health"),
    ] {
        let answer = app.request(method.clone(), target).whole().await;
        assert_eq!(answer.status, 405, "{method} {target}: {}", answer.text());
        assert_eq!(dialect(&answer.json()), "openai", "{method} {target}");
        assert!(!answer.header("allow").is_empty(), "{method} {target}: {:?}", answer.headers);
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn an_unknown_path_is_404_in_the_dialect_that_its_caller_speaks() {
    let app = App::start("key-1").await;
    for (target, header, want) in [
        ("/v1/nothing", "authorization", "openai"),
        ("/nothing", "authorization", "openai"),
        ("/v1beta/nothing", "authorization", "gemini"),
        ("/v1alpha/nothing/at:all", "authorization", "gemini"),
        ("/v1/nothing", "x-goog-api-key", "gemini"),
        ("/v1/nothing?key=x", "authorization", "gemini"),
        ("/v1/nothing", "anthropic-version", "anthropic"),
        ("/v1/messages/nothing", "authorization", "anthropic"),
        ("/v1/nothing", "x-api-key", "anthropic"),
    ] {
        let answer = app.get(target).anonymous().header(header, "2023-06-01").whole().await;
        assert_eq!(answer.status, 404, "{target}: {}", answer.text());
        assert_eq!(dialect(&answer.json()), want, "{target} with {header}: {}", answer.text());
        assert_eq!(answer.header("content-type"), "application/json", "{target}");
        assert_eq!(answer.header("x-request-id").len(), 32, "{target}");
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_name_that_would_lead_elsewhere_never_leaves() {
    let app = App::start("key-1").await;
    for target in [
        "/v1beta/models/../files/x:generateContent",
        "/v1beta/models/%2e%2e/files:generateContent",
        "/v1beta/models/a%3Fkey=x:generateContent",
        "/v1beta/models/a%23b:generateContent",
        "/v1beta/models/a%252e%252e:generateContent",
        "/v1beta/models/a%0d%0ab:generateContent",
    ] {
        let answer = app.post(target, native("hi")).whole().await;
        assert!((400..=404).contains(&answer.status), "{target}: {}", answer.status);
    }
    for model in ["../files", "a/../../files", "a?key=x", "a#b", "a%2e", "a b", ""] {
        let answer = app.post("/v1/chat/completions", chat(model, "hi", false)).whole().await;
        assert_eq!(answer.status, 400, "{model}: {}", answer.text());
    }
    assert_eq!(app.calls(), [], "{MODEL}");
}
