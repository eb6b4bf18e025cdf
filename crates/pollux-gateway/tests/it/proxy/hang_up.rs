//! A client that goes away: the upstream call ends with it, and what was used is accounted.

use std::time::Duration;

use pollux_store::usage::{Counts, Group};
use pollux_testkit::{App, Face, Request, eventually};

const SECOND: Duration = Duration::from_secs(1);
const TEXT: &str = "say: one two three";

/// Gemini sees the connection close within a second, and the key is free again.
async fn check(app: &App, what: &str) {
    let gone = || app.calls().iter().all(|call| call.hung_up) && !app.calls().is_empty();
    eventually(&format!("{what}: the upstream call ends"), SECOND, gone).await;
    eventually(&format!("{what}: the lease is back"), SECOND, || app.in_flight() == 0).await;
    assert_eq!(app.asked(), ["key-1"], "{what}");
}

/// Sends a request and goes away as soon as Gemini has it.
async fn abandon(app: &App, request: &Request) {
    let arrived = eventually("the call reaches Gemini", SECOND, || !app.calls().is_empty());
    tokio::select! {
        answer = request.send() => panic!("answered {}", answer.status),
        () = arrived => {}
    }
}

async fn counts(app: App) -> Counts {
    let totals = app.stop().await.usage(Group::Each).await;
    let [total] = totals.as_slice() else { panic!("{totals:?}") };
    total.counts
}

#[tokio::test]
async fn in_the_middle_of_a_stream() {
    for face in Face::STREAMS {
        let app = App::start("key-1=slow:chunk=3600s,key-2").await;
        let mut answer = face.ask(&app, TEXT).send().await;
        answer.until("one ").await;
        assert_eq!(app.in_flight(), 1, "{face:?}");
        answer.hang_up();
        check(&app, &format!("{face:?}")).await;
        let counts = counts(app).await;
        assert_eq!((counts.requests, counts.attempts, counts.failures), (1, 1, 0), "{face:?}");
        assert!(counts.prompt_tokens > 0 && counts.output_tokens > 0, "{face:?}: {counts:?}");
    }
}

#[tokio::test]
async fn before_the_answer_begins() {
    for face in Face::ALL {
        for script in ["key-1=silent,key-2", "key-1=slow:first=3600s,key-2"] {
            let app = App::start(script).await;
            abandon(&app, &face.ask(&app, TEXT)).await;
            check(&app, &format!("{script} on {face:?}")).await;
            let counts = counts(app).await;
            assert_eq!((counts.requests, counts.attempts), (0, 1), "{script} on {face:?}");
        }
    }
}

#[tokio::test]
async fn while_it_waits_for_a_key() {
    let app = App::start("key-1=quota:rpm=1").await;
    assert_eq!(Face::Chat.ask(&app, TEXT).whole().await.status, 200);
    app.clock.advance(SECOND * 58);
    let request = Face::Chat.ask(&app, TEXT);
    tokio::select! {
        answer = request.send() => panic!("answered {}", answer.status),
        () = app.clock.until_sleeping(SECOND * 2..=SECOND * 2) => {}
    }
    let awake = || !app.clock.sleepers().contains(&(SECOND * 2));
    eventually("nobody waits any more", SECOND, awake).await;
    app.clock.advance(SECOND * 2);
    assert_eq!(app.calls().len(), 2);
    assert_eq!(app.in_flight(), 0);
}
