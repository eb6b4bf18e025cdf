//! Asking the account: over which time, in which steps, about whom.

use std::collections::BTreeMap;

use pollux_pool::id::{KeyId, ModelName, PoolId, UserId};
use pollux_pool::project::Project;
use pollux_pool::time::Timestamp;

use super::{Bucket, Charge, Counts, Histogram, NO_MODEL, NOBODY, SECOND};
use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

/// Whose a key is: as it is told, as it was learned, or its own.
macro_rules! project {
    () => {
        "COALESCE('name:' || gemini_keys.project, 'consumer:' || key_projects.consumer,
            'key:' || CAST(key_id AS TEXT))"
    };
}

/// Reads `$what` from a table, grouped by the given columns and by time.
macro_rules! grouped {
    ($what:literal, $table:literal, $columns:expr, $group:literal) => {
        concat!(
            "SELECT CASE WHEN $7 = 0 THEN at ELSE 0 END AS moment, ",
            $columns,
            ", ",
            $what,
            " FROM ",
            $table,
            " LEFT JOIN gemini_keys ON gemini_keys.id = key_id
            LEFT JOIN key_projects USING (key_id)
            WHERE ((step = 60 AND at >= $1 AND at < $2)
                OR (step = 3600 AND at >= $2 AND at < $3)
                OR (step = 86400 AND at >= $3 AND at < $4)
                OR (step = 3600 AND at >= $4 AND at < $5)
                OR (step = 60 AND at >= $5 AND at < $6))
            AND ($8 = 0 OR usage.pool_id = $8) AND ($9 = 0 OR key_id = $9)
            AND ($10 = '' OR model = $10) AND ($11 = 0 OR user_id = $11)
            AND ($12 = '' OR ",
            project!(),
            " = $12) GROUP BY ",
            $group
        )
    };
}

macro_rules! sums {
    ($columns:expr) => {
        grouped!(
            "CAST(SUM(requests) AS BIGINT) AS requests,
            CAST(SUM(failures) AS BIGINT) AS failures,
            CAST(SUM(attempts) AS BIGINT) AS attempts,
            CAST(SUM(prompt_tokens) AS BIGINT) AS prompt_tokens,
            CAST(SUM(cached_tokens) AS BIGINT) AS cached_tokens,
            CAST(SUM(output_tokens) AS BIGINT) AS output_tokens,
            CAST(SUM(thought_tokens) AS BIGINT) AS thought_tokens,
            CAST(SUM(cost) AS BIGINT) AS cost,
            CAST(SUM(unpriced) AS BIGINT) AS unpriced",
            "usage_sums AS usage",
            $columns,
            "1, 2, 3, 4, 5, 6"
        )
    };
}

macro_rules! tallies {
    ($columns:expr) => {
        grouped!(
            "tally, CAST(SUM(count) AS BIGINT) AS count",
            "usage_tallies AS usage",
            $columns,
            "1, 2, 3, 4, 5, 6, 7"
        )
    };
}

/// The sums and the tallies of a group.
macro_rules! pair {
    ($columns:expr) => {
        (sums!($columns), tallies!($columns))
    };
}

/// How long the steps of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Minutes.
    Minute,
    /// Hours.
    Hour,
    /// Days, from midnight to midnight in UTC.
    Day,
    /// One for the whole time.
    All,
}

impl Step {
    /// Returns its length in seconds; that of the whole time is a minute's, to which it is exact.
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Minute | Self::All => 60,
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Returns the beginning of the step that `at` is in.
    pub fn begin(self, at: Timestamp) -> Timestamp {
        let into = at.as_micros().rem_euclid(self.seconds() * SECOND);
        Timestamp::from_micros(at.as_micros().saturating_sub(into))
    }

    /// Returns the first beginning of a step that is not before `at`.
    fn next(self, at: Timestamp) -> Timestamp {
        let begin = self.begin(at);
        let length = if begin == at { 0 } else { self.seconds() * SECOND };
        Timestamp::from_micros(begin.as_micros().saturating_add(length))
    }
}

