//! Tests of the meters.

use super::{Meter, next_midnight};
use crate::Quota;

const HOUR: i64 = 3_600_000_000;

fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

/// A day in Los Angeles that holds `now` ends at `end`.
#[track_caller]
fn check(now: &str, end: &str) {
    assert_eq!(next_midnight(at(now)), at(end));
}

#[test]
fn a_day_ends_at_midnight_in_winter_and_summer() {
    check("2026-01-15T07:59:59Z", "2026-01-15T08:00:00Z");
    check("2026-01-15T08:00:00Z", "2026-01-16T08:00:00Z");
    check("2026-07-15T06:59:59Z", "2026-07-15T07:00:00Z");
    check("2026-07-15T07:00:00Z", "2026-07-16T07:00:00Z");
}

#[test]
fn the_day_the_clock_goes_forward_has_23_hours() {
    check("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z");
    check("2026-03-09T06:59:59Z", "2026-03-09T07:00:00Z");
}

#[test]
fn the_day_the_clock_goes_back_has_25_hours() {
    check("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z");
    check("2026-11-02T07:59:59Z", "2026-11-02T08:00:00Z");
}

#[test]
fn a_daily_quota_lasts_the_whole_long_day() {
    let quota = Quota { requests_per_day: Some(1), ..Quota::default() };
    let start = at("2026-11-01T07:00:00Z");
    let mut meter = Meter::default();
    assert!(meter.admit(&quota, 1, start).is_ok());
    assert!(meter.admit(&quota, 1, start + 25 * HOUR - 1).is_err());
    assert!(meter.admit(&quota, 1, start + 25 * HOUR).is_ok());
}

#[test]
fn a_request_larger_than_the_quota_never_fits() {
    let quota = Quota { input_tokens_per_minute: Some(10), ..Quota::default() };
    let refused = Meter::default().admit(&quota, 11, at("2026-01-15T08:00:00Z")).unwrap_err();
    assert_eq!(refused.retry_micros, 60_000_000);
}

#[test]
fn the_delay_is_until_enough_tokens_have_left() {
    let quota = Quota { input_tokens_per_minute: Some(10), ..Quota::default() };
    let start = at("2026-01-15T08:00:00Z");
    let mut meter = Meter::default();
    assert!(meter.admit(&quota, 4, start).is_ok());
    assert!(meter.admit(&quota, 6, start + 10_000_000).is_ok());
    let now = start + 20_000_000;
    assert_eq!(meter.admit(&quota, 4, now).unwrap_err().retry_micros, 40_000_000);
    assert_eq!(meter.admit(&quota, 5, now).unwrap_err().retry_micros, 50_000_000);
}
