//! What was asked of each key and how that went: what is written down, what is not yet, and how the
//! last requests went.

use std::{collections::HashMap, sync::Arc, time::Duration};

use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::usage::{Counts, Filter, Group, Query, Step, minute_of};

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
    now: Timestamp,
}

impl Figures {
    /// Reads those of one pool, or of all.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn read(gateway: &Gateway, pool: Option<PoolId>) -> Result<Self, Failure> {
        let now = gateway.now();
        let counts = counted(gateway, pool, Timestamp::default()).await?;
        let recent = counted(gateway, pool, now.before(RECENT)).await?;
        let is_ours = |record: &Record| pool.is_none_or(|pool| record.pool == Some(pool));
        let last = gateway.shared().traces.newest(usize::MAX, is_ours);
        Ok(Self { counts, recent: sum(recent.values()), last, now })
    }

    /// What was asked of a key.
    pub(super) fn of(&self, key: KeyId) -> Counts {
        self.counts.get(&Some(key)).copied().unwrap_or_default()
    }

    /// What was asked of all keys, and what none could be asked for.
    pub(super) fn total(&self) -> Counts {
        sum(self.counts.values())
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

/// What was asked since then, by key: what is written down, and what is not yet.
async fn counted(
    gateway: &Gateway,
    pool: Option<PoolId>,
    since: Timestamp,
) -> Result<HashMap<Option<KeyId>, Counts>, Failure> {
    let shared = gateway.shared();
    let only = Filter { pool, ..Filter::default() };
    // What has happened at this very moment belongs to it.
    let until = gateway.now() + Duration::from_micros(1);
    let query = Query { since, until, step: Step::All, by: Group::Key, only };
    let waiting =
        shared.recorder.waiting().into_iter().filter(|row| {
            row.at >= minute_of(since) && pool.is_none_or(|pool| row.slot.pool == pool)
        });
    let kept = shared.store.usage(&query).await.map_err(unreadable)?;
    let kept = kept.into_iter().map(|total| (total.key, total.counts));
    let mut counts: HashMap<Option<KeyId>, Counts> = HashMap::new();
    for (key, more) in kept.chain(waiting.map(|row| (row.slot.key, row.counts))) {
        *counts.entry(key).or_default() += more;
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
