//! Lists of keys: filtered, sorted, a page at a time, by their ids alone, and counted.

use std::collections::BTreeMap;

use pollux_pool::id::KeyId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    KeyView, find,
    rows::{Row, STATES, Which, live},
    show,
};
use crate::{
    admin::{
        Admin, missing,
        read::{self, Page},
    },
    faces::respond::{Answered, Incoming, written},
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
    /// `id`, `name`, `weight`, `served`, `in_flight`, `created_at`, `state`, `project`, `tier`,
    /// `pool` or `last4`; with a `-` before it the other way round.
    sort: Option<String>,
    #[param(minimum = 1)]
    page: Option<usize>,
    #[param(minimum = 1, maximum = 1000)]
    page_size: Option<usize>,
}

/// The same for a list that has no pages.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct WantedIds {
    pool: Option<i64>,
    /// `active`, `cooling`, `revoked` or `disabled`.
    state: Option<String>,
    project: Option<String>,
    /// `free` or `paid`.
    tier: Option<String>,
    tag: Option<String>,
    /// A part of the name, the notes, a tag, the project, or the last 4 characters.
    search: Option<String>,
    /// As for the keys themselves.
    sort: Option<String>,
}

/// The keys that are to be counted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct Counted {
    pool: Option<i64>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct KeyPage {
    keys: Vec<KeyView>,
    page: usize,
    page_size: usize,
    /// Of those that fit.
    total: usize,
}

#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct KeyIds {
    /// Of all that fit, in the order that is asked for.
    ids: Vec<i64>,
    /// How many of them are enabled and active now.
    serving: usize,
}

/// What is told of keys, and of how many.
#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct Facets {
    total: usize,
    states: States,
    /// By name.
    projects: Vec<Facet>,
    /// By name.
    tags: Vec<Facet>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = KeyStateCounts)]
struct States {
    active: usize,
    cooling: usize,
    revoked: usize,
    disabled: usize,
}

#[derive(Serialize, ToSchema)]
struct Facet {
    name: String,
    count: usize,
}

/// `GET /admin/api/keys`
pub(in crate::admin) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let Wanted { pool, state, project, tier, tag, search, sort, page, page_size } = wanted;
    let page = Page::of(page, page_size)?;
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let live = live(shared, &catalog);
    let which = Which { pool, state, project, tier, tag, search, sort };
    let rows = which.rows(&catalog, &live)?;
    let total = rows.len();
    let keys = page.cut(rows).map(show).collect();
    written(&KeyPage { keys, page: page.number, page_size: page.size, total })
}

/// `GET /admin/api/keys/ids`
pub(in crate::admin) async fn ids(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: WantedIds = read::query(&incoming.head.uri)?;
    let WantedIds { pool, state, project, tier, tag, search, sort } = wanted;
    let catalog = gateway.shared().catalog.load();
    let live = live(gateway.shared(), &catalog);
    let which = Which { pool, state, project, tier, tag, search, sort };
    let rows = which.rows(&catalog, &live)?;
    let serving = rows.iter().filter(|row| row.is_serving()).count();
    written(&KeyIds { ids: rows.iter().map(|row| row.key.id.0).collect(), serving })
}

/// `GET /admin/api/keys/facets`
pub(in crate::admin) async fn facets(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let Counted { pool } = read::query(&incoming.head.uri)?;
    let catalog = gateway.shared().catalog.load();
    let live = live(gateway.shared(), &catalog);
    let rows = Which { pool, ..Which::default() }.rows(&catalog, &live)?;
    let [active, cooling, revoked, disabled] =
        STATES.map(|state| rows.iter().filter(|row| row.state == state).count());
    let tags = rows.iter().flat_map(|row| row.key.remarks.tags.iter().map(String::as_str));
    written(&Facets {
        total: rows.len(),
        states: States { active, cooling, revoked, disabled },
        projects: count(rows.iter().filter_map(|row| row.project.as_deref())),
        tags: count(tags),
    })
}

/// `GET /admin/api/keys/{id}`
pub(in crate::admin) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "keys")?;
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let key = find(&catalog, KeyId(id)).ok_or_else(|| missing("key", id))?;
    let live = shared.ledger.view(key.pool).into_iter().find(|live| live.id == key.id);
    written(&show(Row::of(key, live.as_ref(), &catalog.cipher)))
}

fn count<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Facet> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let facet = |(name, count): (&str, usize)| Facet { name: name.to_owned(), count };
    counts.into_iter().map(facet).collect()
}
