//! Answers and failures as HTTP responses, in the dialect of the face they leave by.

use std::{convert::Infallible, future::Future, net::IpAddr, sync::Arc};

use axum::{body::Body, extract::Request, response::Response};
use bytes::Bytes;
use futures_util::future::{BoxFuture, try_join_all};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request};
use pollux_translate::{anthropic, error::Status, gemini, openai, stream::StreamTranslator};
use serde::Serialize;

use crate::{
    app::Gateway,
    auth,
    catalog::User,
    client::{self, Peer},
    clock::Elapsed,
    failure::{Failure, Original, whole_seconds},
    proxy::wish::Wishes,
    proxy::{
        alive::Alive,
        body::Passed,
        call::Call,
        commit::{Answer, AnswerBody},
        headers,
        pipe::Piped,
        rest::Rest,
        send::{Caller, Sent},
        translated::Translated,
        whole::Late,
    },
    trace::Watch,
};

/// What every handler returns.
pub(crate) type Answered = Result<Response, Failure>;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-pollux-attempts");

/// A request on its way to a handler.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) id: RequestId,
    pub(crate) head: request::Parts,
    pub(crate) body: Body,
}

/// Names one request in answers and logs: 32 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(String);

impl RequestId {
    fn new() -> Self {
        let mut bytes = [0; 16];
        // Without randomness ids repeat, which costs a log its meaning but no request.
        let _ = getrandom::fill(&mut bytes);
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The language of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    OpenAi,
    Gemini,
    Anthropic,
}

impl Dialect {
    /// The dialect that a request shows where its path belongs to several.
    pub(crate) fn of(head: &request::Parts) -> Self {
        let path = head.uri.path();
        if head.headers.contains_key("anthropic-version") || path.starts_with("/v1/messages") {
            return Self::Anthropic;
        }
        let native = ["/v1beta/", "/v1alpha/", "/upload/", "/download/"];
        let google = native.iter().any(|prefix| path.starts_with(prefix))
            || head.headers.contains_key("x-goog-api-key")
            || head.headers.contains_key("x-goog-api-client")
            || auth::parameters(&head.uri).any(|(name, _)| name == "key");
        match () {
            () if google => Self::Gemini,
            () if head.headers.contains_key("x-api-key") => Self::Anthropic,
            () => Self::OpenAi,
        }
    }
}

/// A handler whose failures are written in `dialect`, or in the one the request shows.
pub(crate) fn face<H, F>(
    gateway: &Gateway,
    dialect: Option<Dialect>,
    handler: H,
) -> impl Fn(Request) -> BoxFuture<'static, Response> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    let gateway = gateway.clone();
    move |request: Request| Box::pin(answer(gateway.clone(), dialect, handler.clone(), request))
}

/// Runs a handler and writes its failure, if it has one, in the client's dialect.
pub(crate) async fn answer<H, F>(
    gateway: Gateway,
    dialect: Option<Dialect>,
    handler: H,
    request: Request,
) -> Response
where
    H: FnOnce(Gateway, Incoming) -> F,
    F: Future<Output = Answered>,
{
    let (head, body) = request.into_parts();
    let dialect = dialect.unwrap_or_else(|| Dialect::of(&head));
    let id = RequestId::new();
    let what = tracing::enabled!(tracing::Level::DEBUG)
        .then(|| format!("{} {}", head.method, head.uri.path()));
    let watch = Watch::new(gateway.shared(), id.as_str(), &head);
    let client = client_of(&gateway, &head);
    let incoming = Incoming { id: id.clone(), head, body };
    let answered = match Wishes::of(&incoming.head.headers) {
        Ok(wishes) => handler(gateway.watched(&watch, wishes, client), incoming).await,
        Err(failure) => Err(failure),
    };
    let has_failed = answered.is_err();
    let mut response = answered.unwrap_or_else(|failure| {
        watch.failed(&failure);
        failed(dialect, failure, &id)
    });
    watch.trace().visit().note(response.headers_mut());
    let mut response = watch.over(response, has_failed);
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    if let Some(what) = what {
        let status = response.status().as_u16();
        tracing::debug!(request.id = id.as_str(), status, "{what} answered {status}");
    }
    response
}

fn client_of(gateway: &Gateway, head: &request::Parts) -> Option<IpAddr> {
    let peer = head.extensions.get().map(|Peer(address)| *address);
    let catalog = gateway.shared().catalog.load();
    client::of(peer, &head.headers, &catalog.settings.trusted_proxies)
}

/// A failure in `dialect`.
fn failed(dialect: Dialect, failure: Failure, id: &RequestId) -> Response {
    let Failure { error, original, attempts } = failure;
    let status = StatusCode::from_u16(error.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = match (dialect, original) {
        (Dialect::Gemini, Some(original)) => {
            let Original { headers, body } = *original;
            let mut response = Response::new(Body::from(body));
            *response.headers_mut() = headers::downward(headers);
            response
        }
        (Dialect::Gemini, None) => json(gemini::error::encode(&error)),
        (Dialect::OpenAi, _) => json(openai::error::encode(&error)),
        (Dialect::Anthropic, _) => json(anthropic::error::encode(&error, id.as_str())),
    };
    *response.status_mut() = status;
    if let Some(wait) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(wait).into());
    }
    note_attempts(&mut response, attempts);
    response
}

