//! Keys that are exported and imported, and a thousand that are pasted at once.

use std::time::Duration;

use http::Method;
use pollux_testkit::{App, eventually};
use serde_json::{Value, json};

use super::{builder, change, message, show};

const EXPORT: &str = "/admin/api/keys/export";
const IMPORT: &str = "/admin/api/keys/import";
const PHRASE: &str = "correct horse battery";

async fn told(app: &App) -> Vec<Value> {
    let keys = show(app, "/admin/api/keys").await["keys"].as_array().unwrap().clone();
    let names = ["last4", "weight", "tier", "project", "proxy", "name", "tags", "notes"];
    keys.iter().map(|key| names.iter().map(|name| key[name].clone()).collect()).collect()
}

#[tokio::test]
async fn what_is_exported_makes_the_same_keys_elsewhere() {
    let one = builder("key-one-00001,key-two-00002").start().await;
    let edit = json!({"weight": 3, "tier": "paid", "project": "p", "name": "n", "tags": ["t"],
        "notes": "two\nlines", "proxy": "http://user:hidden@127.0.0.1:9"});
    change(&one, Method::PATCH, "/admin/api/keys/1", edit).await;
    let sealed = change(&one, Method::POST, EXPORT, json!({"passphrase": PHRASE})).await;
    assert_eq!((sealed.status, &sealed.json()["count"]), (200, &2.into()), "{}", sealed.text());
    assert!(!sealed.text().contains("key-one") && !sealed.text().contains("hidden"));
    let parcel = sealed.json()["parcel"].clone();
    let clear =
        change(&one, Method::POST, EXPORT, json!({"in_clear": true, "pool": 1})).await.json();
    assert_eq!(clear["keys"][0]["key"], "key-one-00001");

    for (target, body) in [
        (IMPORT, json!({"passphrase": PHRASE, "parcel": parcel})),
        ("/admin/api/keys", json!({"keys": clear["keys"]})),
    ] {
        let other = builder("key-of-another").start().await;
        let removed = change(&other, Method::DELETE, "/admin/api/keys/1", json!({})).await;
        assert_eq!(removed.status, 204);
        let report = change(&other, Method::POST, target, body).await;
        assert_eq!((report.status, &report.json()["added"]), (201, &2.into()), "{}", report.text());
        assert_eq!(told(&other).await, told(&one).await);
    }
    let audit = show(&one, "/admin/api/audit?subject=pool").await;
    let done = &audit["changes"];
    assert_eq!(
        (&done[0]["action"], &done[1]["action"]),
        (&"key.export.clear".into(), &"key.export.sealed".into())
    );

    for (target, body, word) in [
        (EXPORT, json!({}), "one of the two"),
        (EXPORT, json!({"in_clear": true, "passphrase": PHRASE}), "one of the two"),
        (EXPORT, json!({"passphrase": "short"}), "12 characters"),
        (
            IMPORT,
            json!({"passphrase": "another passphrase", "parcel": parcel}),
            "another passphrase",
        ),
        (IMPORT, json!({"passphrase": PHRASE, "parcel": "x"}), "not whole"),
    ] {
        let answer = change(&one, Method::POST, target, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_thousand_pasted_keys_are_sorted_out_at_a_pace_and_without_a_generation() {
    let behaviours = ["", "=invalid", "=suspended"];
    let script: Vec<String> = (0..1000)
        .map(|number| format!("key-pasted-{number:04}{}", behaviours[number % 3]))
        .collect();
    let app = builder(&format!("key-first-0001,{}", script.join(",")))
        .set("gemini_api_key", "key-first-0001")
        .set("health.checks", "true")
        .start()
        .await;
    let keys: Vec<String> = (0..1000).map(|number| format!("key-pasted-{number:04}")).collect();
    let begun = app.clock.now();
    let report = change(&app, Method::POST, "/admin/api/keys", json!({"keys": keys.join("\n")}));
    assert_eq!(report.await.json()["added"], 1000);
    let revoked = || {
        app.keys().iter().filter(|key| key.health != pollux_pool::health::Health::Active).count()
    };
    for _ in 0..3000 {
        if revoked() == 666 && app.calls().len() >= 1001 {
            break;
        }
        app.clock.advance(Duration::from_millis(100));
        tokio::task::yield_now().await;
        eventually("what was asked is answered", Duration::from_secs(5), || true).await;
    }
    eventually("all of them are sorted out", Duration::from_secs(10), || revoked() == 666).await;
    assert!(app.clock.now().since(begun) >= Duration::from_secs(20), "a few at a time");
    let paths: Vec<String> = app.calls().into_iter().map(|call| call.path).collect();
    assert!(paths.iter().all(|path| path.contains("/models") && !path.contains(':')), "{paths:?}");
}

#[tokio::test]
async fn keys_are_given_out_one_by_one_too_and_that_is_written_down() {
    let app = builder("key-1-one-001,key-2-two-002,key-3-three-3").start().await;
    let export = async |body: Value| change(&app, Method::POST, EXPORT, body).await;
    let clear = |answer: &pollux_testkit::Whole| -> Vec<Value> {
        let keys = answer.json()["keys"].as_array().cloned().unwrap_or_default();
        keys.iter().map(|key| key["key"].clone()).collect()
    };
    let one = export(json!({"ids": [2], "in_clear": true})).await;
    assert_eq!((one.status, clear(&one)), (200, vec!["key-2-two-002".into()]));
    let two = export(json!({"ids": [3, 1, 3], "pool": 1, "in_clear": true})).await;
    assert_eq!(clear(&two), ["key-1-one-001", "key-3-three-3"]);
    let sealed = export(json!({"ids": [3], "passphrase": PHRASE})).await;
    assert_eq!((sealed.status, &sealed.json()["count"]), (200, &1.into()));
    for (body, word) in [
        (json!({"ids": [2, 9], "in_clear": true}), "`ids` names 9, and there is no such key"),
        (json!({"ids": [2], "pool": 7, "in_clear": true}), "no key of pool 7"),
        (json!({"ids": [], "in_clear": true}), "`ids` takes 1 to"),
        (json!({"ids": [2]}), "one of the two"),
    ] {
        let answer = export(body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
    let audit = show(&app, "/admin/api/audit").await;
    let done: Vec<(&Value, &Value)> = audit["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (&change["action"], &change["subject"]))
        .take(3)
        .collect();
    let [clear, sealed] = ["key.export.clear", "key.export.sealed"].map(Value::from);
    let [one, two, three] = ["key 3", "keys", "key 2"].map(Value::from);
    assert_eq!(done, [(&sealed, &one), (&clear, &two), (&clear, &three)]);
    assert!(audit["changes"][1].to_string().contains("[3,1,3]"), "{audit}");
}
