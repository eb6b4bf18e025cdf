//! Pools: made, changed and removed, and their own access keys.

use std::collections::BTreeMap;

use http::StatusCode;
use pollux_pool::{
    id::PoolId,
    limit::{Limits, Subject},
};
use pollux_store::{
    pools::{PoolAbout, StoredPool},
    secret::{self, Secret},
    store::{DEFAULT_POOL, StoreError},
    users::{Source, StoredUser},
};
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Admin,
    access::unreadable,
    limits::{self, Named, StandingView},
    missing,
    read::{self, refused},
    settings,
    view::{Moment, nothing},
};
use crate::{
    catalog::Catalog,
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    shared::Shared,
};

/// What the access keys of pools begin with.
const ACCESS_KEY: &str = "sk-pool-";
pub(crate) const LONGEST_DESCRIPTION: usize = 2_000;

#[derive(Serialize, ToSchema)]
pub(super) struct Pools {
    pools: Vec<PoolView>,
}

/// A pool.
#[derive(Serialize, ToSchema)]
#[schema(as = Pool)]
pub(super) struct PoolView {
    id: i64,
    name: String,
    description: String,
    enabled: bool,
    created_at: Moment,
    /// Its own access key; absent where it has none.
    access_key: Option<AccessKeyView>,
    keys: KeyCounts,
    /// Requests that wait for a key.
    waiting: usize,
    /// What all its users together may spend.
    limits: Named,
    standing: Vec<StandingView>,
    /// The settings that it has of its own; empty texts for secrets.
    settings: BTreeMap<&'static str, String>,
}

/// A pool's own access key, as far as it is shown.
#[derive(Serialize, ToSchema)]
struct AccessKeyView {
    /// Of the user that whoever presents it is.
    user: i64,
    last4: String,
}

/// How many keys a pool has.
#[derive(Serialize, ToSchema)]
struct KeyCounts {
    total: usize,
    enabled: usize,
    revoked: usize,
    /// Those that rest for some model.
    cooling: usize,
}

/// A pool to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPool {
    name: String,
    #[serde(default)]
    description: String,
    enabled: Option<bool>,
    #[serde(default)]
    limits: Named,
    /// Its own settings, by name.
    #[serde(default)]
    settings: BTreeMap<String, String>,
}

/// A pool that has just been made.
#[derive(Serialize, ToSchema)]
pub(super) struct MadePool {
    #[serde(flatten)]
    pool: PoolView,
    /// Its access key.
    secret: String,
}

/// What is to be changed of a pool; what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PoolEdit {
    name: Option<String>,
    description: Option<String>,
    enabled: Option<bool>,
    /// All of them: those that are absent in it are gone.
    limits: Option<Named>,
}

/// A whole access key, shown because it was asked for.
#[derive(Serialize, ToSchema)]
pub(super) struct Revealed {
    secret: String,
}

impl Revealed {
    pub(super) fn of(secret: &Secret) -> Self {
        Self { secret: secret.expose().to_owned() }
    }
}

/// What is told of a pool, for the audit log.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    name: &'a str,
    description: &'a str,
    enabled: bool,
    limits: Named,
}

/// `GET /admin/api/pools`
pub(super) async fn list(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let pools = catalog.stored.pools.iter().map(|pool| show(shared, &catalog, pool)).collect();
    written(&Pools { pools })
}

/// `GET /admin/api/pools/{id}`
pub(super) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let catalog = gateway.shared().catalog.load();
    written(&show(gateway.shared(), &catalog, find(&catalog, &incoming)?))
}

