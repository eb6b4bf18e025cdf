//! The gateway without sockets, over an upstream that sends whatever a test wants, piece by piece.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{
    future::{BoxFuture, ready},
    stream,
};
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use pollux_gateway::{
    app::{Gateway, Parts},
    catalog::{Catalog, PoolEntry, Settings, User},
    egress::Egress,
    fetch::guard::{Guard, Target},
    ledger::LocalLedger,
    offload::Offload,
    proxy::{
        call::{Call, CallBody},
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
    router::{self, Server},
};
use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    key::{Key, Tier},
    limit::Limits,
    pool,
};
use pollux_store::secret::Secret;
use pollux_testkit::{ManualClock, START};

const ACCESS_KEY: &str = "sk-access-key-of-the-test";

/// Access keys, whose they are, and the pools that serve them.
pub(crate) const USERS: [(&str, i64, i64); 3] = [
    (ACCESS_KEY, 1, 1),
    ("sk-access-key-of-a-colleague", 2, 1),
    ("sk-access-key-of-a-stranger", 3, 2),
];

/// One answer of the upstream: its pieces, the last of which may be a break.
pub(crate) type Pieces = Vec<Result<Bytes, UpstreamError>>;

/// A gateway with one key, over a Gemini that answers with one body after the other.
#[derive(Debug)]
pub(crate) struct Bare {
    server: Server,
    upstream: Arc<Canned>,
}

/// After the last body that one comes again.
#[derive(Debug)]
struct Canned {
    bodies: Mutex<Vec<Pieces>>,
    asked: Mutex<Vec<String>>,
    sent: Mutex<Vec<String>>,
}

impl Upstream for Canned {
    fn send<'a>(
        &'a self,
        call: &'a Call,
        _: &'a Secret,
        _: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        let mut asked = self.asked.lock().unwrap();
        let bodies = self.bodies.lock().unwrap();
        let pieces = bodies[asked.len().min(bodies.len() - 1)].clone();
        asked.push(call.path_and_query.clone());
        if let CallBody::Bytes(body) = &call.body {
            self.sent.lock().unwrap().push(String::from_utf8_lossy(body).into_owned());
        }
        let frames = pieces.into_iter().map(|piece| piece.map(Frame::data));
        let body = StreamBody::new(stream::iter(frames)).boxed_unsync();
        Box::pin(ready(Ok(Response::new(body))))
    }

    fn fetch<'a>(
        &'a self,
        _: &'a Target,
        _: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(ready(Err(UpstreamError::Connect("there is no web here".to_owned()))))
    }
}

/// A gateway with one key over an upstream.
pub(crate) async fn gateway(
    upstream: Arc<dyn Upstream>,
    settings: Settings,
    clock: &ManualClock,
) -> Gateway {
    gateway_with(1, pool::Settings::default(), upstream, settings, clock).await.0
}

/// A gateway with two pools of the same keys over an upstream, and what it holds against them.
pub(crate) async fn gateway_with(
    keys: i64,
    behaves: pool::Settings,
    upstream: Arc<dyn Upstream>,
    settings: Settings,
    clock: &ManualClock,
) -> (Gateway, Arc<LocalLedger>) {
    gateway_hedging(keys, (behaves, 0.0), upstream, settings, clock).await
}

/// The same with pools that ask a second key for this share of requests.
pub(crate) async fn gateway_hedging(
    keys: i64,
    (behaves, hedge_ratio): (pool::Settings, f64),
    upstream: Arc<dyn Upstream>,
    settings: Settings,
    clock: &ManualClock,
) -> (Gateway, Arc<LocalLedger>) {
    let treatments = [settings.clone(), settings];
    gateway_treating(keys, (behaves, hedge_ratio), upstream, treatments, clock).await
}

