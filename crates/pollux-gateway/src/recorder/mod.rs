//! What was used, added up in memory and taken away in batches by the edge.
//!
//! The request path only adds to maps and to a bounded queue. What is added up is never dropped: its
//! size is bounded by the pools, keys, models and users that were active since the last batch.

mod keys;
mod log;
mod recent;

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pollux_pool::time::Timestamp;
use pollux_store::usage::{Bucket, Counts, Slot, Tally, UsageRow, minute_of};

use self::{keys::KeyLog, log::Log, recent::Recent};
use crate::trace::{Ending, Record};

pub use self::log::Logging;
pub(crate) use self::recent::Rate;

/// Adds up usage per minute, pool, key, model and user, and keeps the log of requests and the history of keys.
#[derive(Debug, Default)]
pub struct Recorder {
    rows: Mutex<HashMap<(Timestamp, Slot), UsageRow>>,
    recent: Recent,
    log: Log,
    keys: KeyLog,
}

impl Recorder {
    /// Adds to the minute that `row` falls in; keys and users that no store knows are not named.
    pub fn add(&self, mut row: UsageRow) {
        row.slot.key = row.slot.key.filter(|key| key.0 > 0);
        row.slot.user = row.slot.user.filter(|user| user.0 > 0);
        self.recent.add(&row);
        merge(&mut self.rows(), UsageRow { at: minute_of(row.at), ..row });
    }

    /// Takes all that was added since the last call.
    pub fn take(&self) -> Vec<UsageRow> {
        std::mem::take(&mut *self.rows()).into_values().collect()
    }

    /// Puts a batch back that could not be written.
    pub fn put_back(&self, batch: Vec<UsageRow>) {
        let mut rows = self.rows();
        for row in batch {
            merge(&mut rows, row);
        }
    }

    /// What waits to be taken.
    pub(crate) fn waiting(&self) -> Vec<UsageRow> {
        self.rows().values().cloned().collect()
    }

    /// A request is over: it counts once, whatever it took, and goes into the log.
    pub(crate) fn ended(&self, record: &Arc<Record>, logging: Logging, now: Timestamp) {
        if let Some(row) = counted(record, now) {
            self.add(row);
        }
        if logging.admits(record) {
            self.log.push(Arc::clone(record));
        }
    }

    /// How much was asked and used in the last minute, and by whom.
    pub(crate) fn recent(&self, now: Timestamp) -> Vec<(Slot, Rate)> {
        self.recent.rates(now)
    }

    pub(crate) fn log(&self) -> &Log {
        &self.log
    }

    /// What became of keys and is still to be written.
    pub(crate) fn keys(&self) -> &KeyLog {
        &self.keys
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<(Timestamp, Slot), UsageRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn merge(rows: &mut HashMap<(Timestamp, Slot), UsageRow>, row: UsageRow) {
    match rows.entry((row.at, row.slot.clone())) {
        Entry::Occupied(mut sum) => {
            let sum = sum.get_mut();
            sum.counts += row.counts;
            for (tally, count) in row.tallies {
                *sum.tallies.entry(tally).or_default() += count;
            }
        }
        Entry::Vacant(place) => {
            place.insert(row);
        }
    }
}

/// A request as the account has it; one whose client left before there was an answer is none.
fn counted(record: &Record, now: Timestamp) -> Option<UsageRow> {
    let (pool, _) = (record.pool?, record.status?);
    let reason = record.reason();
    let first_byte = record.first_byte.filter(|_| reason.is_none());
    let total = (record.ending == Ending::Complete).then_some(record.total);
    let tallies = [
        first_byte.map(|time| Tally::FirstByte(Bucket::of(time))),
        total.map(|time| Tally::Total(Bucket::of(time))),
        reason.map(|reason| Tally::Failed(reason.as_str())),
    ];
    let user = record.user.as_ref().map(|(id, _)| *id);
    let slot = Slot { pool, key: record.served_by, model: record.model.clone(), user };
    let failures = u64::from(reason.is_some());
    let counts = Counts { requests: 1, failures, ..Counts::default() };
    let tallies = tallies.into_iter().flatten().map(|tally| (tally, 1)).collect();
    Some(UsageRow { at: now, slot, counts, tallies })
}
