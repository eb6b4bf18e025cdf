//! The brake: a caller whom Google throttles as a whole does not burn its keys.

use std::collections::BTreeSet;

use pollux_pool::balance::Strategy;
use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::lease::{Ask, NoKey, Owner, Spend};
use pollux_pool::outcome::{Outcome, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::time::Timestamp;

use crate::{BARE, START, attempt, keys, pool, seconds};

/// Brings the brake on, with bare answers within one second.
fn braked() -> Pool {
    let mut pool = pool(Strategy::RoundRobin, &[1; 40]);
    for millis in [0, 300, 600] {
        let now = START + std::time::Duration::from_millis(millis);
        attempt(&mut pool, &BARE, now).unwrap();
    }
    pool
}

/// Returns for how many whole seconds, rounded up, the pool stops.
#[track_caller]
fn stop(pool: &mut Pool, now: Timestamp) -> u64 {
    match crate::lease(pool, &[], now) {
        Err(NoKey::Cooling { until }) => {
            until.since(now).as_millis().div_ceil(1_000).try_into().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn forty_keys_that_all_answer_a_bare_429_are_not_all_burnt() {
    let mut pool = pool(Strategy::RoundRobin, &[1; 40]);
    let mut touched = BTreeSet::new();
    for millis in 0..500 {
        let now = START + std::time::Duration::from_millis(millis);
        touched.extend(attempt(&mut pool, &BARE, now));
    }
    assert_eq!(touched.len(), 3);
    let now = START + seconds(1);
    assert!(pool.view(now).all(|view| view.cooldowns.is_empty()), "nobody is benched for it");
    assert_eq!(pool.checkpoint(now), []);
}

#[test]
fn after_the_stop_one_request_tries_and_the_next_stop_is_longer() {
    let mut pool = braked();
    let mut now = START + seconds(1);
    assert_eq!(stop(&mut pool, now), 2);
    now = now + seconds(2);
    for longer in [4, 8, 16, 32, 60, 60] {
        let trial = crate::lease(&mut pool, &[], now).unwrap();
        assert_eq!(stop(&mut pool, now), 1, "the others wait for it");
        pool.report(&trial, &BARE.into(), now);
        pool.settle(trial, Spend::default(), START);
        assert_eq!(stop(&mut pool, now), longer);
        now = now + seconds(longer);
    }
    assert!(pool.view(now).all(|view| view.cooldowns.is_empty()));
    attempt(&mut pool, &Outcome::Success, now).unwrap();
    for _ in 0..40 {
        attempt(&mut pool, &Outcome::Success, now).unwrap();
    }
}

#[test]
fn a_trial_that_teaches_nothing_lets_another_follow() {
    let mut pool = braked();
    let now = START + seconds(3);
    attempt(&mut pool, &Outcome::Unavailable, now).unwrap();
    assert_eq!(stop(&mut pool, now), 1);
    attempt(&mut pool, &Outcome::Success, now + seconds(1)).unwrap();
    attempt(&mut pool, &Outcome::Success, now + seconds(1)).unwrap();
}

#[test]
fn any_answer_that_google_gave_thought_to_ends_the_stop() {
    let named = Outcome::Exhausted { window: Window::Minute, retry_after: None };
    for outcome in [named, Outcome::Rejected, Outcome::Unserved, Outcome::NotOwner, Outcome::Empty]
    {
        let mut pool = braked();
        let now = START + seconds(3);
        attempt(&mut pool, &outcome, now).unwrap();
        assert!(attempt(&mut pool, &Outcome::Success, now).is_ok(), "{outcome:?}");
    }
}

#[test]
fn an_answer_from_before_the_stop_does_not_end_it() {
    let mut pool = pool(Strategy::RoundRobin, &[1; 40]);
    let early = crate::lease(&mut pool, &[], START).unwrap();
    for _ in 0..3 {
        attempt(&mut pool, &BARE, START).unwrap();
    }
    pool.report(&early, &Outcome::Success.into(), START + seconds(1));
    pool.settle(early, Spend::default(), START);
    assert_eq!(stop(&mut pool, START + seconds(1)), 1);
}

#[test]
fn bare_answers_from_before_the_stop_do_not_lengthen_it() {
    let mut pool = pool(Strategy::RoundRobin, &[1; 40]);
    let leases: Vec<_> = (0..40).map(|_| crate::lease(&mut pool, &[], START).unwrap()).collect();
    for lease in leases {
        pool.report(&lease, &BARE.into(), START + seconds(1));
        pool.settle(lease, Spend::default(), START);
    }
    assert_eq!(stop(&mut pool, START + seconds(1)), 2);
    assert!(pool.view(START + seconds(1)).all(|view| view.cooldowns.is_empty()));
}

#[test]
fn a_burst_and_a_stop_outlive_a_change_of_the_keys() {
    let mut pool = pool(Strategy::RoundRobin, &[1; 5]);
    for _ in 0..2 {
        attempt(&mut pool, &BARE, START).unwrap();
    }
    let reversed: Vec<_> = keys(&[1; 5]).into_iter().rev().collect();
    pool.configure(Settings::default(), reversed);
    attempt(&mut pool, &BARE, START).unwrap();
    assert!(pool.view(START).all(|view| view.cooldowns.is_empty()));
    pool.configure(Settings::default(), keys(&[1; 9]));
    assert_eq!(stop(&mut pool, START), 2);
}

#[test]
fn bare_answers_that_are_few_or_far_apart_are_the_keys_own() {
    let mut pool = pool(Strategy::RoundRobin, &[1; 40]);
    for turn in 0..10 {
        attempt(&mut pool, &BARE, START + seconds(turn * 6)).unwrap();
    }
    let benched = |now| pool.view(now).filter(|view| !view.cooldowns.is_empty()).count();
    assert_eq!(benched(START + seconds(54)), 1);
}

#[test]
fn the_brake_is_for_one_model() {
    let mut pool = braked();
    let model = ModelName::new("gemini-2.5-pro");
    let ask = Ask::of(&model);
    assert!(pool.lease(&ask, START + seconds(1)).is_ok());
}

#[test]
fn the_brake_stops_a_preferred_key_too() {
    let mut pool = braked();
    let model = ModelName::new("gemini-2.5-flash");
    let best = Owner { key: KeyId(9), project: None };
    let ask = Ask { prefer: Some(&best), ..Ask::of(&model) };
    let lease = pool.lease(&ask, START + seconds(1));
    assert!(matches!(lease, Err(NoKey::Cooling { .. })), "{lease:?}");
}
