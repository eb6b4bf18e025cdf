//! How often something happens: a count that halves every ten minutes.

use std::time::Duration;

use crate::time::Timestamp;

const HALF_LIFE: Duration = Duration::from_mins(10);

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    count: f64,
    at: Timestamp,
}

impl Rate {
    /// Notes that it happened.
    pub(crate) fn note(&mut self, now: Timestamp) {
        self.count = self.count_at(now) + 1.0;
        self.at = self.at.max(now);
    }

    /// Returns how often it happens in a second.
    pub(crate) fn per_second(&self, now: Timestamp) -> f64 {
        self.count_at(now) * std::f64::consts::LN_2 / HALF_LIFE.as_secs_f64()
    }

    fn count_at(&self, now: Timestamp) -> f64 {
        self.count * (-now.since(self.at).as_secs_f64() / HALF_LIFE.as_secs_f64()).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_rate_is_found_and_an_old_one_forgotten() {
        let mut rate = Rate::default();
        let mut now = Timestamp::from_seconds(1_780_000_000);
        for _ in 0..7_200 {
            now = now + Duration::from_secs(1);
            rate.note(now);
        }
        assert!((rate.per_second(now) - 1.0).abs() < 0.01, "{}", rate.per_second(now));
        let later = rate.per_second(now + Duration::from_mins(20));
        assert!((later - 0.25).abs() < 0.01, "{later}");
    }
}
