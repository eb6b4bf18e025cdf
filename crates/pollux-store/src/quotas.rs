//! Quotas of projects: what they used today, what Google said of it, and the limits it named.

use std::collections::BTreeMap;

use pollux_pool::health::{Checkpoint, Cooldown};
use pollux_pool::id::{ModelName, PoolId};
use pollux_pool::outcome::Window;
use pollux_pool::pool::QuotaRecord;
use pollux_pool::quota::{Amount, BELIEVED, Balance, Dimension, Limit, LimitSource, Unit};
use pollux_pool::time::Timestamp;

use crate::health::{self, UNSERVED};
use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

// What is absent is bound as an empty text: `NULL` would have to be bound as some type.
const SAVE: &str = "INSERT INTO project_quotas
    (pool_id, project, model, day_ends, requests, input_tokens, tokens, hold_window, hold_until)
    VALUES ($1, $2, $3, $4, $5, $6, $7, NULLIF($8, ''), CAST($9 AS BIGINT))
    ON CONFLICT (pool_id, project, model) DO UPDATE
    SET day_ends = excluded.day_ends, requests = excluded.requests,
        input_tokens = excluded.input_tokens, tokens = excluded.tokens,
        hold_window = excluded.hold_window, hold_until = excluded.hold_until";
const CLEAR_LIMITS: &str =
    "DELETE FROM project_limits WHERE pool_id = $1 AND project = $2 AND model = $3";
