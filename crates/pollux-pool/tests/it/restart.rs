//! What a pool knows survives a restart, and what is over does not come back.

use pollux_pool::balance::Strategy;
use pollux_pool::health::{Checkpoint, Health};
use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::lease::NoKey;
use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_pool::pool::Pool;
use pollux_pool::time::{Timestamp, next_pacific_midnight};

use crate::{BARE, START, attempt, pool, seconds, view};

const DAY: Outcome = Outcome::Exhausted { window: Window::Day, retry_after: None };
const LEAKED: Outcome = Outcome::Revoked { reason: Revocation::Leaked, scope: Scope::Key };

fn restarted(old: &mut Pool, keys: &[u32], at: Timestamp) -> Pool {
    let mut fresh = pool(Strategy::RoundRobin, keys);
    let quotas = old.take_quotas();
    old.put_quotas_back(&quotas);
    fresh.restore(old.checkpoint(START), quotas, at);
    fresh
}

/// Four keys: out for the day, revoked, without the model, and out for a moment.
fn worn() -> Pool {
    let mut pool = pool(Strategy::RoundRobin, &[1; 4]);
    let brief = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(5)) };
    for outcome in [DAY, LEAKED, Outcome::Unserved, brief] {
        attempt(&mut pool, &outcome, START).unwrap();
    }
    pool
}

#[test]
fn what_lasts_is_kept_and_what_is_brief_is_not() {
    let mut old = worn();
    let new = restarted(&mut old, &[1; 4], START + seconds(6));
    let is_held = |key| view(&new, KeyId(key), START + seconds(6));
    let held = [1, 2, 3, 4].map(|key| {
        let view = is_held(key);
        view.health != Health::Active || !view.cooldowns.is_empty()
    });
    assert_eq!(held, [true, true, true, false]);
}

#[test]
fn what_was_just_read_is_not_written_again() {
    let mut new = restarted(&mut worn(), &[1; 4], START + seconds(5));
    assert_eq!(new.take_quotas(), []);
    let brief = Outcome::Exhausted { window: Window::Minute, retry_after: None };
    attempt(&mut new, &brief, START + seconds(6)).unwrap();
    assert_eq!(new.take_quotas().len(), 1);
}

#[test]
fn a_restart_changes_nothing_that_lasts() {
    let mut old = worn();
    let mut new = restarted(&mut old, &[1; 4], START + seconds(5));
    assert_eq!(new.checkpoint(START), old.checkpoint(START));
    assert_eq!(attempt(&mut new, &DAY, START + seconds(5)), Ok(KeyId(4)));
    let until = next_pacific_midnight(START);
    assert_eq!(attempt(&mut new, &DAY, START + seconds(6)), Err(NoKey::Cooling { until }));
}

#[test]
fn a_quota_that_is_out_for_less_than_a_minute_is_still_out_after_a_restart() {
    let mut old = pool(Strategy::RoundRobin, &[1]);
    let outcome = Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(36)) };
    attempt(&mut old, &outcome, START).unwrap();
    let mut new = restarted(&mut old, &[1], START + seconds(1));
    let until = START + seconds(36);
    let asked = attempt(&mut new, &Outcome::Success, START + seconds(2));
    assert_eq!(asked, Err(NoKey::Cooling { until }));
    assert_eq!(attempt(&mut new, &Outcome::Success, until), Ok(KeyId(1)));
}

#[test]
fn what_google_takes_back_is_written_down_once_as_nothing() {
    let mut pool = pool(Strategy::RoundRobin, &[1]);
    attempt(&mut pool, &Outcome::Unserved, START).unwrap();
    assert_eq!(pool.take_quotas().len(), 1);
    let model = ModelName::new("gemini-2.5-flash");
    pool.checked(KeyId(1), Some(&model), &Outcome::Success.into(), START + seconds(1));
    let released = pool.take_quotas();
    assert_eq!(released.iter().map(|it| it.balance.hold).collect::<Vec<_>>(), [None]);
    pool.put_quotas_back(&released);
    let again = pool.take_quotas();
    assert_eq!(again.iter().map(|it| it.balance.hold).collect::<Vec<_>>(), [None], "not written");
    attempt(&mut pool, &Outcome::Success, START + seconds(2)).unwrap();
    assert_eq!(pool.take_quotas(), []);
}

#[test]
fn a_probe_that_became_due_meanwhile_is_made() {
    let mut new = restarted(&mut worn(), &[1; 4], START + seconds(300));
    assert_eq!(attempt(&mut new, &Outcome::Success, START + seconds(300)), Ok(KeyId(2)));
    assert_eq!(view(&new, KeyId(2), START).health, Health::Active);
}

#[test]
fn what_is_over_by_then_does_not_come_back() {
    let midnight = next_pacific_midnight(START);
    let new = restarted(&mut worn(), &[1; 4], midnight);
    assert_eq!(view(&new, KeyId(1), START).cooldowns, []);
    assert_eq!(view(&new, KeyId(3), START).cooldowns.len(), 1);
}

#[test]
fn keys_that_are_gone_are_left_out() {
    let new = restarted(&mut worn(), &[1], START);
    let views: Vec<_> = new.view(START).collect();
    assert_eq!((views.len(), views[0].cooldowns.len()), (1, 1));
    assert_eq!(new.checkpoint(START), []);
}

#[test]
fn the_generation_moves_exactly_when_there_is_something_to_keep() {
    let mut pool = pool(Strategy::RoundRobin, &[1]);
    let mut kept: Vec<Checkpoint> = pool.checkpoint(START);
    let mut generation = pool.generation();
    let mut now = START;
    let long = Outcome::Exhausted { window: Window::Unknown, retry_after: Some(seconds(40)) };
    for (outcome, worth_keeping) in
        [(Outcome::Success, false), (BARE, false), (Outcome::Rejected, false), (long, true)]
    {
        now = now + seconds(10);
        attempt(&mut pool, &outcome, now).unwrap();
        assert_eq!(pool.generation() != generation, worth_keeping, "{outcome:?}");
        assert_eq!(pool.checkpoint(now) != kept, worth_keeping, "{outcome:?}");
        generation = pool.generation();
        kept = pool.checkpoint(now);
    }
}
