//! Revoked keys come back without any request, and healthy ones are left alone.

use std::{collections::BTreeMap, time::Duration};

use pollux_pool::health::Health;
use pollux_simulator::{Behaviour, KeyScript};
use pollux_testkit::{App, Face, eventually};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_mins(1);

async fn start(script: &str) -> App {
    let app = App::builder(script).set("health.checks", "true").start().await;
    // All keys are new.
    let keys = app.keys().len();
    eventually("new keys are checked", SECOND * 5, || app.calls().len() == keys).await;
    app.gemini().clear();
    app
}

fn is_revoked(app: &App, key: &str) -> bool {
    matches!(app.key(key).health, Health::Revoked { .. })
}

/// Lets time pass, in steps in which the checks can be done.
async fn pass(app: &App, time: Duration) {
    let until = app.clock.now() + time;
    while app.clock.now() < until {
        app.clock.until_sleeping(Duration::ZERO..=SECOND * 5).await;
        app.clock.advance(SECOND * 5);
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn new_keys_are_checked_once_without_quota() {
    let app = App::builder("key-1,key-2=invalid,key-3=quota:rpm=1")
        .set("health.checks", "true")
        .start()
        .await;
    eventually("all are checked", SECOND * 5, || app.calls().len() == 3).await;
    assert!(app.calls().iter().all(|call| call.method == "GET" && call.path == "/v1beta/models"));
    eventually("the bad one is known", SECOND, || is_revoked(&app, "key-2")).await;
    assert!(!is_revoked(&app, "key-1") && !is_revoked(&app, "key-3"));
    app.gemini().clear();
    let answer = Face::Chat.ask(&app, "say: hello").whole().await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "1"));
}

#[tokio::test]
async fn keys_that_were_there_before_are_not_new() {
    let directory = tempfile::tempdir().unwrap();
    let builder = || App::builder("key-1").directory(directory.path()).set("health.checks", "true");
    let app = builder().start().await;
    eventually("the key is checked", SECOND * 5, || app.calls().len() == 1).await;
    app.stop().await.close().await;
    let app = builder().start().await;
    pass(&app, MINUTE).await;
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_dead_key_serves_again_when_google_takes_it_and_nobody_asks() {
    let app = start("key-1").await;
    app.gemini().set("key-1", Behaviour::Invalid);
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 503);
    assert!(is_revoked(&app, "key-1"));
    app.gemini().set("key-1", Behaviour::Ok);
    pass(&app, MINUTE * 6).await;
    eventually("it is back", SECOND, || !is_revoked(&app, "key-1")).await;
    let generated = app.calls().iter().filter(|call| call.method == "POST").count();
    assert_eq!(generated, 1, "only the request that found it dead");
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
}

#[tokio::test]
async fn a_key_that_stays_dead_is_checked_less_and_less() {
    let app = start("key-1,key-2").await;
    app.gemini().set("key-1", Behaviour::Invalid);
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    app.gemini().clear();
    let mut checks = Vec::new();
    for _ in 0..3 {
        pass(&app, MINUTE * 20).await;
        checks.push(app.gemini().calls("key-1"));
        app.gemini().clear();
    }
    assert!(checks[0] > checks[1] && checks[1] >= checks[2] && checks[0] < 5, "{checks:?}");
    assert_eq!(app.gemini().calls("key-2"), 0, "nobody checks what is healthy");
}

#[tokio::test]
async fn a_check_without_quota_shows_that_the_key_is_known() {
    let app = start("key-1").await;
    app.gemini().set("key-1", Behaviour::Invalid);
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 503);
    let models = BTreeMap::from([("models.list".to_owned(), Behaviour::Bare429.into())]);
    app.gemini().set("key-1", KeyScript { models, ..Behaviour::Ok.into() });
    pass(&app, MINUTE * 6).await;
    eventually("it is back", SECOND, || !is_revoked(&app, "key-1")).await;
}
