//! The gateway without sockets, over an upstream that follows a script step by step and counts
//! what is open.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use axum::{body::Body as ClientBody, response::Response as Answer};
use bytes::Bytes;
use futures_util::future::{BoxFuture, poll_fn, ready};
use http::Response;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use pollux_gateway::{
    app::Gateway,
    catalog::Settings,
    egress::Egress,
    fetch::guard::{Guard, Target},
    ledger::{Ledger as _, LocalLedger},
    proxy::{
        call::Call,
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
    router::{self, Server},
};
use pollux_pool::{
    health::KeyView,
    id::PoolId,
    pool::{self, QuotaView},
};
use pollux_store::{secret::Secret, usage::Counts};
use pollux_testkit::{ManualClock, START};

use crate::bare::{USERS, gateway_with};

/// What an answer does next.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Some bytes come.
    Chunk(String),
    /// Nothing comes until it is asked once more.
    Pause,
    /// Nothing comes until the test opens the gate.
    Hold,
    /// The connection breaks.
    Break,
}

/// An answer of the upstream.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// What happens before the head of the answer comes; pieces mean nothing there.
    pub(crate) before: Vec<Step>,
    pub(crate) body: Vec<Step>,
}

impl Reply {
    /// An answer in one piece.
    pub(crate) fn of(status: u16, body: impl Into<String>) -> Self {
        Self { status, before: Vec::new(), body: vec![Step::Chunk(body.into())] }
    }

    /// An answer in these pieces.
    pub(crate) fn pieces(pieces: impl IntoIterator<Item = String>) -> Self {
        Self {
            status: 200,
            before: Vec::new(),
            body: pieces.into_iter().map(Step::Chunk).collect(),
        }
    }

    /// The same after the gate was opened.
    pub(crate) fn held(self) -> Self {
        Self { before: vec![Step::Hold], ..self }
    }
}

type Script = dyn Fn(usize) -> Reply + Send + Sync;

/// A Gemini that answers call number N with what the script says.
pub(crate) struct Scripted {
    script: Box<Script>,
    counters: Arc<Counters>,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    asked: AtomicUsize,
    open: AtomicUsize,
    /// How many pieces were given out, per call.
    given: Mutex<Vec<usize>>,
    gate: Mutex<(bool, Vec<Waker>)>,
}

/// One call that is open until this is dropped.
struct Open {
    number: usize,
    counters: Arc<Counters>,
    steps: VecDeque<Step>,
}

