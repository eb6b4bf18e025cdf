//! Statistics, the log of requests, the overview and the events of the admin API.

use std::{path::Path, time::Duration};

use http::Method;
use pollux_gateway::catalog::Settings;
use pollux_pool::time::Timestamp;
use pollux_store::secret::Secret;
use pollux_testkit::{App, Face, MODEL, OTHER_MODEL, START};
use serde_json::Value;

use super::{PASSWORD, ask, builder, message, show};
use crate::scripted::{Reply, Scene, piece};

const SECOND: Duration = Duration::from_secs(1);
const TEXT: &str = "say: one two three";

fn json(text: &str) -> Value {
    text.parse().unwrap()
}

async fn start(directory: &Path, now: Timestamp) -> App {
    builder("key-1,key-2").directory(directory).at(now).start().await
}

/// An app that has had six good requests for one model, four for another and two bad ones, and
/// was started anew since.
async fn experienced(directory: &Path) -> App {
    let app = start(directory, START).await;
    for (count, model) in [(6, MODEL), (4, OTHER_MODEL), (2, "no-such")] {
        for _ in 0..count {
            app.clock.advance(SECOND);
            Face::Chat.ask_model(&app, model, TEXT).whole().await;
        }
    }
    let ended = app.stop().await;
    let now = ended.now() + SECOND;
    ended.close().await;
    start(directory, now).await
}

async fn usage(app: &App, query: &str) -> Vec<Value> {
    let found = show(app, &format!("/admin/api/usage?{query}")).await;
    found["usage"].as_array().unwrap().clone()
}