/// `POST /admin/api/pools`
pub(super) async fn make(admin: Admin, incoming: Incoming) -> Answered {
    let new: NewPool = read::json(&admin.gateway, incoming.body).await?;
    let about = PoolAbout {
        name: read::name("name", &new.name)?,
        description: read::text("description", &new.description, LONGEST_DESCRIPTION)?,
        enabled: new.enabled.unwrap_or(true),
    };
    let limits = limits::read(&new.limits)?;
    let values: Vec<_> = new.settings.into_iter().map(|(name, text)| (name, Some(text))).collect();
    settings::check(&admin.gateway.shared().catalog.load(), &values)?;
    let (id, secret) = create(&admin, &about, &limits).await?;
    settings::set(&admin, Some(id), values).await?;
    let catalog = admin.gateway.shared().catalog.load();
    let pool = catalog.stored.pools.iter().find(|pool| pool.id == id);
    let pool = pool.ok_or_else(|| missing("pool", id.0))?;
    let pool = show(admin.gateway.shared(), &catalog, pool);
    let mut response = written(&MadePool { pool, secret: secret.expose().to_owned() })?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Makes a pool with an access key of its own, and has it serve.
///
/// # Errors
/// 409 when another pool has the name.
pub(crate) async fn create(
    admin: &Admin,
    about: &PoolAbout,
    limits: &Limits,
) -> Result<(PoolId, Secret), Failure> {
    let (store, now) = (&admin.gateway.shared().store, admin.gateway.now());
    let id = store.add_pool(about, now).await.map_err(taken)?;
    let secret = secret::generate(ACCESS_KEY).map_err(no_randomness)?;
    store.add_pool_user(id, &secret, now).await.map_err(unreadable)?;
    store.set_limits(Subject::Pool(id), limits).await.map_err(unreadable)?;
    let told = (None::<&()>, Some(&tell(about, limits)));
    admin.note("pool.add", format!("pool {}", id.0), told).await?;
    admin.take_over().await?;
    Ok((id, secret))
}

/// `PATCH /admin/api/pools/{id}`
pub(super) async fn edit(admin: Admin, incoming: Incoming) -> Answered {
    let shared = admin.gateway.shared();
    let old = find(&shared.catalog.load(), &incoming)?.clone();
    let edit: PoolEdit = read::json(&admin.gateway, incoming.body).await?;
    let PoolEdit { name, description, enabled, limits } = edit;
    let name = name.map(|name| read::name("name", &name)).transpose()?;
    let description = description.map(|text| read::text("description", &text, LONGEST_DESCRIPTION));
    let about = PoolAbout {
        name: name.unwrap_or_else(|| old.about.name.clone()),
        description: description.transpose()?.unwrap_or_else(|| old.about.description.clone()),
        enabled: enabled.unwrap_or(old.about.enabled),
    };
    let limits = limits.as_ref().map(limits::read).transpose()?;
    alter(&admin, old.id, &about, limits.as_ref()).await?;
    let catalog = shared.catalog.load();
    let pool = catalog.stored.pools.iter().find(|pool| pool.id == old.id);
    written(&show(shared, &catalog, pool.ok_or_else(|| missing("pool", old.id.0))?))
}

/// Tells something else about a pool, which holds from now on.
///
/// # Errors
/// 409 when another pool has the name.
pub(crate) async fn alter(
    admin: &Admin,
    id: PoolId,
    about: &PoolAbout,
    limits: Option<&Limits>,
) -> Result<(), Failure> {
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    shared.store.change_pool(id, about).await.map_err(taken)?;
    if let Some(limits) = limits {
        shared.store.set_limits(Subject::Pool(id), limits).await.map_err(unreadable)?;
    }
    let before = catalog.stored.limits_of(Subject::Pool(id));
    let old = catalog.stored.pools.iter().find(|pool| pool.id == id);
    let old = old.map(|pool| tell(&pool.about, &before));
    let new = tell(about, limits.unwrap_or(&before));
    admin.note("pool.change", format!("pool {}", id.0), (old.as_ref(), Some(&new))).await?;
    admin.take_over().await
}

/// `DELETE /admin/api/pools/{id}`: with its keys and its access key.
pub(super) async fn remove(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    destroy(&admin, id).await?;
    Ok(nothing())
}

/// Removes a pool.
///
/// # Errors
/// 409 for the one that is always there.
pub(crate) async fn destroy(admin: &Admin, id: PoolId) -> Result<(), Failure> {
    if id == DEFAULT_POOL {
        return Err(Failure::with_http(
            409,
            Status::FailedPrecondition,
            "the first pool is always there; switch it off instead",
        ));
    }
    let shared = admin.gateway.shared();
    let catalog = shared.catalog.load_full();
    shared.store.remove_pool(id).await.map_err(unreadable)?;
    let old = catalog.stored.pools.iter().find(|pool| pool.id == id);
    let before = catalog.stored.limits_of(Subject::Pool(id));
    let old = old.map(|pool| tell(&pool.about, &before));
    admin.note("pool.remove", format!("pool {}", id.0), (old.as_ref(), None::<&()>)).await?;
    admin.take_over().await
}

/// `POST /admin/api/pools/{id}/access-key`: the one before is refused at once.
pub(super) async fn regenerate(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    let secret = renew(&admin, id).await?;
    let mut response = written(&Revealed::of(&secret))?;
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

/// Gives a pool another access key.
///
/// # Errors
/// When it cannot be written.
pub(crate) async fn renew(admin: &Admin, id: PoolId) -> Result<Secret, Failure> {
    let (shared, now) = (admin.gateway.shared(), admin.gateway.now());
    let secret = secret::generate(ACCESS_KEY).map_err(no_randomness)?;
    let user = own_user(&shared.catalog.load(), id).map(|user| user.id);
    match user {
        Some(user) => {
            let rotated = shared.store.rotate_user(user, &secret, Source::Generated, now).await;
            rotated.map_err(unreadable)?;
        }
        None => drop(shared.store.add_pool_user(id, &secret, now).await.map_err(unreadable)?),
    }
    let subject = format!("pool {}", id.0);
    admin.note("pool.access_key.renew", subject, (None::<&()>, None::<&()>)).await?;
    admin.take_over().await?;
    Ok(secret)
}

/// `GET /admin/api/pools/{id}/access-key`: shown whole, which is written down.
pub(super) async fn reveal(admin: Admin, incoming: Incoming) -> Answered {
    let id = find(&admin.gateway.shared().catalog.load(), &incoming)?.id;
    let secret = revealed(&admin, id).await?;
    let secret = secret.ok_or_else(|| missing("access key of pool", id.0))?;
    written(&Revealed::of(&secret))
}

/// A pool's access key; that it was shown is written down.
///
/// # Errors
/// When the store cannot be read or written.
pub(crate) async fn revealed(admin: &Admin, id: PoolId) -> Result<Option<Secret>, Failure> {
    let shared = admin.gateway.shared();
    let Some(user) = own_user(&shared.catalog.load(), id).map(|user| user.id) else {
        return Ok(None);
    };
    let subject = format!("pool {}", id.0);
    admin.note("pool.access_key.reveal", subject, (None::<&()>, None::<&()>)).await?;
    shared.store.access_key(user).await.map_err(unreadable)
}

pub(super) fn find<'c>(
    catalog: &'c Catalog,
    incoming: &Incoming,
) -> Result<&'c StoredPool, Failure> {
    let id = PoolId(read::id(incoming, "pools")?);
    let pool = catalog.stored.pools.iter().find(|pool| pool.id == id);
    pool.ok_or_else(|| missing("pool", id.0))
}

