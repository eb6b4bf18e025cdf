//! The log of requests: pages of it, or all that fits a filter as a file.

use std::{borrow::Cow, collections::VecDeque, io, sync::Arc};

use axum::body::Body;
use futures_util::stream;
use pollux_pool::{
    id::{KeyId, ModelName, PoolId, UserId},
    time::Timestamp,
};
use pollux_store::requests::{Cursor, RequestFilter, RequestRow};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    Admin,
    access::unreadable,
    csv::{self, cell, moment},
    read::{self, refused},
    usage::Format,
    view::{Moment, When, dollars, millis},
};
use crate::{
    faces::respond::{Answered, Incoming, json, written},
    failure::Failure,
    shared::Shared,
    trace::Ending,
};

/// How many are read at once for a file.
const PART: u32 = 1000;

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Arrived at this moment or later.
    since: Option<When>,
    /// Arrived before this moment.
    until: Option<When>,
    pool: Option<i64>,
    user: Option<i64>,
    /// The key that was asked last.
    key: Option<i64>,
    model: Option<String>,
    /// `complete`, `failed` or `client_gone`.
    outcome: Option<String>,
    /// The HTTP status of the answer.
    status: Option<u16>,
    /// A part of the error, in capitals or not.
    error: Option<String>,
    /// Why it failed, as `reason` says.
    reason: Option<String>,
    /// The request of this id.
    id: Option<String>,
    /// What `next` was on the page before.
    before: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// A file of all that fits, instead of a page.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct LogPage {
    requests: Vec<Logged>,
    /// What `before` is for the page that follows; absent at the end.
    next: Option<String>,
    /// How many requests came too fast to be written, since the start of this server.
    dropped: u64,
}

/// What became of a request.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedRequest)]
struct Logged {
    id: String,
    at: Moment,
    pool: Option<i64>,
    user: Option<i64>,
    user_name: Option<String>,
    key: Option<i64>,
    key_last4: Option<String>,
    method: String,
    path: String,
    model: Option<String>,
    stream: bool,
    status: Option<u16>,
    outcome: String,
    reason: Option<String>,
    error: Option<String>,
    attempts: u64,
    waited_ms: u64,
    first_byte_ms: Option<u64>,
    total_ms: u64,
    prompt_tokens: u64,
    cached_tokens: u64,
    output_tokens: u64,
    thought_tokens: u64,
    /// In dollars; absent where a price is not known.
    cost: Option<f64>,
}

/// The first row of a table.
const TITLES: [&str; 24] = [
    "id",
    "at",
    "pool",
    "user",
    "user_name",
    "key",
    "key_last4",
    "method",
    "path",
    "model",
    "stream",
    "status",
    "outcome",
    "reason",
    "error",
    "attempts",
    "waited_ms",
    "first_byte_ms",
    "total_ms",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
    "thought_tokens",
    "cost",
];

/// `GET /admin/api/request-log`: the newest first.
pub(super) async fn list(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let wanted: Wanted = read::query(&incoming.head.uri)?;
    let (limit, before) = (read::limit(wanted.limit)?, wanted.before()?);
    let (format, filter) = (wanted.format, wanted.filter()?);
    let shared = gateway.shared();
    if let Some(format) = format {
        return Ok(match format {
            Format::Csv => {
                csv::table(file(shared, filter, format), "attachment; filename=\"requests.csv\"")
            }
            Format::Json => json(file(shared, filter, format)),
        });
    }
    let found = shared.store.requests(&filter, before, limit).await.map_err(unreadable)?;
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = found.last().filter(|_| is_full).map(|(cursor, _)| word(*cursor));
    let requests = found.into_iter().map(|(_, row)| Logged::from(row)).collect();
    written(&LogPage { requests, next, dropped: shared.recorder.log().dropped() })
}