/// The same with a treatment for each of the two pools, the first of which is the server's as well.
async fn gateway_treating(
    keys: i64,
    (behaves, hedge_ratio): (pool::Settings, f64),
    upstream: Arc<dyn Upstream>,
    treatments: [Settings; 2],
    clock: &ManualClock,
) -> (Gateway, Arc<LocalLedger>) {
    let (_, store) = pollux_testkit::in_memory(clock).await;
    let cipher = Arc::new(store.cipher().await);
    let key = |id| Key { id: KeyId(id), weight: 1, project: None, tier: Tier::Free };
    let secrets = (1..=keys).map(|id| (KeyId(id), Secret::new(format!("key-of-the-pool-{id}"))));
    let keys: Vec<Key> = (1..=keys).map(key).collect();
    let treatments = treatments.map(Arc::new);
    let settings = Arc::clone(&treatments[0]);
    let pool = |id: i64| PoolEntry {
        id: PoolId(id),
        name: format!("pool {id}"),
        is_on: true,
        treatment: Arc::clone(&treatments[usize::from(id == 2)]),
        settings: behaves.clone(),
        max_waiting: 100,
        limits: Limits::default(),
        retry_ratio: 0.2,
        hedge_ratio,
        keys: keys.clone(),
    };
    let users = USERS.map(|(access, id, pool)| {
        let user = Arc::new(User::new(UserId(id), format!("user {id}"), PoolId(pool)));
        (cipher.fingerprint(access.as_bytes()), None, user)
    });
    let pools = vec![pool(1), pool(2)];
    let catalog = Catalog::new(Arc::clone(&settings), pools, secrets, users, cipher);
    let clock = clock.clock();
    let ledger = Arc::new(LocalLedger::new(clock.clone(), 1));
    ledger.configure(&catalog);
    let offload = Offload::default();
    let parts = Parts { catalog, ledger: ledger.clone(), upstream, store, clock, offload };
    (Gateway::new(parts), ledger)
}

impl Bare {
    pub(crate) async fn over(bodies: Vec<Pieces>) -> Self {
        Self::with(bodies, Settings::default()).await
    }

    pub(crate) async fn with(bodies: Vec<Pieces>, settings: Settings) -> Self {
        let (asked, sent) = (Mutex::default(), Mutex::default());
        let upstream = Arc::new(Canned { bodies: bodies.into(), asked, sent });
        let gateway = gateway(upstream.clone(), settings, &ManualClock::new(START)).await;
        Self { server: router::server(&gateway), upstream }
    }

    /// The same with two pools that treat their requests differently.
    pub(crate) async fn treating(bodies: Vec<Pieces>, treatments: [Settings; 2]) -> Self {
        let (asked, sent) = (Mutex::default(), Mutex::default());
        let upstream = Arc::new(Canned { bodies: bodies.into(), asked, sent });
        let clock = ManualClock::new(START);
        let pools = (pool::Settings::default(), 0.0);
        let (gateway, _) = gateway_treating(1, pools, upstream.clone(), treatments, &clock).await;
        Self { server: router::server(&gateway), upstream }
    }

    /// Answers everything from now on with one body.
    pub(crate) fn answer_with(&self, pieces: Pieces) {
        *self.upstream.bodies.lock().unwrap() = vec![pieces];
    }

    /// Asks, and returns the status and the body.
    pub(crate) async fn ask(&self, method: &str, target: &str, body: &str) -> (u16, String) {
        self.ask_as(ACCESS_KEY, method, target, body).await
    }

    /// The same with another access key.
    pub(crate) async fn ask_as(
        &self,
        access: &str,
        method: &str,
        target: &str,
        body: &str,
    ) -> (u16, String) {
        let request = http::Request::builder()
            .header("host", "pollux.test")
            .method(method)
            .uri(target)
            .header("x-api-key", access)
            .body(Body::from(body.to_owned()));
        let answer = self.server.answer(request.unwrap(), None).await;
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    /// The bodies that the upstream was sent.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.upstream.sent.lock().unwrap().clone()
    }

    /// The paths and queries that the upstream was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.upstream.asked.lock().unwrap().clone()
    }
}