const ADD_LIMIT: &str = "INSERT INTO project_limits
    (pool_id, project, model, unit, period, value, learned_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (pool_id, project, model, unit, period) DO UPDATE
    SET value = excluded.value, learned_at = excluded.learned_at";
const QUOTAS: &str = "SELECT project, model, day_ends, requests, input_tokens, tokens,
    hold_window, hold_until FROM project_quotas WHERE pool_id = $1 ORDER BY project, model";
const LIMITS: &str = "SELECT project, model, unit, period, value, learned_at
    FROM project_limits WHERE pool_id = $1 ORDER BY project, model, unit, period";

const REMOVE_DOUBTED: &str = "DELETE FROM project_limits WHERE learned_at <= $1";
// A key that is gone never comes back under its id.
const REMOVE_LIMITS_OF_GONE: &str = "DELETE FROM project_limits WHERE project LIKE 'key:%'
    AND project NOT IN (SELECT 'key:' || CAST(id AS TEXT) FROM gemini_keys)";
const REMOVE_GONE: &str = "DELETE FROM project_quotas WHERE project LIKE 'key:%'
    AND project NOT IN (SELECT 'key:' || CAST(id AS TEXT) FROM gemini_keys)";
const REMOVE_OVER: &str = "DELETE FROM project_quotas
    WHERE day_ends <= $1 AND (hold_window IS NULL OR hold_until <= $1)
    AND NOT EXISTS (SELECT 1 FROM project_limits
        WHERE project_limits.pool_id = project_quotas.pool_id
        AND project_limits.project = project_quotas.project
        AND project_limits.model = project_quotas.model)";

/// Which account a row is of.
type Of = (String, String);

impl Store {
    /// Writes down, whole or not at all, what a pool knew at one moment: the quotas that have
    /// changed, their limits where there are others, and all checkpoints where those have changed.
    ///
    /// Together, because a key that turns out to share a project takes its account along.
    pub async fn save_state(
        &self,
        pool: PoolId,
        checkpoints: Option<&[Checkpoint]>,
        quotas: &[QuotaRecord],
    ) -> Result<(), StoreError> {
        let health = checkpoints.map_or_else(Vec::new, |it| health::replace(pool, it));
        let quotas = quotas.iter().flat_map(|record| save(pool, record));
        Ok(self.sql.batch(health.into_iter().chain(quotas).collect()).await?)
    }

    /// Returns the quotas of a pool, by project and model.
    pub async fn load_quotas(&self, pool: PoolId) -> Result<Vec<QuotaRecord>, StoreError> {
        let mut limits: BTreeMap<Of, Vec<Limit>> = BTreeMap::new();
        for row in self.sql.query(Statement::new(LIMITS).bind(pool.0)).await? {
            limits.entry(of(&row)?).or_default().push(limit(&row)?);
        }
        let rows = self.sql.query(Statement::new(QUOTAS).bind(pool.0)).await?;
        let records = rows.iter().map(|row| {
            let of = of(row)?;
            let balance = Balance {
                day_ends: row.moment("day_ends")?,
                day: used(row)?,
                hold: hold(row)?,
                learned: limits.remove(&of).unwrap_or_default(),
            };
            let (project, model) = of;
            let (project, model) = (project.parse()?, ModelName::new(&model));
            Ok(QuotaRecord { project, model, balance, learned_anew: true })
        });
        records.collect()
    }

    /// Removes quotas that say nothing any more at `now`, and those of keys that are gone.
    pub async fn remove_old_quotas(&self, now: Timestamp) -> Result<(), StoreError> {
        let doubted = i64::try_from(BELIEVED.as_micros()).unwrap_or(i64::MAX);
        let batch = vec![
            Statement::new(REMOVE_DOUBTED).bind(now.as_micros().saturating_sub(doubted)),
            Statement::new(REMOVE_LIMITS_OF_GONE),
            Statement::new(REMOVE_GONE),
            Statement::new(REMOVE_OVER).bind(now),
        ];
        Ok(self.sql.batch(batch).await?)
    }
}

fn save(pool: PoolId, record: &QuotaRecord) -> Vec<Statement> {
    let QuotaRecord { project, model, balance, learned_anew } = record;
    let Balance { day_ends, day, hold, learned } = balance;
    let project = project.to_string();
    let about = |sql| Statement::new(sql).bind(pool.0).bind(project.as_str()).bind(model.as_str());
    let (word, until) = match *hold {
        None => ("", None),
        Some(Cooldown::Unserved) => (UNSERVED, None),
        Some(Cooldown::Exhausted { window, until, streak: _ }) => (window.as_str(), Some(until)),
    };
    let counts = [day.requests, day.input_tokens, day.tokens];
    let row = counts.into_iter().fold(about(SAVE).bind(*day_ends), |row, it| row.bind(whole(it)));
    let mut batch = vec![row.bind(word).bind(until)];
    if !learned_anew {
        return batch;
    }
    batch.push(about(CLEAR_LIMITS));
    for Limit { dimension, value, source } in learned {
        let LimitSource::Learned { at } = *source else { continue };
        let row = about(ADD_LIMIT).bind(dimension.unit.as_str()).bind(dimension.window.as_str());
        batch.push(row.bind(whole(*value)).bind(at));
    }
    batch
}

fn of(row: &Row) -> Result<Of, SqlError> {
    Ok((row.text("project")?.to_owned(), row.text("model")?.to_owned()))
}

fn used(row: &Row) -> Result<Amount, SqlError> {
    Ok(Amount {
        requests: row.number("requests")?,
        input_tokens: row.number("input_tokens")?,
        tokens: row.number("tokens")?,
    })
}

fn hold(row: &Row) -> Result<Option<Cooldown>, StoreError> {
    let until = row.optional_moment("hold_until")?;
    Ok(match (row.optional_text("hold_window")?, until) {
        (None, _) => None,
        (Some(UNSERVED), _) => Some(Cooldown::Unserved),
        (Some(word), until) => {
            let until = until.ok_or(SqlError::Column { column: "hold_until" })?;
            Some(Cooldown::Exhausted { window: word.parse()?, until, streak: 0 })
        }
    })
}

fn limit(row: &Row) -> Result<Limit, StoreError> {
    let unit = Unit::from_word(row.text("unit")?);
    let window: Window = row.text("period")?.parse()?;
    Ok(Limit {
        dimension: Dimension { unit, window },
        value: row.number("value")?,
        source: LimitSource::Learned { at: row.moment("learned_at")? },
    })
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
