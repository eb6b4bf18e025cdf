//! Keys beside what is live of them: which of them fit, and in which order.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
};

use pollux_pool::{
    health::{Health, KeyView as Live},
    id::{KeyId, ProjectName},
    project::Project,
};
use pollux_store::{cipher::Cipher, keys::StoredKey};

use crate::{
    admin::{
        read::{given, refused},
        view,
    },
    catalog::Catalog,
    failure::Failure,
    shared::Shared,
};

/// The states of keys, by which they are found, counted and sorted.
pub(super) const STATES: [&str; 4] = ["active", "cooling", "revoked", "disabled"];
const ORDERS: [&str; 11] = [
    "id",
    "name",
    "weight",
    "served",
    "in_flight",
    "created_at",
    "state",
    "project",
    "tier",
    "pool",
    "last4",
];

/// One key with what is known of it now.
pub(super) struct Row<'a> {
    pub(super) key: &'a StoredKey,
    pub(super) live: Option<&'a Live>,
    /// As its owner told, or as it was learned.
    pub(super) project: Option<String>,
    /// One of [`STATES`].
    pub(super) state: &'static str,
}

/// Which keys are asked for, and in which order.
#[derive(Default)]
pub(super) struct Which {
    pub(super) pool: Option<i64>,
    pub(super) state: Option<String>,
    pub(super) project: Option<String>,
    pub(super) tier: Option<String>,
    pub(super) tag: Option<String>,
    pub(super) search: Option<String>,
    pub(super) sort: Option<String>,
}

/// What is live of every key.
pub(super) fn live(shared: &Shared, catalog: &Catalog) -> HashMap<KeyId, Live> {
    let views = catalog.pools.iter().flat_map(|pool| shared.ledger.view(pool.id));
    views.map(|live| (live.id, live)).collect()
}

impl<'a> Row<'a> {
    pub(super) fn of(key: &'a StoredKey, live: Option<&'a Live>, cipher: &Cipher) -> Self {
        Self::named(key, live, |project| view::project(project, cipher))
    }

    fn named(
        key: &'a StoredKey,
        live: Option<&'a Live>,
        mut name: impl FnMut(&'a Project) -> String,
    ) -> Self {
        let told = key.about.project.as_ref().map(|project| project.as_str().to_owned());
        let learned = live.and_then(|live| live.project.as_ref()).filter(|it| is_known(it));
        let project = told.or_else(|| learned.map(&mut name));
        Self { key, live, project, state: state(key, live) }
    }

    /// Whether a request may get it, whatever the model.
    pub(super) fn is_serving(&self) -> bool {
        self.state == "active"
    }

    fn served(&self) -> u64 {
        self.live.map_or(0, |live| live.served)
    }

    fn in_flight(&self) -> u32 {
        self.live.map_or(0, |live| live.in_flight)
    }

    fn rank(&self) -> Option<usize> {
        STATES.iter().position(|state| *state == self.state)
    }

    fn holds(&self, text: &str) -> bool {
        let remarks = &self.key.remarks;
        let told = self.key.about.project.as_ref().map(ProjectName::as_str);
        let texts = [remarks.name.as_str(), &remarks.notes, &self.key.last4].into_iter();
        texts
            .chain(told)
            .chain(self.project.as_deref())
            .chain(remarks.tags.iter().map(String::as_str))
            .any(|it| it.to_lowercase().contains(text))
    }
}

impl Which {
    /// The keys that fit, in the order that is asked for.
    ///
    /// # Errors
    /// 400 for a state or an order that there is not.
    pub(super) fn rows<'a>(
        &self,
        catalog: &'a Catalog,
        live: &'a HashMap<KeyId, Live>,
    ) -> Result<Vec<Row<'a>>, Failure> {
        let state = given(self.state.as_ref());
        if state.is_some_and(|state| !STATES.contains(&state)) {
            return Err(refused("state", format!("`state` takes one of {}", STATES.join(", "))));
        }
        let search = given(self.search.as_ref()).map(str::to_lowercase);
        let [project, tier, tag] =
            [&self.project, &self.tier, &self.tag].map(|it| given(it.as_ref()));
        let fits = |row: &Row<'_>| {
            let key = row.key;
            state.is_none_or(|wanted| wanted == row.state)
                && project.is_none_or(|wanted| row.project.as_deref() == Some(wanted))
                && tier.is_none_or(|tier| tier == key.about.tier.as_str())
                && tag.is_none_or(|tag| key.remarks.tags.iter().any(|it| it == tag))
                && search.as_deref().is_none_or(|text| row.holds(text))
        };
        // To name what only Google named takes a fingerprint.
        let mut names: BTreeMap<&Project, String> = BTreeMap::new();
        let mut name = |project| {
            names.entry(project).or_insert_with(|| view::project(project, &catalog.cipher)).clone()
        };
        let keys = catalog.stored.keys.iter();
        let keys = keys.filter(|key| self.pool.is_none_or(|pool| pool == key.pool.0));
        let rows = keys.map(|key| Row::named(key, live.get(&key.id), &mut name));
        let mut rows: Vec<Row<'_>> = rows.filter(fits).collect();
        sort(&mut rows, given(self.sort.as_ref()).unwrap_or("id"))?;
        Ok(rows)
    }
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

/// Whether anything is known of a project beside the single key that is in it.
const fn is_known(project: &Project) -> bool {
    matches!(project, Project::Named(_) | Project::Consumer(_))
}

fn sort(rows: &mut [Row<'_>], order: &str) -> Result<(), Failure> {
    let (name, is_down) = order.strip_prefix('-').map_or((order, false), |name| (name, true));
    let compare: fn(&Row<'_>, &Row<'_>) -> Ordering = match name {
        "id" => |one, other| one.key.id.cmp(&other.key.id),
        "name" => |one, other| one.key.remarks.name.cmp(&other.key.remarks.name),
        "weight" => |one, other| one.key.about.weight.cmp(&other.key.about.weight),
        "served" => |one, other| one.served().cmp(&other.served()),
        "in_flight" => |one, other| one.in_flight().cmp(&other.in_flight()),
        "created_at" => |one, other| one.key.created_at.cmp(&other.key.created_at),
        "state" => |one, other| one.rank().cmp(&other.rank()),
        "project" => |one, other| one.project.cmp(&other.project),
        "tier" => |one, other| one.key.about.tier.as_str().cmp(other.key.about.tier.as_str()),
        "pool" => |one, other| one.key.pool.cmp(&other.key.pool),
        "last4" => |one, other| one.key.last4.cmp(&other.key.last4),
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
