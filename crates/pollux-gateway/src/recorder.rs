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
use pollux_store::usage::{Counts, UsageRow, minute_of};
use pollux_translate::usage::Usage;

/// One attempt upstream, when it is over.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The key that made it.
    pub key: KeyId,
    /// The model that was asked.
    pub model: ModelName,
    /// The user who asked.
    pub user: UserId,
    /// Whether its answer went to the client.
    pub answered: bool,
    /// Whether it failed, before or after its answer began.
    pub failed: bool,
    /// The tokens Google counted; zero when it said nothing.
    pub usage: Usage,
}

/// Adds up usage per minute, key, model and user.
#[derive(Debug, Default)]
pub struct Recorder {
    rows: Mutex<HashMap<Slot, UsageRow>>,
}

/// What rows are added up by.
type Slot = (Timestamp, Option<KeyId>, ModelName, Option<UserId>);

impl Recorder {
    /// Adds one finished attempt.
    pub fn add(&self, attempt: &Attempt, now: Timestamp) {
        let Usage { prompt, cached, tool_prompt, output, thoughts, total: _ } = attempt.usage;
        let counts = Counts {
            requests: u64::from(attempt.answered),
            attempts: 1,
            failures: u64::from(attempt.failed),
            prompt_tokens: prompt + tool_prompt,
            cached_tokens: cached,
            output_tokens: output,
            thought_tokens: thoughts,
        };
        let row = UsageRow {
            at: minute_of(now),
            key: Some(attempt.key),
            model: attempt.model.clone(),
            user: Some(attempt.user),
            counts,
        };
        merge(&mut self.rows(), row);
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
