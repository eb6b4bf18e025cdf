//! Lists of keys: filtered, sorted, a page at a time.

use std::{cmp::Ordering, collections::HashMap};

use pollux_pool::{
    health::{Health, KeyView as Live},
    id::KeyId,
};
use pollux_store::keys::StoredKey;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{KeyView, find, show};
use crate::{
    admin::{
        Admin, missing,
        read::{self, Page, given, refused},
    },
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    shared::Shared,
};

/// Which keys, and in which order.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Wanted {
    pool: Option<i64>,
    /// `active`, `cooling`, `revoked` or `disabled`.
    state: Option<String>,
    project: Option<String>,
    /// `free` or `paid`.
    tier: Option<String>,
    tag: Option<String>,
    /// A part of the name, the notes, a tag, the project, or the last 4 characters.
    search: Option<String>,
    /// `id`, `name`, `weight`, `served`, `in_flight` or `created_at`; with a `-` before it the other
    /// way round.
    sort: Option<String>,
    #[param(minimum = 1)]
    page: Option<usize>,
    #[param(minimum = 1, maximum = 1000)]
    page_size: Option<usize>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct KeyPage {
    keys: Vec<KeyView>,
    page: usize,
    page_size: usize,
    /// Of those that fit.
    total: usize,
}

/// The states in which keys are listed.
const STATES: [&str; 4] = ["active", "cooling", "revoked", "disabled"];
const ORDERS: [&str; 6] = ["id", "name", "weight", "served", "in_flight", "created_at"];

/// Which of two comes first.
type Compare = dyn Fn(&Row<'_>, &Row<'_>) -> Ordering;

/// One key with what is live of it.
type Row<'a> = (&'a StoredKey, Option<&'a Live>);

/// `GET /admin/api/keys`
pub(in crate::admin) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let page = Page::of(wanted.page, wanted.page_size)?;
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let live = live(shared, &catalog);
    let mut rows = fitting(&catalog, &live, &wanted)?;
    sort(&mut rows, given(wanted.sort.as_ref()).unwrap_or("id"))?;
    let total = rows.len();
    let keys = page.cut(rows).map(|(key, live)| show(shared, key, live)).collect();
    written(&KeyPage { keys, page: page.number, page_size: page.size, total })
}

/// `GET /admin/api/keys/{id}`
pub(in crate::admin) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "keys")?;
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let key = find(&catalog, KeyId(id)).ok_or_else(|| missing("key", id))?;
    let live = shared.ledger.view(key.pool).into_iter().find(|live| live.id == key.id);
    written(&show(shared, key, live.as_ref()))
}

fn live(shared: &Shared, catalog: &Catalog) -> HashMap<KeyId, Live> {
    let views = catalog.pools.iter().flat_map(|pool| shared.ledger.view(pool.id));
    views.map(|live| (live.id, live)).collect()
}

fn fitting<'a>(
    catalog: &'a Catalog,
    live: &'a HashMap<KeyId, Live>,
    wanted: &Wanted,
) -> Result<Vec<Row<'a>>, Failure> {
    let state = given(wanted.state.as_ref());
    if state.is_some_and(|state| !STATES.contains(&state)) {
        return Err(refused("state", format!("`state` takes one of {}", STATES.join(", "))));
    }
    let search = given(wanted.search.as_ref()).map(str::to_lowercase);
    let [project, tier, tag] =
        [&wanted.project, &wanted.tier, &wanted.tag].map(|it| given(it.as_ref()));
    let rows = catalog.stored.keys.iter().map(|key| (key, live.get(&key.id)));
    let fits = |row: &Row<'_>| {
        let (key, live) = *row;
        wanted.pool.is_none_or(|pool| pool == key.pool.0)
            && state.is_none_or(|wanted| wanted == self::state(key, live))
            && project.is_none_or(|it| key.about.project.as_ref().is_some_and(|p| p.as_str() == it))
            && tier.is_none_or(|tier| tier == key.about.tier.as_str())
            && tag.is_none_or(|tag| key.remarks.tags.iter().any(|it| it == tag))
            && search.as_deref().is_none_or(|text| is_found(key, text))
    };
    Ok(rows.filter(fits).collect())
}

fn state(key: &StoredKey, live: Option<&Live>) -> &'static str {
    match live {
        Some(live) if matches!(live.health, Health::Revoked { .. }) => "revoked",
        Some(live) if !live.cooldowns.is_empty() => "cooling",
        Some(_) => "active",
        None if key.enabled => "active",
        None => "disabled",
    }
}

fn is_found(key: &StoredKey, text: &str) -> bool {
    let project = key.about.project.as_ref().map(pollux_pool::id::ProjectName::as_str);
    let texts = [key.remarks.name.as_str(), &key.remarks.notes, &key.last4].into_iter();
    texts
        .chain(project)
        .chain(key.remarks.tags.iter().map(String::as_str))
        .any(|it| it.to_lowercase().contains(text))
}

fn sort(rows: &mut [Row<'_>], order: &str) -> Result<(), Failure> {
    let (name, is_down) = order.strip_prefix('-').map_or((order, false), |name| (name, true));
    let served = |live: Option<&Live>| live.map_or(0, |live| live.served);
    let in_flight = |live: Option<&Live>| live.map_or(0, |live| live.in_flight);
    let compare: Box<Compare> = match name {
        "id" => Box::new(|one, other| one.0.id.cmp(&other.0.id)),
        "name" => Box::new(|one, other| one.0.remarks.name.cmp(&other.0.remarks.name)),
        "weight" => Box::new(|one, other| one.0.about.weight.cmp(&other.0.about.weight)),
        "served" => Box::new(move |one, other| served(one.1).cmp(&served(other.1))),
        "in_flight" => Box::new(move |one, other| in_flight(one.1).cmp(&in_flight(other.1))),
        "created_at" => Box::new(|one, other| one.0.created_at.cmp(&other.0.created_at)),
        _ => {
            return Err(refused("sort", format!("`sort` takes one of {}", ORDERS.join(", "))));
        }
    };
    rows.sort_by(|one, other| {
        let order = compare(one, other);
        if is_down { order.reverse() } else { order }
    });
    Ok(())
}
