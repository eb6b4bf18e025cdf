//! Usage: what each key, model and user had of each minute, added up as it comes.

use std::ops::AddAssign;

use pollux_pool::id::{KeyId, ModelName, UserId};
use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;
/// What stands for no key and no user, since neither has this id.
const NOBODY: i64 = 0;

const ADD: &str = "INSERT INTO usage_minute (minute, key_id, model, user_id, requests, failures,
        attempts, prompt_tokens, cached_tokens, output_tokens, thought_tokens)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    ON CONFLICT (minute, key_id, model, user_id) DO UPDATE SET
        requests = usage_minute.requests + excluded.requests,
        failures = usage_minute.failures + excluded.failures,
        attempts = usage_minute.attempts + excluded.attempts,
        prompt_tokens = usage_minute.prompt_tokens + excluded.prompt_tokens,
        cached_tokens = usage_minute.cached_tokens + excluded.cached_tokens,
        output_tokens = usage_minute.output_tokens + excluded.output_tokens,
        thought_tokens = usage_minute.thought_tokens + excluded.thought_tokens";

/// Adds up a time range by the given columns.
macro_rules! totals {
    ($columns:literal) => {
        concat!(
            "SELECT ",
            $columns,
            ",
                CAST(SUM(requests) AS BIGINT) AS requests,
                CAST(SUM(failures) AS BIGINT) AS failures,
                CAST(SUM(attempts) AS BIGINT) AS attempts,
                CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
                CAST(SUM(cached_tokens) AS BIGINT) AS cached_tokens,
                CAST(SUM(output_tokens) AS BIGINT) AS output_tokens,
                CAST(SUM(thought_tokens) AS BIGINT) AS thought_tokens
            FROM usage_minute WHERE minute >= $1 AND minute < $2
            GROUP BY ",
            $columns,
            " ORDER BY ",
            $columns
        )
    };
}

/// Numbers that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that clients sent.
    pub requests: u64,
    /// Those of them that ended in an error.
    pub failures: u64,
    /// Attempts that they took.
    pub attempts: u64,
    /// Tokens of the prompts, the cached ones included.
    pub prompt_tokens: u64,
    /// Tokens of the prompts that came from a cache.
    pub cached_tokens: u64,
    /// Tokens of the answers.
    pub output_tokens: u64,
    /// Tokens that were thought and not shown.
    pub thought_tokens: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, more: Self) {
        self.requests += more.requests;
        self.failures += more.failures;
        self.attempts += more.attempts;
        self.prompt_tokens += more.prompt_tokens;
        self.cached_tokens += more.cached_tokens;
        self.output_tokens += more.output_tokens;
        self.thought_tokens += more.thought_tokens;
    }
}

/// Something to add to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// When; the account has minutes.
    pub at: Timestamp,
    /// The key that served, if one did.
    pub key: Option<KeyId>,
    /// The model that was asked for.
    pub model: ModelName,
    /// Who asked, if it was one of the users.
    pub user: Option<UserId>,
    /// What to add.
    pub counts: Counts,
}

/// What a total is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Each key, model and user together.
    Each,
    /// Each key.
    Key,
    /// Each model.
    Model,
    /// Each user.
    User,
}

/// What a time range adds up to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageTotal {
    /// The key; nothing where the total is not about keys, or no key served.
    pub key: Option<KeyId>,
    /// The model; nothing where the total is not about models.
    pub model: Option<ModelName>,
    /// The user; nothing where the total is not about users, or it was none of them.
    pub user: Option<UserId>,
    /// The sums.
    pub counts: Counts,
}

impl Store {
    /// Adds all rows to the account, or none.
    pub async fn add_usage(&self, rows: &[UsageRow]) -> Result<(), StoreError> {
        Ok(self.sql.batch(rows.iter().map(add).collect()).await?)
    }

    /// Adds up the minutes from the one that `since` is in to the last that begins before `until`.
    ///
    /// The totals are ordered by what they are about.
    pub async fn usage(
        &self,
        since: Timestamp,
        until: Timestamp,
        group: Group,
    ) -> Result<Vec<UsageTotal>, StoreError> {
        let sql = match group {
            Group::Each => totals!("key_id, model, user_id"),
            Group::Key => totals!("key_id"),
            Group::Model => totals!("model"),
            Group::User => totals!("user_id"),
        };
        let range = Statement::new(sql).bind(minute_of(since).as_micros()).bind(until.as_micros());
        let rows = self.sql.query(range).await?;
        Ok(rows.iter().map(|row| total(row, group)).collect::<Result<_, _>>()?)
    }
}

/// Returns the beginning of the minute that `at` is in.
pub fn minute_of(at: Timestamp) -> Timestamp {
    let into = at.as_micros().rem_euclid(MINUTE);
    Timestamp::from_micros(at.as_micros().saturating_sub(into))
}

fn add(row: &UsageRow) -> Statement {
    let UsageRow { at, key, model, user, counts } = row;
    let statement = Statement::new(ADD)
        .bind(minute_of(*at).as_micros())
        .bind(key.map_or(NOBODY, |key| key.0))
        .bind(model.as_str())
        .bind(user.map_or(NOBODY, |user| user.0));
    let Counts { requests, failures, attempts, .. } = *counts;
    let Counts { prompt_tokens, cached_tokens, output_tokens, thought_tokens, .. } = *counts;
    let tokens = [prompt_tokens, cached_tokens, output_tokens, thought_tokens];
    let numbers = [requests, failures, attempts].into_iter().chain(tokens);
    numbers.fold(statement, |statement, number| {
        statement.bind(i64::try_from(number).unwrap_or(i64::MAX))
    })
}

fn total(row: &Row, group: Group) -> Result<UsageTotal, SqlError> {
    let about = |what: Group| group == what || group == Group::Each;
    let id = |column, what| -> Result<Option<i64>, SqlError> {
        let id = about(what).then(|| row.integer(column)).transpose()?;
        Ok(id.filter(|&id| id != NOBODY))
    };
    let model = about(Group::Model).then(|| row.text("model")).transpose()?;
    Ok(UsageTotal {
        key: id("key_id", Group::Key)?.map(KeyId),
        model: model.map(ModelName::new),
        user: id("user_id", Group::User)?.map(UserId),
        counts: Counts {
            requests: row.number("requests")?,
            failures: row.number("failures")?,
            attempts: row.number("attempts")?,
            prompt_tokens: row.number("prompt_tokens")?,
            cached_tokens: row.number("cached_tokens")?,
            output_tokens: row.number("output_tokens")?,
            thought_tokens: row.number("thought_tokens")?,
        },
    })
}
