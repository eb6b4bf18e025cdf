//! The gateway as a value: everything a request may touch, handed in by the edge.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, atomic::AtomicUsize},
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::{HeaderMap, Uri};
use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::store::{Store, StoreError};
use pollux_translate::{media::Media, stream::SignedCall};
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{access::Passwords, guesses::Guesses},
    auth,
    bindings::Bindings,
    catalog::{Catalog, Retention, Settings, User},
    checks::{self, Orders},
    clock::Clock,
    console::Packed,
    events::Events,
    extract,
    failure::Failure,
    fetch,
    forecasts::{self, Forecast},
    history,
    ledger::Ledger,
    models::cache::ModelCache,
    offload::Offload,
    proxy::{
        call::Call,
        coalesce::UnderWay,
        send::{self, Caller, Sent},
        upstream::Upstream,
        wish::Wishes,
    },
    recorder::Recorder,
    renewal::Renewal,
    request_log,
    shared::Shared,
    trace::{Trace, Traces, Watch},
    vault::{Signed, Vault},
};

/// A handle on the gateway; cheap to clone.
#[derive(Clone, Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    /// Of the request that this handle was given to, if it was given to one.
    trace: Trace,
    /// What that request asks of the pool.
    wishes: Wishes,
    /// Where that request comes from; none where that cannot be told.
    client: Option<IpAddr>,
}

/// What the edge provides.
#[derive(Debug)]
pub struct Parts {
    /// What is configured.
    pub catalog: Catalog,
    /// What is live.
    pub ledger: Arc<dyn Ledger>,
    /// The way to Gemini.
    pub upstream: Arc<dyn Upstream>,
    /// What survives: asked where the catalog and the ledger do not know.
    pub store: Store,
    /// Time.
    pub clock: Clock,
    /// Where work is done that takes long.
    pub offload: Offload,
}

