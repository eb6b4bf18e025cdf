//! The Gemini keys: as they stand now, added, changed and removed; never the secrets.

mod add;
mod change;
mod events;
mod list;
mod rows;
mod transfer;
mod words;

use pollux_pool::id::KeyId;
use pollux_store::{
    keys::{About, StoredKey},
    secret::Secret,
};
use serde::Serialize;
use utoipa::ToSchema;

use self::rows::Row;
pub(crate) use self::{
    add::{Added, AddedKey, Ready, keep, pasted},
    change::{Changed, Edit, change, take_away},
};
pub(super) use self::{
    add::{NewKeys, add},
    change::{Bulk, bulk, edit, remove},
    events::{KeyEvents, WantedEvents, events},
    list::{Counted, Facets, KeyIds, KeyPage, Wanted, WantedIds, facets, ids, list, one},
    transfer::{Export, Exported, Import, export, import},
};
use super::view::{CooldownView, HealthView, Moment};
use crate::{catalog::Catalog, egress::Proxy};

/// A Gemini key, but for the key itself.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    id: i64,
    pool: i64,
    last4: String,
    name: String,
    enabled: bool,
    /// `active`, `cooling` (out of some model), `revoked` or `disabled`.
    state: &'static str,
    /// As its owner told, or as it was learned; absent where it is alone.
    project: Option<String>,
    tier: &'static str,
    weight: u32,
    tags: Vec<String>,
    notes: String,
    /// The proxy by which alone it reaches Gemini, without its password.
    proxy: Option<String>,
    /// `environment` or `admin`: who told of it.
    source: &'static str,
    created_at: Moment,
    /// Absent for one that is not enabled.
    health: Option<HealthView>,
    cooldowns: Vec<CooldownView>,
    in_flight: u32,
    served: u64,
}

/// What is told of a key, for the audit log.
#[derive(Serialize)]
struct Told<'a> {
    id: i64,
    pool: i64,
    last4: &'a str,
    name: &'a str,
    enabled: bool,
    project: Option<&'a str>,
    tier: &'static str,
    weight: u32,
    tags: &'a [String],
    notes: &'a str,
    has_proxy: bool,
}

impl<'a> Told<'a> {
    fn of(key: &'a StoredKey) -> Self {
        Self {
            id: key.id.0,
            pool: key.pool.0,
            last4: &key.last4,
            name: &key.remarks.name,
            enabled: key.enabled,
            project: key.about.project.as_ref().map(pollux_pool::id::ProjectName::as_str),
            tier: key.about.tier.as_str(),
            weight: key.about.weight,
            tags: &key.remarks.tags,
            notes: &key.remarks.notes,
            has_proxy: key.about.proxy.is_some(),
        }
    }
}

fn show(row: Row<'_>) -> KeyView {
    let Row { key, live, project, state } = row;
    let About { weight, project: _, tier, proxy } = &key.about;
    KeyView {
        id: key.id.0,
        pool: key.pool.0,
        last4: key.last4.clone(),
        name: key.remarks.name.clone(),
        enabled: key.enabled,
        state,
        project,
        tier: tier.as_str(),
        weight: *weight,
        tags: key.remarks.tags.clone(),
        notes: key.remarks.notes.clone(),
        proxy: proxy.as_ref().map(without_password),
        source: key.source.as_str(),
        created_at: Moment(key.created_at),
        health: live.map(|live| live.health.into()),
        cooldowns: live
            .map(|live| live.cooldowns.iter().cloned().map(CooldownView::from).collect())
            .unwrap_or_default(),
        in_flight: live.map_or(0, |live| live.in_flight),
        served: live.map_or(0, |live| live.served),
    }
}

fn without_password(url: &Secret) -> String {
    url.expose().parse::<Proxy>().map(|proxy| proxy.to_string()).unwrap_or_default()
}

fn find(catalog: &Catalog, id: KeyId) -> Option<&StoredKey> {
    let keys = &catalog.stored.keys;
    keys.binary_search_by_key(&id, |key| key.id).ok().and_then(|at| keys.get(at))
}
