//! The system of key pools: `/api/login` and `/api/pools`.

use http::Method;
use pollux_testkit::{App, Whole};
use serde_json::{Value, json};

use super::{GOOD, OTHER, builder, chat, fields, no_secret, post, show};
use crate::admin::{PASSWORD, ask, change};

const POOLS: &str = "/api/pools";

async fn app() -> App {
    builder().set("gemini_api_key", GOOD).start().await
}

/// A pool with a key, and its access key.
async fn made(app: &App) -> (String, String, Value) {
    let body = json!({
        "name": "two",
        "description": "the second",
        "geminiKeys": [{"key": OTHER, "name": "mine", "weight": 3}],
    });
    let answer = post(app, POOLS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    no_secret(&answer);
    let pool = answer.json()["pool"].clone();
    let text = |field: &str| pool[field].as_str().unwrap().to_owned();
    (format!("{POOLS}/{}", text("id")), text("authKey"), pool)
}

async fn put(app: &App, target: &str, body: Value) -> Whole {
    change(app, Method::PUT, target, body).await
}

#[tokio::test]
async fn a_login_gives_a_token_and_a_cookie() {
    let app = app().await;
    let body = json!({"password": PASSWORD}).to_string();
    let answer = app.post("/api/login", body).anonymous().whole().await;
    assert!(answer.header("set-cookie").starts_with("session=sess-"));
    let answer = answer.json();
    assert_eq!(fields(&answer), ["expiresAt", "sessionToken", "success"]);
}

#[tokio::test]
async fn a_pool_is_made_in_their_shape_with_its_access_key_whole_this_once() {
    let app = app().await;
    let (target, secret, pool) = made(&app).await;
    let want = [
        "allowedModels",
        "authKey",
        "createdAt",
        "description",
        "enabled",
        "geminiKeys",
        "id",
        "name",
        "stats",
        "updatedAt",
    ];
    assert_eq!(fields(&pool), want);
    assert_eq!(target, "/api/pools/pool-2");
    assert!(secret.starts_with("sk-pool-"), "{secret}");
    let key = json!(
        {"id": "key_2", "key": "...0002", "name": "mine", "enabled": true, "weight": 3}
    );
    assert_eq!(pool["geminiKeys"], json!([key]));
    assert_eq!((&pool["allowedModels"], &pool["enabled"]), (&json!([]), &true.into()));
    let stats = [
        "completionTokens",
        "lastRequestTime",
        "promptTokens",
        "requestsLastDay",
        "requestsLastMinute",
        "totalTokens",
    ];
    assert_eq!(fields(&pool["stats"]), stats);
    assert_eq!(chat(&app, &secret).whole().await.status, 200);
    assert_eq!(app.asked(), [OTHER]);
    let listed = show(&app, POOLS).await;
    assert_eq!((&listed["success"], &listed["total"]), (&true.into(), &2.into()));
    for shown in [listed, show(&app, &target).await] {
        assert!(!shown.to_string().contains(&secret), "keys in answers: {shown}");
    }
    let one = show(&app, &target).await;
    assert_eq!(fields(&one), ["pool", "success"]);
    assert_eq!(one["pool"]["authKey"], format!("...{}", &secret[secret.len() - 4..]));
}

#[tokio::test]
async fn what_is_invalid_is_400_with_its_reasons_and_makes_nothing() {
    let app = app().await;
    let key = json!([{"key": OTHER}]);
    for (body, words) in [
        (json!({"geminiKeys": key}), "`name`"),
        (json!({"name": " ", "geminiKeys": key}), "`name`"),
        (json!({"name": "x"}), "`geminiKeys`"),
        (json!({"name": "x", "geminiKeys": []}), "`geminiKeys`"),
        (json!({"name": "x", "geminiKeys": "k"}), "geminiKeys"),
        (json!({"name": "x", "geminiKeys": [{"key": OTHER}, {"key": "no"}]}), "geminiKeys[1]"),
        (json!({"name": "x", "geminiKeys": [{"name": "no key"}]}), "geminiKeys[0]"),
        (json!({"name": "x", "geminiKeys": [{"key": "AIzaSyAB...wxyz"}]}), "whole `key`"),
        (json!({"name": "x", "geminiKeys": [{"key": OTHER, "weight": 0}]}), "weight"),
        (json!({"name": "x", "geminiKeys": key, "allowedModels": ["a,b"]}), "allowedModels"),
        (json!({"name": "x", "geminiKeys": key, "enabled": "false"}), "enabled"),
        (json!([]), "body"),
    ] {
        let answer = post(&app, POOLS, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        let told = answer.json();
        assert_eq!(told["success"], false);
        assert!(told["errors"][0].as_str().unwrap().contains(words), "{body}: {told}");
        no_secret(&answer);
    }
    assert_eq!(show(&app, POOLS).await["total"], 1);
    let (target, ..) = made(&app).await;
    let answer = put(&app, &target, json!({"geminiKeys": [{"key": "no"}]})).await;
    assert_eq!(answer.status, 400, "not 500: {}", answer.text());
    assert_eq!(show(&app, &target).await["pool"]["geminiKeys"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_keys_of_a_pool_are_replaced_whole_and_masks_keep_what_is_there() {
    let app = app().await;
    let (target, _, pool) = made(&app).await;
    let mut keys = pool["geminiKeys"].as_array().unwrap().clone();
    keys[0]["enabled"] = json!(false);
    keys.push(json!("a-new-key-as-a-text"));
    keys.push(json!({"key": "a-new-key-that-is-off", "enabled": false, "weight": 2}));
    let answer = put(&app, &format!("{target}/keys"), json!({"geminiKeys": keys})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told = answer.json();
    assert_eq!(fields(&told), ["message", "pool", "success"]);
    let shown = |pool: &Value| -> Vec<(String, bool)> {
        let keys = pool["geminiKeys"].as_array().unwrap().iter();
        keys.map(|it| (it["key"].as_str().unwrap().into(), it["enabled"].as_bool().unwrap()))
            .collect()
    };
    let want = [("...0002", false), ("...text", true), ("...-off", false)];
    let want = want.map(|(key, enabled)| (key.to_owned(), enabled));
    assert_eq!(shown(&told["pool"]), want);
    assert_eq!(told["pool"]["geminiKeys"][0]["name"], "mine");
    // The page sends back what it was shown, and takes one out.
    let mut keys = told["pool"]["geminiKeys"].as_array().unwrap().clone();
    keys.remove(0);
    let answer = put(&app, &target, json!({"geminiKeys": keys, "name": "other"})).await;
    let told = answer.json();
    assert_eq!(shown(&told["pool"]), want[1..]);
    assert_eq!(told["pool"]["name"], "other");
    let nothing = put(&app, &target, json!({"description": "new"})).await.json();
    assert_eq!(shown(&nothing["pool"]), want[1..], "what is absent stays");
    assert_eq!(app.keys().len(), 1, "the first pool is as it was");
}

#[tokio::test]
async fn a_pool_that_is_off_is_403_and_a_removed_one_is_gone() {
    let app = app().await;
    let (target, secret, _) = made(&app).await;
    assert_eq!(put(&app, &target, json!({"enabled": false})).await.status, 200);
    let refused = chat(&app, &secret).whole().await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let gone = ask(&app, Method::DELETE, &target).whole().await;
    assert_eq!((gone.status, &gone.json()["success"]), (200, &true.into()));
    assert_eq!(chat(&app, &secret).whole().await.status, 401);
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let answer = ask(&app, method, &target).body("{}").whole().await;
        assert_eq!((answer.status, &answer.json()["success"]), (404, &false.into()));
    }
    let first = ask(&app, Method::DELETE, "/api/pools/pool-1").whole().await;
    assert_eq!(first.status, 409, "{}", first.text());
}

#[tokio::test]
async fn a_pool_serves_no_model_that_it_does_not_allow() {
    let app = app().await;
    let (target, secret, _) = made(&app).await;
    let allow = async |models: Value| {
        let answer = put(&app, &target, json!({"allowedModels": models})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["pool"]["allowedModels"].clone()
    };
    assert_eq!(allow(json!(["gemini-2.5-pro"])).await, json!(["gemini-2.5-pro"]));
    let refused = chat(&app, &secret).whole().await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    let stats = show(&app, &format!("{target}/stats")).await;
    assert_eq!(stats["stats"]["allowedModelsCount"], 1);
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200, "another pool");
    let both = json!(["gemini-2.5-pro", pollux_testkit::MODEL]);
    assert_eq!(allow(both.clone()).await, both);
    assert_eq!(chat(&app, &secret).whole().await.status, 200);
    assert_eq!(allow(json!([])).await, json!([]));
    assert_eq!(chat(&app, &secret).whole().await.status, 200, "none is all");
}

#[tokio::test]
async fn another_access_key_takes_the_place_of_the_one_before_at_once() {
    let app = app().await;
    let (target, old, _) = made(&app).await;
    let answer = post(&app, &format!("{target}/regenerate-auth"), json!({})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let new = answer.json()["authKey"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["pool"]["authKey"], new);
    assert_eq!(chat(&app, &old).whole().await.status, 401);
    assert_eq!(chat(&app, &new).whole().await.status, 200);
}

#[tokio::test]
async fn the_statistics_are_real() {
    let app = app().await;
    let (target, secret, _) = made(&app).await;
    assert_eq!(chat(&app, &secret).whole().await.status, 200);
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let stats = pollux_testkit::within("the request is counted", async {
        loop {
            let stats = show(&app, &format!("{target}/stats")).await["stats"].clone();
            if stats["stats"]["totalTokens"] != 0 {
                break stats;
            }
        }
    });
    let stats = stats.await;
    let want = [
        "allowedModelsCount",
        "createdAt",
        "enabled",
        "enabledKeysCount",
        "geminiKeysCount",
        "poolId",
        "poolName",
        "stats",
        "updatedAt",
    ];
    assert_eq!(fields(&stats), want);
    assert_eq!((&stats["poolId"], &stats["geminiKeysCount"]), (&"pool-2".into(), &1.into()));
    let now = stats["stats"]["lastRequestTime"].as_i64().unwrap();
    assert_eq!(stats["stats"]["requestsLastMinute"], json!([now]), "of this pool alone: {stats}");
}

#[tokio::test]
async fn the_models_that_the_pages_ask_for_are_there_and_for_admins_alone() {
    let app = app().await;
    let (target, ..) = made(&app).await;
    let listed = show(&app, &format!("{target}/models")).await;
    assert_eq!(listed["success"], true);
    assert!(listed["total"].as_u64().unwrap() > 1, "{listed}");
    assert!(listed["models"][0]["id"].is_string(), "{listed}");
    assert_eq!(app.asked(), [OTHER], "with the pool's own key");
    let anonymous = app.get("/api/models").anonymous().whole().await;
    assert_eq!(anonymous.status, 401, "a model list shared across pools without auth");
}
