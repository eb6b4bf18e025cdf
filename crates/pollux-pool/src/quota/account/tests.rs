//! Tests of one account.

use super::*;
use crate::key::Tier;
use crate::quota::Limits;

const START: Timestamp = Timestamp::from_seconds(1_780_000_000);
const ONE: Amount = Amount { requests: 1, input_tokens: 100, tokens: 100 };

fn rule(dimension: Dimension, value: u64) -> crate::quota::LimitRule {
    crate::quota::LimitRule { model: "gemini-*".to_owned(), tier: Tier::Free, dimension, value }
}

fn account(rules: Vec<crate::quota::LimitRule>) -> Account {
    Account::new(Limits(rules).of("gemini-2.5-flash", Tier::Free))
}

fn when(now: Timestamp, day_ends: Timestamp) -> Moment {
    Moment { now, day_ends }
}

fn seconds(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

const MIDNIGHT: Timestamp = Timestamp::from_seconds(1_780_040_000);

#[test]
fn a_limit_is_reached_before_google_has_to_say_so() {
    let mut account = account(vec![rule(Dimension::RPM, 2), rule(Dimension::RPD, 3)]);
    for at in [0, 10] {
        assert_eq!(account.blocked(ONE, when(seconds(at), MIDNIGHT)), None);
        account.take(ONE, when(seconds(at), MIDNIGHT));
    }
    let minute = Blocked { until: Some(seconds(61)), dimension: Some(Dimension::RPM) };
    assert_eq!(account.blocked(ONE, when(seconds(20), MIDNIGHT)), Some(minute));
    account.take(ONE, when(seconds(61), MIDNIGHT));
    let day = Blocked { until: Some(MIDNIGHT), dimension: Some(Dimension::RPD) };
    assert_eq!(account.blocked(ONE, when(seconds(200), MIDNIGHT)), Some(day));
    let tomorrow = MIDNIGHT + Duration::from_hours(24);
    assert_eq!(account.blocked(ONE, when(MIDNIGHT, tomorrow)), None);
}

#[test]
fn tokens_are_reserved_and_then_settled() {
    let mut account = account(vec![rule(Dimension::TPM, 1_000)]);
    account.take(ONE, when(START, MIDNIGHT));
    let real = Amount { requests: 1, input_tokens: 950, tokens: 2_000 };
    account.settle(START, ONE, real, when(START, MIDNIGHT));
    let until = Some(seconds(61));
    let blocked = Blocked { until, dimension: Some(Dimension::TPM) };
    assert_eq!(account.blocked(ONE, when(seconds(1), MIDNIGHT)), Some(blocked));
    account.settle(START, real, ONE, when(START, MIDNIGHT));
    assert_eq!(account.blocked(ONE, when(seconds(1), MIDNIGHT)), None);
}

#[test]
fn what_is_larger_than_the_limit_goes_out_when_nothing_else_is_used() {
    let mut account = account(vec![rule(Dimension::TPM, 50)]);
    assert_eq!(account.blocked(ONE, when(START, MIDNIGHT)), None);
    account.take(ONE, when(START, MIDNIGHT));
    assert!(account.blocked(ONE, when(START, MIDNIGHT)).is_some());
}

#[test]
fn a_learned_limit_counts_beside_the_settings_and_is_doubted_after_a_week() {
    let mut account = account(vec![rule(Dimension::RPM, 10)]);
    account.learn(&Violation { dimension: Dimension::RPM, limit: Some(1) }, START);
    account.take(ONE, when(START, MIDNIGHT));
    assert!(account.blocked(ONE, when(seconds(1), MIDNIGHT)).is_some());
    assert_eq!(account.meters(when(seconds(1), MIDNIGHT)).len(), 2);
    let later = MIDNIGHT + Duration::from_hours(24 * 8);
    account.take(ONE, when(later, later + Duration::from_hours(20)));
    assert_eq!(account.meters(when(later, later)).len(), 1);
}

#[test]
fn a_limit_of_nothing_is_never_over() {
    let mut account = account(vec![rule(Dimension::RPD, 0)]);
    let blocked = account.blocked(ONE, when(START, MIDNIGHT)).unwrap();
    assert_eq!(blocked.until, None);
    assert!(account.head_room(when(START, MIDNIGHT)) < 0.01);
}

#[test]
fn google_knows_better_when_a_minutes_quota_is_back() {
    let mut account = account(vec![rule(Dimension::RPM, 2), rule(Dimension::TPM, 200)]);
    account.take(ONE, when(seconds(10), MIDNIGHT));
    account.take(ONE, when(seconds(20), MIDNIGHT));
    account.trust(seconds(40), Amount::default());
    assert_eq!(account.blocked(ONE, when(seconds(40), MIDNIGHT)), None);
    account.take(ONE, when(seconds(40), MIDNIGHT));
    assert!(account.blocked(ONE, when(seconds(41), MIDNIGHT)).is_none());
    account.take(ONE, when(seconds(41), MIDNIGHT));
    assert!(account.blocked(ONE, when(seconds(42), MIDNIGHT)).is_some());
}

#[test]
fn head_room_is_that_of_the_scarcest_quota() {
    let mut account = account(vec![rule(Dimension::RPM, 4), rule(Dimension::TPM, 1_000_000)]);
    assert!((account.head_room(when(START, MIDNIGHT)) - 1.0).abs() < 0.01);
    account.take(ONE, when(START, MIDNIGHT));
    assert!((account.head_room(when(START, MIDNIGHT)) - 0.75).abs() < 0.01);
}

#[test]
fn what_is_kept_comes_back_unless_it_is_over() {
    let mut before = account(vec![rule(Dimension::RPD, 2)]);
    before.take(ONE, when(START, MIDNIGHT));
    before.learn(&Violation { dimension: Dimension::TPM, limit: Some(9) }, START);
    let kept = before.balance();
    let mut after = account(vec![rule(Dimension::RPD, 2)]);
    after.restore(kept.clone(), seconds(5));
    assert_eq!(after.used(when(seconds(5), MIDNIGHT)).1, ONE);
    assert_eq!(after.balance().learned.len(), 1);
    let mut late = account(vec![]);
    late.restore(kept, MIDNIGHT);
    assert_eq!(late.used(when(MIDNIGHT, MIDNIGHT + Duration::from_hours(1))).1, Amount::default());
}
