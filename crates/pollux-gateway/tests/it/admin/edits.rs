//! Gemini keys that are added, changed and removed: the next request knows.

use http::Method;
use pollux_testkit::{App, Face};
use serde_json::{Value, json};

use super::{builder, change, message, show};

const KEYS: &str = "/admin/api/keys";
const BULK: &str = "/admin/api/keys/bulk";

/// An app whose Gemini knows keys that the gateway does not.
async fn app() -> App {
    let known = "key-one-00001,key-two-00002,AQ.three-00003,key-four-0004,key-five-0005";
    builder(known).set("gemini_api_key", "key-one-00001").start().await
}

async fn add(app: &App, body: Value) -> Value {
    let answer = change(app, Method::POST, KEYS, body).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    assert!(!answer.text().contains("key-two-0"), "{}", answer.text());
    answer.json()
}

fn sums(report: &Value) -> [u64; 3] {
    ["added", "duplicates", "refused"].map(|name| report[name].as_u64().unwrap())
}

#[tokio::test]
async fn keys_are_pasted_in_any_form_and_each_is_reported() {
    let app = app().await;
    let pasted =
        " key-two-00002 \nAQ.three-00003:7,key-one-00001\nkey-two-00002 short x\u{e9}ylophone1";
    let dry = add(&app, json!({"keys": pasted, "dry_run": true})).await;
    assert_eq!(sums(&dry), [2, 2, 2], "{dry}");
    assert_eq!(show(&app, KEYS).await["total"], 1, "nothing was added");
    let report = add(&app, json!({"keys": pasted, "defaults": {"tags": ["new"]}})).await;
    assert_eq!(sums(&report), [2, 2, 2], "{report}");
    let result = |at: usize| &report["results"][at];
    assert_eq!((&result(0)["result"], &result(0)["last4"]), (&"added".into(), &"0002".into()));
    assert_eq!((&result(2)["result"], &result(2)["id"]), (&"duplicate".into(), &1.into()));
    assert!(result(4)["why"].as_str().unwrap().contains("shorter than 8"), "{report}");
    assert!(result(5)["why"].as_str().unwrap().contains("visible ASCII"), "{report}");
    let listed = show(&app, "/admin/api/keys?tag=new&sort=-weight").await;
    assert_eq!((&listed["total"], &listed["keys"][0]["weight"]), (&2.into(), &7.into()));
    for _ in 0..3 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    let mut asked = app.asked();
    asked.sort();
    assert_eq!(asked, ["AQ.three-00003", "key-one-00001", "key-two-00002"]);

    let list = json!([
        "key-four-0004:3",
        {"key": "key-five-0005", "name": "fifth", "tier": "paid", "project": "p1", "notes": "n"},
        {"key": "key-six-00006", "size": 3},
        17,
    ]);
    let report = add(&app, json!({"keys": list})).await;
    assert_eq!(sums(&report), [2, 0, 2], "{report}");
    let fifth = &show(&app, "/admin/api/keys?search=FIFTH").await["keys"][0];
    assert_eq!((&fifth["tier"], &fifth["project"]), (&"paid".into(), &"p1".into()));
}

