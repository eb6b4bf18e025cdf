//! What settings and store make together: the catalog, in which each pool has its own treatment.

use std::{collections::HashSet, sync::Arc};

use pollux_gateway::{
    OWNER,
    catalog::{AccessKey, Catalog, PoolEntry, Stored, User},
    egress::{Egress, Ways},
};
use pollux_pool::{
    id::{KeyId, PoolId},
    key::Key,
    limit::Subject,
    time::Timestamp,
};
use pollux_store::{
    admins::Role,
    keys::{About, KeySync, StoredKey},
    password,
    pools::StoredPool,
    secret::{self, Secret},
    settings::StoredSetting,
    store::{DEFAULT_POOL, Store},
    users::{Source, StoredUser, UserAbout},
};

use crate::{
    config::{Config, Given, Origin},
    described,
    open::OpenError,
};

/// The user whose access key the configuration names, or the first start makes.
const FIRST_USER: &str = "default";

/// The access key, as far as it may be shown.
#[derive(Clone, Debug)]
pub enum Access {
    /// Made just now: shown this once.
    Made(Secret),
    /// Named by the configuration.
    Configured,
    /// Made on an earlier start; the last characters are for people.
    Kept(String),
}

/// What is configured, all of one moment.
#[derive(Debug)]
pub(crate) struct Contents {
    /// What holds for the server, with what the database has over it.
    pub(crate) config: Config,
    pub(crate) catalog: Catalog,
}

/// How people get in: with an access key, and as the owner.
#[derive(Clone, Debug)]
pub struct Entrances {
    /// The first access key.
    pub access: Access,
    /// The owner's password; of one that was made earlier nothing can be shown.
    pub password: Access,
}

