//! Limits that settings give: what they forbid never reaches Gemini.

use std::time::Duration;

use pollux_testkit::{App, Face, eventually};

const SECOND: Duration = Duration::from_secs(1);
const WAIT: Duration = Duration::from_secs(70);
const TEXT: &str = "say: one two three";

async fn ask(app: &App) -> u16 {
    Face::Chat.ask(app, TEXT).whole().await.status
}

#[tokio::test]
async fn the_fifth_call_in_a_minute_is_refused_where_two_keys_have_two_each() {
    for strategy in ["adaptive", "round_robin", "weighted_random", "least_used"] {
        let app = App::builder("key-1,key-2").set("pool.strategy", strategy);
        let app = app.set("quota.free", "*=2rpm").set("pool.max_wait", "0").start().await;
        for _ in 0..4 {
            assert_eq!(ask(&app).await, 200, "{strategy}");
        }
        let refused = Face::Chat.ask(&app, TEXT).whole().await;
        assert_eq!(refused.status, 429, "{strategy}: {}", refused.text());
        let seconds: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=61).contains(&seconds), "{strategy}: {seconds}");
        let mut asked = app.asked();
        asked.sort();
        assert_eq!(asked, ["key-1", "key-1", "key-2", "key-2"], "{strategy}");
        app.clock.advance(SECOND * 61);
        assert_eq!(ask(&app).await, 200, "{strategy}");
    }
}

#[tokio::test]
async fn the_fifth_call_in_a_minute_waits_where_it_may() {
    let app = App::builder("key-1,key-2").set("quota.free", "gemini-*=2rpm");
    let app = app.set("pool.max_wait", "70s").start().await;
    for _ in 0..4 {
        assert_eq!(ask(&app).await, 200);
    }
    let waiting = async {
        app.clock.until_sleeping(SECOND * 59..=SECOND * 61).await;
        assert_eq!(app.calls().len(), 4);
        app.clock.advance(SECOND * 61);
    };
    let (status, ()) = tokio::join!(ask(&app), waiting);
    assert_eq!((status, app.calls().len()), (200, 5));
}

#[tokio::test]
async fn limits_are_of_a_tier_and_a_model_and_paid_keys_have_a_cap_of_their_own() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    std::fs::write(&file, "[[keys]]\nkey = \"key-2\"\ntier = \"paid\"\n").unwrap();
    let app = App::builder("key-1,key-2").file(&file).set("quota.free", "gemini-2.5-pro=1rpd");
    let app = app.set("pool.paid_daily_requests", "2").set("pool.max_wait", "0").start().await;
    let ask = async |model| Face::Chat.ask_model(&app, model, TEXT).whole().await.status;
    for status in [200, 200, 200, 429] {
        assert_eq!(ask("gemini-2.5-pro").await, status);
    }
    assert_eq!(app.asked(), ["key-1", "key-2", "key-2"]);
    assert_eq!(ask("gemini-2.5-flash").await, 200, "another model");
    app.clock.advance(Duration::from_hours(12));
    assert_eq!(ask("gemini-2.5-pro").await, 200, "another day");
}

#[tokio::test]
async fn no_key_serves_more_at_a_time_than_it_may_and_no_more_wait_than_may() {
    let builder = App::builder("key-1=slow:chunk=3600s,key-2=slow:chunk=3600s");
    let builder = builder.set("pool.max_concurrency", "1").set("pool.max_waiting", "3");
    let app = builder.set("pool.max_wait", "70s").start().await;
    let request = Face::ChatStream.ask(&app, TEXT);
    let streams = async |count: usize| {
        let mut streams = Vec::new();
        for _ in 0..count {
            streams.push(request.send().await);
        }
        streams
    };
    let mut running = streams(2).await;
    let rest = async { tokio::join!(request.send(), request.send(), request.send()) };
    let ending = async {
        let waiting = || app.clock.sleepers().iter().filter(|left| **left == WAIT).count() == 3;
        eventually("three wait", SECOND * 5, waiting).await;
        assert_eq!(ask(&app).await, 429, "nobody else may wait");
        assert_eq!((app.calls().len(), app.in_flight()), (2, 2));
        for served in 3..=4 {
            running.remove(0).hang_up();
            eventually("another is served", SECOND * 5, || app.calls().len() == served).await;
            // Gemini hears of a connection that was closed a little later than of a new one.
            let open = || app.calls().iter().filter(|call| !call.hung_up).count();
            eventually("two at a time", SECOND * 5, || open() <= 2).await;
            assert_eq!(app.in_flight(), 2);
        }
        app.clock.advance(WAIT);
    };
    let ((one, two, three), ()) = tokio::join!(rest, ending);
    let mut statuses = [one.status, two.status, three.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 200, 429]);
    assert_eq!(app.calls().len(), 4);
}
