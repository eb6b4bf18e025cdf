//! Tests of the plan of one request.

use super::*;
use crate::outcome::{Revocation, Scope, Window};

const NOW: Timestamp = Timestamp::from_seconds(1_000);
const REVOKED: Outcome = Outcome::Revoked { reason: Revocation::Invalid, scope: Scope::Key };
const EXHAUSTED: Outcome = Outcome::Exhausted { window: Window::Minute, retry_after: None };
const AT_ONCE: Step = Step::Retry { delay: Duration::ZERO };

fn budget() -> Budget {
    Budget::new(Budget::RATIO, NOW)
}

/// Lets each attempt end with the next outcome, and returns what the plan said after the last.
fn last_step(plan: &mut Plan, outcomes: &[Outcome]) -> Step {
    let mut budget = budget();
    let mut step = Step::Deliver;
    for (outcome, id) in outcomes.iter().zip(1..) {
        plan.attempt(KeyId(id));
        step = plan.after(outcome, NOW, &mut budget);
    }
    step
}

#[track_caller]
fn check(outcomes: &[Outcome], want: Step) {
    let mut plan = Plan::new(Limits::default(), NOW);
    assert_eq!(last_step(&mut plan, outcomes), want);
}

#[test]
fn an_answer_that_no_other_key_would_change_is_delivered() {
    for outcome in [Outcome::Success, Outcome::Rejected, Outcome::NotOwner, Outcome::Blocked] {
        check(&[outcome], Step::Deliver);
    }
}

#[test]
fn a_key_that_cannot_serve_is_replaced_at_once() {
    for outcome in [REVOKED, EXHAUSTED, Outcome::Unserved] {
        check(&[outcome], AT_ONCE);
    }
}

#[test]
fn the_fourth_attempt_that_teaches_nothing_is_the_last() {
    check(&[Outcome::Unavailable; 4], Step::Deliver);
    let mixed = [Outcome::Unavailable; 3].into_iter().chain([REVOKED, EXHAUSTED]);
    check(&mixed.clone().collect::<Vec<_>>(), AT_ONCE);
    check(&mixed.chain([Outcome::Unavailable]).collect::<Vec<_>>(), Step::Deliver);
}

#[test]
fn keys_that_prove_unusable_do_not_use_up_the_attempts_but_have_an_end() {
    check(&[REVOKED; 15], AT_ONCE);
    check(&[REVOKED; 16], Step::Deliver);
}

#[test]
fn an_empty_answer_is_asked_for_once_more() {
    check(&[Outcome::Empty], AT_ONCE);
    check(&[Outcome::Empty, EXHAUSTED, Outcome::Empty], Step::Deliver);
}

#[test]
fn failures_wait_longer_each_time_up_to_a_second() {
    let limits = Limits { max_attempts: 99, ..Limits::default() };
    let mut plan = Plan::new(limits, NOW);
    let mut budget = Budget::new(1.0, NOW);
    (0..99).for_each(|_| budget.deposit(NOW));
    for whole in [50, 100, 200, 400, 800, 1_000, 1_000, 1_000] {
        plan.attempt(KeyId(whole));
        let whole = Duration::from_millis(u64::try_from(whole).unwrap());
        match plan.after(&Outcome::Unavailable, NOW, &mut budget) {
            Step::Retry { delay } => assert!((whole / 2..=whole).contains(&delay), "{delay:?}"),
            Step::Deliver => panic!("no retry after {whole:?}"),
        }
    }
}

#[test]
fn waits_of_many_requests_do_not_coincide() {
    let delays: std::collections::BTreeSet<Duration> = (0..100)
        .map(|micros| {
            let now = NOW + Duration::from_micros(micros);
            let mut plan = Plan::new(Limits::default(), now);
            plan.attempt(KeyId(1));
            match plan.after(&Outcome::Unavailable, now, &mut budget()) {
                Step::Retry { delay } => delay,
                Step::Deliver => panic!("no retry"),
            }
        })
        .collect();
    assert!(delays.len() > 90, "{}", delays.len());
}

#[test]
fn only_failures_spend_the_budget() {
    let mut budget = Budget::new(0.0, NOW);
    while budget.withdraw(NOW) {}
    for (outcome, want) in [
        (EXHAUSTED, AT_ONCE),
        (Outcome::Unavailable, Step::Deliver),
        (Outcome::Empty, Step::Deliver),
    ] {
        let mut plan = Plan::new(Limits::default(), NOW);
        plan.attempt(KeyId(1));
        assert_eq!(plan.after(&outcome, NOW, &mut budget), want, "{outcome:?}");
    }
}

#[test]
fn a_last_attempt_that_fails_spends_nothing() {
    let mut budget = budget();
    let mut plan = Plan::new(Limits { max_attempts: 1, ..Limits::default() }, NOW);
    plan.attempt(KeyId(1));
    assert_eq!(plan.after(&Outcome::Unavailable, NOW, &mut budget), Step::Deliver);
    assert_eq!((0..99).take_while(|_| budget.withdraw(NOW)).count(), 10);
}

#[test]
fn no_attempt_begins_after_the_deadline() {
    let limits = Limits { deadline: Duration::from_secs(10), ..Limits::default() };
    let mut plan = Plan::new(limits, NOW);
    plan.attempt(KeyId(1));
    let late = NOW + Duration::from_secs(10);
    assert_eq!(plan.after(&EXHAUSTED, late, &mut budget()), Step::Deliver);
    assert_eq!(plan.wait_until(late), late);
    assert_eq!(plan.wait_until(NOW + Duration::from_secs(9)), late);
}

#[test]
fn a_key_that_is_back_soon_is_waited_for_and_may_be_tried_again() {
    let mut plan = Plan::new(Limits::default(), NOW);
    plan.attempt(KeyId(1));
    assert_eq!(plan.after(&EXHAUSTED, NOW, &mut budget()), AT_ONCE);
    let wait = Duration::from_secs(5);
    assert_eq!(plan.wait_until(NOW), NOW + wait);
    plan.waited(Duration::ZERO);
    assert_eq!(plan.tried(), [KeyId(1)]);
    plan.waited(wait);
    assert_eq!(plan.tried(), []);
    assert_eq!((plan.attempts(), plan.time_waited()), (1, wait));
    assert_eq!(plan.wait_until(NOW + wait), NOW + wait, "not again");
}

#[test]
fn a_wait_forgets_who_was_without_blame() {
    let mut plan = Plan::new(Limits::default(), NOW);
    plan.attempt(KeyId(1));
    let _ = plan.after(&Outcome::Unavailable, NOW, &mut budget());
    plan.waited(Duration::from_secs(1));
    plan.attempt(KeyId(1));
    assert_eq!(plan.after(&EXHAUSTED, NOW, &mut budget()), AT_ONCE);
    assert!(!plan.again());
}

#[test]
fn keys_without_blame_may_be_tried_again_when_no_other_is_left() {
    let mut plan = Plan::new(Limits::default(), NOW);
    let _ = last_step(&mut plan, &[Outcome::Unavailable, EXHAUSTED, Outcome::Empty]);
    assert_eq!(plan.tried(), [1, 2, 3].map(KeyId));
    assert!(plan.again());
    assert_eq!(plan.tried(), [KeyId(2)]);
    assert!(!plan.again());
}
