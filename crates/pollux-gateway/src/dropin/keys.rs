//! The keys as the other systems see them: with what is live of each, and never whole.

use std::collections::HashMap;

use pollux_pool::{
    health::{Health, KeyView},
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::keys::StoredKey;
use serde::{Serialize, Serializer};

use crate::{app::Gateway, catalog::Catalog};

/// A key, and what is live of it where it is in use.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) key: &'a StoredKey,
    pub(super) live: Option<&'a KeyView>,
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Healthy,
    /// It rests for some model.
    RateLimited,
    /// Google refuses it.
    Unhealthy,
    /// It is switched off, and nobody looks at it.
    Unknown,
}

impl State {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::RateLimited => "rate_limited",
            Self::Unhealthy => "unhealthy",
            Self::Unknown => "unknown",
        }
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Known<'_> {
    pub(super) fn state(self) -> State {
        match self.live {
            None => State::Unknown,
            Some(live) if matches!(live.health, Health::Revoked { .. }) => State::Unhealthy,
            Some(live) if !live.cooldowns.is_empty() => State::RateLimited,
            Some(_) => State::Healthy,
        }
    }

    /// How often in a row Google has refused it.
    pub(super) fn refusals(self) -> u32 {
        match self.live.map(|live| live.health) {
            Some(Health::Revoked { streak, .. }) => streak,
            Some(Health::Active) | None => 0,
        }
    }

    /// Since when Google has refused it.
    pub(super) fn refused_at(self) -> Option<Timestamp> {
        match self.live.map(|live| live.health) {
            Some(Health::Revoked { since, .. }) => Some(since),
            Some(Health::Active) | None => None,
        }
    }

    /// As much of the key as is shown.
    pub(super) fn masked(self) -> String {
        masked(&self.key.last4)
    }
}

/// As much of a secret as is shown: its end, where it is long enough.
pub(super) fn masked(last4: &str) -> String {
    format!("...{last4}")
}

/// What is live of the keys of all pools.
pub(super) fn live(gateway: &Gateway, catalog: &Catalog) -> HashMap<KeyId, KeyView> {
    let pools = catalog.pools.iter();
    let views = pools.flat_map(|pool| gateway.shared().ledger.view(pool.id));
    views.map(|view| (view.id, view)).collect()
}

/// The keys of a pool, in their order.
pub(super) fn of_pool<'a>(
    catalog: &'a Catalog,
    live: &'a HashMap<KeyId, KeyView>,
    pool: PoolId,
) -> impl Iterator<Item = Known<'a>> {
    every(catalog, live).filter(move |known| known.key.pool == pool)
}

/// The keys of all pools, in their order.
pub(super) fn every<'a>(
    catalog: &'a Catalog,
    live: &'a HashMap<KeyId, KeyView>,
) -> impl Iterator<Item = Known<'a>> {
    let keys = catalog.stored.keys.iter();
    keys.map(|key| Known { key, live: live.get(&key.id) })
}
