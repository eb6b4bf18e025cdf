//! The last requests, and all that is known of one of them.

use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    survey::Survey,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Admin, missing,
    read::{self, given, refused},
    view::{CandidateView, Moment, dollars, millis, word},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    scrub::Scrubber,
    trace::{Attempt, Ending, Record},
};

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    model: Option<String>,
    /// The id of a key that was asked for it, last or before another one.
    key: Option<i64>,
    pool: Option<i64>,
    user: Option<i64>,
    /// A part of its id or its path.
    search: Option<String>,
    /// `complete`, `failed` or `client_gone`.
    outcome: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Requests {
    requests: Vec<Summary>,
}

/// What a list says of a request.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestSummary)]
pub(super) struct Summary {
    id: String,
    at: Moment,
    /// Absent where it did not come to one.
    pool: Option<i64>,
    user: Option<Whose>,
    method: String,
    path: String,
    model: Option<String>,
    stream: bool,
    status: Option<u16>,
    outcome: &'static str,
    error: Option<String>,
    /// The key that was asked last.
    key: Option<i64>,
    attempts: usize,
    joined: bool,
    /// Whether a second key was asked while the first was still at it.
    hedged: bool,
    waited_ms: u64,
    first_byte_ms: Option<u64>,
    total_ms: u64,
    tokens: Tokens,
    /// In dollars; absent where a price is not known.
    cost: Option<f64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RequestUser)]
struct Whose {
    id: i64,
    name: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RequestTokens)]
struct Tokens {
    prompt: u64,
    cached: u64,
    output: u64,
    thoughts: u64,
    total: u64,
}

/// A request with everything that was tried for it.
#[derive(Serialize, ToSchema)]
pub(super) struct Explained {
    #[serde(flatten)]
    summary: Summary,
    /// The keys as the request found them; absent when it never looked for one.
    found: Option<Found>,
    tried: Vec<Tried>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Found)]
struct Found {
    candidates: Vec<CandidateView>,
    /// Keys beyond those.
    others: usize,
    /// Of all keys.
    ready: usize,
    cooling: usize,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Tried)]
struct Tried {
    key: i64,
    at: Moment,
    /// After how long the verdict was there; absent when the client left before.
    took_ms: Option<u64>,
    outcome: Option<&'static str>,
    rule: Option<&'static str>,
    http: Option<u16>,
    message: Option<String>,
}

/// `GET /admin/api/requests`: the newest first.
pub(super) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let limit = usize::try_from(read::limit(wanted.limit)?).unwrap_or(usize::MAX);
    let outcome = given(wanted.outcome.as_ref()).map(ending).transpose()?;
    let scrubber = &gateway.shared().catalog.load().scrubber;
    let fits = |record: &Record| {
        outcome.is_none_or(|outcome| record.ending == outcome) && wanted.fits(record, scrubber)
    };
    let found = gateway.shared().traces.newest(limit, fits);
    written(&Requests { requests: found.iter().map(|record| summary(record, scrubber)).collect() })
}

impl Wanted {
    fn fits(&self, record: &Record, scrubber: &Scrubber) -> bool {
        let (key, user) = (self.key.map(KeyId), self.user.map(UserId));
        let is_of = |name: &str| record.model.as_ref().is_some_and(|it| it.as_str() == name);
        let holds =
            |text: &str| record.id.contains(text) || scrubber.scrub(&record.path).contains(text);
        given(self.model.as_ref()).is_none_or(is_of)
            && key.is_none_or(|key| record.attempts.iter().any(|attempt| attempt.key == key))
            && self.pool.map(PoolId).is_none_or(|pool| record.pool == Some(pool))
            && user.is_none_or(|user| record.user.as_ref().is_some_and(|(id, _)| *id == user))
            && given(self.search.as_ref()).is_none_or(holds)
    }
}

/// `GET /admin/api/requests/{id}`: the waterfall of one.
pub(super) async fn one(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = incoming.head.uri.path().rsplit('/').next().unwrap_or_default();
    let record = gateway.shared().traces.find(id);
    let record = record.ok_or_else(|| missing("request among the last ones called", id))?;
    let scrubber = &gateway.shared().catalog.load().scrubber;
    let found = record.found.as_ref().map(found);
    let tried = record.attempts.iter().map(tried).collect();
    written(&Explained { summary: summary(&record, scrubber), found, tried })
}

fn ending(word: &str) -> Result<Ending, Failure> {
    Ending::ALL.into_iter().find(|ending| ending.as_str() == word).ok_or_else(|| {
        let known = Ending::ALL.map(Ending::as_str).join(", ");
        refused("outcome", format!("`outcome` is `{word}`, and takes one of {known}"))
    })
}

pub(super) fn summary(record: &Record, scrubber: &Scrubber) -> Summary {
    let usage = &record.usage;
    Summary {
        id: record.id.clone(),
        at: Moment(record.at),
        pool: record.pool.map(|pool| pool.0),
        user: record.user.as_ref().map(|(id, name)| Whose { id: id.0, name: name.clone() }),
        method: record.method.to_string(),
        // A client may write anything into these, also what is secret.
        path: scrubber.scrub(&record.path).into_owned(),
        model: record.model.as_ref().map(|model| scrubber.scrub(model.as_str()).into_owned()),
        stream: record.is_stream,
        status: record.status,
        outcome: record.ending.as_str(),
        error: record.error.as_deref().map(|error| scrubber.scrub(error).into_owned()),
        key: record.attempts.last().map(|attempt| attempt.key.0),
        attempts: record.attempts.len() + record.more_attempts,
        joined: record.has_joined,
        hedged: record.hedged.is_some(),
        waited_ms: millis(record.waited),
        first_byte_ms: record.first_byte.map(millis),
        total_ms: millis(record.total),
        tokens: Tokens {
            prompt: usage.prompt + usage.tool_prompt,
            cached: usage.cached,
            output: usage.output,
            thoughts: usage.thoughts,
            total: usage.total,
        },
        cost: record.cost().map(dollars),
    }
}

fn found(survey: &Survey) -> Found {
    let Survey { candidates, others, ready, cooling } = survey;
    let candidates = candidates.iter().map(CandidateView::from).collect();
    Found { candidates, others: *others, ready: *ready, cooling: *cooling }
}

fn tried(attempt: &Attempt) -> Tried {
    let verdict = attempt.verdict.as_ref();
    Tried {
        key: attempt.key.0,
        at: Moment(attempt.at),
        took_ms: verdict.map(|verdict| millis(verdict.took)),
        outcome: verdict.map(|verdict| word(&verdict.outcome)),
        rule: verdict.and_then(|verdict| verdict.rule),
        http: verdict.and_then(|verdict| verdict.http),
        message: verdict.and_then(|verdict| verdict.message.clone()),
    }
}
