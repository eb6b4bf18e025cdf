//! What was asked of each key and how that went: what is written down, what is not yet, and how the
//! last requests went.

use std::{collections::HashMap, hash::Hash, sync::Arc, time::Duration};

use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::usage::{Counts, Filter, Group, Query, Slot, Step, UsageTotal, minute_of};

use crate::{
    admin::access::unreadable,
    app::Gateway,
    failure::Failure,
    trace::{Attempt, Record},
};

/// What counts as recent.
const RECENT: Duration = Duration::from_hours(1);

/// Figures of one moment.
pub(super) struct Figures {
    counts: HashMap<Option<KeyId>, Counts>,
    /// What came within the last hour.
    pub(super) recent: Counts,
    /// The last requests, the newest first.
    pub(super) last: Vec<Arc<Record>>,
}

impl Figures {
    /// Reads those of one pool, or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn read(gateway: &Gateway, pool: Option<PoolId>) -> Result<Self, Failure> {
        let now = gateway.now();
        let by_key: By<KeyId> =
            (Group::Key, |slot: &Slot| slot.key, |total: &UsageTotal| total.key);
        let counts = counted(gateway, by_key, pool, Timestamp::default()).await?;
        let recent = counted(gateway, by_key, pool, now.before(RECENT)).await?;
        let is_ours = |record: &Record| pool.is_none_or(|pool| record.pool == Some(pool));
        let last = gateway.shared().traces.newest(usize::MAX, is_ours);
        Ok(Self { counts, recent: sum(recent.values()), last })
    }

    /// What was asked of a key.
    pub(super) fn of(&self, key: KeyId) -> Counts {
        self.counts.get(&Some(key)).copied().unwrap_or_default()
    }

    /// What was asked of all keys, and what none could be asked for.
    pub(super) fn total(&self) -> Counts {
        sum(self.counts.values())
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

/// Figures of all pools at one moment.
pub(super) struct PoolFigures {
    counts: HashMap<Option<PoolId>, Counts>,
    last: Vec<Arc<Record>>,
    now: Timestamp,
}

impl PoolFigures {
    /// Reads them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn read(gateway: &Gateway) -> Result<Self, Failure> {
        let by_pool: By<PoolId> =
            (Group::Pool, |slot: &Slot| Some(slot.pool), |it: &UsageTotal| it.pool);
        let counts = counted(gateway, by_pool, None, Timestamp::default()).await?;
        let last = gateway.shared().traces.newest(usize::MAX, |_| true);
        Ok(Self { counts, last, now: gateway.now() })
    }

    /// What was asked of a pool.
    pub(super) fn of(&self, pool: PoolId) -> Counts {
        self.counts.get(&Some(pool)).copied().unwrap_or_default()
    }

    /// When the last requests of a pool came, the newest first.
    pub(super) fn times(&self, pool: PoolId) -> impl Iterator<Item = Timestamp> {
        let own = self.last.iter().filter(move |record| record.pool == Some(pool));
        own.map(|record| record.at)
    }

    /// Those of them within a while.
    pub(super) fn within(&self, pool: PoolId, time: Duration) -> impl Iterator<Item = Timestamp> {
        self.times(pool).filter(move |at| *at + time > self.now)
    }
}

/// By what is added up: as the store takes it, and how it reads in what waits and in what is kept.
type By<K> = (Group, fn(&Slot) -> Option<K>, fn(&UsageTotal) -> Option<K>);

/// What was asked since then: what is written down, and what is not yet.
async fn counted<K: Eq + Hash>(
    gateway: &Gateway,
    (by, of_slot, of_total): By<K>,
    pool: Option<PoolId>,
    since: Timestamp,
) -> Result<HashMap<Option<K>, Counts>, Failure> {
    let shared = gateway.shared();
    let only = Filter { pool, ..Filter::default() };
    // What has happened at this very moment belongs to it.
    let until = gateway.now() + Duration::from_micros(1);
    let query = Query { since, until, step: Step::All, by, only };
    let waiting =
        shared.recorder.waiting().into_iter().filter(|row| {
            row.at >= minute_of(since) && pool.is_none_or(|pool| row.slot.pool == pool)
        });
    let kept = shared.store.usage(&query).await.map_err(unreadable)?;
    let kept = kept.into_iter().map(|total| (of_total(&total), total.counts));
    let mut counts: HashMap<Option<K>, Counts> = HashMap::new();
    for (about, more) in kept.chain(waiting.map(|row| (of_slot(&row.slot), row.counts))) {
        *counts.entry(about).or_default() += more;
    }
    Ok(counts)
}

fn sum<'a>(counts: impl Iterator<Item = &'a Counts>) -> Counts {
    let mut total = Counts::default();
    counts.for_each(|counts| total += *counts);
    total
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