/// The user that stands for a pool's own access key.
pub(crate) fn own_user(catalog: &Catalog, id: PoolId) -> Option<&StoredUser> {
    catalog.stored.users.iter().find(|user| user.of_pool == Some(id))
}

fn tell<'a>(about: &'a PoolAbout, limits: &Limits) -> Told<'a> {
    let PoolAbout { name, description, enabled } = about;
    Told { name, description, enabled: *enabled, limits: limits::show(limits) }
}

fn show(shared: &Shared, catalog: &Catalog, pool: &StoredPool) -> PoolView {
    let live = shared.ledger.view(pool.id);
    let is_revoked = |key: &&pollux_pool::health::KeyView| {
        matches!(key.health, pollux_pool::health::Health::Revoked { .. })
    };
    let keys = KeyCounts {
        total: catalog.stored.keys.iter().filter(|key| key.pool == pool.id).count(),
        enabled: live.len(),
        revoked: live.iter().filter(is_revoked).count(),
        cooling: live.iter().filter(|key| !is_revoked(key) && !key.cooldowns.is_empty()).count(),
    };
    let own = own_user(catalog, pool.id);
    let settings = catalog.described.rows.iter();
    PoolView {
        id: pool.id.0,
        name: pool.about.name.clone(),
        description: pool.about.description.clone(),
        enabled: pool.about.enabled,
        created_at: Moment(pool.created_at),
        access_key: own.map(|user| AccessKeyView { user: user.id.0, last4: user.last4.clone() }),
        keys,
        waiting: shared.ledger.waiting(pool.id),
        limits: limits::show(&catalog.stored.limits_of(Subject::Pool(pool.id))),
        standing: limits::standing(shared, Subject::Pool(pool.id)),
        settings: settings
            .filter_map(|row| Some((row.name, row.pools.get(&pool.id)?.clone())))
            .collect(),
    }
}

fn taken(error: StoreError) -> Failure {
    if !matches!(error, StoreError::NameTaken) {
        return unreadable(error);
    }
    let mut failure = refused("name", "another pool has this name already");
    failure.error.http = 409;
    failure
}

fn no_randomness(_: impl std::error::Error) -> Failure {
    Failure::new(Status::Internal, "no randomness for an access key")
}
