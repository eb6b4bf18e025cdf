//! `/verify`: whether keys that are nobody's here are good, told one by one as that shows.
//!
//! The keys stand in `x-goog-api-key`, so that the caller's own access key cannot; a body may
//! name them too. No quota is used, and nothing about the keys is kept.

use std::{collections::HashSet, future, sync::Arc};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use http::{HeaderMap, Method};
use pollux_pool::id::KeyId;
use pollux_store::secret::Secret;
use pollux_translate::error::Status;
use serde::{Deserialize, Serialize};

use super::respond::{Answered, Incoming};
use crate::{
    app::Gateway,
    checks::{self, Finding, Question, Target, Verdict},
    event_stream,
    failure::Failure,
    own_keys::is_key,
    shared::Shared,
};

/// More keys than these are more than one question.
const MAX_KEYS: usize = 1000;
/// How many of them are asked about at a time.
const AT_ONCE: usize = 8;
/// How much of each end of a key is shown at most.
const SHOWN: usize = 7;

/// No key of a pool: such keys go the ways that are open to all of its keys.
const NOBODYS: KeyId = KeyId(0);

const BEGIN: Bytes = Bytes::from_static(b": verify-start\n\n");
const END: Bytes = Bytes::from_static(b": verify-end\n\n");

/// The keys of a body in JSON.
#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Under { keys: Vec<String> },
    Bare(Vec<String>),
}

/// One key, as an event tells it.
#[derive(Serialize)]
struct Told<'a> {
    key: String,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// `GET /verify`, `POST /verify`
pub(crate) async fn verify(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let shared = gateway.shared();
    let user = gateway.user_apart(&head.headers).map_err(apart)?;
    let mut keys = in_header(&head.headers);
    if head.method == Method::POST {
        keys.extend(in_body(&gateway.body(body).await?)?);
    }
    let mut seen = HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    drop(seen);
    match keys.len() {
        0 => return Err(no_keys()),
        1..=MAX_KEYS => {}
        more => return Err(too_many(more)),
    }
    let asked = Arc::clone(shared);
    let told =
        stream::iter(keys).map(move |key| tell(Arc::clone(&asked), (user.pool, NOBODYS), key));
    let begin = stream::once(future::ready(BEGIN));
    let end = stream::once(future::ready(END));
    Ok(event_stream::answer(shared, begin.chain(told.buffer_unordered(AT_ONCE)).chain(end)))
}

async fn tell(shared: Arc<Shared>, target: Target, key: String) -> Bytes {
    let masked = mask(&key);
    if !is_key(&key) {
        let error = "not a key: it has no 8 characters, or others than visible ASCII";
        return event(&Told { key: masked, status: "BAD", error: Some(error), note: None });
    }
    let finding = checks::ask(&shared, target, &Secret::new(key), &Question::List).await;
    let sentence = finding.sentence();
    let said = |finding: &Finding| finding.message.clone().unwrap_or_default();
    let (status, error, note) = match finding.verdict() {
        Verdict::Good => ("GOOD", None, None),
        Verdict::RateLimited | Verdict::Unserved => ("GOOD", None, Some(sentence)),
        Verdict::Revoked => ("BAD", Some(format!("{sentence} ({})", said(&finding))), None),
        Verdict::Unknown => ("ERROR", Some(sentence), None),
    };
    event(&Told { key: masked, status, error: error.as_deref(), note: note.as_deref() })
}

fn event(told: &Told<'_>) -> Bytes {
    // Texts alone cannot fail to be written.
    let json = serde_json::to_string(told).unwrap_or_default();
    format!("data: {json}\n\n").into()
}

fn in_header(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all("x-goog-api-key").iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(split).collect()
}

fn in_body(body: &[u8]) -> Result<Vec<String>, Failure> {
    let text = std::str::from_utf8(body).map_err(|_| unreadable("it is not UTF-8"))?.trim();
    if !text.starts_with(['{', '[']) {
        return Ok(text.lines().flat_map(split).collect());
    }
    let named = serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
    let (Named::Under { keys } | Named::Bare(keys)) = named;
    Ok(keys.iter().flat_map(|key| split(key)).collect())
}

fn split(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(str::trim).filter(|key| !key.is_empty()).map(str::to_owned)
}

/// The ends of a key; never more than half of it.
fn mask(key: &str) -> String {
    let length = key.chars().count();
    let shown = SHOWN.min(length / 4);
    let ends = key.chars().take(shown).chain(std::iter::repeat_n('.', 6));
    ends.chain(key.chars().skip(length - shown)).collect()
}

fn apart(failure: Failure) -> Failure {
    if failure.error.http != 401 {
        return failure;
    }
    let message = format!(
        "{}; here the access key goes into `Authorization` or `x-api-key`, and the keys to verify \
         into `x-goog-api-key`",
        failure.error.message
    );
    Failure::new(failure.error.status, message)
}

fn no_keys() -> Failure {
    Failure::new(
        Status::InvalidArgument,
        "no keys to verify: put them into `x-goog-api-key`, separated by commas, or POST them as \
         {\"keys\":[\"KEY\"]}, as a JSON list or one a line",
    )
}

fn too_many(keys: usize) -> Failure {
    let message = format!("{keys} keys are too many: at most {MAX_KEYS} are verified at a time");
    Failure::new(Status::InvalidArgument, message)
}

fn unreadable(why: &str) -> Failure {
    let message = format!(
        "the body is none of {{\"keys\":[\"KEY\"]}}, a JSON list and one key a line: {why}"
    );
    Failure::new(Status::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_more_than_half_of_a_key_shows() {
        assert_eq!(mask("AIzaSyB-0123456789-0123456789-wxyz0"), "AIzaSyB......9-wxyz0");
        for length in 0..60 {
            let key: String = ('!'..='~').cycle().filter(|c| *c != '.').take(length).collect();
            let shown = mask(&key).chars().filter(|c| *c != '.').count();
            assert!(shown * 2 <= length, "{length}");
        }
    }
}
