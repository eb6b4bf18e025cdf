//! Requests explained: what was tried, what Google said, and how it ended.

use std::time::Duration;

use futures_util::future::{FutureExt as _, join};
use http::Method;
use pollux_gateway::catalog::Settings;
use pollux_store::secret::Secret;
use pollux_testkit::{App, Face, MODEL, OTHER_MODEL, eventually};
use serde_json::Value;

use super::{PASSWORD, ask, builder, message, show};
use crate::scripted::{Reply, Scene};

const SECOND: Duration = Duration::from_secs(1);

/// The trace of the request that was answered with this name.
async fn explain(app: &App, id: &str) -> Value {
    show(app, &format!("/admin/api/requests/{id}")).await
}

async fn list(app: &App, query: &str) -> Vec<Value> {
    let found = show(app, &format!("/admin/api/requests{query}")).await;
    found["requests"].as_array().unwrap().clone()
}

#[tokio::test]
async fn every_attempt_is_told_with_what_google_said() {
    let script = "key-one=suspended,key-three=slow:first=0s,key-two=bare_429";
    for face in Face::ALL {
        let app = builder(script).start().await;
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "2"), "{face:?}");
        let trace = explain(&app, answer.header("x-request-id")).await;
        assert_eq!((&trace["model"], &trace["status"]), (&MODEL.into(), &200.into()), "{face:?}");
        assert_eq!(
            (&trace["outcome"], &trace["attempts"]),
            (&"complete".into(), &2.into()),
            "{face:?}"
        );
        assert_eq!(trace["stream"], face.is_stream(), "{face:?}");
        assert_eq!(trace["user"]["name"], "default");
        assert_eq!((&trace["at"], &trace["key"]), (&"2026-01-20T20:00:00Z".into(), &2.into()));
        assert!(trace["first_byte_ms"].is_u64() && trace["tokens"]["output"].as_u64() > Some(0));
        let first = &trace["tried"][0];
        assert_eq!((&first["key"], &first["outcome"]), (&1.into(), &"revoked".into()), "{first}");
        assert_eq!((&first["http"], &first["rule"]), (&403.into(), &"suspended".into()), "{first}");
        assert!(first["message"].as_str().unwrap().contains("suspended"), "{first}");
        let second = &trace["tried"][1];
        assert_eq!((&second["outcome"], &second["http"]), (&"success".into(), &200.into()));
        assert!(!trace.to_string().contains("key-one"), "{trace}");
    }
}

