//! The log of requests: what became of each, without a word of what was asked and answered.

use std::time::Duration;

use pollux_pool::id::{KeyId, ModelName, PoolId, UserId};
use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

const ADD: &str = "INSERT INTO request_log (id, at, name, pool_id, user_id, user_name, key_id,
        key_last4, method, path, model, is_stream, status, outcome, reason, error, attempts, waited,
        first_byte, total, prompt_tokens, cached_tokens, output_tokens, thought_tokens, cost)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, CAST($13 AS BIGINT), $14, $15, $16,
        $17, $18, CAST($19 AS BIGINT), $20, $21, $22, $23, $24, CAST($25 AS BIGINT))";
const REMOVE: &str = "DELETE FROM request_log WHERE at < $1";

/// Reads a page; `$first` is the condition that an index is to be used for.
macro_rules! page {
    ($first:literal) => {
        concat!(
            "SELECT id, at, name, pool_id, user_id, user_name, key_id, key_last4, method, path,
                model, is_stream, status, outcome, reason, error, attempts, waited, first_byte,
                total, prompt_tokens, cached_tokens, output_tokens, thought_tokens, cost
            FROM request_log WHERE at >= $1 AND at <= $2 AND (at < $2 OR id < $3) AND ",
            $first,
            " AND ($4 = 0 OR pool_id = $4) AND ($5 = 0 OR user_id = $5)
            AND ($6 = 0 OR key_id = $6) AND ($7 = '' OR model = $7)
            AND ($8 = '' OR outcome = $8) AND ($9 = 0 OR status = $9)
            AND ($10 = '' OR LOWER(error) LIKE LOWER($10) ESCAPE '!')
            AND ($11 = '' OR reason = $11) AND ($12 = '' OR name = $12)
            ORDER BY at DESC, id DESC LIMIT $13"
        )
    };
}

/// One request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestRow {
    /// Its name, as the client was told it.
    pub name: String,
    /// When it arrived.
    pub at: Timestamp,
    /// The pool that was asked.
    pub pool: Option<PoolId>,
    /// Who asked: one of the users, and what he was called.
    pub user: Option<(UserId, String)>,
    /// The key that was asked last, and its last four characters.
    pub key: Option<(KeyId, String)>,
    /// The HTTP method.
    pub method: String,
    /// The path, without secrets.
    pub path: String,
    /// The model, if it came to one.
    pub model: Option<ModelName>,
    /// Whether the answer came in pieces.
    pub is_stream: bool,
    /// The status of the answer; nothing where the client left before it.
    pub status: Option<u16>,
    /// How it ended.
    pub outcome: String,
    /// Why it failed, in a word; empty where it did not.
    pub reason: String,
    /// What the client was told of that, without secrets; empty where it did not.
    pub error: String,
    /// How many attempts it took.
    pub attempts: u64,
    /// How long it waited for keys.
    pub waited: Duration,
    /// How long it took until the first byte of the answer.
    pub first_byte: Option<Duration>,
    /// How long it took.
    pub total: Duration,
    /// Tokens of the prompt, the cached ones included.
    pub prompt_tokens: u64,
    /// Tokens of the prompt that came from a cache.
    pub cached_tokens: u64,
    /// Tokens of the answer.
    pub output_tokens: u64,
    /// Tokens that were thought and not shown.
    pub thought_tokens: u64,
    /// What it cost, in millionths of a dollar; nothing where a price is not known.
    pub cost: Option<u64>,
}

/// Where a page ends: what comes after it is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last request of the page arrived.
    pub at: Timestamp,
    /// Its number in the log.
    pub id: i64,
}

/// Which requests are asked for; what is absent admits all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Arrived at this moment or later.
    pub since: Option<Timestamp>,
    /// Arrived before this moment.
    pub until: Option<Timestamp>,
    /// A pool.
    pub pool: Option<PoolId>,
    /// A user.
    pub user: Option<UserId>,
    /// The key that was asked last.
    pub key: Option<KeyId>,
    /// A model.
    pub model: Option<ModelName>,
    /// How they ended.
    pub outcome: Option<&'static str>,
    /// With which status.
    pub status: Option<u16>,
    /// A part of the error, in capitals or not.
    pub error: Option<String>,
    /// Why they failed.
    pub reason: Option<String>,
    /// What one of them is called.
    pub name: Option<String>,
}

impl Store {
    /// Adds all rows to the log, or none.
    pub async fn add_requests(&self, rows: &[RequestRow]) -> Result<(), StoreError> {
        if rows.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let first = self.next_ids("request_log", count).await?;
        let batch = (first..).zip(rows).map(|(id, row)| add(id, row)).collect();
        Ok(self.sql.batch(batch).await?)
    }

    /// Returns up to `limit` requests after a page, the newest first, each with where it ends.
    pub async fn requests(
        &self,
        filter: &RequestFilter,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<(Cursor, RequestRow)>, StoreError> {
        let rows = self.sql.query(filter.bound(after, limit)).await?;
        let read = |row: &Row| {
            Ok((Cursor { at: row.moment("at")?, id: row.integer("id")? }, request(row)?))
        };
        rows.iter().map(read).collect()
    }

    /// Removes what arrived before `oldest`.
    pub async fn remove_old_requests(&self, oldest: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE).bind(oldest)).await?;
        Ok(())
    }
}