/// What a total is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Everything together.
    All,
    /// Each pool, key, model and user together.
    Each,
    /// Each key.
    Key,
    /// Each model.
    Model,
    /// Each user.
    User,
    /// Each pool.
    Pool,
    /// Each project: as keys are told, as was learned of them, or a key by itself.
    Project,
}

/// Of what alone it is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// A pool.
    pub pool: Option<PoolId>,
    /// A key.
    pub key: Option<KeyId>,
    /// A model.
    pub model: Option<ModelName>,
    /// A user.
    pub user: Option<UserId>,
    /// A project.
    pub project: Option<Project>,
}

/// A question to the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// From the step that this moment is in.
    pub since: Timestamp,
    /// To the last step that begins before this one.
    pub until: Timestamp,
    /// In which steps.
    pub step: Step,
    /// About whom.
    pub by: Group,
    /// Of what alone.
    pub only: Filter,
}

/// What a step of a time range adds up to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsageTotal {
    /// When the step began; nothing where it is the whole time.
    pub at: Option<Timestamp>,
    /// The pool; nothing where the total is not about pools.
    pub pool: Option<PoolId>,
    /// The key; nothing where the total is not about keys, or no key served.
    pub key: Option<KeyId>,
    /// The model; nothing where the total is not about models, or it did not come to one.
    pub model: Option<ModelName>,
    /// The user; nothing where the total is not about users, or it was none of them.
    pub user: Option<UserId>,
    /// The project; nothing where the total is not about projects, or no key served.
    pub project: Option<Project>,
    /// The sums.
    pub counts: Counts,
    /// How long it took until the first byte of an answer.
    pub first_byte: Histogram,
    /// How long requests took that were answered whole.
    pub total: Histogram,
    /// How many requests failed, by reason.
    pub failed: BTreeMap<String, u64>,
    /// How many attempts failed, by reason.
    pub tried: BTreeMap<String, u64>,
}

/// What a row is about: the order of totals.
type About = (i64, i64, i64, String, i64, String);

impl Store {
    /// Adds up the account, ordered by time and by what the totals are about.
    pub async fn usage(&self, query: &Query) -> Result<Vec<UsageTotal>, StoreError> {
        let (sums, tallies) = statements(query.by);
        let mut found: BTreeMap<About, UsageTotal> = BTreeMap::new();
        for row in self.sql.query(query.bound(sums)).await? {
            entry(&mut found, &row, query)?.counts = counts(&row)?;
        }
        for row in self.sql.query(query.bound(tallies)).await? {
            note(entry(&mut found, &row, query)?, row.text("tally")?, row.number("count")?);
        }
        Ok(found.into_values().collect())
    }
}

impl Query {
    fn bound(&self, sql: &'static str) -> Statement {
        let Filter { pool, key, model, user, project } = &self.only;
        let ends = self.ends();
        let bound = ends.into_iter().fold(Statement::new(sql), Statement::bind);
        bound
            .bind(i64::from(self.step == Step::All))
            .bind(pool.map_or(0, |pool| pool.0))
            .bind(key.map_or(0, |key| key.0))
            .bind(model.as_ref().map_or("", ModelName::as_str))
            .bind(user.map_or(0, |user| user.0))
            .bind(project.as_ref().map(ToString::to_string).unwrap_or_default())
    }

    /// Where the minutes, hours, days, hours and minutes begin that make up the time, and end.
    ///
    /// A series is made of its own steps alone; the whole time of the longest that fit into it.
    fn ends(&self) -> [Timestamp; 6] {
        let begin = self.step.begin(self.since);
        let end = self.until.max(begin);
        match self.step {
            Step::Minute => [begin, end, end, end, end, end],
            Step::Hour => [begin, begin, end, end, end, end],
            Step::Day => [begin, begin, begin, end, end, end],
            Step::All => {
                let (first, last) = (Step::Hour.next(begin), Step::Hour.begin(end));
                if first >= last {
                    return [begin, end, end, end, end, end];
                }
                let (dawn, dusk) = (Step::Day.next(first), Step::Day.begin(last));
                if dawn >= dusk {
                    return [begin, first, last, last, last, end];
                }
                [begin, first, dawn, dusk, last, end]
            }
        }
    }
}

