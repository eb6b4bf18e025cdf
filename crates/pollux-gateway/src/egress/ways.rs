//! Which ways are configured: of pools, and of single keys.

use std::{
    collections::{HashMap, HashSet},
    slice,
};

use pollux_pool::id::{KeyId, PoolId};

use super::Egress;
use crate::catalog::PoolEntry;

/// The ways of those for whom no proxy is configured.
const DIRECT: &[Egress] = &[Egress::Direct];

/// The ways of every pool, and of keys that have one of their own.
#[derive(Clone, Debug, Default)]
pub struct Ways {
    pools: HashMap<PoolId, Vec<Egress>>,
    own: HashMap<KeyId, Egress>,
}

impl Ways {
    /// Takes the ways in; a pool with none goes directly.
    pub fn new(
        pools: impl IntoIterator<Item = (PoolId, Vec<Egress>)>,
        own: impl IntoIterator<Item = (KeyId, Egress)>,
    ) -> Self {
        let pools = pools.into_iter().filter(|(_, ways)| !ways.is_empty()).collect();
        Self { pools, own: own.into_iter().collect() }
    }

    /// Those that a key may take: its own alone, else those of its pool.
    pub fn of(&self, pool: PoolId, key: KeyId) -> &[Egress] {
        match self.own.get(&key) {
            Some(own) => slice::from_ref(own),
            None => self.of_pool(pool),
        }
    }

    /// Those that the keys of `pools` may take, each once.
    pub fn used<'a>(&'a self, pools: &[PoolEntry]) -> HashSet<&'a Egress> {
        let mut used = HashSet::new();
        for entry in pools {
            let own = entry.keys.iter().filter_map(|key| self.own.get(&key.id));
            used.extend(own);
            if entry.keys.iter().any(|key| !self.own.contains_key(&key.id)) {
                used.extend(self.of_pool(entry.id));
            }
        }
        used
    }

    fn of_pool(&self, pool: PoolId) -> &[Egress] {
        self.pools.get(&pool).map_or(DIRECT, Vec::as_slice)
    }
}
