//! How many retries a pool may still send, so that an outage is not multiplied.
//!
//! Every request pays a fraction of a retry into a reserve; besides, a few
//! retries a second are always free, so that a quiet pool can retry at all.

use std::time::Duration;

use crate::time::Timestamp;

/// Retries a second that need no reserve.
const FLOOR: f64 = 10.0;
/// The most retries that the reserve can hold.
const RESERVE: f64 = 100.0;

/// The retry budget of one pool.
#[derive(Clone, Debug)]
pub struct Budget {
    floor: f64,
    ratio: f64,
    reserve: f64,
    free: f64,
    refilled: Timestamp,
}

impl Budget {
    /// The share of requests that may be retried unless a setting says otherwise.
    pub const RATIO: f64 = 0.2;

    /// Makes a budget that lets `ratio` of all requests be retried, at least 0 and at most 1.
    pub fn new(ratio: f64, now: Timestamp) -> Self {
        Self::with_floor(FLOOR, ratio, now)
    }

    /// Makes a budget of which nothing is free: it lets `ratio` of all requests be repeated.
    pub fn without_floor(ratio: f64, now: Timestamp) -> Self {
        Self::with_floor(0.0, ratio, now)
    }

    fn with_floor(floor: f64, ratio: f64, now: Timestamp) -> Self {
        let mut budget = Self { floor, ratio: 0.0, reserve: 0.0, free: floor, refilled: now };
        budget.set_ratio(ratio);
        budget
    }

    /// Returns which share of requests may be repeated.
    pub const fn ratio(&self) -> f64 {
        self.ratio
    }

    /// Changes which share of requests may be retried, from now on.
    pub const fn set_ratio(&mut self, ratio: f64) {
        self.ratio = if ratio.is_nan() { Self::RATIO } else { ratio.clamp(0.0, 1.0) };
    }

    /// Counts a request that a client sent.
    pub fn deposit(&mut self, now: Timestamp) {
        self.refill(now);
        self.reserve = (self.reserve + self.ratio).min(RESERVE);
    }

    /// Takes one retry, and returns whether there was one.
    pub fn withdraw(&mut self, now: Timestamp) -> bool {
        self.refill(now);
        for purse in [&mut self.free, &mut self.reserve] {
            if *purse >= 1.0 {
                *purse -= 1.0;
                return true;
            }
        }
        false
    }

    fn refill(&mut self, now: Timestamp) {
        let passed: Duration = now.since(self.refilled);
        self.free = (self.free + passed.as_secs_f64() * self.floor).min(self.floor);
        self.refilled = self.refilled.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_000);

    fn withdrawals(budget: &mut Budget, now: Timestamp) -> usize {
        (0..1_000).take_while(|_| budget.withdraw(now)).count()
    }

    #[test]
    fn a_quiet_pool_may_retry_ten_times_a_second() {
        let mut budget = Budget::new(0.2, START);
        assert_eq!(withdrawals(&mut budget, START), 10);
        assert_eq!(withdrawals(&mut budget, START + Duration::from_millis(500)), 5);
        assert_eq!(withdrawals(&mut budget, START + Duration::from_mins(1)), 10);
    }

    #[test]
    fn requests_earn_a_fifth_of_a_retry_each() {
        let mut budget = Budget::new(0.2, START);
        assert_eq!(withdrawals(&mut budget, START), 10);
        (0..51).for_each(|_| budget.deposit(START));
        assert_eq!(withdrawals(&mut budget, START), 10);
    }

    #[test]
    fn without_a_floor_only_requests_earn() {
        let mut budget = Budget::without_floor(0.02, START);
        assert_eq!(withdrawals(&mut budget, START + Duration::from_mins(9)), 0);
        (0..101).for_each(|_| budget.deposit(START));
        assert_eq!(withdrawals(&mut budget, START), 2);
    }

    #[test]
    fn the_reserve_is_capped() {
        let mut budget = Budget::new(1.0, START);
        (0..10_000).for_each(|_| budget.deposit(START));
        assert_eq!(withdrawals(&mut budget, START), 110);
    }

    #[test]
    fn a_senseless_ratio_is_brought_to_sense() {
        for (ratio, want) in [(-3.0, 10), (9.0, 60), (f64::NAN, 20)] {
            let mut budget = Budget::new(ratio, START);
            (0..51).for_each(|_| budget.deposit(START));
            let got = withdrawals(&mut budget, START);
            assert!(got.abs_diff(want) <= 1, "{ratio}: {got}");
        }
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut budget = Budget::new(0.0, START);
        assert_eq!(withdrawals(&mut budget, START), 10);
        assert_eq!(withdrawals(&mut budget, Timestamp::from_seconds(0)), 0);
        assert_eq!(withdrawals(&mut budget, START), 0);
    }
}
