//! Users over a Gemini that always answers: who is let in, and what each may spend.

mod guests;
mod models;
mod pools;
mod spend;
mod streams;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::{
    future::{BoxFuture, ready},
    stream,
};
use http::{HeaderMap, Method, Request, Response};
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
        call::Call,
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
    router::{self, Server},
};
use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    key::{Key, Tier},
    limit::{Limits, Rule, What},
    pool,
    time::Timestamp,
};
use pollux_store::{cipher::Cipher, secret::Secret};
use pollux_testkit::{MODEL, ManualClock, START, chat, native, within};
use serde_json::Value;
use tokio::sync::Semaphore;

/// What the users present, by their numbers.
const KEYS: [&str; 3] = ["", "sk-access-key-of-the-first", "sk-access-key-of-the-second"];
const LIST: &str = r#"{"models":[{"name":"models/gemini-2.5-flash"},{"name":"models/gemini-2.5-pro"}],"nextPageToken":"more"}"#;
const LAST_PAGE: &str = r#"{"models":[{"name":"models/gemma-4-31b-it"}]}"#;

/// A Gemini that answers everything, when it is let.
#[derive(Debug)]
struct Gemini {
    gate: Semaphore,
    /// Tokens of a prompt and of an answer.
    usage: Mutex<(u64, u64)>,
    status: Mutex<u16>,
    asked: Mutex<Vec<String>>,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Told {
    status: u16,
    headers: HeaderMap,
    text: String,
}

/// Two pools, the users of a test, and a clock that stands still.
struct Club {
    server: Server,
    gemini: Arc<Gemini>,
    ledger: Arc<LocalLedger>,
    clock: ManualClock,
    gateway: Gateway,
    cipher: Arc<Cipher>,
    settings: Arc<Settings>,
}

/// How a club differs from one with two users of the first pool and no limits.
#[derive(Default)]
struct Terms {
    settings: Settings,
    users: Vec<User>,
    /// Access keys beside those that everyone has.
    more: Vec<(&'static str, Option<Timestamp>, i64)>,
    pool_limits: Limits,
    is_off: Vec<i64>,
}

impl Upstream for Gemini {
    fn send<'a>(
        &'a self,
        call: &'a Call,
        _: &'a Secret,
        _: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        self.asked.lock().unwrap().push(call.path_and_query.clone());
        Box::pin(async move {
            drop(self.gate.acquire().await.unwrap());
            let mut response = Response::new(self.body(&call.path_and_query));
            *response.status_mut() = self.status.lock().unwrap().to_owned().try_into().unwrap();
            Ok(response)
        })
    }

    fn fetch<'a>(
        &'a self,
        _: &'a Target,
        _: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(ready(Err(UpstreamError::Connect("there is no web here".to_owned()))))
    }
}

impl Gemini {
    fn body(&self, path: &str) -> UpstreamBody {
        let (prompt, output) = *self.usage.lock().unwrap();
        let total = prompt + output;
        let said = format!(
            r#"{{"candidates":[{{"content":{{"role":"model","parts":[{{"text":"ok"}}]}},"finishReason":"STOP"}}],"usageMetadata":{{"promptTokenCount":{prompt},"candidatesTokenCount":{output},"totalTokenCount":{total}}}}}"#
        );
        let piece = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]}}]}"#;
        let pieces = match () {
            () if *self.status.lock().unwrap() != 200 => {
                vec![
                    r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#
                        .to_owned(),
                ]
            }
            () if path.contains("alt=sse") => {
                vec![format!("data: {piece}\r\n\r\n"), format!("data: {said}\r\n\r\n")]
            }
            () if path.contains("pageToken=more") => vec![LAST_PAGE.to_owned()],
            () if path.contains(':') => vec![said],
            () => vec![LIST.to_owned()],
        };
        let frames = pieces.into_iter().map(|piece| Ok(Frame::data(Bytes::from(piece))));
        StreamBody::new(stream::iter(frames)).boxed_unsync()
    }
}

/// The first user, as he is without any limits.
fn first() -> User {
    User::new(UserId(1), "first", PoolId(1))
}

/// The first user with limits.
fn limited(rules: &[(What, u64)]) -> Terms {
    Terms { users: vec![User { limits: limits(rules), ..first() }], ..Terms::default() }
}

fn limits(rules: &[(What, u64)]) -> Limits {
    rules.iter().map(|&(what, value)| Rule { what, value }).collect()
}

