//! Tests of the hand-moved clock.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::join_all;
use pollux_pool::time::Timestamp;

use crate::{App, Face, ManualClock, eventually};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn sleepers_wake_in_order_and_only_when_their_moment_has_come() {
    let hand = ManualClock::new(Timestamp::from_seconds(0));
    let clock = hand.clock();
    let woken = Arc::new(Mutex::new(Vec::new()));
    let sleep = |seconds: u64| {
        let (sleep, woken) = (clock.sleep(SECOND * u32::try_from(seconds).unwrap()), &woken);
        async move {
            sleep.await;
            woken.lock().unwrap().push(seconds);
        }
    };
    let mover = async {
        hand.until_sleeping(SECOND * 3..=SECOND * 3).await;
        hand.advance(SECOND * 2);
        let two = || *woken.lock().unwrap() == [1, 2];
        eventually("two have woken", SECOND, two).await;
        assert_eq!(hand.sleepers(), [SECOND]);
        hand.advance(SECOND);
    };
    tokio::join!(join_all([3, 1, 2].map(sleep)), mover);
    assert_eq!(*woken.lock().unwrap(), [1, 2, 3]);
    assert_eq!(hand.now(), Timestamp::from_seconds(3));
}

#[tokio::test]
async fn a_nap_moves_the_clock_and_a_dropped_sleep_is_forgotten() {
    let hand = ManualClock::new(Timestamp::from_seconds(0));
    hand.clock().sleep(SECOND / 4).await;
    assert_eq!(hand.now(), Timestamp::from_micros(250_000));
    let clock = hand.clock();
    assert_eq!(clock.timeout(SECOND * 9, clock.sleep(SECOND / 4)).await, Ok(()));
    assert_eq!(hand.sleepers(), []);
}

#[tokio::test]
async fn an_app_answers_on_every_face() {
    let app = App::start("key-1").await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: one two three").whole().await;
        assert_eq!((answer.status, answer.broken), (200, false), "{face:?}: {}", answer.text());
        assert_eq!(face.text(&answer.text()), "one two three", "{face:?}");
        assert!(face.is_complete(&answer.text()), "{face:?}: {}", answer.text());
    }
    assert_eq!(app.asked(), ["key-1"; 5]);
}
