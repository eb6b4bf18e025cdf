//! Pools: each with its own keys, access key, settings and limits; none serves another's users.

use http::Method;
use pollux_testkit::{App, MODEL, Request, Whole};
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

const POOLS: &str = "/admin/api/pools";

/// An app with the keys `key-of-one-1` in the first pool and `key-of-two-1` in none yet.
async fn app() -> App {
    builder("key-of-one-1,key-of-two-1,key-of-two-2")
        .set("gemini_api_key", "key-of-one-1")
        .start()
        .await
}

async fn made(app: &App, target: &str, body: Value) -> Value {
    let answer = change(app, Method::POST, target, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()
}

fn chat(app: &App, secret: &str) -> Request {
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "say: hi"}]});
    let request = app.post("/v1/chat/completions", body.to_string()).anonymous();
    request.header("authorization", &format!("Bearer {secret}"))
}

async fn chats(app: &App, secret: &str) -> Whole {
    chat(app, secret).whole().await
}

/// A second pool with a key of its own, and its access key.
async fn second(app: &App) -> (Value, String) {
    let pool = made(app, POOLS, json!({"name": "two", "description": "the second"})).await;
    let secret = pool["secret"].as_str().unwrap().to_owned();
    made(app, "/admin/api/keys", json!({"pool": pool["id"], "keys": "key-of-two-1"})).await;
    (pool, secret)
}

#[tokio::test]
async fn a_key_of_one_pool_never_serves_another() {
    let app = app().await;
    let (_, secret) = second(&app).await;
    assert!(secret.starts_with("sk-pool-"), "{secret}");
    for _ in 0..5 {
        assert_eq!(chats(&app, &secret).await.status, 200);
        assert_eq!(app.asked().last().unwrap(), "key-of-two-1");
        let first = app.post(
            "/v1/chat/completions",
            r#"{"model":"gemini-2.5-flash","messages":[{"role":"user","content":"say: hi"}]}"#,
        );
        assert_eq!(first.whole().await.status, 200);
        assert_eq!(app.asked().last().unwrap(), "key-of-one-1");
    }
    let off = json!({"ids": [2], "change": {"enabled": false}});
    change(&app, Method::POST, "/admin/api/keys/bulk", off).await;
    let seen = app.calls().len();
    let answer = chats(&app, &secret).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(app.calls().len(), seen, "the other pool's key is not asked");
}

#[tokio::test]
async fn a_pool_is_made_shown_changed_and_removed() {
    let app = app().await;
    let (pool, secret) = second(&app).await;
    let target = format!("{POOLS}/{}", pool["id"]);
    let shown = show(&app, &target).await;
    assert_eq!((&shown["name"], &shown["description"]), (&"two".into(), &"the second".into()));
    assert_eq!(shown["keys"], json!({"total": 1, "enabled": 1, "revoked": 0, "cooling": 0}));
    assert_eq!(shown["access_key"]["last4"], secret[secret.len() - 4..]);
    assert!(!show(&app, POOLS).await.to_string().contains(&secret));
    let revealed = show(&app, &format!("{target}/access-key")).await;
    assert_eq!(revealed["secret"], secret);

    for (body, status) in [
        (json!({"name": "two"}), 409),
        (json!({"name": ""}), 400),
        (json!({"name": "x", "colour": "red"}), 400),
        (json!({"name": "x", "limits": {"requests/hour": 1}}), 400),
        (json!({"name": "x", "limits": {"requests/minute": 0}}), 400),
        (json!({"name": "x", "settings": {"pool.strategy": "best"}}), 400),
        (json!({"name": "x", "settings": {"log.level": "debug"}}), 400),
    ] {
        let answer = change(&app, Method::POST, POOLS, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        message(&answer);
    }
    assert_eq!(show(&app, POOLS).await["pools"].as_array().unwrap().len(), 2, "none was made");

    let off = change(&app, Method::PATCH, &target, json!({"enabled": false})).await;
    assert_eq!((off.status, &off.json()["name"]), (200, &"two".into()), "{}", off.text());
    let answer = chats(&app, &secret).await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    change(&app, Method::PATCH, &target, json!({"enabled": true, "name": "zwei"})).await;
    assert_eq!(chats(&app, &secret).await.status, 200);

    let other = made(&app, &format!("{target}/access-key"), json!({})).await;
    assert_eq!(chats(&app, &secret).await.status, 401, "the one before is refused at once");
    let other = other["secret"].as_str().unwrap();
    assert_eq!(chats(&app, other).await.status, 200);

    assert_eq!(ask(&app, Method::DELETE, &target).whole().await.status, 204);
    assert_eq!(chats(&app, other).await.status, 401);
    for request in [ask(&app, Method::DELETE, &target), ask(&app, Method::GET, &target)] {
        assert_eq!(request.whole().await.status, 404);
    }
    assert_eq!(show(&app, "/admin/api/keys").await["total"], 1, "its keys went with it");
    let first = ask(&app, Method::DELETE, "/admin/api/pools/1").whole().await;
    assert_eq!(first.status, 409, "{}", first.text());
    let audit = show(&app, &format!("/admin/api/audit?subject=pool%20{}", pool["id"])).await;
    assert!(!audit.to_string().contains(other) && !audit.to_string().contains(&secret), "{audit}");
    let done: Vec<&str> = audit["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    let want = [
        "pool.remove",
        "pool.access_key.renew",
        "pool.change",
        "pool.change",
        "pool.access_key.reveal",
        "key.add",
        "pool.add",
    ];
    assert_eq!(done, want);
}

#[tokio::test]
async fn each_pool_has_its_own_settings_and_limits() {
    let app = app().await;
    let (pool, secret) = second(&app).await;
    made(&app, "/admin/api/keys", json!({"pool": pool["id"], "keys": "key-of-two-2:3"})).await;
    let target = format!("{POOLS}/{}/settings", pool["id"]);
    let answer =
        change(&app, Method::PATCH, &target, json!({"pool.strategy": "weighted_round_robin"}));
    let answer = answer.await.json();
    let rows = answer["settings"].as_array().unwrap();
    let strategy = rows.iter().find(|row| row["name"] == "pool.strategy").unwrap();
    assert_eq!(
        (&strategy["source"], &strategy["value"]),
        (&"pool".into(), &"weighted_round_robin".into())
    );
    assert!(rows.iter().all(|row| row["of_pools"] == true));
    let seen = app.asked().len();
    for _ in 0..8 {
        assert_eq!(chats(&app, &secret).await.status, 200);
    }
    let heavy = app.asked()[seen..].iter().filter(|key| *key == "key-of-two-2").count();
    assert_eq!(heavy, 6);
    let refused = change(&app, Method::PATCH, &target, json!({"log.level": "debug"})).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(message(&refused).contains("the same for all pools"));

    let limited = json!({"limits": {"requests/minute": 2}});
    let target = format!("{POOLS}/{}", pool["id"]);
    let shown = change(&app, Method::PATCH, &target, limited).await.json();
    assert_eq!(shown["limits"], json!({"requests/minute": 2}));
    for status in [200, 200, 429] {
        assert_eq!(chats(&app, &secret).await.status, status);
    }
    let standing = &show(&app, &target).await["standing"][0];
    assert_eq!((&standing["used"], &standing["remaining"]), (&2.into(), &0.into()));
}