#[tokio::test]
async fn what_cannot_be_read_says_why() {
    let app = app().await;
    for (body, word) in [
        (json!({}), "missing field `keys`"),
        (json!({"keys": ""}), "holds no key"),
        (json!({"keys": 3}), "takes a text"),
        (json!({"keys": "key-two-00002", "pool": 9}), "no such pool"),
        (json!({"keys": "key-two-00002", "defaults": {"weight": 0}}), "weight"),
        (json!({"keys": "key-two-00002", "defaults": {"tier": "gold"}}), "defaults.tier"),
        (json!({"keys": "key-two-00002", "defaults": {"proxy": "ftp://x"}}), "proxy"),
        (json!({"key": "key-two-00002"}), "unknown field `key`"),
    ] {
        let answer = change(&app, Method::POST, KEYS, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
    for (method, target, body, status) in [
        (Method::PATCH, "/admin/api/keys/9", json!({}), 404),
        (Method::PATCH, "/admin/api/keys/1", json!({"weight": 0}), 400),
        (Method::PATCH, "/admin/api/keys/1", json!({"weight": "3"}), 400),
        (Method::POST, BULK, json!({"ids": []}), 400),
        (Method::POST, BULK, json!({"ids": [1]}), 400),
        (Method::POST, BULK, json!({"ids": [1], "remove": true, "change": {}}), 400),
    ] {
        let answer = change(&app, method, target, body).await;
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_key_is_edited_switched_off_and_removed_at_once() {
    let app = app().await;
    add(&app, json!({"keys": "key-two-00002"})).await;
    let edit = json!({"weight": 5, "project": "p", "tags": ["a", "b"], "name": "two",
        "proxy": "http://user:hidden-pw@127.0.0.1:9"});
    let answer = change(&app, Method::PATCH, "/admin/api/keys/2", edit).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let key = answer.json();
    assert_eq!((&key["weight"], &key["project"]), (&5.into(), &"p".into()));
    assert_eq!(key["proxy"], "http://127.0.0.1:9");
    let plain = json!({"project": null, "proxy": null});
    let key = change(&app, Method::PATCH, "/admin/api/keys/2", plain).await.json();
    assert_eq!(
        (&key["project"], &key["proxy"], &key["weight"]),
        (&Value::Null, &Value::Null, &5.into())
    );

    let off = json!({"enabled": false});
    change(&app, Method::PATCH, "/admin/api/keys/1", off).await;
    let seen = app.asked().len();
    for _ in 0..3 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    assert!(app.asked()[seen..].iter().all(|key| key == "key-two-00002"), "{:?}", app.asked());
    assert_eq!(show(&app, "/admin/api/keys?state=disabled").await["keys"][0]["id"], 1);
    let gone = change(&app, Method::DELETE, "/admin/api/keys/2", json!({})).await;
    assert_eq!(gone.status, 204);
    let gone = change(&app, Method::DELETE, "/admin/api/keys/2", json!({})).await;
    assert_eq!(gone.status, 404);
    let answer = Face::Chat.ask(&app, "say: hello").whole().await;
    assert_eq!(answer.status, 503, "no key is left: {}", answer.text());

    let audit = show(&app, "/admin/api/audit?subject=key").await;
    assert!(!audit.to_string().contains("hidden-pw"), "{audit}");
    let done: Vec<&str> = audit["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["action"].as_str().unwrap())
        .collect();
    assert_eq!(done, ["key.remove", "key.change", "key.change", "key.change"]);
    let first = &audit["changes"][3];
    assert_eq!((&first["old"]["weight"], &first["new"]["weight"]), (&1.into(), &5.into()));
    assert_eq!(first["actor"], "admin");
}

#[tokio::test]
async fn ten_thousand_keys_are_added_listed_changed_and_removed() {
    let app = app().await;
    let keys: Vec<String> = (0..10_000).map(|number| format!("key-of-many-{number:05}")).collect();
    // In parts, so that a busy machine takes no longer for each than a client waits.
    for part in keys.chunks(2_500) {
        let body = json!({"keys": part.join("\n"), "defaults": {"tags": ["many"]}});
        assert_eq!(sums(&add(&app, body).await), [2_500, 0, 0]);
    }
    let page = show(&app, "/admin/api/keys?tag=many&page=100&page_size=100&sort=-id").await;
    assert_eq!((&page["total"], &page["keys"][99]["last4"]), (&10_000.into(), &"0000".into()));
    let ids: Vec<i64> = (2..=10_001).collect();
    for part in ids.chunks(2_500) {
        let off = json!({"ids": part, "change": {"enabled": false}});
        let done = change(&app, Method::POST, BULK, off).await;
        assert_eq!(done.json()["changed"], 2_500, "{}", done.text());
    }
    assert_eq!(show(&app, "/admin/api/keys?state=disabled").await["total"], 10_000);
    for part in ids.chunks(2_500) {
        let ids = [part, &[20_000]].concat();
        let done =
            change(&app, Method::POST, BULK, json!({"ids": ids, "remove": true})).await.json();
        assert_eq!((&done["removed"], &done["unknown"]), (&2_500.into(), &json!([20_000])));
    }
    assert_eq!(show(&app, KEYS).await["total"], 1);
}
