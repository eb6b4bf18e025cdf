//! Opens what a server stands on: the data directory, the database, and the gateway over them.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use pollux_gateway::{
    app::{Gateway, Parts},
    catalog::PoolEntry,
    clock::Clock,
    ledger::LocalLedger,
    scrub::Scrubber,
};
use pollux_pool::id::{KeyId, PoolId, UserId};
use pollux_store::{
    cipher::CipherError,
    driver::sqlite::Sqlite,
    password::Unhashable,
    sql::{Sql, SqlError},
    store::{Store, StoreError},
};

pub use crate::contents::{Access, Entrances};
use crate::{
    alerts::Alerting,
    config::{Config, ConfigError, Given},
    contents::{self, Contents},
    master_key,
    policy::Policy,
    tasks,
    upstream::{self, ClientError, HttpUpstream},
};

/// Why a server cannot start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A file or directory cannot be used.
    #[error("{path} cannot be used; data_dir says where Pollux keeps its state")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error("the database cannot be opened")]
    Database(#[from] SqlError),
    /// The database's contents cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The master key cannot be used.
    #[error("the master key cannot be used")]
    MasterKey(#[from] CipherError),
    /// The file holds another master key than that of the database, whose place none can take.
    #[error("{0} is not the master key that the database is sealed under, and is left as it is")]
    NotItsKey(PathBuf),
    /// The database holds a proxy that is none.
    #[error("the proxy of {0} in the database cannot be read; name the key in the file again")]
    Proxy(KeyId),
    /// The database holds an address that is none.
    #[error(
        "the addresses of {0} in the database cannot be read; tell from where it may call again"
    )]
    Address(UserId),
    /// The system has no randomness to give.
    #[error("no randomness for an access key")]
    Random(#[from] getrandom::Error),
    /// The owner's password cannot be made.
    #[error(transparent)]
    Password(#[from] Unhashable),
    /// A setting cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The HTTP client cannot be set up.
    #[error(transparent)]
    Client(#[from] ClientError),
}

/// A gateway, and what its background tasks need.
#[derive(Clone, Debug)]
pub struct Instance {
    /// Answers requests.
    pub gateway: Gateway,
    /// What is live.
    pub ledger: Arc<LocalLedger>,
    /// What survives.
    pub store: Store,
    /// How people get in.
    pub entrances: Entrances,
    /// The least severe events that are logged, with what the database has over it.
    pub log_level: tracing::Level,
    /// What becomes of keys that Google goes on refusing.
    pub policy: Arc<ArcSwap<Policy>>,
    /// Tells the owner before a model runs out of requests for the day, where he wants that.
    pub alerting: Option<Alerting>,
}

/// Opens the database in the data directory, both made for their owner alone.
///
/// # Errors
/// When the directory or the file cannot be made or read.
pub async fn database(config: &Config) -> Result<Arc<Sqlite>, OpenError> {
    make_directory(&config.data_dir)?;
    Ok(Arc::new(Sqlite::open(&config.data_dir.join("pollux.db")).await?))
}

/// Opens the store with the configured master key, or the one in the data directory, and puts another
/// in its place where that is wanted.
///
/// # Errors
/// When the key cannot be read, or is not the one that the database was written with.
pub async fn store(config: &Config, sql: Arc<dyn Sql>, clock: &Clock) -> Result<Store, OpenError> {
    let store = store_beside(config, sql, clock).await?;
    master_key::settle(config, &store).await?;
    Ok(store)
}

/// The same beside a server that may be running: what is to be done to the store is left to that.
///
/// # Errors
/// The same.
pub async fn store_beside(
    config: &Config,
    sql: Arc<dyn Sql>,
    clock: &Clock,
) -> Result<Store, OpenError> {
    master_key::open(config, sql, clock.now()).await
}

/// Builds the gateway over a store; `scrubber` learns every secret of it.
///
/// # Errors
/// When keys cannot be stored or read, or there is no HTTP client.
pub async fn gateway(
    given: &Given,
    store: Store,
    clock: Clock,
    scrubber: &ArcSwap<Scrubber>,
) -> Result<Instance, OpenError> {
    let known = store.every_key().await?.iter().map(|key| key.id).collect();
    let entrances = contents::ensure(&given.config()?, &store, clock.now()).await?;
    let Contents { config, catalog } = contents::read(given, &store).await?;
    scrubber.store(Arc::clone(&catalog.scrubber));
    let ledger = Arc::new(LocalLedger::new(clock.clone(), seed()?));
    ledger.configure(&catalog);
    for PoolEntry { id, .. } in &catalog.pools {
        let checkpoints = store.load_checkpoints(*id).await?;
        ledger.restore(*id, checkpoints, store.load_quotas(*id).await?);
    }
    ledger.restore_spending(&store.load_spending().await?);
    let fresh = contents::fresh(&catalog, &known);
    let upstream = HttpUpstream::new(&config.gemini_base_url, config.connect_timeout)?;
    let gateway = Gateway::new(Parts {
        catalog,
        ledger: Arc::clone(&ledger) as _,
        upstream: Arc::new(upstream),
        store: store.clone(),
        clock: clock.clone(),
        offload: tasks::offload(),
    });
    check_soon(&config, &gateway, fresh);
    let policy = Arc::new(ArcSwap::from_pointee(config.policy));
    let (alerting, log_level) = (alerting(&config, clock)?, config.log_level);
    Ok(Instance { gateway, ledger, store, entrances, log_level, policy, alerting })
}

fn alerting(config: &Config, clock: Clock) -> Result<Option<Alerting>, OpenError> {
    let Some(webhook) = config.webhook.clone() else { return Ok(None) };
    let tls = upstream::tls().map_err(ClientError::from)?;
    Ok(Some(Alerting::new(webhook, config.alerts_before, &tls, clock)))
}

/// Has a running gateway take over other settings and what the store holds, and returns what holds
/// for the server now.
///
/// # Errors
/// When the store cannot be read; then requests go on as before.
pub async fn reconfigure(
    given: &Given,
    instance: &Instance,
    scrubber: &ArcSwap<Scrubber>,
) -> Result<Config, OpenError> {
    let Instance { gateway, ledger, store, policy, .. } = instance;
    let Contents { config, catalog } = contents::read(given, store).await?;
    let known: HashSet<KeyId> =
        gateway.catalog().stored.keys.iter().filter(|key| key.enabled).map(|key| key.id).collect();
    let catalog = gateway.reconfigure(catalog);
    scrubber.store(Arc::clone(&catalog.scrubber));
    ledger.configure(&catalog);
    policy.store(Arc::new(config.policy));
    check_soon(&config, gateway, contents::fresh(&catalog, &known));
    Ok(config)
}

fn check_soon(config: &Config, gateway: &Gateway, fresh: Vec<(PoolId, Vec<KeyId>)>) {
    for (pool, keys) in fresh.into_iter().filter(|_| config.gateway.health_checks) {
        gateway.check_soon(pool, keys);
    }
}

impl Instance {
    /// How many Gemini keys there are to use.
    pub fn keys(&self) -> usize {
        self.gateway.catalog().pools.iter().map(|pool| pool.keys.len()).sum()
    }
}

fn seed() -> Result<u64, getrandom::Error> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed)?;
    Ok(u64::from_ne_bytes(seed))
}

#[cfg(unix)]
fn make_directory(path: &Path) -> Result<(), OpenError> {
    use std::os::unix::fs::DirBuilderExt as _;
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(|source| OpenError::File { path: path.to_owned(), source })
}

#[cfg(not(unix))]
fn make_directory(path: &Path) -> Result<(), OpenError> {
    let made = fs::create_dir_all(path);
    made.map_err(|source| OpenError::File { path: path.to_owned(), source })
}