fn catalog(terms: Terms, cipher: &Arc<Cipher>, settings: &Arc<Settings>) -> Catalog {
    let Terms { settings: _, users, more, pool_limits, is_off } = terms;
    let key = Key { id: KeyId(1), weight: 1, project: None, tier: Tier::Free };
    let pool = |(id, limits): (i64, Limits)| PoolEntry {
        id: PoolId(id),
        name: format!("pool {id}"),
        is_on: !is_off.contains(&id),
        treatment: Arc::clone(settings),
        settings: pool::Settings::default(),
        max_waiting: 100,
        limits,
        retry_ratio: 0.2,
        hedge_ratio: 0.0,
        keys: vec![key.clone()],
    };
    let known: Vec<i64> = users.iter().map(|user| user.id.0).collect();
    let others = (1..=2).filter(|id| !known.contains(id));
    let others = others.map(|id| User::new(UserId(id), format!("user {id}"), PoolId(1)));
    let users: Vec<Arc<User>> = users.into_iter().chain(others).map(Arc::new).collect();
    let access = |text: &str, until, user: &Arc<User>| {
        (cipher.fingerprint(text.as_bytes()), until, Arc::clone(user))
    };
    let mut keys: Vec<_> = users
        .iter()
        .map(|user| access(KEYS[usize::try_from(user.id.0).unwrap()], None, user))
        .collect();
    for (text, until, id) in more {
        let user = users.iter().find(|user| user.id.0 == id).unwrap();
        keys.push(access(text, until, user));
    }
    let pools = [(1, pool_limits), (2, Limits::default())].map(pool);
    let secret = Secret::new("key-of-the-pool");
    let secrets = [(KeyId(1), secret)];
    Catalog::new(Arc::clone(settings), pools.into(), secrets, keys, Arc::clone(cipher))
}

impl Club {
    async fn of(mut terms: Terms) -> Self {
        let clock = ManualClock::new(START);
        let (_, store) = pollux_testkit::in_memory(&clock).await;
        let cipher = Arc::new(store.cipher().await);
        let settings = Arc::new(std::mem::take(&mut terms.settings));
        let catalog = catalog(terms, &cipher, &settings);
        let ledger = Arc::new(LocalLedger::new(clock.clock(), 1));
        ledger.configure(&catalog);
        let gemini = Arc::new(Gemini {
            gate: Semaphore::new(1),
            usage: Mutex::new((3, 2)),
            status: Mutex::new(200),
            asked: Mutex::default(),
        });
        let gateway = Gateway::new(Parts {
            catalog,
            ledger: ledger.clone(),
            upstream: gemini.clone(),
            store,
            clock: clock.clock(),
            offload: Offload::default(),
        });
        let server = router::server(&gateway);
        Self { server, gemini, ledger, clock, gateway, cipher, settings }
    }

    /// Changes users and pools while it runs.
    fn change(&self, terms: Terms) {
        let catalog = catalog(terms, &self.cipher, &self.settings);
        self.ledger.configure(&self.gateway.reconfigure(catalog));
    }

    async fn open(&self, request: Request<Body>, peer: Option<&str>) -> Response<Body> {
        let peer = peer.map(|address| address.parse::<IpAddr>().unwrap());
        within("an answer", self.server.answer(request, peer)).await
    }

    async fn ask(&self, request: Request<Body>) -> Told {
        read(self.open(request, Some("127.0.0.1")).await).await
    }

    /// A question of the first user.
    async fn chat(&self) -> Told {
        self.ask(chat_of(1)).await
    }

    /// A question of the first user in Gemini's dialect.
    async fn native(&self) -> Told {
        self.ask(native_of(1)).await
    }

    fn asked(&self) -> Vec<String> {
        self.gemini.asked.lock().unwrap().clone()
    }

    fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

async fn read(response: Response<Body>) -> Told {
    let (head, body) = response.into_parts();
    let body = within("a body", body.collect()).await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    Told { status: head.status.as_u16(), headers: head.headers, text }
}

fn request(user: usize, method: Method, target: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::builder().method(method).uri(target).header("host", "pollux.test");
    let request = request.header("x-api-key", KEYS[user]);
    request.body(body.into()).unwrap()
}

fn chat_of(user: usize) -> Request<Body> {
    request(user, Method::POST, "/v1/chat/completions", chat(MODEL, "hi", false))
}

fn native_of(user: usize) -> Request<Body> {
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    request(user, Method::POST, &target, native("hi"))
}

/// A chat that lets the model say so many tokens.
fn chat_up_to(user: usize, tokens: u64) -> Request<Body> {
    let body = chat(MODEL, "hi", false);
    let body = body.replacen('{', &format!("{{\"max_tokens\":{tokens},"), 1);
    request(user, Method::POST, "/v1/chat/completions", body)
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn error(&self) -> Value {
        let body: Value = serde_json::from_str(&self.text).unwrap();
        body["error"].clone()
    }

    fn message(&self) -> String {
        self.error()["message"].as_str().unwrap_or_default().to_owned()
    }

    /// What the headers say of a kind of limit: how much there may be, is left, and when it is whole.
    fn limits(&self, kind: &str) -> [&str; 3] {
        ["limit", "remaining", "reset"].map(|what| match (what, kind) {
            ("limit", "requests") => self.header("x-ratelimit-limit-requests"),
            ("remaining", "requests") => self.header("x-ratelimit-remaining-requests"),
            ("reset", "requests") => self.header("x-ratelimit-reset-requests"),
            ("limit", _) => self.header("x-ratelimit-limit-tokens"),
            ("remaining", _) => self.header("x-ratelimit-remaining-tokens"),
            _ => self.header("x-ratelimit-reset-tokens"),
        })
    }
}