impl Open {
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<String, UpstreamError>>> {
        match self.steps.front() {
            None => return Poll::Ready(None),
            Some(Step::Pause) => {
                self.steps.pop_front();
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Some(Step::Hold) => {
                let mut gate = self.counters.gate.lock().unwrap();
                if !gate.0 {
                    gate.1.push(cx.waker().clone());
                    return Poll::Pending;
                }
                drop(gate);
                self.steps.pop_front();
                return self.poll_step(cx);
            }
            Some(Step::Chunk(_) | Step::Break) => {}
        }
        Poll::Ready(match self.steps.pop_front() {
            Some(Step::Chunk(chunk)) => {
                self.counters.given.lock().unwrap()[self.number] += 1;
                Some(Ok(chunk))
            }
            Some(Step::Break) => Some(Err(UpstreamError::Broken("reset".to_owned()))),
            Some(Step::Pause | Step::Hold) | None => None,
        })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.counters.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Body for Open {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        self.poll_step(cx).map(|step| step.map(|step| step.map(|it| Frame::data(it.into()))))
    }
}

impl Upstream for Scripted {
    fn send<'a>(
        &'a self,
        _: &'a Call,
        _: &'a Secret,
        _: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        let number = self.counters.asked.fetch_add(1, Ordering::Relaxed);
        self.counters.open.fetch_add(1, Ordering::Relaxed);
        self.counters.given.lock().unwrap().push(0);
        let Reply { status, before, body } = (self.script)(number);
        let mut open = Open { number, counters: Arc::clone(&self.counters), steps: before.into() };
        Box::pin(async move {
            while let Some(step) = poll_fn(|cx| open.poll_step(cx)).await {
                step?;
            }
            open.steps = body.into();
            let mut response = Response::new(open.boxed_unsync());
            *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
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

impl fmt::Debug for Scripted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scripted").field("counters", &self.counters).finish_non_exhaustive()
    }
}

/// A gateway over a scripted Gemini, on a clock that is moved by hand.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) clock: ManualClock,
    gateway: Gateway,
    ledger: Arc<LocalLedger>,
    server: Server,
    upstream: Arc<Scripted>,
}

impl Scene {
    pub(crate) async fn new(
        keys: i64,
        settings: Settings,
        script: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::over(keys, settings, pool::Settings::default(), script).await
    }

    /// The same with pools that behave so.
    pub(crate) async fn over(
        keys: i64,
        settings: Settings,
        pool: pool::Settings,
        script: impl Fn(usize) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let upstream = Arc::new(Scripted { script: Box::new(script), counters: Arc::default() });
        let clock = ManualClock::new(START);
        let (gateway, ledger) = gateway_with(keys, pool, upstream.clone(), settings, &clock).await;
        let server = router::server(&gateway);
        Self { clock, gateway, ledger, server, upstream }
    }

    /// Asks, and answers at the head of the answer.
    pub(crate) async fn ask(&self, target: &str, body: &str) -> Answer {
        self.ask_as(1, target, body).await
    }

    /// The same as another user.
    pub(crate) async fn ask_as(&self, user: i64, target: &str, body: &str) -> Answer {
        let access =
            USERS.into_iter().find_map(|(key, id, _)| (id == user).then_some(key)).unwrap();
        let request = http::Request::builder()
            .header("host", "pollux.test")
            .method("POST")
            .uri(target)
            .header("x-api-key", access)
            .body(ClientBody::from(body.to_owned()));
        self.server.answer(request.unwrap(), None).await
    }

    /// Asks, and returns the status and the whole body.
    pub(crate) async fn whole(&self, target: &str, body: &str) -> (u16, String) {
        read(self.ask(target, body).await).await
    }

    /// What the admin is shown, with a password.
    pub(crate) async fn show(&self, target: &str, password: &str) -> (u16, String) {
        read(self.listen(target, password).await).await
    }

    /// The same at the head of the answer.
    pub(crate) async fn listen(&self, target: &str, password: &str) -> Answer {
        let request = http::Request::builder()
            .header("host", "pollux.test")
            .uri(target)
            .header("authorization", format!("Bearer {password}"))
            .body(axum::body::Body::empty());
        self.server.answer(request.unwrap(), None).await
    }

    /// Sends a form with the boundary `b`, and returns the status and the whole body.
    pub(crate) async fn form(&self, target: &str, form: &str) -> (u16, String) {
        let request = http::Request::builder()
            .header("host", "pollux.test")
            .method("POST")
            .uri(target)
            .header("x-api-key", USERS[0].0)
            .header("content-type", "multipart/form-data; boundary=b")
            .body(ClientBody::from(form.to_owned()));
        read(self.server.answer(request.unwrap(), None).await).await
    }

    /// Lets everything go on that is held.
    pub(crate) fn open_gate(&self) {
        let mut gate = self.upstream.counters.gate.lock().unwrap();
        gate.0 = true;
        gate.1.drain(..).for_each(Waker::wake);
    }

    /// How many calls reached the upstream.
    pub(crate) fn asked(&self) -> usize {
        self.upstream.counters.asked.load(Ordering::Relaxed)
    }

    /// How many of those calls are still open.
    pub(crate) fn open(&self) -> usize {
        self.upstream.counters.open.load(Ordering::Relaxed)
    }

    /// How many pieces each call gave out.
    pub(crate) fn given(&self) -> Vec<usize> {
        self.upstream.counters.given.lock().unwrap().clone()
    }

    /// What the gateway holds against its keys.
    pub(crate) fn keys(&self) -> Vec<KeyView> {
        self.ledger.view(PoolId(1))
    }

    /// How many requests wait for a key.
    pub(crate) fn waiting(&self) -> usize {
        self.ledger.waiting(PoolId(1))
    }

    /// What the keys' projects used.
    pub(crate) fn quotas(&self) -> Vec<QuotaView> {
        self.ledger.quotas(PoolId(1))
    }

    /// Everything that was counted since the last time.
    pub(crate) fn counted(&self) -> Counts {
        let mut sum = Counts::default();
        self.counted_by_user().into_values().for_each(|counts| sum += counts);
        sum
    }

    /// The same for each user.
    pub(crate) fn counted_by_user(&self) -> BTreeMap<i64, Counts> {
        let mut sums = BTreeMap::<i64, Counts>::new();
        for row in self.gateway.recorder().take() {
            *sums.entry(row.slot.user.map_or(0, |user| user.0)).or_default() += row.counts;
        }
        sums
    }
}

/// The status and the whole body of an answer.
pub(crate) async fn read(answer: Answer) -> (u16, String) {
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

/// The next piece of a body, as text; empty at its end.
pub(crate) async fn piece(body: &mut ClientBody) -> String {
    let Some(frame) = body.frame().await else { return String::new() };
    let data = frame.unwrap().into_data().unwrap();
    String::from_utf8(data.to_vec()).unwrap()
}
