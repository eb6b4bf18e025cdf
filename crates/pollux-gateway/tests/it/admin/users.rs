//! Users: added, changed, rotated and removed; the next request knows.

use std::time::Duration;

use http::Method;
use pollux_testkit::{App, MODEL, Whole};
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

const USERS: &str = "/admin/api/users";

async fn add(app: &App, body: Value) -> (String, String) {
    let answer = change(app, Method::POST, USERS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    (format!("{USERS}/{}", made["id"]), made["secret"].as_str().unwrap().to_owned())
}

async fn chats(app: &App, secret: &str) -> Whole {
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "say: hi"}]});
    let request = app.post("/v1/chat/completions", body.to_string()).anonymous();
    request.header("authorization", &format!("Bearer {secret}")).whole().await
}

#[tokio::test]
async fn a_user_is_added_changed_and_removed_at_once() {
    let app = builder("key-1").start().await;
    let (target, secret) = add(&app, json!({"name": "ci", "labels": ["build"]})).await;
    assert_eq!(chats(&app, &secret).await.status, 200);
    let shown = show(&app, &target).await;
    assert_eq!(shown["last4"], secret[secret.len() - 4..]);
    assert!(!show(&app, USERS).await.to_string().contains(&secret));
    assert_eq!(show(&app, "/admin/api/users?label=build").await["total"], 1);
    assert_eq!(show(&app, "/admin/api/users?search=CI&enabled=true").await["total"], 1);

    let edit = json!({"enabled": false, "expires_at": "2030-01-01T00:00:00Z"});
    let edited = change(&app, Method::PATCH, &target, edit).await.json();
    assert_eq!(edited["expires_at"], "2030-01-01T00:00:00Z");
    assert!([401, 403].contains(&chats(&app, &secret).await.status));
    let edit = json!({"enabled": true, "expires_at": null, "models": ["gemini-3*"]});
    let edited = change(&app, Method::PATCH, &target, edit).await.json();
    assert_eq!((&edited["expires_at"], &edited["name"]), (&Value::Null, &"ci".into()));
    assert_eq!(chats(&app, &secret).await.status, 403, "{MODEL} is not among them");
    change(&app, Method::PATCH, &target, json!({"models": []})).await;
    assert_eq!(chats(&app, &secret).await.status, 200);

    let limited = json!({"limits": {"requests/day": 1}});
    change(&app, Method::PATCH, &target, limited).await;
    assert_eq!(chats(&app, &secret).await.status, 200);
    let refused = chats(&app, &secret).await;
    assert_eq!((refused.status, refused.header("x-ratelimit-limit-requests")), (429, "1"));
    assert_eq!(show(&app, &target).await["standing"][0]["what"], "requests/day");

    assert_eq!(ask(&app, Method::DELETE, &target).whole().await.status, 204);
    assert_eq!(chats(&app, &secret).await.status, 401);
    assert_eq!(ask(&app, Method::DELETE, &target).whole().await.status, 404);
    let audit = show(&app, "/admin/api/audit").await.to_string();
    assert!(!audit.contains(&secret), "{audit}");
}

#[tokio::test]
async fn two_access_keys_are_good_while_one_takes_over() {
    let app = builder("key-1").start().await;
    let (target, old) = add(&app, json!({"name": "ci"})).await;
    let rotate = format!("{target}/rotate");
    let new = change(&app, Method::POST, &rotate, json!({"keep_seconds": 60})).await;
    assert_eq!(new.status, 201, "{}", new.text());
    let new = new.json()["secret"].as_str().unwrap().to_owned();
    for secret in [&old, &new] {
        assert_eq!(chats(&app, secret).await.status, 200);
    }
    assert_eq!(show(&app, &target).await["previous_until"], "2026-01-20T20:01:00Z");
    app.clock.advance(Duration::from_mins(1));
    assert_eq!(chats(&app, &old).await.status, 401);
    assert_eq!(chats(&app, &new).await.status, 200);
    let last = change(&app, Method::POST, &rotate, json!({})).await.json();
    assert_eq!(chats(&app, &new).await.status, 401, "without a while it is refused at once");
    let revealed = show(&app, &format!("{target}/access-key")).await;
    assert_eq!(revealed["secret"], last["secret"]);
    let too_long = change(&app, Method::POST, &rotate, json!({"keep_seconds": 9_999_999})).await;
    assert_eq!(too_long.status, 400);
}

#[tokio::test]
async fn a_user_with_several_pools_says_which() {
    let app = builder("key-1,key-2").set("gemini_api_key", "key-1").start().await;
    let pool = change(&app, Method::POST, "/admin/api/pools", json!({"name": "two"})).await.json();
    let keys = json!({"pool": pool["id"], "keys": ["key-2-is-too-short-no"]});
    change(&app, Method::POST, "/admin/api/keys", keys).await;
    let (_, secret) = add(&app, json!({"name": "ci", "pools": [1, pool["id"]]})).await;
    let (_, narrow) = add(&app, json!({"name": "narrow"})).await;
    let ask = async |secret: &str, pool: &str| {
        let request = app.get("/v1beta/models/gemini-2.5-flash").anonymous();
        let request = request.header("x-goog-api-key", secret).header("x-pollux-pool", pool);
        request.whole().await.status
    };
    assert_eq!(ask(&secret, "default").await, 200);
    assert_eq!(app.asked().last().unwrap(), "key-1");
    assert_ne!(ask(&secret, "two").await, 403);
    assert_ne!(app.asked().last().unwrap(), "key-1");
    assert_eq!(ask(&narrow, "two").await, 403);
}

#[tokio::test]
async fn what_cannot_be_told_of_a_user_says_why() {
    let app = builder("key-1").start().await;
    add(&app, json!({"name": "ci"})).await;
    for (body, status, word) in [
        (json!({"name": "ci"}), 409, "another user"),
        (json!({"name": " "}), 400, "`name`"),
        (json!({}), 400, "missing field `name`"),
        (json!({"name": "x", "pools": [7]}), 400, "no such pool"),
        (json!({"name": "x", "addresses": ["10.0.0.0/99"]}), 400, "10.0.0.0/99"),
        (json!({"name": "x", "limits": {"sheep": 3}}), 400, "requests/minute"),
        (json!({"name": "x", "limits": {"requests/day": -3}}), 400, "limits"),
        (json!({"name": "x", "expires_at": "tomorrow"}), 400, "2026-12-31"),
        (json!({"name": "x", "secret": "mine"}), 400, "unknown field `secret`"),
    ] {
        let answer = change(&app, Method::POST, USERS, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(message(&answer).contains(word), "{word}: {}", answer.text());
    }
    assert_eq!(show(&app, USERS).await["total"], 2);
}