fn sum(rows: &[Value], field: &str) -> u64 {
    rows.iter().map(|row| row[field].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn usage_is_the_same_however_it_is_asked() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    for (by, rows) in
        [("all", 1), ("pool", 1), ("key", 2), ("model", 3), ("user", 1), ("project", 2)]
    {
        for step in ["minute", "hour", "day", "all"] {
            let found = usage(&app, &format!("by={by}&step={step}")).await;
            assert_eq!(found.len(), rows, "{by} {step}: {found:?}");
            let sums = ["requests", "failures", "attempts"].map(|field| sum(&found, field));
            assert_eq!(sums, [12, 2, 12], "{by} {step}");
        }
    }
    let all = &usage(&app, "").await[0];
    assert_eq!((&all["at"], &all["failed"]), (&Value::Null, &json(r#"{"rejected": 2}"#)));
    assert!((all["success_rate"].as_f64().unwrap() - 10.0 / 12.0).abs() < 1e-9);
    assert!(all["total_ms"]["p95"].is_u64() && all["tokens"]["total"].as_u64() > Some(0));
    assert_eq!(usage(&app, "by=user").await[0]["name"], "default");
    assert_eq!(usage(&app, "step=day").await[0]["at"], "2026-01-20T00:00:00Z");
    let model = usage(&app, &format!("model={OTHER_MODEL}&by=key")).await;
    assert_eq!(sum(&model, "requests"), 4);
    let project = usage(&app, "project=key-1").await;
    assert_eq!((project.len(), sum(&project, "requests")), (1, 6));
    let reasons = usage(&app, "by=reason").await;
    assert_eq!(
        (&reasons[0]["reason"], &reasons[0]["failures"]),
        (&json(r#""rejected""#), &json("2"))
    );
    let outcomes = usage(&app, "by=outcome").await;
    assert_eq!(
        (&outcomes[0]["reason"], &outcomes[0]["attempts"]),
        (&json(r#""rejected""#), &json("2"))
    );
    assert!(usage(&app, "until=2026-01-19T00:00:00Z").await.is_empty());
}

#[tokio::test]
async fn usage_says_what_it_does_not_take() {
    let app = builder("key-1").start().await;
    for (query, says) in [
        ("steps=minute", "steps"),
        ("step=week", "week"),
        ("by=colour", "colour"),
        ("since=yesterday", "a moment such as 2026-12-31T23:59:59Z"),
        ("since=2026-01-20T00:00:00Z&until=2026-01-19T00:00:00Z", "`since` is later than `until`"),
        ("step=minute&since=2026-01-01T00:00:00Z", "take a longer step"),
        ("project=nowhere", "`project` is `nowhere`"),
    ] {
        let answer = ask(&app, Method::GET, &format!("/admin/api/usage?{query}")).whole().await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains(says), "{query}: {}", message(&answer));
    }
}

/// The rows of a table, each by its cells.
async fn table(app: &App, target: &str) -> Vec<Vec<String>> {
    let answer = ask(app, Method::GET, target).whole().await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(answer.header("content-disposition").starts_with("attachment; filename="));
    let text = answer.text();
    let rows = text.strip_suffix("\r\n").unwrap().split("\r\n");
    rows.map(|row| row.split(',').map(str::to_owned).collect()).collect()
}

#[tokio::test]
async fn usage_is_a_table_too() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    let rows = table(&app, "/admin/api/usage?by=model&format=csv").await;
    assert!(rows.iter().all(|row| row.len() == rows[0].len()) && rows.len() == 4, "{rows:?}");
    let (model, requests) = (rows[0].iter().position(|it| it == "model").unwrap(), 8);
    assert_eq!(rows[0][requests], "requests");
    let found: Vec<_> = rows[1..].iter().map(|row| (&*row[model], &*row[requests])).collect();
    assert!(found.contains(&(MODEL, "6")) && found.contains(&(OTHER_MODEL, "4")), "{found:?}");
}

#[tokio::test]
async fn now_is_the_last_minute_and_this_day() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    Face::Chat.ask(&app, TEXT).whole().await;
    let now = show(&app, "/admin/api/usage/now").await;
    let (pool, user) = (&now["pools"][0], &now["users"][0]);
    assert_eq!(
        (&pool["rpm"], &user["rpm"], &user["name"]),
        (&json("1"), &json("1"), &json(r#""default""#))
    );
    assert!(pool["tpm"].as_u64() > Some(0) && pool["tpd"].as_u64() > pool["tpm"].as_u64());
    assert_eq!(
        (now["keys"].as_array().unwrap().len(), now["models"].as_array().unwrap().len()),
        (2, 3)
    );
    assert_eq!(now["day_began"], "2026-01-20T00:00:00Z");
    let app = {
        let ended = app.stop().await;
        let now = ended.now() + Duration::from_secs(61);
        ended.close().await;
        start(directory.path(), now).await
    };
    let now = show(&app, "/admin/api/usage/now").await;
    assert_eq!((&now["pools"][0]["rpm"], &now["pools"][0]["rpd"]), (&json("0"), &json("13")));
    app.clock.advance(Duration::from_hours(24));
    let now = show(&app, "/admin/api/usage/now").await;
    assert_eq!(now["pools"], json("[]"));
}

#[tokio::test]
async fn the_log_has_pages_and_filters() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    let (mut seen, mut target) = (Vec::new(), "/admin/api/request-log?limit=5".to_owned());
    loop {
        let page = show(&app, &target).await;
        assert_eq!(page["dropped"], 0);
        seen.extend(page["requests"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        target = format!("/admin/api/request-log?limit=5&before={next}");
    }
    assert_eq!(seen.len(), 12);
    assert!(seen.windows(2).all(|pair| pair[0]["at"].as_str() > pair[1]["at"].as_str()));
    let failed = &seen[0];
    assert_eq!(
        (&failed["status"], &failed["outcome"], &failed["reason"]),
        (&json("404"), &json(r#""failed""#), &json(r#""rejected""#))
    );
    assert!(failed["error"].as_str().unwrap().contains("no-such"), "{failed}");
    for (query, want) in [
        ("outcome=failed", 2),
        ("status=200", 10),
        ("error=NO-SUCH", 2),
        ("key=1", 6),
        ("pool=2", 0),
        ("user=1&outcome=complete", 10),
        ("since=2026-01-20T20:00:12Z", 1),
        ("until=2026-01-20T20:00:03Z", 2),
        (&format!("model={OTHER_MODEL}"), 4),
        ("reason=rejected", 2),
        ("reason=upstream", 0),
        (&format!("id={}", failed["id"].as_str().unwrap()), 1),
        ("id=another", 0),
    ] {
        let page = show(&app, &format!("/admin/api/request-log?{query}")).await;
        assert_eq!(page["requests"].as_array().unwrap().len(), want, "{query}");
    }
    for (query, says) in [
        ("outcome=odd", "complete, failed, client_gone"),
        ("before=x", "`next`"),
        ("limit=0", "1 to 1000"),
        ("color=red", "color"),
    ] {
        let answer =
            ask(&app, Method::GET, &format!("/admin/api/request-log?{query}")).whole().await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains(says), "{query}: {}", message(&answer));
    }
}

#[tokio::test]
async fn all_of_the_log_can_be_saved() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    let rows = table(&app, "/admin/api/request-log?format=csv&outcome=complete").await;
    assert!(rows.len() == 11 && rows.iter().all(|row| row.len() == rows[0].len()), "{rows:?}");
    let listed = show(&app, "/admin/api/request-log").await;
    let saved = show(&app, "/admin/api/request-log?format=json&limit=1").await;
    assert_eq!(saved, listed["requests"]);
    let none = show(&app, "/admin/api/request-log?format=json&pool=9").await;
    assert_eq!(none, json("[]"));
}

#[tokio::test]
async fn the_overview_has_what_a_dashboard_shows() {
    let directory = tempfile::tempdir().unwrap();
    let app = experienced(directory.path()).await;
    let overview = show(&app, "/admin/api/overview").await;
    let pool = &overview["pools"][0];
    assert_eq!((&pool["id"], &pool["name"]), (&json("1"), &json(r#""default""#)));
    assert_eq!(pool["keys"], json(r#"{"total": 2, "usable": 2, "cooling": 0, "revoked": 0}"#));
    let hour = &pool["last_hour"];
    assert_eq!((&hour["requests"], &hour["failures"]), (&json("12"), &json("2")));
    assert_eq!(hour["failed"], json(r#"{"rejected": 2}"#));
    assert!(hour["first_byte_ms"]["p50"].is_u64() && pool["today"]["total"].as_u64() > Some(0));
    assert_eq!((&pool["now"]["rpd"], &overview["log_dropped"]), (&json("12"), &json("0")));
}

#[tokio::test]
async fn what_happens_is_told_as_it_happens() {
    let mut app = builder("key-1=invalid,key-2").start().await;
    let mut events = ask(&app, Method::GET, "/admin/api/events").send().await;
    assert_eq!(events.status, 200);
    assert!(events.headers["content-type"].to_str().unwrap().starts_with("text/event-stream"));
    let first = events.until("\n\n").await;
    assert!(first.starts_with("event: overview\ndata: {"), "{first}");
    let answer = Face::Chat.ask(&app, TEXT).whole().await;
    let request = events.until("\n\n").await;
    assert!(request.starts_with("event: request\ndata: {"), "{request}");
    assert!(request.contains(answer.header("x-request-id")), "{request}");

    app.clock.until_sleeping(SECOND * 2..=SECOND * 2).await;
    app.clock.advance(SECOND * 2);
    let told = events.until("event: overview").await;
    assert!(told.starts_with("event: key\ndata: {\"id\":1,"), "{told}");
    assert!(told.contains("\"state\":\"revoked\""), "{told}");
    // It ends when the server does, without waiting for its clients.
    app.begin_stop();
    app.hurry();
    assert!(!events.whole().await.broken);
}

#[tokio::test]
async fn a_slow_listener_is_told_what_it_missed() {
    let admin_password = Some(Secret::new(PASSWORD));
    let settings = Settings { admin_password, ..Settings::default() };
    let fine = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}"#;
    let scene = Scene::new(1, settings, move |_| Reply::of(200, fine)).await;
    let mut events = scene.listen("/admin/api/events", PASSWORD).await.into_body();
    for _ in 0..300 {
        let target = format!("/v1beta/models/{MODEL}:generateContent");
        assert_eq!(scene.whole(&target, r#"{"contents":[]}"#).await.0, 200);
    }
    assert_eq!(piece(&mut events).await, "event: missed\ndata: {\"missed\":44}\n\n");
    let next = piece(&mut events).await;
    assert!(next.starts_with("event: request\ndata: {"), "{next}");
}
