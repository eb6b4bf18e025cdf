//! Usage: what each pool, key, model and user had of each minute, hour and day (UTC).
//!
//! All three are added to in the same batch, so that they always come to the same. Beside the sums
//! stand tallies: how often answers took how long, and why requests and attempts failed.

mod charge;
mod histogram;
mod query;
mod tally;

use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::time::Duration;

use pollux_pool::id::{KeyId, ModelName, PoolId, UserId};
use pollux_pool::time::Timestamp;

use crate::sql::Statement;
use crate::store::{Store, StoreError};

pub use self::charge::Charge;
pub use self::histogram::{Bucket, Histogram};
pub use self::query::{Filter, Group, Query, Step, UsageTotal};
pub use self::tally::Tally;

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// What stands for no key and no user, since neither has this id.
const NOBODY: i64 = 0;
/// What stands for no model, since none has this name.
const NO_MODEL: &str = "";

// One statement for all three steps, so that what is bound is bound once.
const ADD: &str = "INSERT INTO usage_sums (step, at, pool_id, key_id, model, user_id, requests,
        failures, attempts, prompt_tokens, cached_tokens, output_tokens, thought_tokens, cost,
        unpriced)
    VALUES (60, $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16),
        (3600, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16),
        (86400, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    ON CONFLICT (step, at, pool_id, key_id, model, user_id) DO UPDATE SET
        requests = usage_sums.requests + excluded.requests,
        failures = usage_sums.failures + excluded.failures,
        attempts = usage_sums.attempts + excluded.attempts,
        prompt_tokens = usage_sums.prompt_tokens + excluded.prompt_tokens,
        cached_tokens = usage_sums.cached_tokens + excluded.cached_tokens,
        output_tokens = usage_sums.output_tokens + excluded.output_tokens,
        thought_tokens = usage_sums.thought_tokens + excluded.thought_tokens,
        cost = usage_sums.cost + excluded.cost,
        unpriced = usage_sums.unpriced + excluded.unpriced";
const ADD_TALLY: &str = "INSERT INTO usage_tallies
        (step, at, pool_id, key_id, model, user_id, tally, count)
    VALUES (60, $1, $4, $5, $6, $7, $8, $9),
        (3600, $2, $4, $5, $6, $7, $8, $9),
        (86400, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (step, at, pool_id, key_id, model, user_id, tally) DO UPDATE SET
        count = usage_tallies.count + excluded.count";
const REMOVE: &str = "DELETE FROM usage_sums WHERE step = $1 AND at < $2";
const REMOVE_TALLIES: &str = "DELETE FROM usage_tallies WHERE step = $1 AND at < $2";

/// Numbers that add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests that clients sent and that were answered.
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
    /// What all of that cost.
    pub charge: Charge,
}

impl Counts {
    /// Returns all tokens, each counted once.
    pub const fn tokens(&self) -> u64 {
        self.prompt_tokens + self.output_tokens + self.thought_tokens
    }
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
        self.charge += more.charge;
    }
}

/// Whom something is added to the account of.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// The pool that was asked.
    pub pool: PoolId,
    /// The key that served, if one did.
    pub key: Option<KeyId>,
    /// The model that was asked for, if it came to that.
    pub model: Option<ModelName>,
    /// Who asked, if it was one of the users.
    pub user: Option<UserId>,
}

/// Something to add to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    /// When; the account has minutes.
    pub at: Timestamp,
    /// Whose.
    pub slot: Slot,
    /// What to add.
    pub counts: Counts,
    /// How often what happened.
    pub tallies: BTreeMap<Tally, u64>,
}

/// How long the account is kept; what is absent is kept for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// That of minutes.
    pub minutes: Option<Duration>,
    /// That of hours.
    pub hours: Option<Duration>,
    /// That of days.
    pub days: Option<Duration>,
}

impl Store {
    /// Adds all rows to the account, or none.
    pub async fn add_usage(&self, rows: &[UsageRow]) -> Result<(), StoreError> {
        let mut rows: Vec<&UsageRow> = rows.iter().collect();
        // In one order, so that programs that share a database do not wait for each other in a ring.
        rows.sort_by(|one, other| (&one.slot, one.at).cmp(&(&other.slot, other.at)));
        Ok(self.sql.batch(rows.into_iter().flat_map(add).collect()).await?)
    }

    /// Removes what ended longer ago than it is kept.
    pub async fn remove_old_usage(&self, kept: Kept, now: Timestamp) -> Result<(), StoreError> {
        let steps =
            [(Step::Minute, kept.minutes), (Step::Hour, kept.hours), (Step::Day, kept.days)];
        let batch = steps.into_iter().filter_map(|(step, kept)| {
            let oldest = step.begin(now.before(kept?));
            let bound = |sql| Statement::new(sql).bind(step.seconds()).bind(oldest);
            Some([REMOVE, REMOVE_TALLIES].map(bound))
        });
        Ok(self.sql.batch(batch.flatten().collect()).await?)
    }
}

/// Returns the beginning of the minute that `at` is in.
pub fn minute_of(at: Timestamp) -> Timestamp {
    Step::Minute.begin(at)
}

fn add(row: &UsageRow) -> Vec<Statement> {
    let UsageRow { at, slot, counts, tallies } = row;
    let mut statements = Vec::with_capacity(1 + tallies.len());
    if *counts != Counts::default() {
        let Counts { requests, failures, attempts, .. } = *counts;
        let Counts { prompt_tokens, cached_tokens, output_tokens, thought_tokens, .. } = *counts;
        let Charge { cost, unpriced } = counts.charge;
        let used = [prompt_tokens, cached_tokens, output_tokens, thought_tokens, cost, unpriced];
        let numbers = [requests, failures, attempts].into_iter().chain(used);
        let sums = numbers.fold(about(ADD, *at, slot), |sum, number| sum.bind(whole(number)));
        statements.push(sums);
    }
    let counted = tallies.iter().map(|(tally, count)| {
        about(ADD_TALLY, *at, slot).bind(tally.to_string()).bind(whole(*count))
    });
    statements.extend(counted);
    statements
}

/// Binds the three beginnings, and whose it is.
fn about(sql: &'static str, at: Timestamp, slot: &Slot) -> Statement {
    let Slot { pool, key, model, user } = slot;
    Statement::new(sql)
        .bind(Step::Minute.begin(at))
        .bind(Step::Hour.begin(at))
        .bind(Step::Day.begin(at))
        .bind(pool.0)
        .bind(key.map_or(NOBODY, |key| key.0))
        .bind(model.as_ref().map_or(NO_MODEL, ModelName::as_str))
        .bind(user.map_or(NOBODY, |user| user.0))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
