//! Health checkpoints: what is known of keys for longer than a restart takes.

use std::collections::BTreeMap;

use pollux_pool::health::{Checkpoint, Cooldown, Health};
use pollux_pool::id::{KeyId, ModelName, PoolId, ProjectName};
use pollux_pool::time::Timestamp;

use crate::sql::{Row, SqlError, Statement};
use crate::store::{Store, StoreError};

/// The word for a cooldown that is not over by itself; others have the word of their window.
pub(crate) const UNSERVED: &str = "unserved";

const CLEAR_HEALTH: &str = "DELETE FROM key_health
    WHERE key_id IN (SELECT id FROM gemini_keys WHERE pool_id = $1)";
const CLEAR_COOLDOWNS: &str = "DELETE FROM key_cooldowns
    WHERE key_id IN (SELECT id FROM gemini_keys WHERE pool_id = $1)";
const CLEAR_PROJECTS: &str = "DELETE FROM key_projects
    WHERE key_id IN (SELECT id FROM gemini_keys WHERE pool_id = $1)";
// A key may have been removed since the checkpoint was taken; then there is nothing to insert.
const ADD_HEALTH: &str = "INSERT INTO key_health (key_id, reason, since, probe_at, streak)
    SELECT id, CAST($3 AS TEXT), CAST($4 AS BIGINT), CAST($5 AS BIGINT), CAST($6 AS BIGINT)
    FROM gemini_keys WHERE pool_id = $1 AND id = $2";
const ADD_COOLDOWN: &str = "INSERT INTO key_cooldowns (key_id, model, reason, until, streak)
    SELECT id, CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS BIGINT), CAST($6 AS BIGINT)
    FROM gemini_keys WHERE pool_id = $1 AND id = $2";
const ADD_PROJECT: &str = "INSERT INTO key_projects (key_id, consumer)
    SELECT id, CAST($3 AS TEXT) FROM gemini_keys WHERE pool_id = $1 AND id = $2";
const HEALTH: &str = "SELECT key_id, reason, since, probe_at, key_health.streak AS streak
    FROM key_health JOIN gemini_keys ON gemini_keys.id = key_id
    WHERE pool_id = $1 ORDER BY key_id";
const COOLDOWNS: &str = "SELECT key_id, model, reason, until, streak
    FROM key_cooldowns JOIN gemini_keys ON gemini_keys.id = key_id
    WHERE pool_id = $1 ORDER BY key_id, model";
const PROJECTS: &str = "SELECT key_id, consumer
    FROM key_projects JOIN gemini_keys ON gemini_keys.id = key_id
    WHERE pool_id = $1 ORDER BY key_id";

impl Store {
    /// Returns the checkpoints of a pool in the order of the keys' ids.
    pub async fn load_checkpoints(&self, pool: PoolId) -> Result<Vec<Checkpoint>, StoreError> {
        let mut found = BTreeMap::new();
        for row in self.sql.query(Statement::new(HEALTH).bind(pool.0)).await? {
            entry(&mut found, &row)?.health = health(&row)?;
        }
        for row in self.sql.query(Statement::new(COOLDOWNS).bind(pool.0)).await? {
            let held = (ModelName::new(row.text("model")?), cooldown(&row)?);
            entry(&mut found, &row)?.cooldowns.push(held);
        }
        for row in self.sql.query(Statement::new(PROJECTS).bind(pool.0)).await? {
            entry(&mut found, &row)?.consumer = Some(ProjectName::new(row.text("consumer")?));
        }
        Ok(found.into_values().collect())
    }
}

/// Replaces all checkpoints of a pool; those of keys that it does not have are dropped.
pub(crate) fn replace(pool: PoolId, checkpoints: &[Checkpoint]) -> Vec<Statement> {
    let clear = [CLEAR_HEALTH, CLEAR_COOLDOWNS, CLEAR_PROJECTS];
    let mut batch: Vec<_> = clear.map(|sql| Statement::new(sql).bind(pool.0)).into();
    for Checkpoint { key, health, cooldowns, consumer } in checkpoints {
        batch.extend(add_health(pool, *key, health));
        batch.extend(cooldowns.iter().map(|(model, held)| add_cooldown(pool, *key, model, held)));
        batch.extend(consumer.as_ref().map(|consumer| {
            Statement::new(ADD_PROJECT).bind(pool.0).bind(key.0).bind(consumer.as_str())
        }));
    }
    batch
}

fn add_health(pool: PoolId, key: KeyId, health: &Health) -> Option<Statement> {
    match *health {
        Health::Active => None,
        Health::Revoked { reason, since, probe_at, streak } => Some(
            Statement::new(ADD_HEALTH)
                .bind(pool.0)
                .bind(key.0)
                .bind(reason.as_str())
                .bind(since.as_micros())
                .bind(probe_at.as_micros())
                .bind(streak),
        ),
    }
}

fn add_cooldown(pool: PoolId, key: KeyId, model: &ModelName, held: &Cooldown) -> Statement {
    let (reason, until, streak) = match *held {
        Cooldown::Exhausted { window, until, streak } => (window.as_str(), Some(until), streak),
        Cooldown::Unserved => (UNSERVED, None, 0),
    };
    Statement::new(ADD_COOLDOWN)
        .bind(pool.0)
        .bind(key.0)
        .bind(model.as_str())
        .bind(reason)
        .bind(until.map(Timestamp::as_micros))
        .bind(streak)
}

fn entry<'a>(
    found: &'a mut BTreeMap<KeyId, Checkpoint>,
    row: &Row,
) -> Result<&'a mut Checkpoint, SqlError> {
    let key = KeyId(row.integer("key_id")?);
    let empty =
        || Checkpoint { key, health: Health::Active, cooldowns: Vec::new(), consumer: None };
    Ok(found.entry(key).or_insert_with(empty))
}

fn health(row: &Row) -> Result<Health, StoreError> {
    Ok(Health::Revoked {
        reason: row.text("reason")?.parse()?,
        since: row.moment("since")?,
        probe_at: row.moment("probe_at")?,
        streak: row.number("streak")?,
    })
}

fn cooldown(row: &Row) -> Result<Cooldown, StoreError> {
    let reason = row.text("reason")?;
    if reason == UNSERVED {
        return Ok(Cooldown::Unserved);
    }
    Ok(Cooldown::Exhausted {
        window: reason.parse()?,
        until: row.moment("until")?,
        streak: row.number("streak")?,
    })
}
