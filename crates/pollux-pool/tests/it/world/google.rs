//! Google as projects see it: limits per minute and day, and keys that do not work.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use pollux_pool::id::KeyId;
use pollux_pool::outcome::{Lesson, Outcome, Revocation, Scope, Window};
use pollux_pool::quota::{Dimension, Violation};
use pollux_pool::time::{Timestamp, next_pacific_midnight};

/// How a key answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Serves,
    Invalid,
    OutForTheDay,
    Unserved,
    Fails,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Google {
    pub(crate) per_minute: usize,
    pub(crate) per_day: usize,
    pub(crate) projects: i64,
    pub(crate) modes: HashMap<i64, Mode>,
    /// Answers with 429.
    pub(crate) throttled: u32,
    /// The most that any project was served in a minute.
    pub(crate) most_a_minute: usize,
    used: HashMap<i64, Used>,
    seed: u64,
}

#[derive(Debug, Default)]
struct Used {
    minute: VecDeque<Timestamp>,
    day: usize,
    day_ends: Timestamp,
}

impl Google {
    pub(crate) fn new(projects: i64, per_minute: usize, per_day: usize) -> Self {
        Self {
            per_minute,
            per_day,
            projects,
            modes: HashMap::new(),
            throttled: 0,
            most_a_minute: 0,
            used: HashMap::new(),
            seed: 5,
        }
    }

    /// What a key answers to a request that arrives at `now`, and after which time.
    pub(crate) fn answer(&mut self, key: KeyId, now: Timestamp) -> (Lesson, Duration) {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(3);
        let time = Duration::from_millis(300 + (self.seed >> 40) % 2_500);
        let quick = Duration::from_millis(50);
        match self.modes.get(&key.0).copied().unwrap_or(Mode::Serves) {
            Mode::Serves => {}
            Mode::Invalid => {
                let (reason, scope) = (Revocation::Invalid, Scope::Key);
                return (Outcome::Revoked { reason, scope }.into(), quick);
            }
            Mode::Unserved => return (Outcome::Unserved.into(), quick),
            Mode::Fails => return (Outcome::Unavailable.into(), quick),
            Mode::OutForTheDay => return (self.throttle(Dimension::RPD, 1, None), quick),
        }
        let used = self.used.entry(key.0 % self.projects).or_default();
        if now >= used.day_ends {
            *used = Used { minute: std::mem::take(&mut used.minute), ..Used::default() };
            used.day_ends = next_pacific_midnight(now);
        }
        while used.minute.front().is_some_and(|at| now.since(*at) >= Duration::from_mins(1)) {
            used.minute.pop_front();
        }
        if used.day >= self.per_day {
            let limit = self.per_day;
            return (self.throttle(Dimension::RPD, limit, Some(Duration::from_secs(9))), quick);
        }
        if used.minute.len() >= self.per_minute {
            let back = used.minute.front().map(|at| (*at + Duration::from_mins(1)).since(now));
            let limit = self.per_minute;
            return (self.throttle(Dimension::RPM, limit, back), quick);
        }
        used.minute.push_back(now);
        used.day += 1;
        self.most_a_minute = self.most_a_minute.max(used.minute.len());
        (Outcome::Success.into(), time)
    }

    fn throttle(&mut self, dimension: Dimension, limit: usize, back: Option<Duration>) -> Lesson {
        self.throttled += 1;
        let window = dimension.window;
        let retry_after = back.filter(|_| window == Window::Minute);
        let violation = Violation { dimension, limit: u64::try_from(limit).ok() };
        let outcome = Outcome::Exhausted { window, retry_after };
        Lesson { outcome, violations: vec![violation], project: None }
    }
}
