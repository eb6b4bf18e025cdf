//! `/verify`: whether keys that are nobody's here are good.

use std::time::Duration;

use pollux_testkit::{ACCESS_KEY, App, Request, Whole};
use serde_json::Value;

const SECOND: Duration = Duration::from_secs(1);
const GOOD: &str = "good-key-of-somebody-else-0001";

/// The events of an answer, as JSON.
fn events(answer: &Whole) -> Vec<Value> {
    let text = answer.text();
    let lines = text.lines().filter_map(|line| line.strip_prefix("data: "));
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn verify(app: &App, keys: &str) -> Request {
    app.get("/verify").header("x-goog-api-key", keys)
}

/// What an app whose Gemini follows `script` says of a key.
async fn check(script: &str, key: &str) -> Value {
    let app = App::start(script).await;
    let answer = verify(&app, key).whole().await;
    assert_eq!(answer.status, 200, "{script}: {}", answer.text());
    assert!(!answer.text().contains(key), "{script}: {}", answer.text());
    let [event] = &events(&answer)[..] else { panic!("{script}: {}", answer.text()) };
    event.clone()
}

#[tokio::test]
async fn a_good_key_is_good_and_no_quota_is_used() {
    let app = App::start(&format!("key-1,{GOOD}=quota:rpm=1")).await;
    let answer = verify(&app, GOOD).whole().await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    let want = "data: {\"key\":\"good-ke......se-0001\",\"status\":\"GOOD\"}\n\n";
    assert_eq!(answer.text(), format!(": verify-start\n\n{want}: verify-end\n\n"));
    let calls = app.calls();
    let asked: Vec<_> =
        calls.iter().map(|call| (&*call.method, &*call.path, &*call.query)).collect();
    assert_eq!(asked, [("GET", "/v1beta/models", "pageSize=1")]);
    assert_eq!(calls[0].key.as_deref(), Some(GOOD));
    assert_eq!(calls[0].key_places, ["x-goog-api-key"]);
}

#[tokio::test]
async fn a_key_that_google_refuses_is_bad_and_never_told() {
    for refusal in ["invalid", "suspended", "leaked", "service_disabled", "unauthenticated"] {
        let key = "a-bad-key-of-somebody-else";
        let event = check(&format!("{key}={refusal}"), key).await;
        assert_eq!(event["status"], "BAD", "{refusal}: {event}");
        assert!(event["error"].as_str().unwrap().len() > 20, "{refusal}: {event}");
    }
    let event = check("another-key", "a-key-that-google-does-not-know").await;
    assert_eq!(event["status"], "BAD", "{event}");
}

#[tokio::test]
async fn a_key_without_quota_is_good() {
    let event = check(&format!("{GOOD}@models.list=bare_429"), GOOD).await;
    assert_eq!(event["status"], "GOOD", "{event}");
    assert!(event["note"].as_str().unwrap().contains("quota"), "{event}");
    assert_eq!(event.get("error"), None, "{event}");
}

#[tokio::test]
async fn trouble_upstream_says_nothing_about_a_key() {
    for trouble in ["unavailable", "internal", "html_502", "location"] {
        let event = check(&format!("{GOOD}@models.list={trouble}"), GOOD).await;
        assert_eq!(event["status"], "ERROR", "{trouble}: {event}");
        assert!(event["error"].as_str().unwrap().len() > 20, "{trouble}: {event}");
    }
}

#[tokio::test]
async fn keys_come_in_every_form_once_each() {
    let script = "first-key,second-key";
    let bodies = [
        r#"{"keys":["first-key","second-key","first-key"]}"#,
        r#"["first-key","second-key"]"#,
        "first-key\nsecond-key\r\n\nfirst-key\n",
        " first-key, second-key ",
    ];
    for body in bodies {
        let app = App::start(script).await;
        let answer = app.post("/verify", body).whole().await;
        let mut keys: Vec<_> = events(&answer).iter().map(|it| it["key"].clone()).collect();
        keys.sort_by_key(ToString::to_string);
        assert_eq!(keys, ["fi......ey", "se......ey"], "{body}");
        assert_eq!(app.calls().len(), 2, "{body}");
    }
    let app = App::start(script).await;
    let request =
        app.post("/verify", "second-key").header("x-goog-api-key", "first-key, first-key");
    assert_eq!(events(&request.whole().await).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_a_key_is_bad_without_asking() {
    let app = App::start("key-1").await;
    let keys = r#"{"keys": ["short", "with a space in it", "wörter-in-a-key"]}"#;
    let answer = app.post("/verify", keys).whole().await;
    let events = events(&answer);
    assert_eq!(events.len(), 3, "{events:?}");
    assert!(events.iter().all(|event| event["status"] == "BAD"), "{events:?}");
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn the_caller_shows_an_access_key_beside_the_keys() {
    let app = App::start("key-1").await;
    let anonymous = verify(&app, "key-1").anonymous();
    let refused = [
        anonymous.clone(),
        anonymous.clone().header("x-api-key", "sk-not-the-access-key"),
        app.get("/verify").anonymous().header("x-goog-api-key", ACCESS_KEY),
        app.get(&format!("/verify?key={ACCESS_KEY}")).anonymous(),
    ];
    for request in refused {
        let answer = request.whole().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(answer.text().contains("x-api-key"), "{}", answer.text());
    }
    assert_eq!(app.calls(), []);
    assert_eq!(anonymous.header("x-api-key", ACCESS_KEY).whole().await.status, 200);
}

#[tokio::test]
async fn no_keys_and_too_many_are_refused_in_words() {
    let app = App::start("key-1").await;
    for (body, words) in [
        ("", "no keys to verify"),
        ("{\"keys\":[]}", "no keys to verify"),
        ("{\"kies\":[\"key-number-1\"]}", "the body is none of"),
        ("[1]", "the body is none of"),
    ] {
        let answer = app.post("/verify", body).whole().await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(words), "{body}: {}", answer.text());
    }
    let many: Vec<String> = (0..1001).map(|number| format!("key-number-{number}")).collect();
    let answer = app.post("/verify", many.join("\n")).whole().await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("1001 keys are too many"), "{}", answer.text());
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_slow_key_holds_up_none_of_the_others_and_the_stream_lives() {
    let app = App::start("silent-key@models.list=silent,second-key").await;
    let mut answer = verify(&app, "silent-key,second-key").send().await;
    answer.until("se......ey").await;
    app.clock.until_sleeping(SECOND * 5..=SECOND * 5).await;
    app.clock.advance(SECOND * 5);
    answer.until(": heartbeat").await;
    app.clock.until_sleeping(SECOND * 5..=SECOND * 5).await;
    app.clock.advance(SECOND * 5);
    let rest = answer.whole().await.text();
    assert!(rest.contains(r#""key":"si......ey","status":"ERROR""#), "{rest}");
    assert!(rest.ends_with(": verify-end\n\n"), "{rest}");
}