const fn statements(by: Group) -> (&'static str, &'static str) {
    match by {
        Group::All => pair!(
            "CAST(0 AS BIGINT) AS pool, CAST(0 AS BIGINT) AS key, '' AS model_name, CAST(0 AS BIGINT) AS holder, '' AS project"
        ),
        Group::Each => pair!(
            "usage.pool_id AS pool, key_id AS key, model AS model_name, user_id AS holder,
            '' AS project"
        ),
        Group::Key => {
            pair!(
                "CAST(0 AS BIGINT) AS pool, key_id AS key, '' AS model_name, CAST(0 AS BIGINT) AS holder, '' AS project"
            )
        }
        Group::Model => {
            pair!(
                "CAST(0 AS BIGINT) AS pool, CAST(0 AS BIGINT) AS key, model AS model_name, CAST(0 AS BIGINT) AS holder, '' AS project"
            )
        }
        Group::User => {
            pair!(
                "CAST(0 AS BIGINT) AS pool, CAST(0 AS BIGINT) AS key, '' AS model_name, user_id AS holder, '' AS project"
            )
        }
        Group::Pool => {
            pair!(
                "usage.pool_id AS pool, CAST(0 AS BIGINT) AS key, '' AS model_name, CAST(0 AS BIGINT) AS holder, '' AS project"
            )
        }
        Group::Project => pair!(concat!(
            "CAST(0 AS BIGINT) AS pool, CAST(0 AS BIGINT) AS key, '' AS model_name, CAST(0 AS BIGINT) AS holder, ",
            "CASE WHEN key_id = 0 THEN '' ELSE ",
            project!(),
            " END AS project"
        )),
    }
}

fn entry<'a>(
    found: &'a mut BTreeMap<About, UsageTotal>,
    row: &Row,
    query: &Query,
) -> Result<&'a mut UsageTotal, StoreError> {
    let (at, pool, key) = (row.integer("moment")?, row.integer("pool")?, row.integer("key")?);
    let (model, user, project) =
        (row.text("model_name")?, row.integer("holder")?, row.text("project")?);
    let about = (at, pool, key, model.to_owned(), user, project.to_owned());
    let project = (!project.is_empty()).then(|| project.parse()).transpose()?;
    Ok(found.entry(about).or_insert_with(|| UsageTotal {
        at: (query.step != Step::All).then(|| Timestamp::from_micros(at)),
        pool: (pool != NOBODY).then_some(PoolId(pool)),
        key: (key != NOBODY).then_some(KeyId(key)),
        model: (model != NO_MODEL).then(|| ModelName::new(model)),
        user: (user != NOBODY).then_some(UserId(user)),
        project,
        ..UsageTotal::default()
    }))
}

fn counts(row: &Row) -> Result<Counts, SqlError> {
    Ok(Counts {
        requests: row.number("requests")?,
        failures: row.number("failures")?,
        attempts: row.number("attempts")?,
        prompt_tokens: row.number("prompt_tokens")?,
        cached_tokens: row.number("cached_tokens")?,
        output_tokens: row.number("output_tokens")?,
        thought_tokens: row.number("thought_tokens")?,
        charge: Charge { cost: row.number("cost")?, unpriced: row.number("unpriced")? },
    })
}

/// Adds a tally to the total; one that this program does not know says nothing to it.
fn note(total: &mut UsageTotal, tally: &str, count: u64) {
    let Some((kind, what)) = tally.split_once('.') else { return };
    let bucket = || what.parse().ok().and_then(Bucket::from_number);
    match (kind, bucket()) {
        ("first", Some(bucket)) => total.first_byte.add(bucket, count),
        ("total", Some(bucket)) => total.total.add(bucket, count),
        ("failed", _) => *total.failed.entry(what.to_owned()).or_default() += count,
        ("tried", _) => *total.tried.entry(what.to_owned()).or_default() += count,
        _ => {}
    }
}