impl Gateway {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let Parts { catalog, ledger, upstream, store, clock, offload } = parts;
        let shared = Shared {
            catalog: ArcSwap::from_pointee(catalog),
            ledger,
            upstream,
            troubles: Arc::default(),
            store,
            started_at: clock.now(),
            clock,
            offload,
            recorder: Arc::default(),
            renewal: Renewal::new("the change is written, but could not be taken over"),
            exchange: Renewal::new("the exchange of the master key did not end well"),
            events: Events::default(),
            vault: Vault::default(),
            bindings: Bindings::default(),
            models: ModelCache::default(),
            traces: Traces::default(),
            guesses: Guesses::default(),
            passwords: Passwords::default(),
            checks: Orders::default(),
            console: Packed::default(),
            under_way: UnderWay::default(),
            closing: CancellationToken::new(),
            stop: CancellationToken::new(),
            turns: AtomicUsize::default(),
            is_lent: false,
        };
        let (trace, wishes) = (Trace::default(), Wishes::default());
        Self { shared: Arc::new(shared), trace, wishes, client: None }
    }

    /// Puts another catalog in the place of the present one, and returns it as it is in effect.
    ///
    /// Requests under way may end with the keys that they have. The ledger is for the edge to
    /// configure, after this: whatever key it gives out has to be known here.
    pub fn reconfigure(&self, catalog: Catalog) -> Arc<Catalog> {
        let catalog = Arc::new(catalog.after(&self.shared.catalog.load()));
        self.shared.catalog.store(Arc::clone(&catalog));
        catalog
    }

    /// Where finished attempts are added up for the edge to take away.
    pub fn recorder(&self) -> &Recorder {
        &self.shared.recorder
    }

    /// Where the edge is asked to take over what was written to the store.
    pub fn renewal(&self) -> &Renewal {
        &self.shared.renewal
    }

    /// Where the edge is asked to put another master key in the place of the present one.
    pub fn exchange(&self) -> &Renewal {
        &self.shared.exchange
    }

    /// What is configured at this moment.
    pub fn catalog(&self) -> Arc<Catalog> {
        self.shared.catalog.load_full()
    }

    /// How long what happened is kept, by the present settings.
    pub fn retention(&self) -> Retention {
        self.shared.catalog.load().settings.retention
    }

    /// Writes the requests into the log that have ended since, and says how many those were.
    ///
    /// # Errors
    /// When the database refuses; then they wait for the next time, as far as there is room.
    pub async fn write_log(&self) -> Result<usize, StoreError> {
        request_log::write(&self.shared).await
    }

    /// Writes into the history of keys what became of them since.
    ///
    /// # Errors
    /// When the database refuses; then it waits for the next time, as far as there is room.
    pub async fn write_key_events(&self) -> Result<(), StoreError> {
        history::write(&self.shared).await
    }

    /// Where thought signatures wait for the edge to write them down.
    pub fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// Keeps the signature that came with a call, for a client that does not send it back.
    pub fn remember_signature(&self, pool: PoolId, key: KeyId, call: SignedCall) {
        let kept = self.shared.treatment(pool).signature_ttl;
        self.shared.vault.remember(pool, key, call, self.now() + kept);
    }

    /// The signatures that are known for calls, by their ids.
    pub async fn recall_signatures(
        &self,
        pool: PoolId,
        call_ids: &[&str],
    ) -> HashMap<String, Signed> {
        self.shared.vault.recall(&self.shared.store, pool, call_ids, self.now()).await
    }

    /// Fetches what a request names by URL: each once, and only from where that is allowed.
    pub async fn fetch(&self, urls: &[&str]) -> HashMap<String, Result<Media, Failure>> {
        fetch::all(&self.shared, urls).await
    }

    /// Does the checks of keys that are due or ordered, for as long as it is polled; an edge polls
    /// one of these.
    pub async fn run_checks(&self) {
        checks::run::forever(&self.shared).await;
    }

    /// Has keys of a pool checked once, without using quota, when nothing else is to be checked.
    pub fn check_soon(&self, pool: PoolId, keys: impl IntoIterator<Item = KeyId>) {
        self.shared.checks.fall_due(keys.into_iter().map(|key| (pool, key)));
    }

    /// When models will be out of requests for the day, where that can be told.
    pub fn forecasts(&self) -> Vec<Forecast> {
        forecasts::all(&self.shared)
    }

    /// The present moment, by the gateway's clock.
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Lets go whoever only looks on at what happens; requests run on.
    pub fn close(&self) {
        self.shared.closing.cancel();
    }

    /// Ends every request and stream that is still running, each with an error in its dialect.
    pub fn stop(&self) {
        self.shared.stop.cancel();
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// How the requests of a user are treated.
    pub(crate) fn treatment(&self, user: &User) -> Arc<Settings> {
        self.shared.treatment(user.pool)
    }

    /// The user behind a request, which counts as one of his from now on.
    pub(crate) fn user(&self, headers: &HeaderMap, uri: &Uri) -> Result<Arc<User>, Failure> {
        self.admitted(auth::authenticate(&self.shared, headers, uri, self.client)?)
    }

    /// The same where `x-goog-api-key` holds something else.
    pub(crate) fn user_apart(&self, headers: &HeaderMap) -> Result<Arc<User>, Failure> {
        self.admitted(auth::authenticate_apart(&self.shared, headers, self.client)?)
    }

    fn admitted(&self, user: Arc<User>) -> Result<Arc<User>, Failure> {
        self.trace.admitted(&user);
        self.trace.visit().admit(&self.shared, &user)?;
        Ok(user)
    }

    /// Where the request comes from that this handle was given to.
    pub(crate) fn client(&self) -> Option<IpAddr> {
        self.client
    }

    /// What is noted of the request that this handle was given to.
    pub(crate) fn trace(&self) -> &Trace {
        &self.trace
    }

    /// A handle for one request, which is watched.
    pub(crate) fn watched(&self, watch: &Watch, wishes: Wishes, client: Option<IpAddr>) -> Self {
        Self { shared: Arc::clone(&self.shared), trace: watch.trace().clone(), wishes, client }
    }

    /// The same request over another state.
    pub(crate) fn over(&self, shared: Arc<Shared>) -> Self {
        Self { shared, ..self.clone() }
    }

    pub(crate) async fn body(&self, body: axum::body::Body) -> Result<Bytes, Failure> {
        extract::body(&self.shared, body).await
    }

    pub(crate) async fn send(&self, call: &Call, user: &User) -> Result<Sent, Failure> {
        self.send_for(call, user.into()).await
    }

    pub(crate) async fn send_for(&self, call: &Call, caller: Caller) -> Result<Sent, Failure> {
        send::send(&self.shared, call, Caller { wishes: self.wishes, ..caller }, &self.trace).await
    }
}