pub(crate) fn note_attempts(response: &mut Response, attempts: u32) {
    if attempts > 0 {
        response.headers_mut().insert(ATTEMPTS, attempts.into());
    }
}

/// A JSON body that Pollux wrote itself.
pub(crate) fn json(body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A value of Pollux's own as JSON.
///
/// # Errors
/// When it cannot be written, which is a defect.
pub(crate) fn written(value: &impl Serialize) -> Answered {
    let body = serde_json::to_vec(value)
        .map_err(|_| Failure::new(Status::Internal, "the answer could not be written"))?;
    Ok(json(body))
}

/// Gemini's answer as it came.
pub(crate) fn passed(gateway: &Gateway, sent: Sent) -> Response {
    let Sent { answer, mut settlement, attempts } = sent;
    let Answer { status, headers, body } = answer;
    let body = match body {
        AnswerBody::Whole { body, facts } => {
            settlement.note(&facts);
            Body::from(body)
        }
        AnswerBody::Stream(opened) => {
            settlement.note(&opened.facts);
            Body::new(Passed::new(gateway.shared().clone(), *opened, settlement))
        }
        AnswerBody::Bytes(rest) => {
            Body::new(Piped::new(gateway.shared().clone(), rest, settlement))
        }
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers::downward(headers);
    note_attempts(&mut response, attempts);
    response
}

/// What is asked for one stream: a call, and how many answers to it there are to be.
pub(crate) struct Streaming {
    pub(crate) call: Arc<Call>,
    pub(crate) times: u32,
    /// Continues each of the answers.
    pub(crate) rest: Option<Rest>,
}

/// A stream in another dialect, whatever shape the calls' answers have.
///
/// Whole ones are waited for until it is time to tell the client that nothing has come yet. From
/// then on it has its status, and what goes wrong is an event.
///
/// # Errors
/// Those of the calls, until then.
pub(crate) async fn stream<T>(
    gateway: &Gateway,
    user: &User,
    streaming: Streaming,
    translator: T,
) -> Answered
where
    T: StreamTranslator + Send + Unpin + 'static,
{
    let Streaming { call, times, rest } = streaming;
    let is_whole = !call.shape.is_stream();
    let (asking, caller) = (gateway.clone(), Caller::from(user));
    let mut sends: Sends =
        Box::pin(
            async move { try_join_all((0..times).map(|_| asking.send_for(&call, caller))).await },
        );
    let shared = gateway.shared();
    let pause = gateway.treatment(user).streams.keep_alive;
    if is_whole && !pause.is_zero() {
        return match shared.clock.timeout(pause, &mut sends).await {
            Ok(sent) => Ok(streamed(gateway, user, (sent?, rest.as_ref()), translator)),
            Err(Elapsed) => Ok(late(gateway, user, (sends, rest), translator)),
        };
    }
    Ok(streamed(gateway, user, (sends.await?, rest.as_ref()), translator))
}

impl From<Call> for Streaming {
    fn from(call: Call) -> Self {
        Self { call: Arc::new(call), times: 1, rest: None }
    }
}

type Sends = BoxFuture<'static, Result<Vec<Sent>, Failure>>;

/// A stream that begins with the waiting for its answers.
fn late<T>(
    gateway: &Gateway,
    user: &User,
    (sends, rest): (Sends, Option<Rest>),
    translator: T,
) -> Response
where
    T: StreamTranslator + Send + Unpin + 'static,
{
    let (shared, trace) = (Arc::clone(gateway.shared()), gateway.trace().clone());
    let body = Late::Awaited(Box::pin(async move {
        match sends.await {
            Ok(sent) => Translated::new(&shared, sent, rest.as_ref(), translator),
            Err(failure) => {
                trace.failed(&failure);
                Translated::failed(&shared, &failure.error, translator)
            }
        }
    }));
    // The wait so far was a pause as well.
    events(Alive::silent(gateway.shared(), user.pool, body))
}

/// One stream of as many upstream answers as the client asked for.
fn streamed<T>(
    gateway: &Gateway,
    user: &User,
    (sent, rest): (Vec<Sent>, Option<&Rest>),
    translator: T,
) -> Response
where
    T: StreamTranslator + Send + Unpin + 'static,
{
    let attempts = sent.iter().map(|sent| sent.attempts).sum();
    let body = Translated::new(gateway.shared(), sent, rest, translator);
    let mut response = events(Alive::new(gateway.shared(), user.pool, body));
    note_attempts(&mut response, attempts);
    response
}

fn events<B>(body: B) -> Response
where
    B: http_body::Body<Data = Bytes, Error = Infallible> + Send + 'static,
{
    let mut response = Response::new(Body::new(body));
    *response.headers_mut() = event_stream();
    response
}

/// Headers of a stream that no proxy on the way should hold back.
pub(crate) fn event_stream() -> HeaderMap {
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}
