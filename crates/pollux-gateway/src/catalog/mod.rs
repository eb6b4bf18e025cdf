//! What is configured: an immutable snapshot, swapped whole when anything changes.

mod settings;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    key::Key,
    lease::Owner,
    limit::{Limits, Subject},
    pool,
    time::Timestamp,
};
use pollux_store::{
    cipher::{Cipher, Fingerprint},
    keys::StoredKey,
    pools::StoredPool,
    secret::Secret,
    users::StoredUser,
};
use pollux_translate::gemini::family::is_like;

use crate::{client::Network, egress::Ways, scrub::Scrubber, settings::Described};

pub use self::settings::{Retention, Sessions, Settings, Strangers, Streams, Timeouts};
pub use crate::models::{
    names::{Names, Unknown},
    prices::{NotPrices, Prices},
};

/// Everything a request needs to know that does not change by itself.
#[derive(Debug)]
pub struct Catalog {
    /// How requests are treated where they are of no pool yet, or the pool decides nothing.
    pub settings: Arc<Settings>,
    /// The pools, by their ids.
    pub pools: Vec<PoolEntry>,
    /// Masks every secret of the catalog.
    pub scrubber: Arc<Scrubber>,
    /// By which ways keys reach Gemini; directly unless it is told otherwise.
    pub ways: Ways,
    /// What the store holds, as an admin sees it.
    pub stored: Stored,
    /// What can be set, and how it stands.
    pub described: Described,
    /// Makes the fingerprints by which access keys are known here.
    pub cipher: Arc<Cipher>,
    secrets: HashMap<KeyId, Arc<Secret>>,
    /// Those that the catalog before had beside these.
    gone: HashMap<KeyId, Arc<Secret>>,
    access: HashMap<Fingerprint, Access>,
}

/// What the store held when the snapshot was taken.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Every pool.
    pub pools: Vec<StoredPool>,
    /// Every Gemini key, also those that are not enabled.
    pub keys: Vec<StoredKey>,
    /// Everyone who may call, or might once more.
    pub users: Vec<StoredUser>,
    /// What users and pools may spend.
    pub limits: BTreeMap<Subject, Limits>,
}

impl Stored {
    /// What a user or a pool may spend.
    pub fn limits_of(&self, subject: Subject) -> Limits {
        self.limits.get(&subject).cloned().unwrap_or_default()
    }
}

/// One pool, as the ledger takes it.
#[derive(Clone, Debug)]
pub struct PoolEntry {
    /// Its identity.
    pub id: PoolId,
    /// What people call it.
    pub name: String,
    /// Whether it serves anyone.
    pub is_on: bool,
    /// How it treats its requests.
    pub treatment: Arc<Settings>,
    /// How it chooses among its keys.
    pub settings: pool::Settings,
    /// The most requests that wait for a key of one model.
    pub max_waiting: usize,
    /// What all its users together may spend.
    pub limits: Limits,
    /// The share of traffic that may be retried after upstream trouble, from 0 to 1.
    pub retry_ratio: f64,
    /// The share of requests for which a second key is asked when the first is slow, from 0 to 1.
    pub hedge_ratio: f64,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// A person or program with an access key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identity.
    pub id: UserId,
    /// Its name, for people.
    pub name: String,
    /// Whether it may call at all.
    pub is_enabled: bool,
    /// When it ends, if it does.
    pub expires_at: Option<Timestamp>,
    /// The pool that serves it, unless a request names another one.
    pub pool: PoolId,
    /// The pools that a request may name.
    pub pools: Vec<PoolId>,
    /// The models it may ask, in which `*` stands for any text; empty is any.
    pub models: Vec<String>,
    /// From where it may call; empty is from anywhere.
    pub addresses: Vec<Network>,
    /// What it may spend.
    pub limits: Limits,
}

impl User {
    /// Makes a user of one pool, without any limits.
    pub fn new(id: UserId, name: impl Into<String>, pool: PoolId) -> Self {
        Self {
            id,
            name: name.into(),
            is_enabled: true,
            expires_at: None,
            pool,
            pools: vec![pool],
            models: Vec::new(),
            addresses: Vec::new(),
            limits: Limits::default(),
        }
    }

