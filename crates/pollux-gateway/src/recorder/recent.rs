//! The last sixty seconds, second by second.

use std::{
    collections::{HashMap, VecDeque},
    ops::AddAssign,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pollux_pool::time::Timestamp;
use pollux_store::usage::{Slot, UsageRow};

/// How many seconds are kept.
const KEPT: i64 = 60;

/// What was asked and used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) requests: u64,
    pub(crate) tokens: u64,
}

impl AddAssign for Rate {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.tokens += more.tokens;
    }
}

/// Adds up each second; its size is bounded by who was active in the last minute.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<VecDeque<Second>>);

#[derive(Debug)]
struct Second {
    at: i64,
    rates: HashMap<Slot, Rate>,
}

impl Recent {
    pub(super) fn add(&self, row: &UsageRow) {
        let rate = Rate { requests: row.counts.requests, tokens: row.counts.tokens() };
        if rate == Rate::default() {
            return;
        }
        let now = row.at.as_seconds();
        let mut seconds = self.seconds();
        forget(&mut seconds, now);
        // A clock that is set back adds to the newest second there is.
        if seconds.back().is_none_or(|newest| newest.at < now) {
            seconds.push_back(Second { at: now, rates: HashMap::new() });
        }
        if let Some(newest) = seconds.back_mut() {
            *newest.rates.entry(row.slot.clone()).or_default() += rate;
        }
    }

    pub(super) fn rates(&self, now: Timestamp) -> Vec<(Slot, Rate)> {
        let mut sums: HashMap<Slot, Rate> = HashMap::new();
        let mut seconds = self.seconds();
        forget(&mut seconds, now.as_seconds());
        for (slot, rate) in seconds.iter().flat_map(|second| &second.rates) {
            *sums.entry(slot.clone()).or_default() += *rate;
        }
        sums.into_iter().collect()
    }

    fn seconds(&self) -> MutexGuard<'_, VecDeque<Second>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn forget(seconds: &mut VecDeque<Second>, now: i64) {
    while seconds.front().is_some_and(|oldest| oldest.at <= now - KEPT) {
        seconds.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use pollux_pool::id::{ModelName, PoolId};
    use pollux_store::usage::Counts;

    use super::*;

    fn row(seconds: i64, requests: u64) -> UsageRow {
        let model = Some(ModelName::new("pro"));
        UsageRow {
            at: Timestamp::from_seconds(seconds),
            slot: Slot { pool: PoolId(1), key: None, model, user: None },
            counts: Counts { requests, output_tokens: 10 * requests, ..Counts::default() },
            tallies: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn a_minute_goes_with_the_clock() {
        let recent = Recent::default();
        let now = |seconds| {
            let rates = recent.rates(Timestamp::from_seconds(seconds));
            rates.first().map_or((0, 0), |(_, rate)| (rate.requests, rate.tokens))
        };
        for (at, requests) in [(100, 1), (100, 2), (130, 4), (129, 8), (159, 16)] {
            recent.add(&row(at, requests));
        }
        assert_eq!(now(159), (31, 310));
        assert_eq!(now(160), (28, 280));
        assert_eq!(now(190), (16, 160));
        assert_eq!(now(219), (0, 0));
        assert!(recent.seconds().is_empty());
    }
}