impl Wanted {
    fn before(&self) -> Result<Option<Cursor>, Failure> {
        let Some(text) = &self.before else { return Ok(None) };
        let read = |text: &str| {
            let (at, id) = text.split_once('-')?;
            Some(Cursor { at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
        };
        let unknown = || refused("before", "`before` takes what `next` was on the page before");
        read(text).map(Some).ok_or_else(unknown)
    }

    fn filter(self) -> Result<RequestFilter, Failure> {
        let outcome = self.outcome.map(|word| {
            let found = Ending::ALL.into_iter().find(|ending| ending.as_str() == word);
            found.map(Ending::as_str).ok_or_else(|| {
                let known = Ending::ALL.map(Ending::as_str).join(", ");
                refused("outcome", format!("`outcome` is `{word}`, and takes one of {known}"))
            })
        });
        Ok(RequestFilter {
            since: self.since.map(|since| since.0),
            until: self.until.map(|until| until.0),
            pool: self.pool.map(PoolId),
            user: self.user.map(UserId),
            key: self.key.map(KeyId),
            model: self.model.as_deref().map(ModelName::new),
            outcome: outcome.transpose()?,
            status: self.status,
            error: self.error,
            reason: self.reason,
            name: self.id,
        })
    }
}

/// The text that a page ends with.
fn word(Cursor { at, id }: Cursor) -> String {
    format!("{}-{id}", at.as_micros())
}

/// A file on its way.
struct Export {
    shared: Arc<Shared>,
    filter: RequestFilter,
    format: Format,
    after: Option<Cursor>,
    parts: VecDeque<String>,
    is_over: bool,
}

/// All that fits, read as the client takes it; what breaks off does not look like an end.
fn file(shared: &Arc<Shared>, filter: RequestFilter, format: Format) -> Body {
    let begin = match format {
        Format::Json => "[".to_owned(),
        Format::Csv => csv::line(TITLES.map(Cow::Borrowed)),
    };
    let (shared, parts) = (Arc::clone(shared), VecDeque::from([begin]));
    let export = Export { shared, filter, format, after: None, parts, is_over: false };
    Body::from_stream(stream::try_unfold(export, Export::next))
}

impl Export {
    async fn next(mut self) -> Result<Option<(String, Self)>, io::Error> {
        if self.parts.is_empty() && !self.is_over {
            self.read().await?;
        }
        Ok(self.parts.pop_front().map(|part| (part, self)))
    }

    async fn read(&mut self) -> Result<(), io::Error> {
        if self.shared.stop.is_cancelled() {
            return Err(io::Error::other("the server is stopping"));
        }
        let found = self.shared.store.requests(&self.filter, self.after, PART).await;
        let found = found.map_err(io::Error::other)?;
        let is_first = self.after.is_none();
        if let Some((last, _)) = found.last() {
            self.after = Some(*last);
        }
        self.is_over = found.len() < PART as usize;
        let rows = found.into_iter().map(|(_, row)| Logged::from(row));
        let mut part = String::new();
        for (place, row) in rows.enumerate() {
            match self.format {
                Format::Csv => part.push_str(&csv::line(row.cells())),
                Format::Json => {
                    part.push_str(if is_first && place == 0 { "\n" } else { ",\n" });
                    part.push_str(&serde_json::to_string(&row).map_err(io::Error::other)?);
                }
            }
        }
        if self.is_over && self.format == Format::Json {
            part.push_str("\n]\n");
        }
        self.parts.extend(Some(part).filter(|part| !part.is_empty()));
        Ok(())
    }
}

impl From<RequestRow> for Logged {
    fn from(row: RequestRow) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let (user, user_name) = row.user.map(|(id, name)| (id.0, name)).unzip();
        let (key, key_last4) = row.key.map(|(id, last4)| (id.0, last4)).unzip();
        Self {
            id: row.name,
            at: Moment(row.at),
            pool: row.pool.map(|pool| pool.0),
            user,
            user_name,
            key,
            key_last4,
            method: row.method,
            path: row.path,
            model: row.model.map(|model| model.as_str().to_owned()),
            stream: row.is_stream,
            status: row.status,
            outcome: row.outcome,
            reason: some(row.reason),
            error: some(row.error),
            attempts: row.attempts,
            waited_ms: millis(row.waited),
            first_byte_ms: row.first_byte.map(millis),
            total_ms: millis(row.total),
            prompt_tokens: row.prompt_tokens,
            cached_tokens: row.cached_tokens,
            output_tokens: row.output_tokens,
            thought_tokens: row.thought_tokens,
            cost: row.cost.map(dollars),
        }
    }
}

impl Logged {
    fn cells(&self) -> [Cow<'_, str>; 24] {
        fn text(text: Option<&String>) -> Cow<'_, str> {
            Cow::Borrowed(text.map_or("", String::as_str))
        }
        [
            text(Some(&self.id)),
            moment(Some(self.at.0)),
            cell(self.pool),
            cell(self.user),
            text(self.user_name.as_ref()),
            cell(self.key),
            text(self.key_last4.as_ref()),
            text(Some(&self.method)),
            text(Some(&self.path)),
            text(self.model.as_ref()),
            cell(Some(self.stream)),
            cell(self.status),
            text(Some(&self.outcome)),
            text(self.reason.as_ref()),
            text(self.error.as_ref()),
            cell(Some(self.attempts)),
            cell(Some(self.waited_ms)),
            cell(self.first_byte_ms),
            cell(Some(self.total_ms)),
            cell(Some(self.prompt_tokens)),
            cell(Some(self.cached_tokens)),
            cell(Some(self.output_tokens)),
            cell(Some(self.thought_tokens)),
            cell(self.cost),
        ]
    }
}
