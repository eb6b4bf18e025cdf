//! Counts what each project has used of each model.
//!
//! A minute is any 60 seconds; a day ends at midnight in Los Angeles, on the
//! days of 23 and 25 hours as well.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::{Quota, Tier};

static LOS_ANGELES: TimeZone = jiff::tz::get!("America/Los_Angeles");

/// The length of a minute's window, in microseconds.
const MINUTE: i64 = 60_000_000;

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    RequestsPerMinute,
    InputTokensPerMinute,
    RequestsPerDay,
}

/// A quota that a request would overstep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) dimension: Dimension,
    pub(crate) limit: u64,
}

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) violations: Vec<Violation>,
    /// When the minute's windows allow it; when only the day is used up, the
    /// rest of the clock's minute, since Google too names a short delay then.
    pub(crate) retry_micros: i64,
    pub(crate) tier: Tier,
    pub(crate) tells_consumer: bool,
}

/// The meters of all projects.
#[derive(Debug, Default)]
pub(crate) struct Meters(HashMap<String, HashMap<String, Meter>>);

impl Meters {
    /// The meter of a project for a model.
    pub(crate) fn of(&mut self, project: &str, model: &str) -> &mut Meter {
        let models = self.0.entry(project.to_owned()).or_default();
        models.entry(model.to_owned()).or_default()
    }
}

/// What one project has used of one model.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Moment and input tokens of the last 60 seconds' requests.
    minute: VecDeque<(i64, u64)>,
    day_end: i64,
    day: u64,
}

impl Meter {
    /// Counts a request of `tokens` input tokens, or says why it cannot be;
    /// a refused one does not count.
    pub(crate) fn admit(&mut self, quota: &Quota, tokens: u64, now: i64) -> Result<(), Exhausted> {
        self.forget(now);
        let mut violations = Vec::new();
        let mut retry = 0;
        if let Some(limit) = over(quota.input_tokens_per_minute, self.tokens() + tokens) {
            violations.push(Violation { dimension: Dimension::InputTokensPerMinute, limit });
            retry = retry.max(self.wait_for_tokens(limit.saturating_sub(tokens), now));
        }
        let requests = u64::try_from(self.minute.len()).unwrap_or(u64::MAX);
        if let Some(limit) = over(quota.requests_per_minute, requests + 1) {
            violations.push(Violation { dimension: Dimension::RequestsPerMinute, limit });
            retry = retry.max(self.wait_for_requests(limit, now));
        }
        if let Some(limit) = over(quota.requests_per_day, self.day + 1) {
            violations.push(Violation { dimension: Dimension::RequestsPerDay, limit });
        }
        if violations.is_empty() {
            self.minute.push_back((now, tokens));
            self.day += 1;
            return Ok(());
        }
        if retry == 0 {
            retry = MINUTE - now.rem_euclid(MINUTE);
        }
        let Quota { tier, tells_consumer, .. } = *quota;
        Err(Exhausted { violations, retry_micros: retry, tier, tells_consumer })
    }

    fn forget(&mut self, now: i64) {
        while self.minute.front().is_some_and(|(at, _)| at + MINUTE <= now) {
            self.minute.pop_front();
        }
        if now >= self.day_end {
            self.day = 0;
            self.day_end = next_midnight(now);
        }
    }

    fn tokens(&self) -> u64 {
        self.minute.iter().map(|(_, tokens)| tokens).sum()
    }

    /// How long until at most `room` tokens are in the window.
    fn wait_for_tokens(&self, room: u64, now: i64) -> i64 {
        let mut used = self.tokens();
        for (at, tokens) in &self.minute {
            used -= tokens;
            if used <= room {
                return at + MINUTE - now;
            }
        }
        MINUTE
    }

    /// How long until fewer than `limit` requests are in the window.
    fn wait_for_requests(&self, limit: u64, now: i64) -> i64 {
        let leaving =
            usize::try_from(limit).ok().and_then(|limit| self.minute.len().checked_sub(limit));
        match leaving.and_then(|index| self.minute.get(index)) {
            Some((at, _)) => at + MINUTE - now,
            None => MINUTE,
        }
    }
}

/// The limit, when `wanted` is over it.
fn over(limit: Option<u64>, wanted: u64) -> Option<u64> {
    limit.filter(|limit| wanted > *limit)
}

/// The first midnight in Los Angeles after `now`, in microseconds.
fn next_midnight(now: i64) -> i64 {
    let day = 24 * 60 * MINUTE;
    let midnight = Timestamp::from_microsecond(now).ok().and_then(|now| {
        let local = now.to_zoned(LOS_ANGELES.clone());
        local.checked_add(1.day()).ok()?.start_of_day().ok()
    });
    midnight.map_or(now.saturating_add(day), |midnight| midnight.timestamp().as_microsecond())
}
