//! Pass-through: clients that bring Gemini keys of their own in place of an access key.
//!
//! Such a request gets a gateway of its own, whose one pool are these keys. It shares what is the
//! server's (settings, the ways to Gemini, the account of what was used) and nothing that
//! remembers: with the request all of it is gone.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
};

use futures_util::future::BoxFuture;
use http::{HeaderMap, Uri};
use pollux_pool::{
    balance::Strategy,
    id::{KeyId, PoolId, UserId},
    key::{Key, Tier},
    limit::Limits,
    pool,
};
use pollux_store::secret::{self, Secret};

use crate::{
    app::Gateway,
    auth,
    catalog::{AccessKey, Catalog, PoolEntry, Strangers, User},
    egress::Ways,
    faces::respond::{Answered, Incoming},
    shared::Shared,
};

/// The shortest text that can be a key.
const SHORTEST: usize = 8;
/// More keys than these are no credential.
const MAX_KEYS: usize = 100;
/// The pool of such keys, which no store knows.
const POOL: PoolId = PoolId(0);
/// The share of attempts that may be repeated, beside ten a second.
const RETRY_RATIO: f64 = 0.2;

/// A handler that also serves those who bring keys of their own, where that is allowed.
pub(crate) fn admitted<H, F>(
    handler: H,
) -> impl Fn(Gateway, Incoming) -> BoxFuture<'static, Answered> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    move |gateway, incoming| {
        let head = &incoming.head;
        let lent = lent(gateway.shared(), &head.headers, &head.uri);
        let gateway = lent.map_or_else(|| gateway.clone(), |shared| gateway.over(shared));
        Box::pin(handler(gateway, incoming))
    }
}

/// Whether a text can be a Gemini key: never judged by its beginning.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() >= SHORTEST && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The server as a request with keys of its own sees it; nothing when it has none, or may not.
fn lent(shared: &Shared, headers: &HeaderMap, uri: &Uri) -> Option<Arc<Shared>> {
    let catalog = shared.catalog.load();
    if catalog.settings.strangers == Strangers::Refused {
        return None;
    }
    let unknown = auth::unknown(shared, headers, uri)?;
    let (credential, keys) = unknown.iter().find_map(|it| Some((it, keys(it)?)))?;
    let user = Arc::new(User::new(UserId(0), "keys of their own", POOL));
    let users = [(catalog.cipher.fingerprint(credential.as_bytes()), None, user)];
    let turn = shared.turns.fetch_add(1, Ordering::Relaxed);
    let pool = catalog_of(&catalog, keys, turn, users);
    Some(Arc::new(shared.lend(pool)))
}

/// The keys in a credential, which may be several by commas; nothing where any of them is none.
fn keys(credential: &str) -> Option<Vec<Secret>> {
    let mut keys: Vec<&str> = Vec::new();
    for key in credential.split(',').map(str::trim).filter(|key| !key.is_empty()) {
        // An access key that was deleted is nothing to show to Google.
        if !is_key(key) || secret::is_like_an_access_key(key) {
            return None;
        }
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let is_some = !keys.is_empty() && keys.len() <= MAX_KEYS;
    is_some.then(|| keys.into_iter().map(Secret::new).collect())
}

/// What is configured, with these keys in place of the server's; `turn` says which goes first.
fn catalog_of(catalog: &Catalog, keys: Vec<Secret>, turn: usize, users: [AccessKey; 1]) -> Catalog {
    // Below all ids of the store, and by the place in the credential.
    let secrets: Vec<(KeyId, Secret)> = (1..).map(|id: i64| KeyId(-id)).zip(keys).collect();
    let key = |id: &KeyId| Key { id: *id, weight: 1, project: None, tier: Tier::default() };
    let mut keys: Vec<Key> = secrets.iter().map(|(id, _)| key(id)).collect();
    let first = turn % keys.len().max(1);
    keys.rotate_left(first);
    let host = catalog.pools.first();
    let entry = PoolEntry {
        id: POOL,
        name: "keys of clients".to_owned(),
        is_on: true,
        treatment: Arc::clone(host.map_or(&catalog.settings, |pool| &pool.treatment)),
        settings: pool::Settings { strategy: Strategy::RoundRobin, ..pool::Settings::default() },
        // What Google says of the last key is an answer by itself.
        max_waiting: 0,
        retry_ratio: RETRY_RATIO,
        hedge_ratio: 0.0,
        limits: Limits::default(),
        keys,
    };
    let ways = host.map(|pool| (POOL, catalog.ways.of(pool.id, KeyId(0)).to_vec()));
    let settings = Arc::clone(&catalog.settings);
    let mut own = Catalog::new(settings, vec![entry], secrets, users, Arc::clone(&catalog.cipher));
    own.ways = Ways::new(ways, []);
    own
}