    /// Whether it may ask a model.
    pub fn may_ask(&self, model: &str) -> bool {
        self.models.is_empty() || self.models.iter().any(|pattern| is_like(model, pattern))
    }
}

/// An access key by its fingerprint, until when it is good where another one takes over, and whose
/// it is.
pub type AccessKey = (Fingerprint, Option<Timestamp>, Arc<User>);

/// What a fingerprint opens.
#[derive(Clone, Debug)]
pub(crate) struct Access {
    pub(crate) user: Arc<User>,
    /// Until when, where another access key has taken its place.
    pub(crate) until: Option<Timestamp>,
}

impl Catalog {
    /// Builds a snapshot, in which access keys are known by the fingerprints of `cipher`; the scrubber
    /// learns every secret in it.
    pub fn new(
        settings: impl Into<Arc<Settings>>,
        mut pools: Vec<PoolEntry>,
        secrets: impl IntoIterator<Item = (KeyId, Secret)>,
        users: impl IntoIterator<Item = AccessKey>,
        cipher: Arc<Cipher>,
    ) -> Self {
        pools.sort_by_key(|pool| pool.id);
        let secrets: HashMap<_, _> =
            secrets.into_iter().map(|(id, secret)| (id, Arc::new(secret))).collect();
        let scrubber = Arc::new(Scrubber::new(secrets.values().map(AsRef::as_ref)));
        let users = users.into_iter();
        let access = users.map(|(print, until, user)| (print, Access { user, until })).collect();
        Self {
            settings: settings.into(),
            pools,
            scrubber,
            ways: Ways::default(),
            stored: Stored::default(),
            described: Described::default(),
            cipher,
            secrets,
            gone: HashMap::new(),
            access,
        }
    }

    /// The same for those who came while `before` was in effect: they may hold leases on keys that
    /// are gone, and nothing of those is to be read anywhere.
    pub(crate) fn after(mut self, before: &Self) -> Self {
        let mut gone = before.secrets.clone();
        gone.retain(|id, _| !self.secrets.contains_key(id));
        let all = self.secrets.values().chain(gone.values());
        self.scrubber = Arc::new(Scrubber::new(all.map(AsRef::as_ref)));
        Self { gone, ..self }
    }

    /// A pool, if there is such a one.
    pub fn pool(&self, id: PoolId) -> Option<&PoolEntry> {
        self.pools.binary_search_by_key(&id, |pool| pool.id).ok().and_then(|at| self.pools.get(at))
    }

    /// How a pool treats its requests.
    pub fn treatment(&self, pool: PoolId) -> &Arc<Settings> {
        self.pool(pool).map_or(&self.settings, |pool| &pool.treatment)
    }

    /// The Gemini key behind `id`.
    pub fn secret(&self, id: KeyId) -> Option<Arc<Secret>> {
        self.secrets.get(&id).or_else(|| self.gone.get(&id)).cloned()
    }

    /// The project behind a key, as what it makes will be bound.
    pub fn owner(&self, pool: PoolId, key: KeyId) -> Owner {
        let keys = self.pools.iter().filter(|entry| entry.id == pool).flat_map(|it| &it.keys);
        let project = keys.filter(|it| it.id == key).find_map(|it| it.project.clone());
        Owner { key, project }
    }

    /// What a credential opens, if it is an access key.
    pub(crate) fn access(&self, credential: &str) -> Option<Access> {
        self.access.get(&self.cipher.fingerprint(credential.as_bytes())).cloned()
    }

    /// What users and pools may spend, of those that have limits.
    pub fn limits(&self) -> impl Iterator<Item = (Subject, Limits)> {
        let users = self.access.values().map(|access| &access.user);
        let users = users.map(|user| (Subject::User(user.id), &user.limits));
        let pools = self.pools.iter().map(|pool| (Subject::Pool(pool.id), &pool.limits));
        let limited = users.chain(pools).filter(|(_, limits)| !limits.is_empty());
        limited.map(|(subject, limits)| (subject, limits.clone()))
    }
}
