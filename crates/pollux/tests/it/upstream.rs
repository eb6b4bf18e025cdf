//! The way to Gemini: warm connections, no redirects, the configured base.

use std::sync::Arc;

use pollux_simulator::{Behaviour, Recording};
use pollux_testkit::{App, Face};

#[tokio::test]
async fn connections_are_kept_warm() {
    let app = App::start("key-1").await;
    for _ in 0..20 {
        for face in Face::ALL {
            assert_eq!(face.ask(&app, "say: hello").whole().await.status, 200);
        }
    }
    assert_eq!(app.gemini().open_connections(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed_since_it_would_carry_the_key() {
    let elsewhere = App::start("key-1").await;
    let location = format!("http://{}/v1beta/models", elsewhere.address());
    let recording = format!(
        r#"{{"response":{{"status":302,"headers":{{"location":"{location}"}},"text":"moved"}}}}"#
    );
    let replay = Behaviour::Replay(Arc::new(Recording::read(recording.as_bytes()).unwrap()));
    let app = App::builder("key-1").script(|script| script.key("key-1", replay)).start().await;
    for face in Face::ALL {
        app.gemini().clear();
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_ne!(answer.status, 200, "{face:?}: {}", answer.text());
        assert!(!answer.headers.contains_key("location"), "{face:?}: {:?}", answer.headers);
    }
    assert_eq!(elsewhere.calls(), []);
}

#[tokio::test]
async fn a_gemini_that_is_not_there_is_trouble_and_no_keys_fault() {
    // A port that was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let base = format!("http://{free}");
    let app = App::builder("key-1,key-2").set("gemini_base_url", &base).start().await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!(answer.status, 503, "{face:?}: {}", answer.text());
        let message = face.message(&answer);
        assert!(message.contains("cannot connect") && !message.contains("key-1"), "{message}");
    }
    for key in app.keys() {
        assert!(key.cooldowns.is_empty() && key.in_flight == 0, "{key:?}");
    }
}

#[tokio::test]
async fn the_base_may_hold_a_version_and_a_prefix() {
    let app = App::start("key-1").await;
    let base = app.gemini_url();
    let front =
        App::builder("key-1").set("gemini_base_url", &format!("{base}/v1beta/")).start().await;
    assert_eq!(Face::Chat.ask(&front, "say: hello").whole().await.status, 200);
    assert_eq!(app.asked(), ["key-1"]);
    let deep = App::builder("key-1").set("gemini_base_url", &format!("{base}/deep")).start().await;
    Face::Chat.ask(&deep, "say: hello").whole().await;
    assert!(app.calls().last().is_some_and(|call| call.path.starts_with("/deep/v1beta/models/")));
}
