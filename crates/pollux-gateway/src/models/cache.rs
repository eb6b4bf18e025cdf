//! The newest list of each pool's models, and the lock under which it is renewed.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwapOption;
use pollux_pool::{id::PoolId, time::Timestamp};

/// One model, as every dialect's list needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedModel {
    /// The id, without `models/`.
    pub(crate) id: String,
    /// The name for people.
    pub(crate) display_name: String,
    /// What it is asked by, as `generateContent`.
    pub(crate) methods: Vec<String>,
    /// The most tokens that may go in.
    pub(crate) input_limit: Option<u64>,
    /// The most tokens that may come out.
    pub(crate) output_limit: Option<u64>,
    /// Whether it thinks, as far as the list says so.
    pub(crate) thinks: bool,
}

/// A list, and until when it is good.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) models: Vec<ListedModel>,
    pub(crate) good_until: Timestamp,
}

/// The newest list of each pool.
#[derive(Debug, Default)]
pub(crate) struct ModelCache {
    pools: Mutex<HashMap<PoolId, Arc<Slot>>>,
}

#[derive(Debug, Default)]
pub(super) struct Slot {
    pub(super) list: ArcSwapOption<Listed>,
    pub(super) refresh: futures_util::lock::Mutex<()>,
}

impl ModelCache {
    pub(super) fn slot(&self, pool: PoolId) -> Arc<Slot> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(pools.entry(pool).or_default())
    }
}
