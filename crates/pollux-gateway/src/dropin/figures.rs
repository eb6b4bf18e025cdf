//! What was asked of each key and how that went: what is written down, what is not yet, and how the
//! last requests went.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::usage::{Counts, Group};

use crate::{
    admin::access::unreadable,
    app::Gateway,
    failure::Failure,
    trace::{Attempt, Record},
};

/// Figures of one moment.
pub(super) struct Figures {
    counts: HashMap<Option<KeyId>, Counts>,
    /// The last requests, the newest first.
    pub(super) last: Vec<Arc<Record>>,
    now: Timestamp,
}

impl Figures {
    /// Reads those of one pool's keys.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn of_pool(gateway: &Gateway, pool: PoolId) -> Result<Self, Failure> {
        let mut figures = Self::read(gateway).await?;
        let catalog = gateway.shared().catalog.load();
        let keys = catalog.stored.keys.iter().filter(|key| key.pool == pool);
        let own: HashSet<KeyId> = keys.map(|key| key.id).collect();
        figures.counts.retain(|key, _| key.is_some_and(|key| own.contains(&key)));
        figures.last.retain(|record| record.attempts.iter().any(|it| own.contains(&it.key)));
        Ok(figures)
    }

    /// Reads those of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn read(gateway: &Gateway) -> Result<Self, Failure> {
        let (shared, now) = (gateway.shared(), gateway.now());
        // What is written meanwhile is counted once at most, and missed for a moment.
        let fresh = shared.recorder.unwritten();
        let until = now + Duration::from_mins(1);
        let kept = shared.store.usage(Timestamp::default(), until, Group::Key).await;
        let kept = kept.map_err(unreadable)?.into_iter().map(|total| (total.key, total.counts));
        let mut counts: HashMap<Option<KeyId>, Counts> = HashMap::new();
        for (key, more) in kept.chain(fresh.into_iter().map(|row| (row.key, row.counts))) {
            *counts.entry(key).or_default() += more;
        }
        Ok(Self { counts, last: shared.traces.newest(usize::MAX, |_| true), now })
    }

    /// What was asked of a key.
    pub(super) fn of(&self, key: KeyId) -> Counts {
        self.counts.get(&Some(key)).copied().unwrap_or_default()
    }

    /// What was asked of all of them; of every pool also what no key could be asked for.
    pub(super) fn total(&self) -> Counts {
        let mut total = Counts::default();
        self.counts.values().for_each(|counts| total += *counts);
        total
    }

    /// The last requests that came within a while.
    pub(super) fn within(&self, time: Duration) -> impl Iterator<Item = &Record> {
        let last = self.last.iter().map(AsRef::as_ref);
        last.filter(move |record| record.at + time > self.now)
    }

    /// The mean time in milliseconds of a key's answers to the last requests; 0 without any.
    pub(super) fn mean_millis(&self, key: KeyId) -> u64 {
        mean(self.attempts().filter(|attempt| attempt.key == key).filter_map(took))
    }

    /// The same for all keys.
    pub(super) fn mean_millis_of_all(&self) -> u64 {
        mean(self.attempts().filter_map(took))
    }

    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.last.iter().flat_map(|record| &record.attempts)
    }
}

/// The share of a key's attempts that ended well; 0 without any.
#[expect(clippy::cast_precision_loss, reason = "a share needs no 52 bits")]
pub(super) fn success_rate(counts: Counts) -> f64 {
    if counts.attempts == 0 {
        return 0.0;
    }
    successes(counts) as f64 / counts.attempts as f64
}

/// Answers that clients got whole.
pub(super) fn successes(counts: Counts) -> u64 {
    counts.requests.saturating_sub(counts.failures).min(counts.attempts)
}

fn took(attempt: &Attempt) -> Option<Duration> {
    attempt.verdict.as_ref().map(|verdict| verdict.took)
}

/// The mean of times, in milliseconds; 0 without any.
pub(super) fn mean(times: impl Iterator<Item = Duration>) -> u64 {
    let (sum, count) = times.fold((0, 0), |(sum, count), time| (sum + time.as_millis(), count + 1));
    u64::try_from(sum.checked_div(count).unwrap_or_default()).unwrap_or(u64::MAX)
}
