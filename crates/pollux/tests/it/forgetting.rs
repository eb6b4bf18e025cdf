//! What is removed when it is old enough, and what stays.

use std::{path::Path, time::Duration};

use http::Method;
use pollux_pool::{id::KeyId, time::Timestamp};
use pollux_testkit::{ADMIN_PASSWORD, App, START};

const DAY: Duration = Duration::from_hours(24);

async fn start(directory: &Path, now: Timestamp, kept: &str) -> App {
    let builder = App::builder("key-1").directory(directory).at(now);
    builder.set("retention.audit", kept).set("admin.session_idle", "48h").start().await
}

/// Stops an app, and says how many sessions and changes its store has still, over or not.
async fn left(app: App) -> (usize, usize) {
    let ended = app.stop().await;
    let sessions = ended.store().sessions(START).await.unwrap();
    let changes = ended.store().changes(i64::MAX, "", 100).await.unwrap();
    ended.close().await;
    (sessions.len(), changes.len())
}

#[tokio::test]
async fn sessions_go_when_they_are_over_and_changes_when_they_are_old() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), START, "30d").await;
    let body = format!(r#"{{"password": "{ADMIN_PASSWORD}"}}"#);
    assert_eq!(app.post("/admin/api/session", body).anonymous().whole().await.status, 200);
    let token = app.post("/admin/api/tokens", r#"{"name": "of a program", "role": "viewer"}"#);
    let token = token.header("authorization", &format!("Bearer {ADMIN_PASSWORD}"));
    assert_eq!(token.whole().await.status, 201);
    assert_eq!(left(app).await, (1, 1));
    for (days, kept, want) in
        [(1, "30d", (1, 1)), (3, "30d", (0, 1)), (400, "0", (0, 1)), (400, "30d", (0, 0))]
    {
        let app = start(directory.path(), START + DAY * days, kept).await;
        assert_eq!(left(app).await, want, "after {days} days, where {kept} are kept");
    }
}

#[tokio::test]
async fn what_became_of_keys_goes_when_it_is_old() {
    let directory = tempfile::tempdir().unwrap();
    let start = async |days: u32, kept: &str| {
        let app = App::builder("key-1,key-2").directory(directory.path()).at(START + DAY * days);
        app.set("retention.key_events", kept).start().await
    };
    let left = async |app: App| {
        let ended = app.stop().await;
        let events = ended.store().key_events(KeyId(1), None, None, 100).await.unwrap();
        ended.close().await;
        events.len()
    };
    let app = start(0, "7d").await;
    let off = app.request(Method::PATCH, "/admin/api/keys/1").body(r#"{"enabled": false}"#);
    let off = off.header("authorization", &format!("Bearer {ADMIN_PASSWORD}"));
    assert_eq!(off.whole().await.status, 200);
    assert_eq!(left(app).await, 1);
    for (days, kept, want) in [(6, "7d", 1), (9, "0", 1), (9, "7d", 0)] {
        assert_eq!(left(start(days, kept).await).await, want, "after {days} days of {kept}");
    }
}
