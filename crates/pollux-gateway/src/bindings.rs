//! Whose is what: resources at Google, bound to the project that made them.
//!
//! A binding is in the store before the client learns of the resource. Looking one up asks a
//! small cache first; requests that name no resource never come here.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use pollux_pool::{id::PoolId, lease::Owner, time::Timestamp};
use pollux_store::{bindings::Binding, store::StoreError};
use pollux_translate::gemini::reference::ResourceName;

use crate::{failure::Failure, shared::Shared};
use pollux_pool::generations::Generations;

/// How many bindings each of the two generations of the cache holds.
const GENERATION: usize = 4096;

/// A day, in hours.
const DAY: u64 = 24;

/// How long members of a collection are remembered: a little longer than Google keeps them.
const LIFETIMES: &[(&str, Duration)] = &[
    // Google: 48 hours.
    ("files", Duration::from_hours(50)),
    // Google: a week.
    ("uploads", Duration::from_hours(8 * DAY)),
    // Google: as long as the client says; an unused one costs money, so nobody says years.
    ("cachedContents", Duration::from_hours(90 * DAY)),
    // Google: some weeks after they are done.
    ("batches", Duration::from_hours(90 * DAY)),
    ("operations", Duration::from_hours(90 * DAY)),
    // Google: 55 days on paid tiers, one day on the free one.
    ("interactions", Duration::from_hours(60 * DAY)),
    // Google: a few days.
    ("generatedFiles", Duration::from_hours(10 * DAY)),
];
/// Everything else stays until somebody deletes it.
const KEPT: Duration = Duration::from_hours(10 * 365 * DAY);

/// What was last made or asked for.
#[derive(Debug)]
pub(crate) struct Bindings {
    known: Mutex<Generations<Slot, Known>>,
    is_forgetful: bool,
}

type Slot = (PoolId, ResourceName);

#[derive(Clone, Debug)]
struct Known {
    owner: Owner,
    expires_at: Timestamp,
}

/// The one owner of everything that is named; `None` when nothing is named, or nothing known.
///
/// # Errors
/// 400 when there are several, 503 when the store cannot be asked.
pub(crate) async fn owner_of(
    shared: &Shared,
    pool: PoolId,
    names: &[ResourceName],
) -> Result<Option<Owner>, Failure> {
    if names.is_empty() {
        return Ok(None);
    }
    let found = find(shared, pool, names).await.map_err(|error| unread(&error))?;
    let Some((first, owner)) = found.first() else { return Ok(None) };
    match found.iter().find(|(_, other)| !is_same(owner, other)) {
        Some((other, _)) => Err(Failure::several_owners(first.as_str(), other.as_str())),
        None => Ok(Some(owner.clone())),
    }
}

/// The pool and the owner of an upload, which whoever knows its id may go on with.
pub(crate) async fn of_upload(
    shared: &Shared,
    name: &ResourceName,
) -> Result<Option<(PoolId, Owner)>, Failure> {
    let found = shared.store.binding_anywhere(name.as_str(), shared.clock.now()).await;
    let found = found.map_err(|error| unread(&error))?;
    Ok(found.map(|binding| (binding.pool, binding.owner)))
}

/// Everyone who owns something in a collection, one key for each project.
pub(crate) async fn owners(
    shared: &Shared,
    pool: PoolId,
    collection: &str,
) -> Result<Vec<Owner>, Failure> {
    let found = shared.store.owners(pool, &format!("{collection}/"), shared.clock.now()).await;
    let found = found.map_err(|error| unread(&error))?;
    let mut owners: Vec<Owner> = Vec::new();
    for owner in found {
        if !owners.iter().any(|known| is_same(known, &owner)) {
            owners.push(owner);
        }
    }
    Ok(owners)
}

