//! The balancer in a Durable Object: `/` and `/api/keys`.

use http::Method;
use serde_json::{Value, json};

use super::{GOOD, OTHER, builder, fields, no_secret, post, show};
use crate::admin::{ask, change};

const KEYS: &str = "/api/keys";
const CHECK: &str = "/api/keys/check";
const ADDED: &str = "API密钥添加成功。";
const DELETED: &str = "API密钥删除成功。";

#[tokio::test]
async fn keys_are_listed_in_pages_and_none_in_clear() {
    let app = builder().start().await;
    let listed = show(&app, &format!("{KEYS}?page=1&pageSize=50")).await;
    assert_eq!(fields(&listed), ["keys", "total"]);
    assert_eq!(listed["total"], 2);
    let want = json!({
        "id": 1,
        "api_key": "...0001",
        "status": "normal",
        "key_group": "normal",
        "last_checked_at": null,
        "failed_count": 0,
    });
    assert_eq!(listed["keys"][0], want);
    let second = show(&app, &format!("{KEYS}?page=2&pageSize=1")).await;
    assert_eq!((&second["total"], &second["keys"][0]["id"]), (&2.into(), &2.into()));
    assert_eq!(show(&app, &format!("{KEYS}?page=3&pageSize=1")).await["keys"], json!([]));
    for query in ["page=0", "pageSize=0", "pageSize=1001", "pageSize=x"] {
        let answer = ask(&app, Method::GET, &format!("{KEYS}?{query}")).whole().await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        assert!(answer.json()["error"].is_string(), "{}", answer.text());
    }
}

#[tokio::test]
async fn keys_are_added_trimmed_once_each_and_reported() {
    let app = builder().set("gemini_api_key", GOOD).start().await;
    let body = json!({"keys": [format!(" {OTHER}\n"), "AQ.another-key-x", GOOD, "bad"]});
    let answer = post(&app, KEYS, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    no_secret(&answer);
    let told = answer.json();
    assert_eq!(told["message"], ADDED);
    let counts = ["added", "duplicates", "refused"].map(|field| told[field].clone());
    assert_eq!(counts, [2, 1, 1]);
    assert!(told["results"][3]["why"].as_str().unwrap().contains("8 characters"), "{told}");
    assert_eq!(show(&app, KEYS).await["total"], 3);
    for body in [json!({"keys": []}), json!({"keys": "x"}), json!({}), json!({"keys": ["bad"]})] {
        let answer = post(&app, KEYS, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(answer.json()["error"].as_str().unwrap().contains("keys"), "{}", answer.text());
    }
}

#[tokio::test]
async fn keys_are_removed_by_their_text() {
    let app = builder().start().await;
    let body = json!({"keys": [OTHER, "a-key-that-is-not-there"]});
    let answer = change(&app, Method::DELETE, KEYS, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json(), json!({"message": DELETED, "removed": 1, "unknown": 1}));
    let listed = show(&app, KEYS).await;
    assert_eq!((&listed["total"], &listed["keys"][0]["api_key"]), (&1.into(), &"...0001".into()));
    let masked = change(&app, Method::DELETE, KEYS, json!({"keys": ["...0001"]})).await;
    assert_eq!(masked.json()["removed"], 0, "a mask names no key");
    assert_eq!(app.keys().len(), 1);
}

#[tokio::test]
async fn a_check_says_of_each_key_whether_it_is_valid_and_a_429_deletes_none() {
    let script = format!("{GOOD},{OTHER}@models.list=bare_429,refused-key-of-ours-3=invalid");
    let app = crate::admin::builder(&script).start().await;
    let all = ask(&app, Method::GET, CHECK).whole().await;
    assert_eq!(all.status, 200, "{}", all.text());
    no_secret(&all);
    let all = all.json();
    let valid: Vec<&Value> = all.as_array().unwrap().iter().map(|it| &it["valid"]).collect();
    assert_eq!(valid, [true, true, false], "{all}");
    assert_eq!(all[0]["error"], Value::Null);
    assert!(all[1]["error"].as_str().unwrap().contains("quota"), "{all}");
    let body = json!({"keys": ["refused-key-of-ours-3", GOOD, "a-stranger-of-a-key"]});
    let these = post(&app, CHECK, body).await;
    no_secret(&these);
    let these = these.json();
    let told = |at: usize| (these[at]["key"].clone(), these[at]["valid"].clone());
    assert_eq!(told(0), ("...rs-3".into(), false.into()), "{these}");
    assert_eq!(told(1), ("...0001".into(), true.into()), "{these}");
    assert_eq!(told(2), ("...-key".into(), false.into()), "{these}");
    let listed = show(&app, KEYS).await;
    assert_eq!(listed["total"], 3, "nothing is deleted: {listed}");
    let groups =
        |at: usize| (listed["keys"][at]["status"].clone(), listed["keys"][at]["key_group"].clone());
    assert_eq!(groups(0), ("normal".into(), "normal".into()), "{listed}");
    assert_eq!(groups(2), ("abnormal".into(), "abnormal".into()), "{listed}");
    assert!(listed["keys"][2]["last_checked_at"].is_i64(), "{listed}");
    assert!(app.calls().iter().all(|call| call.path == "/v1beta/models"), "no quota is used");
    assert_eq!(post(&app, CHECK, json!({"keys": []})).await.status, 400);
}

#[tokio::test]
async fn a_network_that_is_down_makes_no_key_invalid() {
    let app = crate::admin::builder(&format!("{GOOD}@models.list=unavailable")).start().await;
    let told = show(&app, CHECK).await;
    assert_eq!(told[0]["valid"], true, "{told}");
    assert!(told[0]["error"].is_string(), "{told}");
}

#[tokio::test]
async fn no_enabled_key_is_503_and_never_200_with_an_error_in_it() {
    let app = builder().start().await;
    let body = json!({"keys": [GOOD, OTHER]});
    assert_eq!(change(&app, Method::DELETE, KEYS, body).await.json()["removed"], 2);
    let answer = super::chat(&app, pollux_testkit::ACCESS_KEY).whole().await;
    assert_eq!(answer.status, 503, "{}", answer.text());
}
