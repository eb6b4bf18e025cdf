//! Checks that the admin orders: followed, live, and cancelled.

use std::time::Duration;

use http::Method;
use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, MODEL, eventually};
use serde_json::Value;

use crate::admin::{ask, builder, message, show};

const SECOND: Duration = Duration::from_secs(1);

/// Orders a check, and returns it.
async fn order(app: &App, body: &str) -> Value {
    let answer = post(app, body).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    answer.json()
}

async fn post(app: &App, body: &str) -> pollux_testkit::Whole {
    ask(app, Method::POST, "/admin/api/checks").body(body.to_owned()).whole().await
}

/// Reads the events of a job until it is over.
async fn follow(app: &App, job: &Value) -> String {
    let target = format!("/admin/api/checks/{}/events", job["id"]);
    let answer = ask(app, Method::GET, &target).whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.text()
}

#[tokio::test]
async fn every_key_is_checked_and_told() {
    let app =
        builder("key-1,key-2=invalid,key-3@models.list=bare_429,key-4@models.list=unavailable")
            .start()
            .await;
    let job = order(&app, r#"{"keys": "all"}"#).await;
    assert_eq!((&job["total"], &job["generate"]), (&4.into(), &Value::Null));
    let events = follow(&app, &job).await;
    assert_eq!(events.matches("event: result\n").count(), 4, "{events}");
    assert!(events.contains("event: end\ndata: {"), "{events}");
    let job = show(&app, &format!("/admin/api/checks/{}", job["id"])).await;
    assert_eq!((&job["state"], &job["done"]), (&"done".into(), &4.into()));
    let counts = r#"{"good":1,"rate_limited":1,"revoked":1,"unknown":1,"unserved":0}"#;
    assert_eq!(job["counts"].to_string(), counts);
    let mut results = job["results"].as_array().unwrap().clone();
    results.sort_by_key(|result| result["key"].as_i64());
    let words: Vec<_> = results.iter().map(|result| result["result"].clone()).collect();
    assert_eq!(words, ["good", "revoked", "rate_limited", "unknown"]);
    assert!(results.iter().all(|result| result["sentence"].as_str().unwrap().len() > 10));
    assert!(app.calls().iter().all(|call| call.method == "GET"), "no quota is used");
    let keys = show(&app, "/admin/api/keys").await["keys"].as_array().unwrap().clone();
    let states: Vec<_> = keys.iter().map(|key| key["health"]["state"].clone()).collect();
    assert_eq!(states, ["active", "revoked", "active", "active"], "a 429 is not dead");
}

#[tokio::test]
async fn what_is_remembered_is_listed_without_results_the_newest_first() {
    let app = builder("key-1,key-2=invalid").start().await;
    assert_eq!(show(&app, "/admin/api/checks").await.to_string(), r#"{"checks":[]}"#);
    let first = order(&app, r#"{"keys": "all"}"#).await;
    follow(&app, &first).await;
    let second = order(&app, r#"{"keys": [1]}"#).await;
    follow(&app, &second).await;
    let listed = show(&app, "/admin/api/checks").await["checks"].as_array().unwrap().clone();
    let ids: Vec<_> = listed.iter().map(|job| &job["id"]).collect();
    assert_eq!(ids, [&second["id"], &first["id"]]);
    for (job, done) in listed.iter().zip([1, 2]) {
        let one = show(&app, &format!("/admin/api/checks/{}", job["id"])).await;
        assert_eq!((&job["state"], &job["done"]), (&"done".into(), &done.into()));
        assert_eq!(job["counts"], one["counts"]);
        assert_eq!((job.get("results"), one["results"].is_array()), (None, true));
    }
}

#[tokio::test]
async fn a_generation_lifts_what_was_held_for_its_model() {
    let app = builder("key-1=zero_limit,key-2").start().await;
    for _ in 0..2 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    assert_eq!(show(&app, "/admin/api/keys/1").await["cooldowns"][0]["reason"], "unserved");
    app.gemini().set("key-1", Behaviour::Ok);
    app.gemini().clear();
    follow(&app, &order(&app, r#"{"keys": [1]}"#).await).await;
    assert_eq!(app.calls().len(), 1);
    assert_eq!(show(&app, "/admin/api/keys/1").await["cooldowns"][0]["reason"], "unserved");
    follow(&app, &order(&app, &format!(r#"{{"keys":[1,1],"generate":"{MODEL}"}}"#)).await).await;
    assert_eq!(app.asked(), ["key-1", "key-1"], "once each");
    assert_eq!(show(&app, "/admin/api/keys/1").await["cooldowns"].to_string(), "[]");
}

#[tokio::test]
async fn at_most_four_at_a_time_and_those_begin_apart() {
    let names: Vec<String> =
        (1..=9).map(|number| format!("key-{number}@models.list=silent")).collect();
    let app = builder(&names.join(",")).start().await;
    let begun = app.clock.now();
    let job = order(&app, r#"{"keys": "all"}"#).await;
    eventually("four are asked", SECOND, || app.calls().len() == 4).await;
    app.clock.until_sleeping(SECOND * 9..).await;
    assert_eq!(app.calls().len(), 4);
    assert!(app.clock.now() >= begun + Duration::from_millis(300));
    app.clock.advance(SECOND * 10);
    eventually("the next are asked", SECOND, || app.calls().len() == 8).await;
    let target = format!("/admin/api/checks/{}", job["id"]);
    assert_eq!(show(&app, &target).await["done"], 4);
    let cancelled = ask(&app, Method::DELETE, &target).whole().await;
    assert_eq!(cancelled.json()["state"], "cancelled");
    let events = follow(&app, &job).await;
    assert!(events.contains(r#""state":"cancelled""#), "{events}");
    app.clock.advance(SECOND * 10);
    eventually("those under way end", SECOND, || app.clock.sleepers().is_empty()).await;
    assert_eq!(app.calls().len(), 8, "nothing more begins");
}

#[tokio::test]
async fn an_order_that_makes_no_sense_is_refused_in_words() {
    let app = builder("key-1").start().await;
    for (body, words) in [
        (r#"{"keys": [7]}"#, "`keys` names 7, and there is no such key"),
        (r#"{"keys": []}"#, "there is no key to check"),
        (r#"{"keys": "some"}"#, "a list of key ids or \"all\""),
        (r#"{"key": [1]}"#, "the body is not an order of checks"),
        (r#"{"keys": [1], "generate": "../x"}"#, "`generate` takes the name of a model"),
    ] {
        let answer = post(&app, body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(message(&answer).contains(words), "{body}: {}", answer.text());
    }
    for method in [Method::GET, Method::DELETE] {
        let answer = ask(&app, method, "/admin/api/checks/1").whole().await;
        assert_eq!(answer.status, 404, "{}", answer.text());
    }
}

#[tokio::test]
async fn twenty_jobs_are_remembered_and_no_more_run() {
    let app = builder("key-1@models.list=ok*1+silent").start().await;
    let first = order(&app, r#"{"keys": [1]}"#).await;
    follow(&app, &first).await;
    for _ in 0..20 {
        order(&app, r#"{"keys": [1]}"#).await;
    }
    let gone = ask(&app, Method::GET, &format!("/admin/api/checks/{}", first["id"]));
    assert_eq!(gone.whole().await.status, 404, "the oldest that has ended is forgotten");
    let answer = post(&app, r#"{"keys": [1]}"#).await;
    assert_eq!(answer.status, 429);
    assert!(message(&answer).contains("cancel one"), "{}", answer.text());
}
