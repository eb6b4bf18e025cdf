//! What requests cost, wherever the admin API says what they used.

use std::{path::Path, time::Duration};

use http::Method;
use pollux_pool::time::Timestamp;
use pollux_testkit::{App, Face, MODEL, OTHER_MODEL, START};
use serde_json::{Value, json};

use super::{ask, builder, change, show};

const TEXT: &str = "say: one two three";

async fn start(directory: &Path, now: Timestamp) -> App {
    let builder = builder("key-1").directory(directory).at(now);
    builder.set("models.prices", &format!("{MODEL}=1/0.1/10")).start().await
}

/// Everything that was noted is written, and the server starts anew.
async fn restarted(app: App, directory: &Path) -> App {
    let ended = app.stop().await;
    let now = ended.now();
    ended.close().await;
    start(directory, now).await
}

/// Asks, and returns what the answer costs by the prices of `start`, in millionths of a dollar.
async fn pay(app: &App) -> u64 {
    app.clock.advance(Duration::from_secs(1));
    let answer = Face::Native.ask(app, TEXT).whole().await;
    assert_eq!(answer.status, 200);
    let usage = &answer.json()["usageMetadata"];
    let number = |name: &str| usage[name].as_u64().unwrap_or_default();
    let cost = number("promptTokenCount")
        + 10 * (number("candidatesTokenCount") + number("thoughtsTokenCount"));
    assert!(cost > 0 && number("cachedContentTokenCount") == 0, "{usage}");
    cost
}

/// Millionths of a dollar.
#[track_caller]
fn micros(value: &Value) -> u64 {
    let dollars = value["cost"].as_f64().unwrap_or_else(|| panic!("{value}"));
    format!("{:.0}", dollars * 1e6).parse().unwrap()
}

async fn usage(app: &App, query: &str) -> Vec<Value> {
    let found = show(app, &format!("/admin/api/usage?{query}")).await;
    found["usage"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_has_a_price_is_added_up_and_what_has_none_is_not_called_free() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), START).await;
    let cost = pay(&app).await;
    assert_eq!(pay(&app).await, cost);
    for _ in 0..3 {
        Face::ChatStream.ask_model(&app, OTHER_MODEL, TEXT).whole().await;
    }
    assert_eq!(Face::Chat.ask_model(&app, "no-such", TEXT).whole().await.status, 404);
    let app = restarted(app, directory.path()).await;

    let models = usage(&app, "by=model").await;
    let of = |name: &str| models.iter().find(|row| row["model"] == name).unwrap();
    assert_eq!((micros(of(MODEL)), &of(MODEL)["unpriced"]), (2 * cost, &json!(0)));
    assert_eq!((&of(OTHER_MODEL)["cost"], &of(OTHER_MODEL)["unpriced"]), (&Value::Null, &json!(3)));
    assert_eq!(micros(of("no-such")), 0, "it used nothing");
    for step in ["minute", "hour", "day", "all"] {
        let all = &usage(&app, &format!("step={step}")).await[0];
        assert_eq!((micros(all), &all["unpriced"]), (2 * cost, &json!(3)), "{step}");
    }
    let now = show(&app, "/admin/api/usage/now").await;
    assert_eq!(micros(&now["pools"][0]), 2 * cost);
    assert_eq!(micros(&now["users"][0]), 2 * cost);
    let other = now["models"].as_array().unwrap().iter().find(|row| row["model"] == OTHER_MODEL);
    assert_eq!(other.unwrap()["cost"], Value::Null);
    let overview = show(&app, "/admin/api/overview").await;
    let pool = &overview["pools"][0];
    assert_eq!([&pool["last_hour"], &pool["now"]].map(micros), [2 * cost; 2]);
}

#[tokio::test]
async fn each_request_says_what_it_cost() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), START).await;
    let cost = pay(&app).await;
    Face::Chat.ask_model(&app, OTHER_MODEL, TEXT).whole().await;
    let listed = show(&app, "/admin/api/requests").await["requests"].clone();
    assert_eq!((&listed[0]["cost"], micros(&listed[1])), (&Value::Null, cost));
    let id = listed[1]["id"].as_str().unwrap();
    assert_eq!(micros(&show(&app, &format!("/admin/api/requests/{id}")).await), cost);

    let app = restarted(app, directory.path()).await;
    let logged = show(&app, "/admin/api/request-log").await["requests"].clone();
    assert_eq!((&logged[0]["cost"], micros(&logged[1])), (&Value::Null, cost));
    let saved = show(&app, "/admin/api/request-log?format=json").await;
    assert_eq!(saved, logged);
    let table = ask(&app, Method::GET, "/admin/api/request-log?format=csv").whole().await.text();
    let ends: Vec<_> = table.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
    assert_eq!(ends, ["cost", "", &listed[1]["cost"].to_string()]);
    let table = ask(&app, Method::GET, "/admin/api/usage?format=csv").whole().await.text();
    let ends: Vec<_> =
        table.lines().map(|line| line.rsplit(',').take(2).collect::<Vec<_>>()).collect();
    assert_eq!(ends, [vec!["unpriced", "cost"], vec!["1", &listed[1]["cost"].to_string()]]);
}

#[tokio::test]
async fn a_new_price_is_that_of_what_comes_after() {
    let app = builder("key-1").set("models.prices", &format!("{MODEL}=1/0.1/10")).start().await;
    let cost = pay(&app).await;
    let prices = json!({"models.prices": format!("{MODEL}=3/0.3/30")});
    let answer = change(&app, Method::PATCH, "/admin/api/settings", prices).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(pay(&app).await, cost);
    let now = show(&app, "/admin/api/usage/now").await;
    assert_eq!(micros(&now["pools"][0]), cost + 3 * cost);
    let listed = show(&app, "/admin/api/requests").await["requests"].clone();
    assert_eq!([&listed[0], &listed[1]].map(micros), [3 * cost, cost]);
}
