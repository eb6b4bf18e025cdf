//! Plan and pool together: what becomes of one client's request.

use pollux_pool::balance::Strategy;
use pollux_pool::budget::Budget;
use pollux_pool::id::KeyId;
use pollux_pool::lease::{NoKey, Spend};
use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_pool::plan::{Limits, Plan, Step};
use pollux_pool::time::Timestamp;

use crate::{START, lease, pool, seconds};

const INVALID: Outcome = Outcome::Revoked { reason: Revocation::Invalid, scope: Scope::Key };
const UNAVAILABLE: Outcome = Outcome::Unavailable;

fn minute(delay: u64) -> Outcome {
    Outcome::Exhausted { window: Window::Minute, retry_after: Some(seconds(delay)) }
}

/// How a request ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Answered(Outcome),
    Refused(NoKey),
}

/// Sends one request through keys that answer as `answers` say, in turn, and returns who was asked.
fn request(keys: usize, answers: &[Outcome]) -> (Vec<i64>, End, Timestamp) {
    let mut pool = pool(Strategy::RoundRobin, &vec![1; keys]);
    let mut now = START;
    let mut budget = Budget::new(Budget::RATIO, now);
    let mut plan = Plan::new(Limits::default(), now);
    let mut asked = Vec::new();
    loop {
        let lease = match lease(&mut pool, plan.tried(), now) {
            Ok(lease) => lease,
            Err(NoKey::Tried) if plan.again() => continue,
            Err(none @ NoKey::Cooling { until }) => {
                if until > plan.wait_until(now) {
                    return (asked, End::Refused(none), now);
                }
                plan.waited(until.since(now));
                now = until;
                continue;
            }
            Err(none) => return (asked, End::Refused(none), now),
        };
        let answer = answers[asked.len()];
        plan.attempt(lease.key());
        asked.push(lease.key().0);
        pool.report(&lease, &answer.into(), now);
        pool.settle(lease, Spend::default(), START);
        match plan.after(&answer, now, &mut budget) {
            Step::Deliver => return (asked, End::Answered(answer), now),
            Step::Retry { delay } => now = now + delay,
        }
    }
}

#[track_caller]
fn check(keys: usize, answers: &[Outcome], asked: &[i64], end: &End) {
    let (who, how, _) = request(keys, answers);
    assert_eq!((who.as_slice(), &how), (asked, end));
}

#[test]
fn a_key_that_cannot_serve_is_not_the_clients_business() {
    let success = End::Answered(Outcome::Success);
    check(2, &[minute(36), Outcome::Success], &[1, 2], &success);
    check(4, &[INVALID, minute(36), UNAVAILABLE, Outcome::Success], &[1, 2, 3, 4], &success);
}

#[test]
fn a_clients_mistake_is_answered_at_once() {
    check(3, &[Outcome::Rejected], &[1], &End::Answered(Outcome::Rejected));
}

#[test]
fn when_every_key_is_out_the_soonest_return_is_named() {
    let until = START + seconds(20);
    let answers = [minute(36), minute(20), minute(50)];
    check(3, &answers, &[1, 2, 3], &End::Refused(NoKey::Cooling { until }));
}

#[test]
fn a_single_key_that_is_back_soon_is_waited_for() {
    let (asked, end, now) = request(1, &[minute(3), Outcome::Success]);
    assert_eq!((asked.as_slice(), end), (&[1, 1][..], End::Answered(Outcome::Success)));
    assert_eq!(now, START + seconds(3));
}

#[test]
fn a_single_key_is_asked_again_when_the_failure_was_not_its_own() {
    let success = End::Answered(Outcome::Success);
    check(1, &[UNAVAILABLE, UNAVAILABLE, Outcome::Success], &[1, 1, 1], &success);
    check(1, &[Outcome::Empty, Outcome::Success], &[1, 1], &success);
}

#[test]
fn keys_that_google_refuses_leave_nothing_to_serve_with() {
    check(2, &[INVALID, INVALID], &[1, 2], &End::Refused(NoKey::Empty));
    check(0, &[], &[], &End::Refused(NoKey::Empty));
}

#[test]
fn a_lease_names_its_key_its_model_and_its_time() {
    let mut pool = pool(Strategy::RoundRobin, &[1]);
    let lease = lease(&mut pool, &[], START).unwrap();
    assert_eq!((lease.key(), lease.at()), (KeyId(1), START));
    assert_eq!(lease.model().as_str(), "gemini-2.5-flash");
    pool.settle(lease, Spend::default(), START);
}
