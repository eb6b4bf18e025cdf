//! What the owner does: everything that the document of the admin API names.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use http::{Method, header};
use pollux_testkit::{MODEL, Whole, chat};
use serde_json::{Value, json};

use super::{
    KEYS, PASSPHRASE, POOL_PROXY_PASSWORD, SAID, TYPED_KEYS, WRONG_PASSWORD,
    callers::{Caller, PLACES},
    world::World,
};

/// Does it, first with the password, and then with a token and a session.
pub(super) async fn do_everything(world: &mut World) {
    let password = world.admin.clone();
    sign_in(world, &password).await;
    let token = world
        .reveal("POST /tokens", "", r#"{"name":"a program","role":"owner"}"#, "an admin token")
        .await;
    world.admin = token;
    let pool = a_pool(world).await;
    users(world).await;
    keys(world, &pool).await;
    settings(world, &pool).await;
    looks(world).await;
    refusals(world).await;
    world.ask_for_the_rest().await;
    for operation in ["DELETE /users/{id}", "DELETE /tokens/{id}", "DELETE /sessions/{id}"] {
        world.admin(operation, "1", "").await;
    }
    // It may have been with the token that is gone.
    world.admin = password;
    world.admin("DELETE /pools/{id}", &pool, "").await;
    world.admin("GET /audit?limit=1000", "", "").await;
}

async fn sign_in(world: &World, password: &str) {
    let wrong = json!({ "password": WRONG_PASSWORD }).to_string();
    assert_eq!(world.admin("POST /session", "", &wrong).await.status, 401);
    let bearer = format!("Bearer {WRONG_PASSWORD}");
    let request = world.request(Method::GET, "/admin/api/keys", "");
    world.call(&request.header("authorization", &bearer)).await;

    let right = json!({ "password": password }).to_string();
    let answer = world.admin_showing("POST /session", "", &right, &["a session"]).await;
    let cookie = answer.header(header::SET_COOKIE.as_str());
    let (_, session) = cookie.split(';').next().unwrap().split_once('=').unwrap();
    world.know("a session", session);
    for target in ["session", "sessions", "keys", "users", "settings"] {
        let request = world.request(Method::GET, &format!("/admin/api/{target}"), "");
        let request = request.header("cookie", &format!("pollux_session={session}"));
        assert_eq!(world.call(&request).await.status, 200, "{target}");
    }
}

/// A pool whose keys are all refused, so that callers see what Google said; returns its id.
async fn a_pool(world: &World) -> String {
    let body = r#"{"name":"a pool of bad keys"}"#;
    let answer = world.admin_showing("POST /pools", "", body, &["a pool's first key"]).await;
    let made = answer.json();
    world.know("a pool's first key", made["secret"].as_str().unwrap());
    let pool = made["id"].to_string();
    let keys = json!({ "pool": made["id"], "keys": TYPED_KEYS }).to_string();
    assert_eq!(world.admin("POST /keys", "", &keys).await.status, 201);
    assert_eq!(world.admin("POST /keys", "", &keys).await.json()["duplicates"], 2);
    let name = "a pool's second key";
    let access_key = world.reveal("POST /pools/{id}/access-key", &pool, "", name).await;
    world.admin_showing("GET /pools/{id}/access-key", &pool, "", &[name]).await;
    for place in [PLACES[0], PLACES[5]] {
        Caller::new(world, place, &access_key).ask_everything().await;
    }
    pool
}

async fn users(world: &World) {
    let body = r#"{"name":"ada","labels":["a"],"limits":{"rpm":"100"}}"#;
    let body = if world.admin("POST /users", "", r#"{"name":""}"#).await.status == 400 {
        body.replace(r#","limits":{"rpm":"100"}"#, "")
    } else {
        body.to_owned()
    };
    let name = "a user's first key";
    let answer = world.admin_showing("POST /users", "", &body, &[name]).await;
    let made = answer.json();
    let first = made["secret"].as_str().unwrap_or_else(|| panic!("{}", answer.text()));
    world.know(name, first);
    let id = made["id"].to_string();
    world.admin_showing("GET /users/{id}/access-key", &id, "", &[name]).await;
    let second = "a user's second key";
    let keep = r#"{"keep_seconds":600}"#;
    let rotated = world.reveal("POST /users/{id}/rotate", &id, keep, second).await;
    for key in [first, &rotated] {
        let request = world.request(Method::POST, "/v1/chat/completions", &chat(MODEL, SAID, true));
        world.call(&request.header("authorization", &format!("Bearer {key}"))).await;
    }
    world.admin("PATCH /users/{id}", &id, r#"{"enabled":false}"#).await;
    world.admin("GET /users/{id}", &id, "").await;
    world.admin("GET /users", "", "").await;
}

async fn keys(world: &World, pool: &str) {
    let listed = world.admin("GET /keys", "", "").await.json();
    let listed = listed["keys"].as_array().unwrap().clone();
    let id = listed[0]["id"].to_string();
    let proxy = format!("http://pooled:{POOL_PROXY_PASSWORD}@127.0.0.1:1");
    let edit = json!({ "proxy": proxy, "notes": "a note" }).to_string();
    let pool: i64 = pool.parse().unwrap();
    let of_pool = listed.iter().find(|key| key["pool"] == pool).unwrap();
    let other = of_pool["id"].to_string();
    assert_eq!(world.admin("PATCH /keys/{id}", &other, &edit).await.status, 200);
    world.admin("GET /keys/{id}", &other, "").await;
    world.admin("PATCH /keys/{id}", &id, r#"{"proxy":"no proxy"}"#).await;
    let bulk = json!({ "ids": [of_pool["id"]], "change": { "weight": 2 } }).to_string();
    assert_eq!(world.admin("POST /keys/bulk", "", &bulk).await.status, 200);

    let sealed = json!({ "passphrase": PASSPHRASE }).to_string();
    let sealed = world.admin("POST /keys/export", "", &sealed).await.json();
    let parcel = &sealed["parcel"];
    assert!(parcel.is_string(), "{sealed}");
    for phrase in [PASSPHRASE, WRONG_PASSWORD] {
        let import = json!({ "passphrase": phrase, "parcel": parcel }).to_string();
        world.admin("POST /keys/import", "", &import).await;
    }
    let mut shown: Vec<String> =
        (0..KEYS.len()).map(|number| format!("key {number} of the environment")).collect();
    shown.extend((0..TYPED_KEYS.len()).map(|number| format!("key {number} of the admin API")));
    shown.push("the password of a pool's proxy".to_owned());
    if world.knows("the key of the file") {
        shown.extend(["the key of the file", "the proxy's password"].map(str::to_owned));
    }
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    world.admin_showing("POST /keys/export", "", r#"{"in_clear":true}"#, &shown).await;

    for generate in [Value::Null, json!(MODEL)] {
        let order = json!({ "keys": "all", "generate": generate }).to_string();
        let check = world.admin("POST /checks", "", &order).await.json();
        let id = check["id"].to_string();
        world.admin("GET /checks/{id}/events", &id, "").await;
        world.admin("GET /checks/{id}", &id, "").await;
        world.admin("DELETE /checks/{id}", &id, "").await;
    }
    world.admin("DELETE /keys/{id}", &other, "").await;
}

async fn settings(world: &World, pool: &str) {
    let proxy = format!("http://pooled:{POOL_PROXY_PASSWORD}@127.0.0.1:1");
    let values = json!({ "pool.proxies": proxy }).to_string();
    let answer = world.admin("PATCH /pools/{id}/settings", pool, &values).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    world.admin("GET /pools/{id}/settings", pool, "").await;
    world.admin("GET /pools/{id}", pool, "").await;
    world.admin("PATCH /pools/{id}", pool, r#"{"description":"of bad keys"}"#).await;
    let wrong = json!({ "pool.proxies": format!("nonsense://{POOL_PROXY_PASSWORD}") }).to_string();
    assert_eq!(world.admin("PATCH /pools/{id}/settings", pool, &wrong).await.status, 400);
    world.admin("PATCH /settings", "", r#"{"pool.max_attempts":3}"#).await;
    world.admin("GET /settings", "", "").await;
}

/// All that may only be looked at.
async fn looks(world: &World) {
    let mut events = world.admin_request("GET /events", "", "").send().await;
    let caller = world.request(Method::POST, "/v1/chat/completions", &chat(MODEL, SAID, false));
    world.call(&caller.header("authorization", "Bearer nobody-s-key-1234567")).await;
    let mut told = String::new();
    while told.len() < 500 {
        told.push_str(&String::from_utf8_lossy(&events.chunk().await.unwrap()));
    }
    world.keep("GET /events", told, &[]);
    events.hang_up();
    for operation in [
        "GET /request-log?limit=1000",
        "GET /request-log?format=csv&limit=1000",
        "GET /usage",
        "GET /usage?format=csv&by=user",
        "GET /usage?by=key",
        "GET /usage/now",
        "GET /overview",
        "GET /forecasts",
        "GET /quotas",
        "GET /pools",
        "GET /tokens",
        "GET /sessions",
        "GET /session",
        "GET /audit?limit=1000",
    ] {
        let answer = world.admin(operation, "", "").await;
        assert_eq!(answer.status, 200, "{operation}: {}", answer.text());
    }
    let requests = world.admin("GET /requests?limit=1000", "", "").await.json();
    let requests = requests["requests"].as_array().unwrap().clone();
    assert!(requests.len() > 50, "{}", requests.len());
    for request in &requests {
        let id = request["id"].to_string();
        world.admin("GET /requests/{id}", id.trim_matches('"'), "").await;
    }
}

/// Secrets in the places where they make no sense.
async fn refusals(world: &World) {
    let secret = TYPED_KEYS[0];
    for (operation, body) in [
        ("POST /keys", json!({ "keys": [{ "key": secret, "weight": secret }] })),
        ("POST /keys", json!({ "keys": [{ "key": format!("{secret} {secret}") }] })),
        ("POST /keys", json!({ "keys": [{ "key": secret, "proxy": secret }] })),
        ("POST /keys/import", json!({ "passphrase": PASSPHRASE, "parcel": secret })),
        ("POST /session", json!({ "password": { "is": WRONG_PASSWORD } })),
        ("POST /session", json!(WRONG_PASSWORD)),
        ("POST /keys/export", json!({ "passphrase": [PASSPHRASE] })),
        ("PATCH /settings", json!({ "access_key": secret })),
        ("PATCH /settings", json!({ "gemini_api_key": secret })),
        ("PATCH /settings", json!({ "admin_password": [WRONG_PASSWORD] })),
        ("PATCH /settings", json!({ "master_key": WRONG_PASSWORD })),
    ] {
        let answer: Whole = world.admin(operation, "", &body.to_string()).await;
        assert_ne!(answer.status, 500, "{operation} {}", answer.text());
    }
}
