//! Failover for one request: whether another attempt is worth it, and when.
//!
//! A plan is asked after every attempt that ended before the first byte went
//! to the client. An attempt that taught something about its key is repeated
//! on another key at once and for nothing; one that only failed spends from
//! the pool's retry budget and waits a little.

use std::time::Duration;

use crate::budget::Budget;
use crate::id::KeyId;
use crate::outcome::Outcome;
use crate::rng::Rng;
use crate::time::Timestamp;

/// The first wait after an attempt that only failed.
const FIRST_BACKOFF: Duration = Duration::from_millis(50);
/// How many times the allowed attempts a request may make when most of them teach something.
const WITH_LESSONS: u32 = 4;
/// The longest wait after an attempt that only failed.
const LAST_BACKOFF: Duration = Duration::from_secs(1);

/// How far a request may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most attempts, the first one included; one that proves its key unusable does not
    /// count, up to four times as many in all.
    pub max_attempts: u32,
    /// The time after which no attempt begins.
    pub deadline: Duration,
    /// The longest that a request waits for cooling keys, all its waits together.
    pub max_wait: Duration,
}

impl Default for Limits {
    /// Four attempts, begun within a minute, and 5 seconds of waiting at most.
    fn default() -> Self {
        Self { max_attempts: 4, deadline: Duration::from_mins(1), max_wait: Duration::from_secs(5) }
    }
}

/// What to do after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give the client what this attempt brought.
    Deliver,
    /// Lease another key and send again.
    Retry {
        /// How long to wait first.
        delay: Duration,
    },
}

/// One request's way from key to key.
#[derive(Clone, Debug)]
pub struct Plan {
    limits: Limits,
    deadline: Timestamp,
    attempts: u32,
    lessons: u32,
    tried: Vec<KeyId>,
    /// Those of `tried` that failed for reasons which are not theirs.
    blameless: Vec<KeyId>,
    waited: Duration,
    failures: u32,
    empties: u32,
    judged: bool,
}

impl Plan {
    /// Begins a request at `now`.
    pub fn new(limits: Limits, now: Timestamp) -> Self {
        Self {
            limits,
            deadline: now + limits.deadline,
            attempts: 0,
            lessons: 0,
            tried: Vec::new(),
            blameless: Vec::new(),
            waited: Duration::ZERO,
            failures: 0,
            empties: 0,
            judged: false,
        }
    }

    /// Returns the keys that the next lease must pass over.
    pub fn tried(&self) -> &[KeyId] {
        &self.tried
    }

    /// Returns how many attempts were made.
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns whether any attempt has ended.
    pub const fn is_judged(&self) -> bool {
        self.judged
    }

    /// Notes that an attempt with `key` begins.
    pub fn attempt(&mut self, key: KeyId) {
        self.attempts = self.attempts.saturating_add(1);
        self.tried.push(key);
    }

    /// Decides what follows from the outcome of the attempt that was begun last.
    pub fn after(&mut self, outcome: &Outcome, now: Timestamp, budget: &mut Budget) -> Step {
        self.judged = true;
        let delay = match *outcome {
            Outcome::Success | Outcome::Rejected | Outcome::NotOwner | Outcome::Blocked => {
                return Step::Deliver;
            }
            Outcome::Revoked { .. } | Outcome::Exhausted { .. } | Outcome::Unserved => {
                self.lessons = self.lessons.saturating_add(1);
                return self.retry(Duration::ZERO, now);
            }
            Outcome::Unavailable => {
                self.failures = self.failures.saturating_add(1);
                self.backoff(now)
            }
            Outcome::Empty => {
                self.empties = self.empties.saturating_add(1);
                if self.empties > 1 {
                    return Step::Deliver;
                }
                Duration::ZERO
            }
        };
        self.blameless.extend(self.tried.last());
        match self.retry(delay, now) {
            Step::Retry { .. } if !budget.withdraw(now) => Step::Deliver,
            step @ (Step::Retry { .. } | Step::Deliver) => step,
        }
    }

    /// Lets the keys that failed for reasons which are not theirs be tried once more.
    ///
    /// For when every ready key has been tried; returns whether there were any.
    pub fn again(&mut self) -> bool {
        let blameless = std::mem::take(&mut self.blameless);
        self.tried.retain(|key| !blameless.contains(key));
        !blameless.is_empty()
    }

    /// Returns until when a request that finds no key at `now` may wait for one.
    pub fn wait_until(&self, now: Timestamp) -> Timestamp {
        let left = self.limits.max_wait.saturating_sub(self.waited);
        (now + left).min(self.deadline).max(now)
    }

    /// Notes that a key was waited for; after a wait every key may be tried once more.
    pub fn waited(&mut self, time: Duration) {
        if !time.is_zero() {
            self.waited = self.waited.saturating_add(time);
            self.tried.clear();
            self.blameless.clear();
        }
    }

    /// Returns how long keys were waited for.
    pub const fn time_waited(&self) -> Duration {
        self.waited
    }

    fn retry(&self, delay: Duration, now: Timestamp) -> Step {
        let most = self.limits.max_attempts;
        let spent = self.attempts.saturating_sub(self.lessons) >= most
            || self.attempts >= most.saturating_mul(WITH_LESSONS);
        if spent || now + delay >= self.deadline {
            return Step::Deliver;
        }
        Step::Retry { delay }
    }

    /// Doubles with every failure and lies anywhere between half and the whole of that.
    fn backoff(&self, now: Timestamp) -> Duration {
        let doublings = self.failures.saturating_sub(1).min(16);
        let whole = FIRST_BACKOFF.saturating_mul(1 << doublings).min(LAST_BACKOFF);
        let half = whole / 2;
        let seed = now.as_micros().unsigned_abs() ^ (u64::from(self.attempts) << 48);
        let spread = usize::try_from(half.as_micros()).unwrap_or(usize::MAX);
        let extra = Rng::new(seed).below(spread.saturating_add(1));
        half + Duration::from_micros(u64::try_from(extra).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests;
