//! The Gemini keys: as they stand now, added, changed and removed; never the secrets.

mod add;
mod change;
mod list;
mod transfer;
mod words;

use pollux_pool::{health::KeyView as Live, id::KeyId, project::Project};
use pollux_store::{
    keys::{About, StoredKey},
    secret::Secret,
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::{
    add::{Added, AddedKey, Ready, keep, pasted},
    change::{Changed, Edit, change, take_away},
};
pub(super) use self::{
    add::{NewKeys, add},
    change::{Bulk, bulk, edit, remove},
    list::{KeyPage, Wanted, list, one},
    transfer::{Export, Exported, Import, export, import},
};
use super::view::{self, CooldownView, HealthView, Moment};
use crate::{catalog::Catalog, egress::Proxy, shared::Shared};

/// A Gemini key, but for the key itself.
#[derive(Serialize, ToSchema)]
pub(super) struct KeyView {
    id: i64,
    pool: i64,
    last4: String,
    name: String,
    enabled: bool,
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

fn show(shared: &Shared, key: &StoredKey, live: Option<&Live>) -> KeyView {
    let About { weight, project, tier, proxy } = &key.about;
    let told = project.as_ref().map(|project| project.as_str().to_owned());
    let learned = || live.and_then(|live| live.project.as_ref()).filter(|it| is_known(it));
    let project =
        told.or_else(|| learned().map(|it| view::project(it, &shared.catalog.load().cipher)));
    KeyView {
        id: key.id.0,
        pool: key.pool.0,
        last4: key.last4.clone(),
        name: key.remarks.name.clone(),
        enabled: key.enabled,
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

/// Whether anything is known of a project beside the single key that is in it.
const fn is_known(project: &Project) -> bool {
    matches!(project, Project::Named(_) | Project::Consumer(_))
}

fn find(catalog: &Catalog, id: KeyId) -> Option<&StoredKey> {
    let keys = &catalog.stored.keys;
    keys.binary_search_by_key(&id, |key| key.id).ok().and_then(|at| keys.get(at))
}
