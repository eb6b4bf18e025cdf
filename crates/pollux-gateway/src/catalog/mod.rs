//! What is configured: an immutable snapshot, swapped whole when anything changes.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use http::Uri;
use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    key::Key,
    lease::Owner,
    limit::{Limits, Subject},
    plan, pool,
    time::Timestamp,
};
use pollux_store::{
    cipher::{Cipher, Fingerprint},
    keys::StoredKey,
    pools::StoredPool,
    secret::Secret,
    usage::Kept,
    users::StoredUser,
};
use pollux_translate::{
    gemini::{family::is_like, safety::Safety},
    openai::chat::Policy,
    pacing::Pacing,
};

use crate::{
    client::Network, egress::Ways, fetch, recorder::Logging, scrub::Scrubber, settings::Described,
};

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

/// How requests are treated.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How far a request may go to find an answer.
    pub plan: plan::Limits,
    /// How long Gemini may take.
    pub timeouts: Timeouts,
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// The largest body of an upload, which is never held in memory, in bytes.
    pub max_upload_bytes: u64,
    /// The largest answer that is held in memory, in bytes.
    pub max_answer_bytes: usize,
    /// How long a client may pause while it sends its body.
    pub body_timeout: Duration,
    /// How long a list of models is good for; zero asks Gemini each time.
    pub models_ttl: Duration,
    /// Whether revoked keys are checked without a request that needs them.
    pub health_checks: bool,
    /// The owner's password, where the configuration names it; else its hash is in the store.
    pub admin_password: Option<Secret>,
    /// How long an admin stays signed in.
    pub sessions: Sessions,
    /// How many of the last requests are remembered, to be explained; zero is none.
    pub traces: usize,
    /// Which requests are written into the log.
    pub log: Logging,
    /// How long what happened is kept.
    pub retention: Retention,
    /// How long the signature of a call is kept for clients that do not send it back.
    pub signature_ttl: Duration,
    /// What clients name by URL, and how far fetching it may go.
    pub fetch: fetch::Settings,
    /// The version segment of calls that are translated.
    pub api_version: String,
    /// Whether fields of OpenAI's dialect that have no effect are refused.
    pub strict: bool,
    /// How streams are treated.
    pub streams: Streams,
    /// What becomes of clients without an access key.
    pub strangers: Strangers,
    /// What is withheld where a request does not say.
    pub safety: Safety,
    /// When the text of a stream goes out.
    pub pacing: Pacing,
    /// Whether equal calls whose answers are the same are made once when they come together.
    pub coalesce: bool,
    /// How chats are treated.
    pub chat: Policy,
    /// What models are called beside their own names.
    pub names: Names,
    /// What their tokens cost.
    pub prices: Prices,
    /// Where Gemini is, without version and trailing slash.
    pub base_url: Uri,
    /// Where clients reach this server, for the addresses it hands out; taken from each request
    /// when absent.
    pub public_url: Option<Uri>,
    /// The proxies that are believed about whom they serve.
    pub trusted_proxies: Vec<Network>,
}

/// What becomes of clients whose credential is no access key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strangers {
    /// They are turned away.
    #[default]
    Refused,
    /// They are served with it, as a Gemini key of their own.
    OwnKeys,
}

/// How long an admin stays signed in.
#[derive(Clone, Copy, Debug)]
pub struct Sessions {
    /// Without asking anything.
    pub idle: Duration,
    /// At most.
    pub longest: Duration,
}

/// How long what happened is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// The account of what was used.
    pub usage: Kept,
    /// The log of requests; for ever when absent.
    pub requests: Option<Duration>,
    /// What admins changed; for ever when absent.
    pub changes: Option<Duration>,
    /// What became of keys; for ever when absent.
    pub key_events: Option<Duration>,
}

/// How streams are treated.
#[derive(Clone, Debug)]
pub struct Streams {
    /// How long nothing may be sent before a comment is; zero sends none.
    pub keep_alive: Duration,
    /// Whether clients that want a stream are answered from a call that is none.
    pub from_whole: bool,
}

/// How long Gemini may take.
#[derive(Clone, Debug)]
pub struct Timeouts {
    /// Until the first content of a stream.
    pub first_byte: Duration,
    /// Between two chunks of a stream.
    pub idle: Duration,
    /// Until the end of an answer that is not a stream.
    pub whole: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            // Room for one more attempt after a key that stayed silent.
            plan: plan::Limits { deadline: Duration::from_mins(3), ..plan::Limits::default() },
            timeouts: Timeouts::default(),
            max_body_bytes: 100 << 20,
            max_upload_bytes: 2 << 30,
            max_answer_bytes: 128 << 20,
            body_timeout: Duration::from_secs(30),
            models_ttl: Duration::from_hours(1),
            health_checks: true,
            admin_password: None,
            sessions: Sessions::default(),
            traces: 1000,
            log: Logging::default(),
            retention: Retention::default(),
            signature_ttl: Duration::from_hours(24),
            fetch: fetch::Settings::default(),
            api_version: "v1beta".to_owned(),
            strict: false,
            streams: Streams::default(),
            strangers: Strangers::Refused,
            safety: Safety::default(),
            pacing: Pacing::default(),
            coalesce: false,
            chat: Policy::default(),
            names: Names::default(),
            prices: Prices::default(),
            base_url: Uri::from_static("https://generativelanguage.googleapis.com"),
            public_url: None,
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for Sessions {
    fn default() -> Self {
        Self { idle: Duration::from_hours(24), longest: Duration::from_hours(24 * 30) }
    }
}

impl Default for Retention {
    fn default() -> Self {
        let days = |days: u64| Some(Duration::from_hours(24 * days));
        let usage = Kept { minutes: days(7), hours: days(90), days: None };
        Self { usage, requests: days(7), changes: days(365), key_events: days(7) }
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self { keep_alive: Duration::from_secs(15), from_whole: false }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_mins(2),
            idle: Duration::from_mins(2),
            whole: Duration::from_mins(10),
        }
    }
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