/// Writes what the configuration names into the store: its keys, the first access key, the owner.
///
/// # Errors
/// When the store does not take them.
pub(crate) async fn ensure(
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> Result<Entrances, OpenError> {
    let access = ensure_access(config, store, now).await?;
    let password = ensure_owner(config, store, now).await?;
    let sync = store.sync_environment_keys(DEFAULT_POOL, &config.named_keys(), now).await?;
    let KeySync { added, updated, removed } = sync;
    tracing::debug!(added, updated, removed, "Gemini keys are read");
    Ok(Entrances { access, password })
}

/// Reads the store and resolves what was given for it.
///
/// # Errors
/// When the store cannot be read, or holds what cannot be used.
pub(crate) async fn read(given: &Given, store: &Store) -> Result<Contents, OpenError> {
    let cipher = Arc::new(store.cipher().await);
    let settings = store.settings().await?;
    let pools = store.pools().await?;
    let (keys, users) = (store.every_key().await?, store.users().await?);
    let stored = Stored { pools, keys, users, limits: store.limits().await? };
    let given = given.with(&Origin::Database, kept(&settings, None));
    let config = given.config()?;
    let (mut entries, mut shared) = (Vec::new(), Vec::new());
    for pool in &stored.pools {
        let own = given.with(&Origin::Pool, kept(&settings, Some(pool.id))).config()?;
        shared.push((pool.id, own.proxies.clone()));
        entries.push(entry(pool, own, &stored));
    }
    // Those of keys that are not enabled too: nothing of them is to be read anywhere.
    let secrets = stored.keys.iter().map(|key| (key.id, key.secret.clone()));
    let users: Vec<_> =
        stored.users.iter().map(|user| access(user, &stored)).collect::<Result<_, _>>()?;
    let users = users.into_iter().flatten();
    let mut catalog = Catalog::new(config.gateway.clone(), entries, secrets, users, cipher);
    let own: Vec<_> = stored.keys.iter().map(own_egress).collect::<Result<_, _>>()?;
    catalog.ways = Ways::new(shared, own.into_iter().flatten());
    catalog.described = described::described(&given, &settings);
    catalog.stored = stored;
    Ok(Contents { config, catalog })
}

/// Keys that are to be used, and were not known to be.
pub(crate) fn fresh(catalog: &Catalog, before: &HashSet<KeyId>) -> Vec<(PoolId, Vec<KeyId>)> {
    let of_pool = |pool: &PoolEntry| {
        let ids = pool.keys.iter().map(|key| key.id).filter(|id| !before.contains(id));
        (pool.id, ids.collect::<Vec<_>>())
    };
    catalog.pools.iter().map(of_pool).filter(|(_, keys)| !keys.is_empty()).collect()
}

/// The values that are kept for a pool, or for the server where none is named.
fn kept(settings: &[StoredSetting], pool: Option<PoolId>) -> impl Iterator<Item = (&str, &Secret)> {
    let of = settings.iter().filter(move |setting| setting.pool == pool);
    of.map(|setting| (setting.name.as_str(), &setting.value))
}

fn entry(pool: &StoredPool, config: Config, stored: &Stored) -> PoolEntry {
    let usable = stored.keys.iter().filter(|key| key.pool == pool.id && key.enabled);
    PoolEntry {
        id: pool.id,
        name: pool.about.name.clone(),
        is_on: pool.about.enabled,
        treatment: Arc::new(config.gateway),
        settings: config.pool,
        max_waiting: config.max_waiting,
        limits: stored.limits_of(Subject::Pool(pool.id)),
        retry_ratio: config.retry_ratio,
        hedge_ratio: config.hedge_ratio,
        keys: usable.map(key).collect(),
    }
}

/// A key as the pool sees it.
fn key(stored: &StoredKey) -> Key {
    let About { weight, project, tier, proxy: _ } = &stored.about;
    Key { id: stored.id, weight: *weight, project: project.clone(), tier: *tier }
}

/// A user as the catalog has him, behind each of his access keys.
fn access(user: &StoredUser, stored: &Stored) -> Result<Vec<AccessKey>, OpenError> {
    let StoredUser { id, of_pool, fingerprint, previous, about, .. } = user;
    let UserAbout { name, enabled, expires_at, labels: _, models, addresses, pools } = about;
    let pool = of_pool.or_else(|| pools.first().copied()).unwrap_or(DEFAULT_POOL);
    let is_single = of_pool.is_some() || pools.is_empty();
    let networks = addresses.iter().map(|text| text.parse());
    let user = Arc::new(User {
        is_enabled: *enabled,
        expires_at: *expires_at,
        pools: if is_single { vec![pool] } else { pools.clone() },
        models: models.clone(),
        addresses: networks.collect::<Result<_, _>>().map_err(|_| OpenError::Address(*id))?,
        limits: stored.limits_of(Subject::User(*id)),
        ..User::new(*id, name.as_str(), pool)
    });
    let now = (*fingerprint, None, Arc::clone(&user));
    let before = previous.map(|(print, until)| (print, Some(until), user));
    Ok(std::iter::once(now).chain(before).collect())
}

/// The proxy that a key has for itself.
fn own_egress(stored: &StoredKey) -> Result<Option<(KeyId, Egress)>, OpenError> {
    let Some(url) = &stored.about.proxy else { return Ok(None) };
    let proxy = url.expose().parse().map_err(|_| OpenError::Proxy(stored.id))?;
    Ok(Some((stored.id, Egress::Proxy(Arc::new(proxy)))))
}

async fn ensure_access(
    config: &Config,
    store: &Store,
    now: Timestamp,
) -> Result<Access, OpenError> {
    if let Some(secret) = &config.access_key {
        store.ensure_user(FIRST_USER, secret, Source::Environment, now).await?;
        return Ok(Access::Configured);
    }
    let users = store.users().await?;
    if let Some(user) = users.into_iter().find(|user| user.about.name == FIRST_USER) {
        return Ok(Access::Kept(user.last4));
    }
    let secret = secret::generate_access_key()?;
    store.ensure_user(FIRST_USER, &secret, Source::Generated, now).await?;
    Ok(Access::Made(secret))
}

/// Makes sure that there is an owner with a password, which is shown when it is made.
async fn ensure_owner(config: &Config, store: &Store, now: Timestamp) -> Result<Access, OpenError> {
    let admins = store.admins().await?;
    let owner = admins.iter().find(|admin| admin.name == OWNER);
    if config.gateway.admin_password.is_some() {
        if owner.is_none() {
            store.add_admin(OWNER, Role::Owner, "", now).await?;
        }
        return Ok(Access::Configured);
    }
    if owner.is_some_and(|owner| !owner.password.is_empty()) {
        return Ok(Access::Kept(String::new()));
    }
    let password = secret::generate("")?;
    let hash = password::hash(&password)?;
    match owner {
        Some(owner) => drop(store.set_admin_password(owner.id, &hash, None).await?),
        None => drop(store.add_admin(OWNER, Role::Owner, &hash, now).await?),
    }
    Ok(Access::Made(password))
}
