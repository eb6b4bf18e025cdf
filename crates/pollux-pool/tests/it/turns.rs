//! The history of keys: each turn is told once, and nothing that goes by itself.

use pollux_pool::balance::Strategy;
use pollux_pool::health::Cooldown;
use pollux_pool::id::{KeyId, ModelName, ProjectName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_pool::pool::{Pool, Settings, Stance, Turn};

use crate::{BARE, START, attempt, lease, pool, seconds};

const LEAKED: Outcome = Outcome::Revoked { reason: Revocation::Leaked, scope: Scope::Key };

fn model() -> ModelName {
    ModelName::new("gemini-2.5-flash")
}

fn of(key: i64, to: Stance) -> Turn {
    Turn { key: KeyId(key), model: None, to }
}

fn of_model(key: i64, to: Stance) -> Turn {
    Turn { key: KeyId(key), model: Some(model()), to }
}

/// One project with so many keys.
fn project(keys: i64) -> Pool {
    let project = Some(ProjectName::new("p"));
    let key = |id| Key { id: KeyId(id), weight: 1, project: project.clone(), tier: Tier::Free };
    let settings = Settings { strategy: Strategy::RoundRobin, ..Settings::default() };
    Pool::new(settings, (1..=keys).map(key).collect(), 7)
}

#[test]
fn a_key_that_goes_and_comes_back_turns_twice() {
    let mut pool = pool(Strategy::RoundRobin, &[1]);
    attempt(&mut pool, &Outcome::Success, START).unwrap();
    assert_eq!(pool.take_turns(), []);
    attempt(&mut pool, &LEAKED, START).unwrap();
    assert_eq!(pool.take_turns(), [of(1, Stance::Revoked(Revocation::Leaked))]);
    // Refused once more when it is tried again, which is nothing new.
    attempt(&mut pool, &LEAKED, START + seconds(600)).unwrap();
    assert_eq!(pool.take_turns(), []);
    pool.checked(KeyId(1), None, &Outcome::Success.into(), START + seconds(700));
    assert_eq!(pool.take_turns(), [of(1, Stance::Active)]);
    attempt(&mut pool, &LEAKED, START + seconds(800)).unwrap();
    pool.take_turns();
    attempt(&mut pool, &Outcome::Success, START + seconds(4000)).unwrap();
    assert_eq!(pool.take_turns(), [of(1, Stance::Active)]);
}

#[test]
fn a_whole_project_is_held_and_a_burst_says_so_once() {
    let mut pool = project(2);
    let minute = |wait| Outcome::Exhausted { window: Window::Minute, retry_after: Some(wait) };
    let leases: Vec<_> = (0..3).map(|_| lease(&mut pool, &[], START).unwrap()).collect();
    for (lease, wait) in leases.iter().zip([30, 31, 29]) {
        pool.report(lease, &minute(seconds(wait)).into(), START);
    }
    let until = START + seconds(30);
    let held = Cooldown::Exhausted { window: Window::Minute, until, streak: 0 };
    let turns = [of_model(1, Stance::Held(held)), of_model(2, Stance::Held(held))];
    assert_eq!(pool.take_turns(), turns);
    // A day is worse than a minute, and another thing.
    let day = Outcome::Exhausted { window: Window::Day, retry_after: None };
    pool.report(&leases[0], &day.into(), START);
    assert_eq!(pool.take_turns().len(), 2);
}

#[test]
fn what_is_over_in_its_time_is_no_turn_and_what_is_lifted_is() {
    let mut pool = pool(Strategy::RoundRobin, &[1]);
    attempt(&mut pool, &BARE, START).unwrap();
    assert_eq!(pool.take_turns().len(), 1);
    attempt(&mut pool, &Outcome::Success, START + seconds(60)).unwrap();
    assert_eq!(pool.take_turns(), []);
    let day = Outcome::Exhausted { window: Window::Day, retry_after: None };
    for (outcome, at) in [(Outcome::Unserved, 70), (day, 80)] {
        let mut pool = project(1);
        attempt(&mut pool, &outcome, START + seconds(at)).unwrap();
        assert!(matches!(pool.take_turns()[..], [Turn { to: Stance::Held(_), .. }]));
        let now = START + seconds(at + 10);
        pool.checked(KeyId(1), Some(&model()), &Outcome::Success.into(), now);
        assert_eq!(pool.take_turns(), [of_model(1, Stance::Active)], "{outcome:?}");
    }
}

#[test]
fn what_a_restart_brings_back_is_no_news() {
    let mut old = pool(Strategy::RoundRobin, &[1, 1]);
    attempt(&mut old, &LEAKED, START).unwrap();
    attempt(&mut old, &Outcome::Unserved, START).unwrap();
    let mut new = pool(Strategy::RoundRobin, &[1, 1]);
    new.restore(old.checkpoint(START), old.take_quotas(), START + seconds(1));
    assert_eq!(new.take_turns(), []);
}
