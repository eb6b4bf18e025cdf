//! What the endpoints beside chat share: their calls, several at once, and the fields left out.

use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use http::{HeaderMap, HeaderValue, Method, header};
use pollux_pool::id::ModelName;
use pollux_translate::{error::TranslateError, gemini::path};

use crate::{
    app::Gateway,
    catalog::User,
    faces::respond,
    failure::Failure,
    proxy::{
        call::{Call, Shape},
        commit::{self, AnswerBody},
        send::Sent,
    },
};

/// How many calls of one request are under way at a time.
const AT_ONCE: usize = 4;
/// Asks for strictness, or for the opposite, in one request.
const STRICT: &str = "x-pollux-strict";
/// The most that `x-pollux-ignored` holds, in bytes.
const MAX_IGNORED: usize = 2000;

/// The whole bodies that answer a request, in the order of its calls.
pub(super) struct Answers {
    bodies: Vec<Bytes>,
    attempts: u32,
}

/// A call of `model` that generates, for a client that wants a stream or not.
pub(super) fn generate(
    gateway: &Gateway,
    user: &User,
    (model, streaming): (&str, bool),
    body: Bytes,
) -> Call {
    let settings = gateway.treatment(user);
    let streaming = streaming && !settings.streams.from_whole;
    let body = settings.safety.complete(&body).map_or(body, Bytes::from);
    let path = path::generate(&settings.api_version, model, streaming);
    call(path, model, if streaming { Shape::Events } else { Shape::Whole }, body)
}

/// A call of `model` that makes vectors.
pub(super) fn embed(gateway: &Gateway, user: &User, model: &str, body: Vec<u8>) -> Call {
    let version = &gateway.treatment(user).api_version;
    call(path::call(version, model, "batchEmbedContents"), model, Shape::Document, body.into())
}

fn call(path_and_query: String, model: &str, shape: Shape, body: Bytes) -> Call {
    let json = HeaderValue::from_static("application/json");
    Call {
        method: Method::POST,
        path_and_query,
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        body: body.into(),
        model: ModelName::new(model),
        shape,
        owner: None,
        prefer: None,
    }
}

/// Sends calls, a few at a time, and keeps their answers in order.
///
/// # Errors
/// That of the first call that fails; those still under way are given up.
pub(super) async fn all(
    gateway: &Gateway,
    user: &User,
    calls: impl IntoIterator<Item = Call>,
) -> Result<Answers, Failure> {
    let one = async |call: Call| whole(gateway.send(&call, user).await?);
    let answers: Vec<(Bytes, u32)> =
        stream::iter(calls).map(one).buffered(AT_ONCE).try_collect().await?;
    let attempts = answers.iter().map(|(_, attempts)| *attempts).max().unwrap_or_default();
    let bodies = answers.into_iter().map(|(body, _)| body).collect();
    Ok(Answers { bodies, attempts })
}

fn whole(sent: Sent) -> Result<(Bytes, u32), Failure> {
    let Sent { answer, mut settlement, attempts } = sent;
    match answer.body {
        AnswerBody::Whole { body, facts } => {
            settlement.note(&facts);
            Ok((body, attempts))
        }
        AnswerBody::Stream(opened) => {
            settlement.note(&opened.facts);
            Err(commit::unreadable().into())
        }
        AnswerBody::Bytes(_) => Err(commit::unreadable().into()),
    }
}

impl Answers {
    /// The bodies as the translations read them.
    pub(super) fn bodies(&self) -> impl Iterator<Item = &[u8]> {
        self.bodies.iter().map(AsRef::as_ref)
    }

    /// The body that answers the first call.
    pub(super) fn first(&self) -> &[u8] {
        self.bodies().next().unwrap_or_default()
    }

    /// Says on a response how many attempts the longest of the calls took.
    pub(super) fn note(&self, response: &mut Response) {
        respond::note_attempts(response, self.attempts);
    }
}

/// Refuses fields that would have no effect, where the request or the server is strict.
///
/// # Errors
/// 400 with their names.
pub(super) fn check_ignored(
    gateway: &Gateway,
    user: &User,
    headers: &HeaderMap,
    names: &[String],
) -> Result<(), TranslateError> {
    let asked = headers.get(STRICT).and_then(|value| value.to_str().ok());
    let is_strict = asked.map_or_else(
        || gateway.treatment(user).strict,
        |asked| matches!(asked.trim(), "1" | "true"),
    );
    let Some(first) = names.first().filter(|_| is_strict) else { return Ok(()) };
    let text = format!(
        "these fields have no effect on Gemini, and strict mode refuses them: {}",
        names.join(", ")
    );
    Err(TranslateError::at(first.as_str(), text))
}

/// Names the fields that had no effect, in a header that stays readable whatever they are called.
pub(super) fn note_ignored(response: &mut Response, names: &[String]) {
    let names = names.iter().map(|name| name.escape_default().to_string());
    let mut list = names.collect::<Vec<_>>().join(", ");
    if list.len() > MAX_IGNORED {
        list.truncate(MAX_IGNORED);
        list.push_str("...");
    }
    if !list.is_empty()
        && let Ok(value) = HeaderValue::from_str(&list)
    {
        response.headers_mut().insert("x-pollux-ignored", value);
    }
}
