//! A pool in its shape there: with its keys, which are never whole, and with figures that are real.

use std::time::Duration;

use pollux_pool::{id::PoolId, time::Timestamp};
use pollux_store::{keys::StoredKey, pools::StoredPool, secret::Secret};
use serde::Serialize;

use super::ALLOWED;
use crate::{
    admin::{pools::own_user, view::Moment},
    catalog::Catalog,
    dropin::{figures::PoolFigures, keys::masked},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pool {
    id: String,
    name: String,
    description: String,
    /// Empty for a pool that has none.
    auth_key: String,
    gemini_keys: Vec<OneKey>,
    /// None is all.
    allowed_models: Vec<String>,
    enabled: bool,
    stats: Used,
    created_at: Moment,
    updated_at: Moment,
}

#[derive(Serialize)]
struct OneKey {
    id: String,
    key: String,
    name: String,
    enabled: bool,
    weight: u32,
}

/// What was asked; moments are in milliseconds.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Used {
    last_request_time: Option<i64>,
    total_tokens: u64,
    prompt_tokens: u64,
    completion_tokens: u64,
    requests_last_minute: Vec<i64>,
    requests_last_day: Vec<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figured {
    pool_id: String,
    pool_name: String,
    stats: Used,
    gemini_keys_count: usize,
    enabled_keys_count: usize,
    allowed_models_count: usize,
    enabled: bool,
    created_at: Moment,
    updated_at: Moment,
}

/// A pool, with its access key where that was made for this answer.
pub(super) fn pool(
    catalog: &Catalog,
    figures: &PoolFigures,
    pool: &StoredPool,
    secret: Option<&Secret>,
) -> Pool {
    let keys = catalog.stored.keys.iter().filter(|key| key.pool == pool.id);
    let shown = own_user(catalog, pool.id).map(|user| masked(&user.last4)).unwrap_or_default();
    Pool {
        id: pool.id.to_string(),
        name: pool.about.name.clone(),
        description: pool.about.description.clone(),
        auth_key: secret.map_or(shown, |secret| secret.expose().to_owned()),
        gemini_keys: (1..).zip(keys).map(|(number, it)| key(number, it)).collect(),
        allowed_models: allowed(catalog, pool.id),
        enabled: pool.about.enabled,
        stats: used(figures, pool.id),
        created_at: Moment(pool.created_at),
        updated_at: Moment(pool.created_at),
    }
}

/// The figures of a pool.
pub(super) fn stats(catalog: &Catalog, figures: &PoolFigures, pool: &StoredPool) -> Figured {
    let keys = catalog.stored.keys.iter().filter(|key| key.pool == pool.id);
    let (all, enabled) = (keys.clone().count(), keys.filter(|key| key.enabled).count());
    Figured {
        pool_id: pool.id.to_string(),
        pool_name: pool.about.name.clone(),
        stats: used(figures, pool.id),
        gemini_keys_count: all,
        enabled_keys_count: enabled,
        allowed_models_count: allowed(catalog, pool.id).len(),
        enabled: pool.about.enabled,
        created_at: Moment(pool.created_at),
        updated_at: Moment(pool.created_at),
    }
}

fn key(number: usize, key: &StoredKey) -> OneKey {
    let name = &key.remarks.name;
    OneKey {
        id: id_of(key.id.0),
        key: masked(&key.last4),
        name: if name.is_empty() { format!("Key {number}") } else { name.clone() },
        enabled: key.enabled,
        weight: key.about.weight,
    }
}

/// What a key is called there.
pub(super) fn id_of(id: i64) -> String {
    format!("key_{id}")
}

fn allowed(catalog: &Catalog, pool: PoolId) -> Vec<String> {
    let row = catalog.described.find(ALLOWED);
    let text = row.and_then(|row| row.pools.get(&pool)).map(String::as_str).unwrap_or_default();
    let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn used(figures: &PoolFigures, pool: PoolId) -> Used {
    let total = figures.of(pool);
    let millis = |at: Timestamp| at.as_micros() / 1000;
    let within = |time| figures.within(pool, time).map(millis).collect();
    Used {
        last_request_time: figures.times(pool).next().map(millis),
        total_tokens: total.tokens(),
        prompt_tokens: total.prompt_tokens,
        completion_tokens: total.output_tokens + total.thought_tokens,
        requests_last_minute: within(Duration::from_mins(1)),
        requests_last_day: within(Duration::from_hours(24)),
    }
}
