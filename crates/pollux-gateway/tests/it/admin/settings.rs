//! Settings that change while the server runs, each with its source; bad ones change nothing.

use http::Method;
use pollux_testkit::{App, Face};
use serde_json::{Value, json};

use super::{builder, change, message, show};

const SETTINGS: &str = "/admin/api/settings";

async fn setting(app: &App, name: &str) -> Value {
    find(&show(app, SETTINGS).await, name)
}

fn find(settings: &Value, name: &str) -> Value {
    let rows = settings["settings"].as_array().unwrap();
    rows.iter().find(|row| row["name"] == name).unwrap_or_else(|| panic!("{name}")).clone()
}

async fn asked(app: &App, times: usize) -> Vec<String> {
    let seen = app.asked().len();
    for _ in 0..times {
        assert_eq!(Face::Chat.ask(app, "say: hello").whole().await.status, 200);
    }
    app.asked().split_off(seen)
}

#[tokio::test]
async fn a_setting_holds_from_the_next_request_on_and_says_what_made_it_so() {
    let app = builder("key-1,key-2").set("gemini_api_key", "key-1:9,key-2").start().await;
    let strategy = setting(&app, "pool.strategy").await;
    assert_eq!((&strategy["source"], &strategy["value"]), (&"flag".into(), &"round_robin".into()));
    assert_eq!(setting(&app, "pool.max_wait").await["source"], "default");
    assert_eq!(setting(&app, "gemini_api_key").await["value"], Value::Null, "it is a secret");
    assert_eq!(asked(&app, 10).await.iter().filter(|key| *key == "key-1").count(), 5);

    let body = json!({"pool.strategy": "weighted_round_robin", "pool.max_attempts": 2});
    let answer = change(&app, Method::PATCH, SETTINGS, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let strategy = find(&answer.json(), "pool.strategy");
    assert_eq!(
        (&strategy["source"], &strategy["value"]),
        (&"database".into(), &"weighted_round_robin".into())
    );
    assert_eq!(asked(&app, 10).await.iter().filter(|key| *key == "key-1").count(), 9);

    let answer = change(&app, Method::PATCH, SETTINGS, json!({"pool.strategy": null})).await;
    assert_eq!(find(&answer.json(), "pool.strategy")["source"], "flag");
    assert_eq!(asked(&app, 10).await.iter().filter(|key| *key == "key-1").count(), 5);
    let audit = show(&app, "/admin/api/audit?subject=setting%20pool.strategy").await;
    assert_eq!(audit["changes"][1]["new"]["value"], "weighted_round_robin");
}

#[tokio::test]
async fn a_bad_value_says_what_is_allowed_and_changes_nothing() {
    let app = builder("key-1").start().await;
    for (body, word) in [
        (json!({"pool.strategy": "best"}), "adaptive, round_robin"),
        (json!({"pool.max_attempts": 0}), "a number from 1 to 32"),
        (json!({"pool.max_wait": "soon"}), "a duration such as"),
        (json!({"pool.max_wait": ["1s"]}), "pool.max_wait"),
        (json!({"pool.nothing": 1}), "there is no setting `pool.nothing`"),
        (json!({"listen": "127.0.0.1:1"}), "read when the server starts: set POLLUX_LISTEN"),
        (json!({"gemini_api_key": "key-2"}), "read when the server starts"),
        (json!({"pool.max_attempts": 3, "pool.strategy": "best"}), "`pool.strategy` takes"),
        (json!(["pool.strategy"]), "invalid type"),
    ] {
        let answer = change(&app, Method::PATCH, SETTINGS, body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(message(&answer).contains(word), "{word}: {}", answer.text());
    }
    assert_eq!(setting(&app, "pool.max_attempts").await["source"], "default");
}

#[tokio::test]
async fn every_setting_that_can_be_changed_takes_its_own_value_back() {
    let app = builder("key-1").start().await;
    let all = show(&app, SETTINGS).await;
    let mut tried = 0;
    for row in all["settings"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        if row["changeable"] == false {
            continue;
        }
        let refused = change(&app, Method::PATCH, SETTINGS, json!({name: "\u{0}"})).await;
        assert_eq!(refused.status == 200, row["allowed"].is_null(), "{name}: {}", refused.text());
        tried += 1;
    }
    assert!(tried > 30, "{tried}");
}

#[tokio::test]
async fn a_secret_setting_is_never_shown() {
    let app = builder("key-1").start().await;
    let proxy = "http://someone:hidden-password@127.0.0.1:9";
    let answer = change(&app, Method::PATCH, SETTINGS, json!({"pool.proxies": proxy})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let row = find(&answer.json(), "pool.proxies");
    assert_eq!((&row["value"], &row["secret"]), (&Value::Null, &true.into()));
    let audit = show(&app, "/admin/api/audit").await.to_string();
    for text in [answer.text(), audit] {
        assert!(!text.contains("hidden-password"), "{text}");
    }
}

#[tokio::test]
async fn a_setting_says_what_a_form_should_ask_for() {
    let app = builder("key-1").start().await;
    let settings = show(&app, SETTINGS).await;
    for (name, kind) in [
        ("pool.affinity", "flag"),
        ("pool.max_attempts", "number"),
        ("pool.max_wait", "duration"),
        ("models.allowed", "list"),
        ("limits.body", "text"),
        ("access_key", "secret"),
    ] {
        let row = find(&settings, name);
        assert_eq!((&row["kind"], row.get("choices")), (&kind.into(), None), "{name}");
    }
    let strategy = find(&settings, "pool.strategy");
    assert_eq!(strategy["kind"], "choice");
    for word in strategy["choices"].as_array().unwrap() {
        let answer = change(&app, Method::PATCH, SETTINGS, json!({"pool.strategy": word})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
}
