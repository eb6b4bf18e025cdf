//! The last moment of failover: reads an answer up to where it proves to be one.
//!
//! Nothing goes to the client before this returns, so whatever is wrong until
//! then can still be mended with another key.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use pollux_pool::{
    id::PoolId,
    outcome::{Lesson, Outcome, Revocation, Scope},
};
use pollux_store::secret::Secret;
use pollux_translate::{
    error::{ApiError, Status},
    gemini::{error::ErrorBody, finish::FinishReason, response::Facts},
};

use super::{
    call::{Call, CallBody, Shape},
    classify,
    framing::Framing,
    route,
    upstream::{UpstreamBody, UpstreamError},
};
use crate::{
    catalog::Catalog,
    egress::Egress,
    failure::{Failure, Original},
    gather::Gather,
    shared::Shared,
};

/// One attempt: what it taught, and the answer or the reason why there is none.
#[derive(Debug)]
pub(crate) struct Attempted {
    pub(crate) lesson: Lesson,
    pub(crate) result: Result<Answer, Failure>,
    /// The row of the table that judged a refusal; empty for anything else.
    pub(crate) row: &'static str,
}

/// An answer that may go to the client.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: AnswerBody,
}

/// The body of an answer: all of it, a stream that has begun well, or bytes that mean nothing here.
#[derive(Debug)]
pub(crate) enum AnswerBody {
    Whole { body: Bytes, facts: Facts },
    Stream(Box<Opened>),
    Bytes(UpstreamBody),
}

/// A stream of which the first events have been read.
#[derive(Debug)]
pub(crate) struct Opened {
    /// What was read, byte for byte.
    pub(crate) raw: BytesMut,
    /// The whole events in it.
    pub(crate) events: Vec<Bytes>,
    /// The decoder, at the end of `raw`.
    pub(crate) framing: Framing,
    /// The rest; `None` when the stream has ended.
    pub(crate) rest: Option<UpstreamBody>,
    /// What the events said.
    pub(crate) facts: Facts,
}

/// What Google calls its errors.
const DOCUMENT: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
/// Error bodies are read no further than this.
const MAX_ERROR: usize = 1 << 20;
/// A stream that says nothing for so many bytes is handed on as it is.
const MAX_PEEK: usize = 1 << 20;

/// Sends `call` with a key of `pool` and reads the answer until it is certain that it is one.
pub(crate) async fn attempt(
    shared: &Shared,
    pool: PoolId,
    call: &Call,
    (secret, via): (&Secret, &Egress),
) -> Attempted {
    let catalog = shared.catalog.load_full();
    let timeouts = &catalog.treatment(pool).timeouts;
    let limit = if call.shape.is_stream() { timeouts.first_byte } else { timeouts.whole };
    let answer = async {
        let (head, body) = route::send(shared, call, secret, via).await?.into_parts();
        read(call.shape, Response::from_parts(head, ()), body, &catalog).await
    };
    let answer = match &call.body {
        CallBody::Bytes(_) => shared.clock.timeout(limit, answer).await,
        CallBody::Stream(upload) => upload.while_moving(&shared.clock, limit, answer).await,
    };
    match answer {
        Ok(Ok(attempted)) => attempted,
        Ok(Err(error)) => fault(call).unwrap_or_else(|| unavailable(&error, limit)),
        Err(_) => unavailable(&UpstreamError::Timeout, limit),
    }
}

/// What a client that broke its own upload is told; it says nothing about the key.
fn fault(call: &Call) -> Option<Attempted> {
    let CallBody::Stream(upload) = &call.body else { return None };
    let failure = upload.fault()?;
    Some(Attempted { lesson: Outcome::Rejected.into(), result: Err(failure), row: "" })
}

async fn read(
    shape: Shape,
    head: Response<()>,
    body: UpstreamBody,
    catalog: &Catalog,
) -> Result<Attempted, UpstreamError> {
    if shape == Shape::Download && (head.status().is_success() || head.status().is_redirection()) {
        return Ok(answered(Outcome::Success, head, AnswerBody::Bytes(body)));
    }
    // Resumable uploads of the old kind ask for more by this status.
    let is_asking = shape == Shape::Document && head.status() == StatusCode::PERMANENT_REDIRECT;
    if !head.status().is_success() && !is_asking {
        let body = read_error(body).await?;
        return Ok(refused(&head, &body, catalog));
    }
    if !shape.is_stream() {
        let body = read_all(body, catalog.settings.max_answer_bytes).await?;
        return Ok(whole(shape, head, body, catalog));
    }
    peek(shape, head, body, catalog).await
}

