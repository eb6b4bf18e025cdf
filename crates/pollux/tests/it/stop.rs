//! The end of a server: what runs may end, what does not is told, and nothing new begins.

use std::time::Duration;

use pollux_store::usage::Group;
use pollux_testkit::{ADMIN_PASSWORD, App, Face, eventually};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

const SECOND: Duration = Duration::from_secs(1);
const TEXT: &str = "say: one two three";

/// Waits until no new connection is taken.
async fn closed(app: &App) {
    let address = app.address();
    let refused = || std::net::TcpStream::connect(address).is_err();
    eventually("the listener is closed", SECOND, refused).await;
}

#[tokio::test]
async fn a_stream_that_runs_may_end() {
    for face in Face::STREAMS {
        let mut app = App::start("key-1=slow:chunk=50ms").await;
        let mut answer = face.ask(&app, TEXT).send().await;
        let begun = answer.until("one ").await;
        app.begin_stop();
        closed(&app).await;
        let body = format!("{begun}{}", answer.whole().await.text());
        assert_eq!(face.text(&body), "one two three", "{face:?}: {body}");
        assert!(face.is_complete(&body), "{face:?}: {body}");
        let totals = app.stop().await.usage(Group::Each).await;
        assert_eq!((totals[0].counts.requests, totals[0].counts.failures), (1, 0), "{face:?}");
    }
}

#[tokio::test]
async fn a_stream_that_does_not_end_is_ended_with_an_error_in_its_dialect() {
    for face in Face::STREAMS {
        let mut app = App::start("key-1=slow:chunk=3600s").await;
        let mut answer = face.ask(&app, TEXT).send().await;
        let begun = answer.until("one ").await;
        app.begin_stop();
        closed(&app).await;
        app.hurry();
        let rest = answer.whole().await;
        let body = format!("{begun}{}", rest.text());
        assert!(!rest.broken, "{face:?}: {body}");
        assert_eq!(face.text(&body), "one ", "{face:?}: {body}");
        let error = face.error(&body).unwrap();
        assert!(error["message"].as_str().unwrap().contains("shutting down"), "{error}");
        assert!(!face.is_complete(&body), "{face:?}: {body}");
        let totals = app.stop().await.usage(Group::Each).await;
        assert_eq!((totals[0].counts.requests, totals[0].counts.failures), (1, 1), "{face:?}");
    }
}

#[tokio::test]
async fn a_request_that_waits_for_gemini_is_answered_503() {
    for face in Face::ALL {
        let mut app = App::start("key-1=silent").await;
        let request = face.ask(&app, TEXT);
        let stopper = async {
            eventually("the call reaches Gemini", SECOND, || !app.calls().is_empty()).await;
            app.begin_stop();
            app.hurry();
        };
        let (answer, ()) = tokio::join!(request.whole(), stopper);
        assert_eq!(answer.status, 503, "{face:?}: {}", answer.text());
        assert!(face.message(&answer).contains("shutting down"), "{}", answer.text());
        let gone = || app.calls()[0].hung_up;
        eventually("the call to Gemini is closed", SECOND, gone).await;
        app.stop().await;
    }
}

#[tokio::test]
async fn a_request_that_waits_for_a_key_is_answered_503() {
    let mut app = App::start("key-1=quota:rpm=1").await;
    assert_eq!(Face::Chat.ask(&app, TEXT).whole().await.status, 200);
    app.clock.advance(SECOND * 57);
    let request = Face::Chat.ask(&app, TEXT);
    let stopper = async {
        app.clock.until_sleeping(SECOND * 3..=SECOND * 3).await;
        app.begin_stop();
        app.hurry();
    };
    let (answer, ()) = tokio::join!(request.whole(), stopper);
    assert_eq!(answer.status, 503, "{}", answer.text());
    app.stop().await;
}

#[tokio::test]
async fn connections_without_a_request_do_not_hold_it_up() {
    let app = App::start("key-1").await;
    let mut idle = TcpStream::connect(app.address()).await.unwrap();
    assert_eq!(Face::Chat.ask(&app, TEXT).whole().await.status, 200);
    tokio::time::timeout(SECOND, app.stop()).await.expect("it does not wait for idle clients");
    assert_eq!(idle.read(&mut [0; 8]).await.unwrap_or_default(), 0);
}

#[tokio::test]
async fn those_who_only_look_on_do_not_hold_it_up() {
    let app = App::start("key-1").await;
    let owner = format!("Bearer {ADMIN_PASSWORD}");
    let mut events = app.get("/admin/api/events").header("authorization", &owner).send().await;
    events.until("event: overview").await;
    let stopped = tokio::time::timeout(SECOND, app.stop()).await;
    stopped.expect("it does not wait for a console that is open");
    assert!(!events.whole().await.broken, "the stream has an end");
}

#[tokio::test]
async fn everything_that_was_used_is_written_at_the_end() {
    let app = App::start("key-1,key-2").await;
    for _ in 0..5 {
        assert_eq!(Face::Chat.ask(&app, TEXT).whole().await.status, 200);
    }
    let totals = app.stop().await.usage(Group::User).await;
    assert_eq!(totals[0].counts.requests, 5);
}
