//! What became of keys.

use std::time::Duration;

use http::Method;
use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, MODEL};
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

/// The history of a key, the newest first.
async fn history(app: &App, key: u32) -> Vec<Value> {
    app.gateway().write_key_events().await.unwrap();
    let found = show(app, &format!("/admin/api/keys/{key}/events")).await;
    found["events"].as_array().unwrap().clone()
}

fn words(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["what"].as_str().unwrap()).collect()
}

async fn chat(app: &App) {
    assert_eq!(Face::Chat.ask(app, "say: hello").whole().await.status, 200);
}

#[tokio::test]
async fn a_refused_key_has_a_history_in_googles_words() {
    let app = builder("key-number-0001=invalid,key-number-0002").start().await;
    chat(&app).await;
    let events = history(&app, 1).await;
    assert_eq!(words(&events), ["error", "revoked"]);
    for event in &events {
        assert_eq!((&event["reason"], &event["http"]), (&"invalid".into(), &400.into()));
        assert_eq!(event["at"], "2026-01-20T20:00:00Z");
        assert!(event["message"].as_str().unwrap().contains("API key not valid"), "{event}");
        assert!(!event.to_string().contains("key-number"), "{event}");
    }
    assert_eq!((&events[0]["model"], &events[1]["model"]), (&MODEL.into(), &Value::Null));
    assert!(history(&app, 2).await.is_empty(), "it served, which is nothing new");

    app.gemini().set("key-number-0001", Behaviour::Ok);
    let order = json!({"keys": [1]});
    assert_eq!(change(&app, Method::POST, "/admin/api/checks", order).await.status, 202);
    let events = ask(&app, Method::GET, "/admin/api/checks/1/events").whole().await;
    assert!(events.text().contains("good"), "{}", events.text());
    assert_eq!(words(&history(&app, 1).await), ["active", "error", "revoked"]);
}

#[tokio::test]
async fn a_cooldown_says_of_what_until_when_and_why() {
    let app = builder("key-1=quota:rpd=1:project=one,key-2").start().await;
    for _ in 0..4 {
        chat(&app).await;
    }
    let events = history(&app, 1).await;
    assert_eq!(words(&events), ["error", "cooling"]);
    let cooling = &events[1];
    assert_eq!((&cooling["model"], &cooling["window"]), (&MODEL.into(), &"day".into()));
    assert_eq!(
        (&cooling["until"], &cooling["http"]),
        (&"2026-01-21T08:00:00Z".into(), &429.into())
    );
    assert_eq!((&cooling["reason"], &cooling["count"]), (&"exhausted".into(), &1.into()));
}

#[tokio::test]
async fn a_key_that_is_benched_for_another_of_its_project_has_it_in_its_history() {
    let app =
        builder("key-1=quota:rpd=1:project=one,key-2=quota:rpd=1:project=one,key-3").start().await;
    for id in [1, 2] {
        let target = format!("/admin/api/keys/{id}");
        change(&app, Method::PATCH, &target, json!({"project": "one"})).await;
    }
    for _ in 0..6 {
        chat(&app).await;
    }
    let both = [history(&app, 1).await, history(&app, 2).await];
    let cooling = both.each_ref().map(|events| words(events).contains(&"cooling"));
    assert_eq!(cooling, [true, true], "{both:?}");
    let errors = both.iter().flat_map(|events| words(events)).filter(|it| *it == "error").count();
    assert_eq!(errors, 1, "one of them was asked: {both:?}");
}

#[tokio::test]
async fn failures_that_repeat_within_a_minute_are_counted() {
    let app = builder("key-1=unavailable,key-2").set("pool.retry_ratio", "1").start().await;
    for round in 0..3 {
        chat(&app).await;
        if round == 1 {
            // Written once, counted later.
            app.gateway().write_key_events().await.unwrap();
        }
    }
    let counted: u64 = history(&app, 1).await.iter().map(|it| it["count"].as_u64().unwrap()).sum();
    let failures = app.asked().iter().filter(|key| *key == "key-1").count();
    assert!(failures >= 2, "{:?}", app.asked());
    let events = history(&app, 1).await;
    assert_eq!((words(&events), counted), (vec!["error"], u64::try_from(failures).unwrap()));
    assert_eq!(events[0]["http"], 503);
    app.clock.advance(Duration::from_secs(61));
    while app.asked().iter().filter(|key| *key == "key-1").count() == failures {
        chat(&app).await;
    }
    assert_eq!(words(&history(&app, 1).await), ["error", "error"]);
}

#[tokio::test]
async fn who_switches_a_key_and_what_clients_do_wrong() {
    let app = builder("key-1=file_not_owned,key-2=file_not_owned").start().await;
    assert_ne!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    assert!(history(&app, 1).await.is_empty(), "a client's mistake is no fault of the key");
    for enabled in [false, false, true] {
        change(&app, Method::PATCH, "/admin/api/keys/1", json!({"enabled": enabled})).await;
    }
    assert_eq!(words(&history(&app, 1).await), ["enabled", "disabled"]);
}

#[tokio::test]
async fn a_history_has_pages_and_a_beginning() {
    let app = builder("key-1,key-2").start().await;
    for number in 0..5 {
        app.clock.advance(Duration::from_secs(10));
        let edit = json!({"enabled": number % 2 == 1});
        change(&app, Method::PATCH, "/admin/api/keys/1", edit).await;
    }
    let target = "/admin/api/keys/1/events";
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = show(&app, &format!("{target}?limit=2{next}")).await;
        seen.extend(page["events"].as_array().unwrap().iter().map(|it| it["id"].clone()));
        let Some(before) = page["next"].as_str() else { break };
        next = format!("&before={before}");
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
    let late = show(&app, &format!("{target}?since=2026-01-20T20:00:40Z")).await;
    assert_eq!(late["events"].as_array().unwrap().len(), 2);
    for (query, status, word) in [
        ("1/events?before=x", 400, "`before` takes"),
        ("1/events?limit=0", 400, "`limit` takes"),
        ("1/events?until=x", 400, "unknown field"),
        ("9/events", 404, "there is no key 9"),
    ] {
        let answer = ask(&app, Method::GET, &format!("/admin/api/keys/{query}")).whole().await;
        assert_eq!(answer.status, status, "{query}");
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
}
