//! The gateway without sockets, over a Gemini that takes its time by a clock which moves from one
//! event to the next, and notes when it was asked, and with which key.

use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use http::{HeaderMap, Response};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use pollux_gateway::{
    app::Gateway,
    catalog::Settings,
    clock::Clock,
    egress::Egress,
    fetch::guard::{Guard, Target},
    ledger::{Ledger as _, LocalLedger},
    proxy::{
        call::Call,
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
    router::{self, Server},
};
use pollux_pool::{id::PoolId, pool, time::Timestamp};
use pollux_store::{secret::Secret, usage::Counts};
use pollux_testkit::{ManualClock, START};

use crate::bare::{USERS, gateway_hedging};

/// How often everybody is polled before the clock moves on.
const TURNS: usize = 30;

/// One call that reached Gemini.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Its number, from 0.
    pub(crate) number: usize,
    pub(crate) at: Timestamp,
    pub(crate) key: String,
    pub(crate) path: String,
}

/// What Gemini does with a call: it waits, and then answers.
#[derive(Clone, Debug)]
pub(crate) struct Told(pub(crate) Duration, pub(crate) u16, pub(crate) String);

type Script = dyn Fn(&Asked) -> Told + Send + Sync;

struct Paced {
    clock: Clock,
    script: Box<Script>,
    asked: Mutex<Vec<Asked>>,
    open: Arc<AtomicUsize>,
}

/// A call that is open until this is dropped.
struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Upstream for Paced {
    fn send<'a>(
        &'a self,
        call: &'a Call,
        key: &'a Secret,
        _: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        self.open.fetch_add(1, Ordering::Relaxed);
        let open = Open(Arc::clone(&self.open));
        let Told(after, status, body) = {
            let mut asked = self.asked.lock().unwrap();
            let (number, at) = (asked.len(), self.clock.now());
            let (key, path) = (key.expose().to_owned(), call.path_and_query.clone());
            let next = Asked { number, at, key, path };
            let told = (self.script)(&next);
            asked.push(next);
            told
        };
        Box::pin(async move {
            if !after.is_zero() {
                self.clock.sleep(after).await;
            }
            let frames = stream::iter([body]).map(move |body| {
                let _still = &open;
                Ok(Frame::data(body.into()))
            });
            let mut response = Response::new(StreamBody::new(frames).boxed_unsync());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
            response.headers_mut().insert("content-type", "application/json".parse().unwrap());
            Ok(response)
        })
    }

    fn fetch<'a>(
        &'a self,
        _: &'a Target,
        _: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(async { Err(UpstreamError::Connect("there is no web here".to_owned())) })
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paced").field("open", &self.open).finish_non_exhaustive()
    }
}

/// A gateway over a paced Gemini.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) clock: ManualClock,
    pub(crate) ledger: Arc<LocalLedger>,
    gateway: Gateway,
    server: Server,
    upstream: Arc<Paced>,
}

impl Course {
    pub(crate) async fn new(
        keys: i64,
        (settings, pool, hedge_ratio): (Settings, pool::Settings, f64),
        script: impl Fn(&Asked) -> Told + Send + Sync + 'static,
    ) -> Self {
        let clock = ManualClock::new(START);
        let upstream = Arc::new(Paced {
            clock: clock.clock(),
            script: Box::new(script),
            asked: Mutex::default(),
            open: Arc::default(),
        });
        let pools = (pool, hedge_ratio);
        let (gateway, ledger) =
            gateway_hedging(keys, pools, upstream.clone(), settings, &clock).await;
        let server = router::server(&gateway);
        Self { clock, ledger, gateway, server, upstream }
    }

    /// Asks as a user, with more headers: the status, the headers and the body of the answer.
    pub(crate) async fn ask(
        &self,
        user: i64,
        headers: &[(&str, &str)],
        (target, body): (&str, &str),
    ) -> (u16, HeaderMap, String) {
        let access = USERS.into_iter().find_map(|(key, id, _)| (id == user).then_some(key));
        let mut request = http::Request::builder()
            .header("host", "pollux.test")
            .method("POST")
            .uri(target)
            .header("x-api-key", access.unwrap());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer =
            self.server.answer(request.body(Body::from(body.to_owned())).unwrap(), None).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }

    /// What the admin is shown, with a password.
    pub(crate) async fn show(&self, target: &str, password: &str) -> serde_json::Value {
        let request = http::Request::builder()
            .header("host", "pollux.test")
            .uri(target)
            .header("authorization", format!("Bearer {password}"))
            .body(Body::empty());
        let answer = self.server.answer(request.unwrap(), None).await;
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&body).unwrap()
    }

    /// Lets the clock go from one event to the next until `work` has ended.
    pub(crate) async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let time = async {
            loop {
                for _ in 0..TURNS {
                    tokio::task::yield_now().await;
                }
                if let Some(next) = self.clock.sleepers().first() {
                    self.clock.advance(*next);
                }
            }
        };
        tokio::select! {
            output = work => output,
            () = time => unreachable!("time has no end"),
        }
    }

    /// The calls that reached Gemini, from number `from` on.
    pub(crate) fn asked(&self, from: usize) -> Vec<Asked> {
        let asked = self.upstream.asked.lock().unwrap();
        asked.get(from..).unwrap_or_default().to_vec()
    }

    /// How many calls reached Gemini.
    pub(crate) fn count(&self) -> usize {
        self.upstream.asked.lock().unwrap().len()
    }

    /// How many of them are still open.
    pub(crate) fn open(&self) -> usize {
        self.upstream.open.load(Ordering::Relaxed)
    }

    /// How many attempts hold a key.
    pub(crate) fn in_flight(&self) -> u32 {
        self.ledger.view(PoolId(1)).iter().map(|key| key.in_flight).sum()
    }

    /// Everything that was counted since the last time.
    pub(crate) fn counted(&self) -> Counts {
        let mut sum = Counts::default();
        self.gateway.recorder().take().into_iter().for_each(|row| sum += row.counts);
        sum
    }
}
