//! What the server says of itself.

use std::time::Duration;

use http::Method;
use serde_json::json;

use super::{ask, builder, change, show};

const SERVER: &str = "/admin/api/server";

#[tokio::test]
async fn the_server_says_what_it_is_since_when_and_whom_it_sees() {
    let app = builder("key-1").start().await;
    app.clock.advance(Duration::from_secs(90));
    let want = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "started_at": "2026-01-20T20:00:00Z",
        "now": "2026-01-20T20:01:30Z",
        "time_zone_of_quotas": "America/Los_Angeles",
        "database": "sqlite",
        "address_seen": "127.0.0.1",
    });
    assert_eq!(show(&app, SERVER).await, want);
    let behind = builder("key-1").set("trusted_proxies", "127.0.0.1").start().await;
    let seen = ask(&behind, Method::GET, SERVER).header("x-forwarded-for", "203.0.113.9");
    assert_eq!(seen.whole().await.json()["address_seen"], "203.0.113.9");
}

#[tokio::test]
async fn a_viewer_may_ask_and_nobody_else() {
    let app = builder("key-1").start().await;
    let body = json!({"name": "of a viewer", "role": "viewer"});
    let made = change(&app, Method::POST, "/admin/api/tokens", body).await.json();
    let token = made["token"].as_str().or(made["secret"].as_str()).unwrap().to_owned();
    let asked = app.get(SERVER).header("authorization", &format!("Bearer {token}"));
    assert_eq!(asked.whole().await.status, 200);
    assert_eq!(app.get(SERVER).anonymous().whole().await.status, 401);
}