/// Reads a body to its end, or fails when it is longer than `limit` bytes.
async fn read_all(mut body: UpstreamBody, limit: usize) -> Result<Bytes, UpstreamError> {
    let too_large = |_| UpstreamError::TooLarge(limit);
    let mut gather = Gather::new(limit, body.size_hint().lower()).map_err(too_large)?;
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            gather.push(data).map_err(too_large)?;
        }
    }
    Ok(gather.finish())
}

/// Reads an error's body; of one that is too long, as one that quotes the request, its beginning.
async fn read_error(mut body: UpstreamBody) -> Result<Bytes, UpstreamError> {
    let mut read = BytesMut::new();
    while read.len() < MAX_ERROR
        && let Some(frame) = body.frame().await
    {
        if let Ok(data) = frame?.into_data() {
            read.extend_from_slice(&data);
        }
    }
    read.truncate(MAX_ERROR);
    Ok(read.freeze())
}

fn whole(shape: Shape, head: Response<()>, body: Bytes, catalog: &Catalog) -> Attempted {
    let facts = match shape.facts(&body) {
        Ok(facts) if !facts.error => facts,
        Ok(_) | Err(_) => return refused(&head, &body, catalog),
    };
    answered(judge(&facts), head, AnswerBody::Whole { body, facts })
}

async fn peek(
    shape: Shape,
    head: Response<()>,
    mut body: UpstreamBody,
    catalog: &Catalog,
) -> Result<Attempted, UpstreamError> {
    let mut opened = Opened::new(shape);
    let ended = loop {
        if opened.raw.len() > MAX_PEEK {
            break false;
        }
        let Some(frame) = body.frame().await else { break true };
        let Ok(data) = frame?.into_data() else { continue };
        if let Some(error) = opened.push(data)? {
            return Ok(refused(&head, &error, catalog));
        }
        if judge(&opened.facts) != Outcome::Empty {
            break false;
        }
    };
    if ended {
        if let Some(error) = opened.end()? {
            return Ok(refused(&head, &error, catalog));
        }
        if opened.events.is_empty() {
            return Err(UpstreamError::Broken("it ended before the answer began".to_owned()));
        }
    } else {
        opened.rest = Some(body);
    }
    let outcome = judge(&opened.facts);
    Ok(answered(outcome, head, AnswerBody::Stream(Box::new(opened))))
}

impl Opened {
    fn new(shape: Shape) -> Self {
        Self {
            raw: BytesMut::new(),
            events: Vec::new(),
            framing: Framing::of(shape),
            rest: None,
            facts: Facts::default(),
        }
    }

    /// Takes the next bytes; answers with the event that is an error, if there is one.
    fn push(&mut self, data: Bytes) -> Result<Option<Bytes>, UpstreamError> {
        self.raw.extend_from_slice(&data);
        self.framing.push(data);
        while let Some(event) = self.framing.next()? {
            if let Some(error) = self.note(event) {
                return Ok(Some(error));
            }
        }
        Ok(None)
    }

    fn end(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        Ok(self.framing.finish()?.and_then(|event| self.note(event)))
    }

    fn note(&mut self, event: Bytes) -> Option<Bytes> {
        match self.framing.facts(&event) {
            Ok(facts) => self.facts.merge(&facts),
            Err(_) => return Some(event),
        }
        if self.facts.error {
            return Some(event);
        }
        self.events.push(event);
        None
    }
}

/// What a successful answer says, as far as it has been read.
fn judge(facts: &Facts) -> Outcome {
    match &facts.finish {
        Some(FinishReason::PupLimitedDisabled) => {
            Outcome::Revoked { reason: Revocation::AccountLimited, scope: Scope::Project }
        }
        None | Some(FinishReason::Stop) if !facts.has_content && !facts.blocked => Outcome::Empty,
        None | Some(_) => Outcome::Success,
    }
}

