//! The balancer on Workers: `/admin/...`, `/health`, `/wake` and `/status`.

use http::Method;
use pollux_testkit::{App, within};
use serde_json::{Value, json};

use super::{GOOD, OTHER, builder, chat, fields, post, show};
use crate::admin::{PASSWORD, ask, change};

const KEYS: &str = "/admin/keys/gemini";
const CONFIG: &str = "/admin/config";

async fn error(app: &App, target: &str, body: Value) -> (u16, String) {
    let answer = post(app, target, body).await;
    let error = answer.json()["error"].clone();
    assert_eq!(error["type"], "invalid_request_error", "{}", answer.text());
    assert_eq!(error["code"], format!("http_{}", answer.status));
    (answer.status, error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn the_server_is_awake_and_healthy_also_without_keys() {
    let app = crate::admin::builder("").start().await;
    let health = app.get("/health").anonymous().whole().await;
    assert_eq!(health.status, 200, "{}", health.text());
    let health = health.json();
    let want = ["checks", "environment", "response_time_ms", "status", "timestamp", "version"];
    assert_eq!(fields(&health), want);
    assert_eq!(health["status"], "healthy");
    assert_eq!(health["environment"], "production");
    let checks = json!({"database": "ok", "kv_storage": "ok", "available_keys": 0});
    assert_eq!(health["checks"], checks);
    assert_eq!(app.get("/readyz").anonymous().whole().await.status, 503);
    let wake = app.get("/wake").anonymous().whole().await;
    assert_eq!(wake.status, 200);
    let wake = wake.json();
    assert_eq!(fields(&wake), ["message", "operations", "status", "timestamp", "wake_time_ms"]);
    assert_eq!(wake["status"], "awake");
}

#[tokio::test]
async fn the_status_has_their_fields_and_ours() {
    let app = builder().start().await;
    let status = app.get("/status").anonymous().whole().await.json();
    assert_eq!(status["status"], "ok");
    assert!(status["version"].is_string() && status["timestamp"].is_string(), "{status}");
    assert!(status["models"][0].as_str().unwrap().starts_with("gemini-"), "{status}");
    assert_eq!(status["keys"]["usable"], 2);
}

#[tokio::test]
async fn a_login_stands_in_the_envelope() {
    let app = builder().start().await;
    let body = json!({"password": PASSWORD}).to_string();
    let answer = app.post("/admin/login", body).anonymous().whole().await.json();
    assert_eq!(fields(&answer), ["data", "message", "success"]);
    assert_eq!(fields(&answer["data"]), ["message", "success", "token"]);
    assert_eq!((&answer["success"], &answer["data"]["success"]), (&true.into(), &true.into()));
}

#[tokio::test]
async fn keys_are_listed_masked_and_in_their_columns() {
    let app = builder().start().await;
    let listed = show(&app, KEYS).await;
    assert_eq!((&listed["success"], &listed["message"]), (&true.into(), &"Success".into()));
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let first = &listed["data"][0];
    assert_eq!(first["key"], "...0001", "keys in answers");
    for (field, value) in [
        ("id", json!(1)),
        ("status", json!(1)),
        ("health_status", json!("healthy")),
        ("total_requests", json!(0)),
        ("success_rate", json!(0.0)),
        ("avg_response_time", json!(0)),
        ("consecutive_failures", json!(0)),
    ] {
        assert_eq!(first[field], value, "{field}");
    }
}

#[tokio::test]
async fn a_key_is_added_once_and_serves_at_once() {
    let app = builder().set("gemini_api_key", GOOD).start().await;
    let added = post(&app, KEYS, json!({"key": OTHER})).await;
    assert_eq!(added.status, 200);
    let want = json!({"success": true, "message": "Gemini key added successfully", "data": null});
    assert_eq!(added.json(), want);
    assert_eq!(app.keys().len(), 2);
    for (body, words) in [
        (json!({"key": OTHER}), "already"),
        (json!({}), "`key`"),
        (json!({"key": 7}), "`key`"),
        (json!({"key": "short"}), "8 characters"),
        (json!({"key": "two words-of-it"}), "visible ASCII"),
    ] {
        let (status, message) = error(&app, KEYS, body).await;
        assert_eq!(status, 400, "{message}");
        assert!(message.contains(words), "{message}");
        assert!(!message.contains(OTHER), "{message}");
    }
}

#[tokio::test]
async fn a_removed_key_is_gone_with_200_and_a_second_time_with_404() {
    let app = builder().start().await;
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let remove = async |id: &str| ask(&app, Method::DELETE, &format!("{KEYS}/{id}")).whole().await;
    let removed = remove("1").await;
    assert_eq!(removed.status, 200, "delete answers 400 although it worked: {}", removed.text());
    assert_eq!((&removed.json()["success"], &removed.json()["data"]), (&true.into(), &Value::Null));
    assert_eq!(remove("1").await.status, 404);
    assert_eq!(remove("x").await.status, 400);
    assert_eq!(app.keys().len(), 1);
    let audit = show(&app, "/admin/api/audit").await;
    assert!(audit.to_string().contains("key.remove"), "{audit}");
}

#[tokio::test]
async fn a_users_key_is_shown_once_and_serves() {
    let app = builder().start().await;
    let made = post(&app, "/admin/keys/user", json!({"name": "a client"})).await.json();
    assert_eq!(made["data"]["name"], "a client");
    let secret = made["data"]["key"].as_str().unwrap();
    assert!(secret.starts_with("sk-"), "{made}");
    assert_eq!(chat(&app, secret).whole().await.status, 200);
    let names = ["API User", "API User 2", "API User 3"];
    for name in names {
        let made = post(&app, "/admin/keys/user", json!({})).await;
        assert_eq!(made.json()["data"]["name"], name, "{}", made.text());
    }
    let listed = show(&app, "/admin/api/users").await;
    assert!(!listed.to_string().contains(secret), "{listed}");
}

#[tokio::test]
async fn the_config_says_what_is_applied_and_changes_it_for_the_next_request() {
    let app = builder().start().await;
    let data = async || show(&app, CONFIG).await["data"].clone();
    let want = json!({
        "load_balance_strategy": "round_robin",
        "thinking_enabled": "true",
        "thinking_budget": "-1",
        "request_timeout": "600",
    });
    assert_eq!(data().await, want);
    let sent = json!({"thinking_enabled": "false", "request_timeout": 120});
    let changed = post(&app, CONFIG, sent).await;
    let kept = json!([
        {"key": "request_timeout", "success": true},
        {"key": "thinking_enabled", "success": true},
    ]);
    assert_eq!(changed.json()["data"], kept, "{}", changed.text());
    let applied = data().await;
    assert_eq!(applied["thinking_enabled"], "false");
    assert_eq!(applied["request_timeout"], "120");
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let asked: Value = serde_json::from_slice(&app.calls().last().unwrap().body).unwrap();
    let budget = &asked["generationConfig"]["thinkingConfig"]["thinkingBudget"];
    assert_eq!(budget, 0, "`false` means off: {asked}");
    let sent = json!({"load_balance_strategy": "least_used", "thinking_enabled": "true", "thinking_budget": "8192"});
    assert_eq!(post(&app, CONFIG, sent).await.status, 200);
    let applied = data().await;
    assert_eq!(applied["load_balance_strategy"], "least_used");
    assert_eq!(applied["thinking_budget"], "8192");
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let asked: Value = serde_json::from_slice(&app.calls().last().unwrap().body).unwrap();
    assert_eq!(asked["generationConfig"]["thinkingConfig"]["thinkingBudget"], 8192, "{asked}");
    assert_eq!(post(&app, CONFIG, data().await).await.status, 200, "what is shown can be sent");
}

#[tokio::test]
async fn a_bad_value_of_the_config_is_400_that_says_what_is_allowed_and_changes_nothing() {
    let app = builder().start().await;
    let before = show(&app, CONFIG).await;
    for (body, words) in [
        (json!({"load_balance_strategy": "best"}), "least_used"),
        (json!({"thinking_enabled": "maybe"}), "true or false"),
        (json!({"thinking_budget": "much"}), "number of tokens"),
        (json!({"request_timeout": "0"}), "from 1 to 3600"),
        (json!({"request_timeout": "1h"}), "whole seconds"),
        (json!({"colour": "red"}), "load_balance_strategy"),
        (json!({"request_timeout": "30", "thinking_budget": "much"}), "number of tokens"),
        (json!({"request_timeout": [1]}), "request_timeout"),
    ] {
        let (status, message) = error(&app, CONFIG, body).await;
        assert_eq!(status, 400, "{message}");
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(show(&app, CONFIG).await, before);
    assert_eq!(post(&app, CONFIG, json!({"thinking_enabled": false})).await.status, 200);
    let (status, message) = error(&app, CONFIG, json!({"thinking_budget": "4096"})).await;
    assert_eq!(status, 400);
    assert!(message.contains("thinking is off"), "{message}");
}

#[tokio::test]
async fn the_status_of_admins_stands_in_no_envelope_and_its_figures_are_real() {
    let app = builder().start().await;
    for _ in 0..4 {
        assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    }
    let status = within("the requests are counted", async {
        loop {
            let status = show(&app, "/admin/status").await;
            let each = status["load_balance"]["key_distribution"].as_array().unwrap().clone();
            if each.iter().all(|key| key["total_requests"] == 2) {
                break status;
            }
        }
    });
    let status = status.await;
    let want = [
        "components",
        "load_balance",
        "models",
        "service",
        "statistics",
        "status",
        "timestamp",
        "uptime_check_ms",
        "version",
    ];
    assert_eq!(fields(&status), want);
    assert_eq!(status["status"], "operational");
    let want = json!({
        "total_keys": 2, "healthy_keys": 2, "unhealthy_keys": 0, "recent_requests": 4,
    });
    assert_eq!(status["statistics"], want);
    assert_eq!(status["load_balance"]["key_distribution"][0]["success_rate"], 1.0);
    let figures = show(&app, "/admin/stats").await["data"].clone();
    assert_eq!(fields(&figures), ["keys", "load_balance", "performance", "usage"]);
    assert_eq!(figures["usage"], json!({"recent_requests": 4, "total_requests": 4}));
    assert_eq!(figures["keys"]["total"], 2);
    assert_eq!(figures["performance"]["avg_success_rate"], 1.0);
}

#[tokio::test]
async fn a_clients_400_empties_no_key_and_a_429_is_no_end() {
    let app = crate::admin::builder(&format!("{GOOD}=bare_429,{OTHER}")).start().await;
    let bad = json!({"model": "gemini-2.5-flash", "messages": []});
    for _ in 0..5 {
        assert_eq!(change(&app, Method::POST, "/v1/x", bad.clone()).await.status, 404);
        let answer = app.post("/v1/chat/completions", bad.to_string()).whole().await;
        assert_eq!(answer.status, 400);
    }
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let listed = show(&app, KEYS).await;
    let states = |at: usize| listed["data"][at]["health_status"].clone();
    let mut states = [states(0), states(1)].map(|it| it.as_str().unwrap().to_owned());
    states.sort();
    assert_eq!(states, ["healthy", "rate_limited"], "{listed}");
}
