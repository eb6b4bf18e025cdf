//! Keys that are out of quota: for how long, for which model, and what clients are told meanwhile.

use std::time::Duration;

use pollux_pool::{health::Cooldown, outcome::Window, time::Timestamp};
use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, OTHER_MODEL, START, Whole};

const SECOND: Duration = Duration::from_secs(1);

async fn impatient(script: &str) -> App {
    App::builder(script).set("pool.max_wait", "0s").start().await
}

async fn ask(app: &App) -> Whole {
    Face::Chat.ask(app, "say: hello").whole().await
}

/// Asks once and checks the status, `Retry-After` and how many calls that took.
async fn check(app: &App, status: u16, retry_after: &str, calls: usize) {
    app.gemini().clear();
    let answer = ask(app).await;
    let got = (answer.status, answer.header("retry-after"), app.calls().len());
    assert_eq!(got, (status, retry_after, calls), "{}", answer.text());
}

#[tokio::test]
async fn a_minutes_quota_is_out_for_exactly_as_long_as_google_says_and_for_that_model_only() {
    let app = impatient("key-1=quota:rpm=1").await;
    check(&app, 200, "", 1).await;
    app.clock.advance(Duration::from_millis(10_500));
    // 49.5 s: `RetryInfo` says 49, and only the message is exact.
    check(&app, 429, "50", 1).await;
    check(&app, 429, "50", 0).await;
    let other = Face::Chat.ask_model(&app, OTHER_MODEL, "say: hello").whole().await;
    assert_eq!(other.status, 200, "{}", other.text());
    app.clock.advance(Duration::from_millis(49_499));
    check(&app, 429, "1", 0).await;
    app.clock.advance(Duration::from_millis(1));
    check(&app, 200, "", 1).await;
}

#[tokio::test]
async fn a_days_quota_is_out_until_midnight_in_los_angeles_whatever_google_says() {
    for (now, hours) in [
        (START, 12),
        // 8 March 2026, when clocks go forward, and 1 November 2026, when they go back.
        (Timestamp::from_seconds(1_772_956_800), 23),
        (Timestamp::from_seconds(1_793_516_400), 25),
    ] {
        let app = App::builder("key-1=quota:rpd=1").at(now).start().await;
        let midnight = hours * 3600;
        check(&app, 200, "", 1).await;
        check(&app, 429, &midnight.to_string(), 1).await;
        app.clock.advance(Duration::from_secs(midnight - 10));
        check(&app, 429, "10", 0).await;
        app.clock.advance(Duration::from_secs(10));
        check(&app, 200, "", 1).await;
    }
}

#[tokio::test]
async fn when_every_key_is_out_the_client_is_told_of_the_soonest() {
    let app = impatient("key-1=quota:rpm=1,key-2=quota:rpm=1").await;
    check(&app, 200, "", 1).await;
    app.clock.advance(SECOND * 20);
    check(&app, 200, "", 1).await;
    check(&app, 429, "40", 2).await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "40"), "{face:?}");
        let message = face.message(&answer);
        assert!(message.contains("every key is out of quota"), "{face:?}: {message}");
    }
    app.clock.advance(SECOND * 40);
    check(&app, 200, "", 1).await;
}

#[tokio::test]
async fn one_key_out_of_quota_is_not_the_clients_business() {
    let app = App::start("key-1=quota:rpm=1,key-2").await;
    for _ in 0..6 {
        assert_eq!(ask(&app).await.status, 200);
    }
    assert_eq!(app.asked(), ["key-1", "key-2", "key-1", "key-2", "key-2", "key-2", "key-2"]);
}

#[tokio::test]
async fn a_short_wait_is_waited_out() {
    for face in Face::ALL {
        let app = App::start("key-1=quota:rpm=1").await;
        assert_eq!(ask(&app).await.status, 200);
        app.clock.advance(SECOND * 58);
        let request = face.ask(&app, "say: hello");
        let mover = async {
            app.clock.until_sleeping(SECOND * 2..=SECOND * 2).await;
            assert_eq!(app.calls().len(), 2, "{face:?}");
            app.clock.advance(SECOND * 2);
        };
        let (answer, ()) = tokio::join!(request.whole(), mover);
        let text = answer.text();
        assert_eq!(
            (answer.status, face.text(&text)),
            (200, "hello".to_owned()),
            "{face:?}: {text}"
        );
        assert_eq!(app.calls().len(), 3, "{face:?}");
    }
}

#[tokio::test]
async fn a_long_wait_is_refused_at_once() {
    let app = App::start("key-1=quota:rpm=1").await;
    check(&app, 200, "", 1).await;
    check(&app, 429, "60", 1).await;
    check(&app, 429, "60", 0).await;
}

#[tokio::test]
async fn a_refusal_that_says_nothing_benches_its_key_for_longer_each_time() {
    let app = impatient("key-1=bare_429").await;
    for wait in [5, 10, 20, 40] {
        check(&app, 429, &wait.to_string(), 1).await;
        check(&app, 429, &wait.to_string(), 0).await;
        app.clock.advance(SECOND * wait);
    }
    app.gemini().set("key-1", Behaviour::Ok);
    check(&app, 200, "", 1).await;
    app.gemini().set("key-1", Behaviour::Bare429);
    check(&app, 429, "5", 1).await;
}

#[tokio::test]
async fn when_many_keys_are_refused_without_a_word_the_pool_stops_instead_of_burning_them() {
    let keys: Vec<String> = (10..50).map(|at| format!("key-{at}=bare_429")).collect();
    let app = impatient(&keys.join(",")).await;
    check(&app, 429, "2", 3).await;
    check(&app, 429, "2", 0).await;
    assert!(app.keys().iter().all(|key| key.cooldowns.is_empty()), "{:?}", app.keys());
    app.clock.advance(SECOND * 2);
    check(&app, 429, "4", 1).await;
    for at in 10..50 {
        app.gemini().set(&format!("key-{at}"), Behaviour::Ok);
    }
    check(&app, 429, "4", 0).await;
    app.clock.advance(SECOND * 4);
    check(&app, 200, "", 1).await;
    check(&app, 200, "", 1).await;
}

#[tokio::test]
async fn the_gateway_knows_why_and_until_when_a_key_is_out() {
    for (script, window, until) in [
        ("key-1=quota:rpm=1", Window::Minute, 60),
        ("key-1=quota:rpd=1", Window::Day, 12 * 3600),
        ("key-1=ok*1+bare_429", Window::Unknown, 5),
    ] {
        let app = impatient(script).await;
        assert_eq!(ask(&app).await.status, 200);
        assert_eq!(ask(&app).await.status, 429);
        let held = app.key("key-1").cooldowns;
        let [(_, Cooldown::Exhausted { window: got, until: end, .. })] = held.as_slice() else {
            panic!("{script}: {held:?}")
        };
        assert_eq!((*got, end.since(START)), (window, SECOND * until), "{script}");
    }
}

#[tokio::test]
async fn tokens_count_as_much_as_requests() {
    let app = impatient("key-1=quota:tpm=10,key-2").await;
    assert_eq!(ask(&app).await.status, 200);
    let long = "x".repeat(100);
    app.gemini().clear();
    // key-2, then key-1 which cannot take it, then key-2 again.
    for _ in 0..2 {
        assert_eq!(Face::Native.ask(&app, &long).whole().await.status, 200);
    }
    assert_eq!(app.asked(), ["key-2", "key-1", "key-2"]);
}
