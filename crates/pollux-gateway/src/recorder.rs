//! What was used, added up in memory and taken away in batches by the edge.
//!
//! The request path only adds to a map; its size is bounded by the number of
//! keys, models and users active since the last batch.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Mutex, MutexGuard, PoisonError},
};

use pollux_pool::{
    id::{KeyId, ModelName, UserId},
    time::Timestamp,
};
use pollux_store::usage::{UsageRow, minute_of};

/// Adds up usage per minute, key, model and user.
#[derive(Debug, Default)]
pub struct Recorder {
    rows: Mutex<HashMap<Slot, UsageRow>>,
}

/// What rows are added up by.
type Slot = (Timestamp, Option<KeyId>, ModelName, Option<UserId>);

impl Recorder {
    /// Adds to the minute that `row` falls in.
    pub fn add(&self, row: UsageRow) {
        merge(&mut self.rows(), UsageRow { at: minute_of(row.at), ..row });
    }

    /// Takes all that was added since the last call.
    pub fn take(&self) -> Vec<UsageRow> {
        std::mem::take(&mut *self.rows()).into_values().collect()
    }

    /// What was added since the last call of [`take`](Self::take), which it stays for.
    pub(crate) fn unwritten(&self) -> Vec<UsageRow> {
        self.rows().values().cloned().collect()
    }

    /// Puts a batch back that could not be written.
    pub fn put_back(&self, batch: Vec<UsageRow>) {
        let mut rows = self.rows();
        for row in batch {
            merge(&mut rows, row);
        }
    }

    fn rows(&self) -> MutexGuard<'_, HashMap<Slot, UsageRow>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn merge(rows: &mut HashMap<Slot, UsageRow>, row: UsageRow) {
    match rows.entry((row.at, row.key, row.model.clone(), row.user)) {
        Entry::Occupied(mut sum) => sum.get_mut().counts += row.counts,
        Entry::Vacant(place) => {
            place.insert(row);
        }
    }
}
