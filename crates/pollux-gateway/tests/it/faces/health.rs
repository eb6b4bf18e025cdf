//! Whether the server lives and can serve, for those who watch it; open to all, and without secrets.

use std::time::Duration;

use pollux_testkit::{App, Face};

async fn check(app: &App, target: &str, status: u16) -> serde_json::Value {
    let answer = app.get(target).anonymous().whole().await;
    assert_eq!(answer.status, status, "{target}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json", "{target}");
    assert!(!answer.text().contains("key-1"), "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn a_server_with_a_good_key_is_alive_and_ready() {
    let app = App::start("key-1,key-2").await;
    for (target, word) in [("/health", "healthy"), ("/healthz", "ok")] {
        assert_eq!(check(&app, target, 200).await["status"], word, "{target}");
    }
    for target in ["/status", "/readyz"] {
        let body = check(&app, target, 200).await;
        assert_eq!(body["status"], "ok", "{target}");
        let keys = r#"{"cooling":0,"revoked":0,"total":2,"usable":2}"#;
        assert_eq!(body["keys"].to_string(), keys, "{target}");
        let egresses = r#"{"blocked":0,"total":1,"unreachable":0}"#;
        assert_eq!(body["egresses"].to_string(), egresses, "{target}");
    }
    assert_eq!(app.calls(), [], "nobody asks Gemini for that");
}

#[tokio::test]
async fn a_server_without_a_usable_key_is_alive_and_not_ready() {
    for script in ["", "key-1=invalid,key-2=suspended"] {
        let app = App::start(script).await;
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 503);
        check(&app, "/health", 200).await;
        for target in ["/status", "/readyz"] {
            let body = check(&app, target, 503).await;
            assert_eq!(body["keys"]["usable"], 0, "{body}");
            assert_eq!(body["keys"]["revoked"], body["keys"]["total"], "{body}");
        }
    }
}

#[tokio::test]
async fn cooling_keys_are_counted() {
    let app = App::builder("key-1=bare_429,key-2").set("pool.max_wait", "0s").start().await;
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    let body = check(&app, "/status", 200).await;
    assert_eq!(body["keys"]["cooling"], 1, "{body}");
}

#[tokio::test]
async fn each_key_is_counted_by_the_worst_that_is_known_of_it() {
    let script = "key-1=invalid,key-2=quota:rpd=1:project=secret-project:tells=consumer,\
                  key-3=quota:rpm=1,key-4=zero_limit,key-5";
    let app = App::builder(script).set("pool.max_wait", "0s").start().await;
    let pool = async || check(&app, "/status", 200).await["pools"].to_string();
    let shown = |counts: &str| format!(r#"[{{{counts},"total":5,"waiting":0}}]"#);
    let fresh = r#""cooling":0,"id":1,"out_of_quota":0,"revoked":0,"serving":5"#;
    assert_eq!(pool().await, shown(fresh));
    for _ in 0..9 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    let held = r#""cooling":1,"id":1,"out_of_quota":1,"revoked":1,"serving":2"#;
    assert_eq!(pool().await, shown(held));
    // From now on the limits are known, and count before Google says anything.
    app.clock.advance(Duration::from_hours(12));
    let back = r#""cooling":0,"id":1,"out_of_quota":0,"revoked":1,"serving":4"#;
    assert_eq!(pool().await, shown(back));
    app.gemini().clear();
    for _ in 0..9 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    assert!(app.calls().iter().all(|call| call.status != 429), "{:?}", app.asked());
    assert_eq!(pool().await, shown(held));
}