#[tokio::test]
async fn the_candidates_are_told_with_why_they_were_passed_over() {
    let app = builder("key-1=invalid,key-2=bare_429,key-3").start().await;
    let first = Face::Native.ask(&app, "say: hello").whole().await;
    let second = Face::Native.ask(&app, "say: hello").whole().await;
    let standings = async |id: &str| {
        let trace = explain(&app, id).await;
        let candidates = trace["found"]["candidates"].as_array().unwrap().clone();
        candidates.iter().map(|it| it["standing"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(standings(first.header("x-request-id")).await, ["ready", "ready", "ready"]);
    let second = second.header("x-request-id");
    assert_eq!(standings(second).await, ["revoked", "cooling", "ready"]);
    let found = explain(&app, second).await["found"].clone();
    assert_eq!(found["candidates"][0]["reason"], "invalid");
    assert!(found["candidates"][1]["until"].is_string(), "{found}");
    assert_eq!((&found["ready"], &found["others"]), (&1.into(), &0.into()), "{found}");
}

#[tokio::test]
async fn a_request_that_fails_is_told_with_its_error() {
    let app = builder("key-1=overloaded").set("pool.max_attempts", "1").start().await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!(answer.status, 503, "{face:?}");
        let trace = explain(&app, answer.header("x-request-id")).await;
        assert_eq!((&trace["outcome"], &trace["status"]), (&"failed".into(), &503.into()));
        assert_eq!(trace["error"], face.message(&answer), "{face:?}");
    }
    let wrong = app.post("/v1/chat/completions", "{").whole().await;
    let trace = explain(&app, wrong.header("x-request-id")).await;
    assert_eq!((&trace["status"], &trace["attempts"]), (&400.into(), &0.into()));
}

#[tokio::test]
async fn a_stream_that_breaks_has_failed() {
    for face in Face::STREAMS {
        let app = builder("key-1=cut:after=1").start().await;
        let answer = face.ask(&app, "say: one two three").whole().await;
        assert_eq!(answer.status, 200, "{face:?}");
        let trace = explain(&app, answer.header("x-request-id")).await;
        assert_eq!((&trace["outcome"], &trace["status"]), (&"failed".into(), &200.into()));
    }
}

#[tokio::test]
async fn a_client_that_leaves_is_told_too() {
    for (script, begun) in [("key-1=slow:chunk=3600s", true), ("key-1=silent", false)] {
        let app = builder(script).start().await;
        let request = Face::ChatStream.ask(&app, "say: one two three");
        if begun {
            let mut answer = request.send().await;
            answer.until("one ").await;
            answer.hang_up();
        } else {
            tokio::select! {
                answer = request.send() => panic!("answered {}", answer.status),
                () = eventually("it arrives", SECOND, || !app.calls().is_empty()) => {}
            }
        }
        eventually("the lease is back", SECOND, || app.in_flight() == 0).await;
        let [trace] = &list(&app, "?outcome=client_gone").await[..] else { panic!("{script}") };
        assert_eq!(trace["status"].is_null(), !begun, "{script}: {trace}");
        let trace = explain(&app, trace["id"].as_str().unwrap()).await;
        assert_eq!(trace["tried"][0]["outcome"].is_null(), !begun, "{script}: {trace}");
    }
}

#[tokio::test]
async fn a_wait_for_a_key_is_told() {
    let app = builder("key-1=quota:rpm=1").start().await;
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    app.clock.advance(SECOND * 58);
    let request = Face::Chat.ask(&app, "say: hello");
    let mover = async {
        app.clock.until_sleeping(SECOND * 2..=SECOND * 2).await;
        app.clock.advance(SECOND * 2);
    };
    let (answer, ()) = tokio::join!(request.whole(), mover);
    assert_eq!(answer.status, 200, "{}", answer.text());
    let trace = explain(&app, answer.header("x-request-id")).await;
    assert_eq!((&trace["waited_ms"], &trace["total_ms"]), (&2000.into(), &2000.into()), "{trace}");
}

#[tokio::test]
async fn who_got_the_answer_of_another_request_is_told_so() {
    let password = Some(Secret::new(PASSWORD));
    let settings = Settings { coalesce: true, admin_password: password, ..Settings::default() };
    let fine = r#"{"candidates":[{"content":{"parts":[{"text":"one"}]},"finishReason":"STOP"}]}"#;
    let scene = Scene::new(1, settings, move |_| Reply::of(200, fine).held()).await;
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"temperature":0}}"#;
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    let mut both = Box::pin(join(scene.whole(&target, body), scene.whole(&target, body)));
    assert!((&mut both).now_or_never().is_none());
    scene.open_gate();
    both.await;
    let (status, shown) = scene.show("/admin/api/requests", PASSWORD).await;
    assert_eq!(status, 200, "{shown}");
    let shown: Value = serde_json::from_str(&shown).unwrap();
    let mut told: Vec<_> = shown["requests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["joined"].as_bool().unwrap(), it["attempts"].as_u64().unwrap()))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [(false, 1), (true, 0)]);
}

#[tokio::test]
async fn a_list_is_newest_first_and_filtered() {
    let app = builder("key-1,key-2").start().await;
    for model in [MODEL, OTHER_MODEL, MODEL] {
        Face::Chat.ask_model(&app, model, "say: hello").whole().await;
    }
    let models: Vec<_> = list(&app, "").await.iter().map(|it| it["model"].clone()).collect();
    assert_eq!(models, [MODEL, OTHER_MODEL, MODEL]);
    assert_eq!(list(&app, "?limit=1").await.len(), 1);
    assert_eq!(list(&app, &format!("?model={OTHER_MODEL}")).await.len(), 1);
    assert_eq!(list(&app, "?key=1").await.len() + list(&app, "?key=2").await.len(), 3);
    assert_eq!(list(&app, "?outcome=failed").await.len(), 0);
    let answer = ask(&app, Method::GET, "/admin/api/requests?outcome=good").whole().await;
    assert_eq!(answer.status, 400);
    assert!(message(&answer).contains("complete, failed, client_gone"), "{}", answer.text());
}

#[tokio::test]
async fn no_more_are_remembered_than_was_said_and_none_of_strangers() {
    let app = builder("key-1").set("trace.requests", "3").start().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        let answer = Face::Native.ask(&app, "say: hello").whole().await;
        ids.push(answer.header("x-request-id").to_owned());
    }
    assert_eq!(Face::Native.ask(&app, "say: hello").anonymous().whole().await.status, 401);
    assert_eq!(app.get("/health").whole().await.status, 200);
    let kept: Vec<_> = list(&app, "").await.iter().map(|it| it["id"].clone()).collect();
    assert_eq!(kept, ids[2..].iter().rev().map(String::as_str).collect::<Vec<_>>());
    let gone = ask(&app, Method::GET, &format!("/admin/api/requests/{}", ids[0])).whole().await;
    assert_eq!(gone.status, 404);
    let app = builder("key-1").set("trace.requests", "0").start().await;
    Face::Native.ask(&app, "say: hello").whole().await;
    assert_eq!(list(&app, "").await.len(), 0);
}

#[tokio::test]
async fn a_secret_in_a_path_or_a_model_is_not_told() {
    let app = builder("key-of-the-pool").start().await;
    Face::Native.ask_model(&app, "models-key-of-the-pool", "say: hello").whole().await;
    let [trace] = &list(&app, "").await[..] else { panic!("no trace") };
    let trace = explain(&app, trace["id"].as_str().unwrap()).await;
    assert!(!trace.to_string().contains("key-of-the-pool"), "{trace}");
}

#[tokio::test]
async fn a_request_is_found_by_any_key_that_was_asked_by_pool_user_and_path() {
    let app = builder("key-1=bare_429,key-2").start().await;
    let first = Face::Chat.ask(&app, "say: hello").whole().await;
    let second = Face::Native.ask(&app, "say: hello").whole().await;
    let [first, second] = [&first, &second].map(|it| it.header("x-request-id").to_owned());
    let found = async |query: &str| {
        let listed = list(&app, query).await;
        listed.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(list(&app, "?key=2").await[1]["key"], 2);
    assert_eq!(found("?key=1").await, [first.as_str()], "though another one answered");
    assert_eq!(found("?key=2").await, [second.clone(), first.clone()]);
    assert_eq!(list(&app, "").await[0]["pool"], 1);
    assert_eq!(found("?pool=1&user=1").await, [second.clone(), first.clone()]);
    assert!(found("?pool=2").await.is_empty() && found("?user=2").await.is_empty());
    assert_eq!(found("?search=chat/comp").await, [first.as_str()]);
    assert_eq!(found(&format!("?search={}", &second[4..20])).await, [second]);
    assert!(found("?search=nowhere").await.is_empty());
}
