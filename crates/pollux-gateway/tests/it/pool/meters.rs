//! Limits that one refusal names are kept from then on: what is over them does not reach Gemini.

use std::time::Duration;

use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, OTHER_MODEL};

use super::{ask, count};

/// A minute and the second by which Pollux is more careful than Google.
const MINUTE: Duration = Duration::from_secs(61);

async fn impatient(script: &str) -> App {
    App::builder(script).set("pool.max_wait", "0s").start().await
}

/// The only key has no quota of its own any more: whoever refuses now is not Google.
fn lift(app: &App) {
    app.gemini().set("key-1", Behaviour::Ok);
}

#[tokio::test]
async fn the_sixth_request_of_the_next_minute_never_reaches_gemini() {
    let app = impatient("key-1=quota:rpm=5").await;
    for _ in 0..5 {
        assert_eq!(count(&app).await, (200, String::new(), 1));
    }
    assert_eq!(count(&app).await, (429, "60".to_owned(), 1), "Google has to say it once");
    lift(&app);
    for minute in 1..=3 {
        app.clock.advance(MINUTE);
        for _ in 0..5 {
            assert_eq!(count(&app).await, (200, String::new(), 1), "minute {minute}");
        }
        assert_eq!(count(&app).await, (429, "61".to_owned(), 0), "minute {minute}");
    }
    let other = Face::Chat.ask_model(&app, OTHER_MODEL, "say: hello").whole().await;
    assert_eq!(other.status, 200, "another model has a quota of its own");
}

#[tokio::test]
async fn the_quota_of_a_day_is_counted_along() {
    let app = impatient("key-1=quota:rpd=4").await;
    for _ in 0..4 {
        assert_eq!(count(&app).await.0, 200);
    }
    assert_eq!(count(&app).await, (429, (12 * 3600).to_string(), 1));
    lift(&app);
    app.clock.advance(Duration::from_hours(12));
    for _ in 0..4 {
        assert_eq!(count(&app).await, (200, String::new(), 1));
        app.clock.advance(Duration::from_hours(1));
    }
    assert_eq!(count(&app).await, (429, (20 * 3600).to_string(), 0));
}

#[tokio::test]
async fn tokens_are_counted_as_gemini_reports_them() {
    let app = impatient("key-1=quota:tpm=20").await;
    let long = format!("say: {}", "word ".repeat(60));
    let refused = Face::Native.ask(&app, &long).whole().await;
    assert_eq!((refused.status, app.calls().len()), (429, 1), "more than a whole minute's worth");
    lift(&app);
    app.clock.advance(MINUTE);
    assert_eq!(Face::Native.ask(&app, &long).whole().await.status, 200);
    let (status, wait, calls) = count(&app).await;
    assert_eq!((status, calls), (429, 0), "{wait}");
    app.clock.advance(MINUTE);
    assert_eq!(ask(&app).await.status, 200);
}