impl RequestFilter {
    /// The statement that goes by the index which leaves the fewest rows.
    const fn sql(&self) -> &'static str {
        match self {
            Self { key: Some(_), .. } => page!("key_id = $6"),
            Self { user: Some(_), .. } => page!("user_id = $5"),
            Self { model: Some(_), .. } => page!("model = $7"),
            Self { name: Some(_), .. } => page!("name = $12"),
            Self { outcome: Some(_), .. } => page!("outcome = $8"),
            Self { pool: Some(_), .. } => page!("pool_id = $4"),
            Self { .. } => page!("at <= $2"),
        }
    }

    fn bound(&self, after: Option<Cursor>, limit: u32) -> Statement {
        let Self { since, until, pool, user, key, model, outcome, status, error, reason, name } =
            self;
        let last = until.map_or(i64::MAX, |until| until.as_micros().saturating_sub(1));
        let (last, before) = match after {
            Some(Cursor { at, id }) if at.as_micros() <= last => (at.as_micros(), id),
            Some(_) | None => (last, i64::MAX),
        };
        Statement::new(self.sql())
            .bind(since.map_or(i64::MIN, Timestamp::as_micros))
            .bind(last)
            .bind(before)
            .bind(pool.map_or(0, |pool| pool.0))
            .bind(user.map_or(0, |user| user.0))
            .bind(key.map_or(0, |key| key.0))
            .bind(model.as_ref().map_or("", ModelName::as_str))
            .bind(outcome.unwrap_or_default())
            .bind(status.map_or(0, i64::from))
            .bind(error.as_deref().map(part).unwrap_or_default())
            .bind(reason.as_deref().unwrap_or_default())
            .bind(name.as_deref().unwrap_or_default())
            .bind(limit)
    }
}

/// The pattern of texts that hold `text`.
fn part(text: &str) -> String {
    let text = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{text}%")
}

fn add(id: i64, row: &RequestRow) -> Statement {
    let (user, user_name) = row.user.as_ref().map_or((0, ""), |(id, name)| (id.0, name));
    let (key, last4) = row.key.as_ref().map_or((0, ""), |(id, last4)| (id.0, last4));
    Statement::new(ADD)
        .bind(id)
        .bind(row.at)
        .bind(row.name.as_str())
        .bind(row.pool.map_or(0, |pool| pool.0))
        .bind(user)
        .bind(user_name)
        .bind(key)
        .bind(last4)
        .bind(row.method.as_str())
        .bind(row.path.as_str())
        .bind(row.model.as_ref().map_or("", ModelName::as_str))
        .bind(i64::from(row.is_stream))
        .bind(row.status.map(u32::from))
        .bind(row.outcome.as_str())
        .bind(row.reason.as_str())
        .bind(row.error.as_str())
        .bind(whole(row.attempts))
        .bind(micros(row.waited))
        .bind(row.first_byte.map(micros))
        .bind(micros(row.total))
        .bind(whole(row.prompt_tokens))
        .bind(whole(row.cached_tokens))
        .bind(whole(row.output_tokens))
        .bind(whole(row.thought_tokens))
        .bind(row.cost.map(whole))
}

fn request(row: &Row) -> Result<RequestRow, StoreError> {
    let some = |id: i64| (id != 0).then_some(id);
    let owned = |column| row.text(column).map(str::to_owned);
    let user = some(row.integer("user_id")?).map(UserId);
    let key = some(row.integer("key_id")?).map(KeyId);
    let (user_name, last4) = (owned("user_name")?, owned("key_last4")?);
    let model = Some(row.text("model")?).filter(|model| !model.is_empty());
    let first_byte = row.optional_integer("first_byte")?;
    let status = row.optional_integer("status")?;
    let cost = row.optional_integer("cost")?;
    Ok(RequestRow {
        name: owned("name")?,
        at: row.moment("at")?,
        pool: some(row.integer("pool_id")?).map(PoolId),
        user: user.map(|id| (id, user_name)),
        key: key.map(|id| (id, last4)),
        method: owned("method")?,
        path: owned("path")?,
        model: model.map(ModelName::new),
        is_stream: row.integer("is_stream")? != 0,
        status: status.map(|_| row.number("status")).transpose()?,
        outcome: owned("outcome")?,
        reason: owned("reason")?,
        error: owned("error")?,
        attempts: row.number("attempts")?,
        waited: duration(row, "waited")?,
        first_byte: first_byte.map(|_| duration(row, "first_byte")).transpose()?,
        total: duration(row, "total")?,
        prompt_tokens: row.number("prompt_tokens")?,
        cached_tokens: row.number("cached_tokens")?,
        output_tokens: row.number("output_tokens")?,
        thought_tokens: row.number("thought_tokens")?,
        cost: cost.map(|_| row.number("cost")).transpose()?,
    })
}

fn duration(row: &Row, column: &'static str) -> Result<Duration, SqlError> {
    row.number(column).map(Duration::from_micros)
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