/// Remembers whose `names` are.
///
/// The resources are there whether or not this can be written, so that a failure to write is told
/// to whoever runs the server, and the cache does what it can.
pub(crate) async fn bind(shared: &Shared, pool: PoolId, owner: &Owner, names: &[ResourceName]) {
    if shared.bindings.is_forgetful {
        return;
    }
    let now = shared.clock.now();
    let is_fresh = |name: &&ResourceName| {
        shared.bindings.owner(pool, name, now).is_none_or(|known| !is_same(&known, owner))
    };
    let fresh = names.iter().filter(is_fresh);
    let fresh: Vec<Binding> = fresh.map(|name| binding(pool, owner, name, now)).collect();
    let Some(first) = fresh.first() else { return };
    if let Err(error) = shared.store.bind(&fresh).await {
        tracing::error!("whose {} is could not be written: {error}", first.name);
    }
    for name in names {
        shared.bindings.put(pool, name, owner, now + lifetime(name));
    }
}

/// Forgets a resource that is gone.
pub(crate) async fn unbind(shared: &Shared, pool: PoolId, name: &ResourceName) {
    if shared.bindings.is_forgetful {
        return;
    }
    shared.bindings.lock().remove(&(pool, name.clone()));
    if let Err(error) = shared.store.unbind(pool, name.as_str()).await {
        tracing::warn!("that {name} is gone could not be written: {error}");
    }
}

async fn find<'n>(
    shared: &Shared,
    pool: PoolId,
    names: &'n [ResourceName],
) -> Result<Vec<(&'n ResourceName, Owner)>, StoreError> {
    let now = shared.clock.now();
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for name in names {
        match shared.bindings.owner(pool, name, now) {
            Some(owner) => found.push((name, owner)),
            None => unknown.push(name),
        }
    }
    if unknown.is_empty() {
        return Ok(found);
    }
    let texts: Vec<&str> = unknown.iter().map(|name| name.as_str()).collect();
    let stored = shared.store.bindings(pool, &texts, now).await?;
    for Binding { name, owner, expires_at, .. } in stored {
        if let Some(asked) = unknown.iter().find(|asked| asked.as_str() == name) {
            shared.bindings.put(pool, asked, &owner, expires_at);
            found.push((asked, owner));
        }
    }
    Ok(found)
}

fn unread(error: &StoreError) -> Failure {
    tracing::error!("bindings could not be read: {error}");
    Failure::no_look_up()
}

fn binding(pool: PoolId, owner: &Owner, name: &ResourceName, now: Timestamp) -> Binding {
    Binding {
        pool,
        name: name.as_str().to_owned(),
        owner: owner.clone(),
        created_at: now,
        expires_at: now + lifetime(name),
    }
}

fn lifetime(name: &ResourceName) -> Duration {
    let listed = LIFETIMES.iter().find(|(collection, _)| *collection == name.collection());
    listed.map_or(KEPT, |(_, lifetime)| *lifetime)
}

/// Whether two owners are one project, as far as anyone knows.
fn is_same(one: &Owner, other: &Owner) -> bool {
    one.key == other.key || one.project.is_some() && one.project == other.project
}

impl Default for Bindings {
    fn default() -> Self {
        Self { known: Mutex::new(Generations::new(GENERATION, |_, _| 1)), is_forgetful: false }
    }
}

impl Bindings {
    /// Such that nothing is written down.
    pub(crate) fn forgetful() -> Self {
        Self { is_forgetful: true, ..Self::default() }
    }

    fn owner(&self, pool: PoolId, name: &ResourceName, now: Timestamp) -> Option<Owner> {
        let known = self.lock().get(&(pool, name.clone()))?;
        (known.expires_at > now).then_some(known.owner)
    }

    fn put(&self, pool: PoolId, name: &ResourceName, owner: &Owner, expires_at: Timestamp) {
        self.lock().put((pool, name.clone()), Known { owner: owner.clone(), expires_at });
    }

    fn lock(&self) -> MutexGuard<'_, Generations<Slot, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
