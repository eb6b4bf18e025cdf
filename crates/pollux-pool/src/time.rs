//! Moments, as the caller tells them, and the midnight at which Google's day ends.

use std::ops::Add;
use std::time::Duration;

use jiff::ToSpan;
use jiff::tz::TimeZone;

/// Where Google's quota day begins and ends.
static PACIFIC: TimeZone = jiff::tz::get!("America/Los_Angeles");

/// A moment, in microseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Takes microseconds since the Unix epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Takes whole seconds since the Unix epoch; what does not fit is the last moment that does.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Returns microseconds since the Unix epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Returns whole seconds since the Unix epoch, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// Returns the moment that was `time` before this one.
    #[must_use]
    pub fn before(self, time: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(time.as_micros()).unwrap_or(i64::MAX)))
    }

    /// Returns the time since `earlier`, and zero when `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// A moment, and the end of Google's quota day that it is in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) now: Timestamp,
    pub(crate) day_ends: Timestamp,
}

impl Moment {
    /// Returns this moment where `self` is an earlier one; looks into the calendar once a day.
    pub(crate) fn at(self, now: Timestamp) -> Self {
        let day_ends = if now < self.day_ends && now + Duration::from_hours(25) > self.day_ends {
            self.day_ends
        } else {
            next_pacific_midnight(now)
        };
        Self { now, day_ends }
    }
}

impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, after: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(after.as_micros()).unwrap_or(i64::MAX)))
    }
}

/// Returns the first midnight in Los Angeles after `now`, when Google's per-day quotas begin anew.
///
/// A moment outside the calendar (before the year -9999, after 9999) gets a plain 24 hours.
pub fn next_pacific_midnight(now: Timestamp) -> Timestamp {
    midnight_after(now).unwrap_or(now + Duration::from_hours(24))
}

fn midnight_after(now: Timestamp) -> Option<Timestamp> {
    let here = jiff::Timestamp::from_microsecond(now.0).ok()?.to_zoned(PACIFIC.clone());
    let tomorrow = here.date().checked_add(1.day()).ok()?;
    let midnight = tomorrow.to_zoned(PACIFIC.clone()).ok()?;
    Some(Timestamp(midnight.timestamp().as_microsecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(now: &str, want: &str) {
        let micros = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let midnight = next_pacific_midnight(Timestamp::from_micros(micros(now)));
        assert_eq!(midnight, Timestamp::from_micros(micros(want)));
    }

    #[test]
    fn the_day_ends_at_eight_in_winter_and_at_seven_in_summer() {
        check("2026-01-15T12:00:00Z", "2026-01-16T08:00:00Z");
        check("2026-07-15T12:00:00Z", "2026-07-16T07:00:00Z");
        check("2040-07-15T12:00:00Z", "2040-07-16T07:00:00Z");
    }

    #[test]
    fn the_day_on_which_clocks_go_forward_has_23_hours() {
        check("2026-03-08T07:59:59.999999Z", "2026-03-08T08:00:00Z");
        check("2026-03-08T08:00:00Z", "2026-03-09T07:00:00Z");
        check("2026-03-08T10:30:00Z", "2026-03-09T07:00:00Z");
    }

    #[test]
    fn the_day_on_which_clocks_go_back_has_25_hours() {
        check("2026-11-01T06:59:59Z", "2026-11-01T07:00:00Z");
        check("2026-11-01T07:00:00Z", "2026-11-02T08:00:00Z");
        check("2026-11-01T09:30:00Z", "2026-11-02T08:00:00Z");
    }

    #[test]
    fn a_moment_outside_the_calendar_gets_a_plain_day() {
        let end = Timestamp::from_micros(i64::MAX);
        assert_eq!(next_pacific_midnight(end), end);
    }

    #[test]
    fn sums_and_differences_stop_at_the_ends() {
        let now = Timestamp::from_seconds(10);
        assert_eq!((now + Duration::from_millis(1_500)).as_micros(), 11_500_000);
        assert_eq!(now.before(Duration::from_secs(3)), Timestamp::from_seconds(7));
        assert_eq!(now.before(Duration::MAX).as_micros(), 10_000_000 - i64::MAX);
        assert_eq!(now + Duration::MAX, Timestamp::from_micros(i64::MAX));
        assert_eq!(now.since(now + Duration::from_secs(1)), Duration::ZERO);
        assert_eq!((now + Duration::from_secs(3)).since(now), Duration::from_secs(3));
        assert_eq!(Timestamp::from_micros(-1).as_seconds(), -1);
    }
}
