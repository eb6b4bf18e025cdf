//! Opens what a server stands on: the data directory, the database, and the gateway over them.

use std::{
    collections::HashSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use arc_swap::ArcSwap;
use pollux_gateway::{
    app::{Gateway, Parts},
    catalog::{Catalog, PoolEntry, User},
    clock::Clock,
    egress::{Egress, Ways},
    ledger::LocalLedger,
    scrub::Scrubber,
};
use pollux_pool::{id::KeyId, key::Key, time::Timestamp};
use pollux_store::{
    cipher::{Cipher, CipherError, MasterKey},
    driver::sqlite::Sqlite,
    keys::{About, KeySync, StoredKey},
    secret::{self, Secret},
    sql::{Sql, SqlError},
    store::{DEFAULT_POOL, Store, StoreError},
    users::Source,
};

use crate::{
    alerts::Alerting,
    config::Config,
    upstream::{self, ClientError, HttpUpstream},
};

/// The user whose access key the configuration names, or the first start makes.
const FIRST_USER: &str = "default";

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
    /// The database holds a proxy that is none.
    #[error("the proxy of {0} in the database cannot be read; name the key in the file again")]
    Proxy(KeyId),
    /// The system has no randomness to give.
    #[error("no randomness for an access key")]
    Random(#[from] getrandom::Error),
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
    /// What callers present.
    pub access: Access,
    /// How many Gemini keys there are to use.
    pub keys: usize,
    /// For how long a key is refused before it is switched off; zero is for ever.
    pub disable_after: Arc<ArcSwap<Duration>>,
    /// Tells the owner before a model runs out of requests for the day, where he wants that.
    pub alerting: Option<Alerting>,
}

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

/// Opens the database in the data directory, both made for their owner alone.
///
/// # Errors
/// When the directory or the file cannot be made or read.
pub async fn database(config: &Config) -> Result<Arc<Sqlite>, OpenError> {
    make_directory(&config.data_dir)?;
    Ok(Arc::new(Sqlite::open(&config.data_dir.join("pollux.db")).await?))
}

/// Opens the store with the configured master key, or the one in the data directory.
///
/// # Errors
/// When the key cannot be read, or is not the one that the database was written with.
pub async fn store(config: &Config, sql: Arc<dyn Sql>, clock: &Clock) -> Result<Store, OpenError> {
    let cipher = match &config.master_key {
        Some(key) => Cipher::new(key)?,
        None => Cipher::new(&master_key(&config.data_dir.join("master.key"))?)?,
    };
    Ok(Store::open(sql, cipher, clock.now()).await?)
}

/// Builds the gateway over a store; `scrubber` learns every secret of it.
///
/// # Errors
/// When keys cannot be stored or read, or there is no HTTP client.
pub async fn gateway(
    config: &Config,
    store: Store,
    clock: Clock,
    scrubber: &ArcSwap<Scrubber>,
) -> Result<Instance, OpenError> {
    let Contents { access, catalog, keys, fresh } = contents(config, &store, clock.now()).await?;
    scrubber.store(Arc::clone(&catalog.scrubber));
    let ledger = Arc::new(LocalLedger::new(clock.clone(), seed()?));
    ledger.configure(&catalog);
    let checkpoints = store.load_checkpoints(DEFAULT_POOL).await?;
    ledger.restore(DEFAULT_POOL, checkpoints, store.load_quotas(DEFAULT_POOL).await?);
    let upstream = HttpUpstream::new(&config.gemini_base_url, config.connect_timeout)?;
    let gateway = Gateway::new(Parts {
        catalog,
        ledger: Arc::clone(&ledger) as _,
        upstream: Arc::new(upstream),
        cipher: Arc::new(store.cipher().clone()),
        store: store.clone(),
        clock: clock.clone(),
    });
    check_soon(config, &gateway, fresh);
    let disable_after = Arc::new(ArcSwap::from_pointee(config.disable_after));
    let alerting = alerting(config, clock)?;
    Ok(Instance { gateway, ledger, store, access, keys, disable_after, alerting })
}

fn alerting(config: &Config, clock: Clock) -> Result<Option<Alerting>, OpenError> {
    let Some(webhook) = config.webhook.clone() else { return Ok(None) };
    let tls = upstream::tls().map_err(ClientError::from)?;
    Ok(Some(Alerting::new(webhook, config.alerts_before, &tls, clock)))
}

/// Has a running gateway take over another configuration, but for what it was opened with, and
/// returns how many keys there are to use now.
///
/// # Errors
/// When keys cannot be stored or read; then requests go on as before.
pub async fn reconfigure(
    config: &Config,
    instance: &Instance,
    scrubber: &ArcSwap<Scrubber>,
) -> Result<usize, OpenError> {
    let Instance { gateway, ledger, store, disable_after, .. } = instance;
    let Contents { access: _, catalog, keys, fresh } =
        contents(config, store, gateway.now()).await?;
    let catalog = gateway.reconfigure(catalog);
    scrubber.store(Arc::clone(&catalog.scrubber));
    ledger.configure(&catalog);
    disable_after.store(Arc::new(config.disable_after));
    check_soon(config, gateway, fresh);
    Ok(keys)
}

/// What a configuration and the store make together.
struct Contents {
    access: Access,
    catalog: Catalog,
    /// How many Gemini keys there are to use.
    keys: usize,
    /// Those that were not known.
    fresh: Vec<KeyId>,
}

async fn contents(config: &Config, store: &Store, now: Timestamp) -> Result<Contents, OpenError> {
    let access = ensure_access(config, store, now).await?;
    let known: HashSet<KeyId> = store.keys(DEFAULT_POOL).await?.iter().map(|key| key.id).collect();
    let sync = store.sync_environment_keys(DEFAULT_POOL, &config.named_keys(), now).await?;
    let KeySync { added, updated, removed } = sync;
    tracing::debug!(added, updated, removed, "Gemini keys are read");
    let (catalog, keys) = catalog(config, store).await?;
    let ids = catalog.pools.iter().flat_map(|pool| &pool.keys).map(|key| key.id);
    let fresh = ids.filter(|key| !known.contains(key)).collect();
    Ok(Contents { access, catalog, keys, fresh })
}

fn check_soon(config: &Config, gateway: &Gateway, fresh: Vec<KeyId>) {
    if config.gateway.health_checks {
        gateway.check_soon(DEFAULT_POOL, fresh);
    }
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

async fn catalog(config: &Config, store: &Store) -> Result<(Catalog, usize), OpenError> {
    let stored = store.keys(DEFAULT_POOL).await?;
    let usable: Vec<Key> = stored.iter().filter(|key| key.enabled).map(key).collect();
    let count = usable.len();
    let settings = Arc::new(config.gateway.clone());
    let pool = PoolEntry {
        id: DEFAULT_POOL,
        name: "default".to_owned(),
        is_on: true,
        treatment: Arc::clone(&settings),
        settings: config.pool.clone(),
        max_waiting: config.max_waiting,
        retry_ratio: config.retry_ratio,
        hedge_ratio: config.hedge_ratio,
        keys: usable,
    };
    let users = store.users().await?.into_iter().map(|user| {
        (user.fingerprint, User { id: user.id, name: user.about.name, pool: DEFAULT_POOL })
    });
    let own: Vec<_> = stored.iter().map(own_egress).collect::<Result<_, _>>()?;
    // Those of keys that are not enabled too: nothing of them is to be read anywhere.
    let secrets = stored.into_iter().map(|key| (key.id, key.secret));
    let mut catalog = Catalog::new(settings, vec![pool], secrets, users);
    let shared = [(DEFAULT_POOL, config.proxies.clone())];
    catalog.ways = Ways::new(shared, own.into_iter().flatten());
    Ok((catalog, count))
}

/// A key as the pool sees it.
fn key(stored: &StoredKey) -> Key {
    let About { weight, project, tier, proxy: _ } = &stored.about;
    Key { id: stored.id, weight: *weight, project: project.clone(), tier: *tier }
}

/// The proxy that a key has for itself.
fn own_egress(stored: &StoredKey) -> Result<Option<(KeyId, Egress)>, OpenError> {
    let Some(url) = &stored.about.proxy else { return Ok(None) };
    let proxy = url.expose().parse().map_err(|_| OpenError::Proxy(stored.id))?;
    Ok(Some((stored.id, Egress::Proxy(Arc::new(proxy)))))
}

fn seed() -> Result<u64, getrandom::Error> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed)?;
    Ok(u64::from_ne_bytes(seed))
}

/// Reads the master key, or makes one that only its owner can read.
fn master_key(path: &Path) -> Result<MasterKey, OpenError> {
    let file = |source| OpenError::File { path: path.to_owned(), source };
    match fs::read_to_string(path) {
        Ok(text) => Ok(MasterKey::from_text(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key = MasterKey::generate()?;
            write_private(path, key.to_text().expose()).map_err(file)?;
            Ok(key)
        }
        Err(error) => Err(file(error)),
    }
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

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    use std::io::Write as _;
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