fn answered(outcome: Outcome, head: Response<()>, body: AnswerBody) -> Attempted {
    let (parts, ()) = head.into_parts();
    let answer = Answer { status: parts.status, headers: parts.headers, body };
    let result = match outcome {
        Outcome::Revoked { .. } => Err(Failure::new(
            Status::Unavailable,
            "Google limits the account behind the key that was asked",
        )),
        Outcome::Success
        | Outcome::Empty
        | Outcome::Exhausted { .. }
        | Outcome::Unserved
        | Outcome::NotOwner
        | Outcome::Rejected
        | Outcome::Blocked
        | Outcome::Unavailable => Ok(answer),
    };
    Attempted { lesson: outcome.into(), result, row: "" }
}

/// Reads a refusal: an error status, or an error in place of an answer.
fn refused(head: &Response<()>, body: &[u8], catalog: &Catalog) -> Attempted {
    let text = String::from_utf8_lossy(body);
    let error = ErrorBody::parse(body);
    let http = match &error {
        Some(error) if head.status().is_success() => classify::http_of(error),
        None if head.status().is_success() => 502,
        Some(_) | None => head.status().as_u16(),
    };
    let (lesson, row) = classify::classify(http, error.as_ref(), &text);
    let message = match &error {
        Some(error) => catalog.scrubber.scrub(&error.message).into_owned(),
        None => format!("the upstream answered {http} without saying why"),
    };
    tracing::debug!(http, row, "upstream refused: {message}");
    let mut failure = Failure::with_http(http, classify::status(http, error.as_ref()), message);
    failure.error.retry_after = retry_after(&lesson.outcome);
    failure.original = error.is_some().then(|| {
        let mut headers = head.headers().clone();
        if head.status().is_success() {
            // The headers are those of a stream, of which the error is one event.
            headers.insert(header::CONTENT_TYPE, DOCUMENT);
        }
        let body = Bytes::from(catalog.scrubber.scrub(&text).into_owned());
        Box::new(Original { headers, body })
    });
    Attempted { lesson, result: Err(failure), row }
}

fn retry_after(outcome: &Outcome) -> Option<Duration> {
    match outcome {
        Outcome::Exhausted { retry_after, .. } => *retry_after,
        Outcome::Success
        | Outcome::Revoked { .. }
        | Outcome::Unserved
        | Outcome::NotOwner
        | Outcome::Rejected
        | Outcome::Blocked
        | Outcome::Unavailable
        | Outcome::Empty => None,
    }
}

fn unavailable(error: &UpstreamError, limit: Duration) -> Attempted {
    let error = match error {
        UpstreamError::Timeout => Failure::new(
            Status::DeadlineExceeded,
            format!("the upstream did not answer within {} s", limit.as_secs()),
        ),
        UpstreamError::Connect(_)
        | UpstreamError::Unsendable(_)
        | UpstreamError::Broken(_)
        | UpstreamError::TooLarge(_) => Failure::new(Status::Unavailable, error.to_string()),
    };
    Attempted { lesson: Outcome::Unavailable.into(), result: Err(error), row: "" }
}

/// The error that a stream which broke after its beginning ends with.
pub(crate) fn broken(error: &UpstreamError) -> ApiError {
    match error {
        UpstreamError::Timeout => Failure::new(
            Status::DeadlineExceeded,
            "the upstream fell silent before the answer was complete",
        ),
        UpstreamError::Connect(_)
        | UpstreamError::Unsendable(_)
        | UpstreamError::Broken(_)
        | UpstreamError::TooLarge(_) => Failure::new(
            Status::Unavailable,
            "the upstream broke off before the answer was complete",
        ),
    }
    .error
}

/// The error for an event that is neither an answer nor an error.
pub(crate) fn unreadable() -> ApiError {
    Failure::new(Status::Internal, "the upstream sent something that is not an answer").error
}

/// The error for a stream that ended without saying why.
pub(crate) fn cut() -> ApiError {
    Failure::new(Status::Unavailable, "the upstream ended the answer before it was complete").error
}
