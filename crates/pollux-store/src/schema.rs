//! The tables, as numbered steps that are applied in order and never changed afterwards.

use pollux_pool::time::Timestamp;

use crate::sql::{Sql, SqlError, Statement};
use crate::store::StoreError;

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version BIGINT PRIMARY KEY,
    applied_at BIGINT NOT NULL
)";
const VERSION: &str = "SELECT MAX(version) AS version FROM schema_version";
const APPLIED: &str = "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)";

/// Takes over the minutes that were counted before there were pools, hours and days.
macro_rules! taken_over {
    ($step:literal, $at:literal) => {
        concat!(
            "INSERT INTO usage_sums (step, at, pool_id, key_id, model, user_id, requests, failures,
                attempts, prompt_tokens, cached_tokens, output_tokens, thought_tokens)
            SELECT ",
            $step,
            ", ",
            $at,
            ", 1, key_id, model, user_id, SUM(requests), SUM(failures), SUM(attempts),
                SUM(prompt_tokens), SUM(cached_tokens), SUM(output_tokens), SUM(thought_tokens)
            FROM usage_minute GROUP BY 1, 2, 3, 4, 5, 6"
        )
    };
}

/// Step `n` is at place `n - 1`. Moments are microseconds since the Unix epoch.
const STEPS: &[&[&str]] = &[FIRST, SECOND, THIRD, FOURTH, SEVENTH];

const FIRST: &[&str] = &[
    "CREATE TABLE sequences (
        name TEXT PRIMARY KEY,
        last BIGINT NOT NULL
    )",
    "CREATE TABLE master_key (
        id BIGINT PRIMARY KEY,
        sealed TEXT NOT NULL
    )",
    "CREATE TABLE pools (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE gemini_keys (
        id BIGINT PRIMARY KEY,
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        fingerprint TEXT NOT NULL,
        sealed TEXT NOT NULL,
        last4 TEXT NOT NULL,
        weight BIGINT NOT NULL,
        source TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        UNIQUE (pool_id, fingerprint)
    )",
    "CREATE TABLE users (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        fingerprint TEXT NOT NULL UNIQUE,
        sealed TEXT NOT NULL,
        last4 TEXT NOT NULL,
        source TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE usage_minute (
        minute BIGINT NOT NULL,
        key_id BIGINT NOT NULL,
        model TEXT NOT NULL,
        user_id BIGINT NOT NULL,
        requests BIGINT NOT NULL,
        failures BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        prompt_tokens BIGINT NOT NULL,
        cached_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL,
        thought_tokens BIGINT NOT NULL,
        PRIMARY KEY (minute, key_id, model, user_id)
    )",
    "CREATE TABLE key_health (
        key_id BIGINT PRIMARY KEY REFERENCES gemini_keys (id) ON DELETE CASCADE,
        reason TEXT NOT NULL,
        since BIGINT NOT NULL,
        probe_at BIGINT NOT NULL,
        streak BIGINT NOT NULL
    )",
    "CREATE TABLE key_cooldowns (
        key_id BIGINT NOT NULL REFERENCES gemini_keys (id) ON DELETE CASCADE,
        model TEXT NOT NULL,
        reason TEXT NOT NULL,
        until BIGINT,
        streak BIGINT NOT NULL,
        PRIMARY KEY (key_id, model)
    )",
];

const SECOND: &[&str] = &[
    "CREATE TABLE bindings (
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        name TEXT NOT NULL,
        key_id BIGINT NOT NULL,
        project TEXT,
        created_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (pool_id, name)
    )",
    "CREATE INDEX bindings_expire ON bindings (expires_at)",
    "CREATE TABLE signatures (
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        call_id TEXT NOT NULL,
        signature TEXT NOT NULL,
        key_id BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        PRIMARY KEY (pool_id, call_id)
    )",
    "CREATE INDEX signatures_expire ON signatures (expires_at)",
];

const THIRD: &[&str] = &[
    "ALTER TABLE gemini_keys ADD COLUMN project TEXT",
    "ALTER TABLE gemini_keys ADD COLUMN tier TEXT NOT NULL DEFAULT 'free'",
    "ALTER TABLE gemini_keys ADD COLUMN proxy TEXT",
    "ALTER TABLE gemini_keys ADD COLUMN enabled BIGINT NOT NULL DEFAULT 1",
];

const FOURTH: &[&str] = &[
    "CREATE TABLE project_quotas (
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        project TEXT NOT NULL,
        model TEXT NOT NULL,
        day_ends BIGINT NOT NULL,
        requests BIGINT NOT NULL,
        input_tokens BIGINT NOT NULL,
        tokens BIGINT NOT NULL,
        hold_window TEXT,
        hold_until BIGINT,
        PRIMARY KEY (pool_id, project, model)
    )",
    // `window` is a word of SQL.
    "CREATE TABLE project_limits (
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        project TEXT NOT NULL,
        model TEXT NOT NULL,
        unit TEXT NOT NULL,
        period TEXT NOT NULL,
        value BIGINT NOT NULL,
        learned_at BIGINT NOT NULL,
        PRIMARY KEY (pool_id, project, model, unit, period)
    )",
    "CREATE TABLE key_projects (
        key_id BIGINT PRIMARY KEY REFERENCES gemini_keys (id) ON DELETE CASCADE,
        consumer TEXT NOT NULL
    )",
];

const SEVENTH: &[&str] = &[
    // `step` is the length in seconds of what is added up: a minute, an hour or a day.
    "CREATE TABLE usage_sums (
        step BIGINT NOT NULL,
        at BIGINT NOT NULL,
        pool_id BIGINT NOT NULL,
        key_id BIGINT NOT NULL,
        model TEXT NOT NULL,
        user_id BIGINT NOT NULL,
        requests BIGINT NOT NULL,
        failures BIGINT NOT NULL,
        attempts BIGINT NOT NULL,
        prompt_tokens BIGINT NOT NULL,
        cached_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL,
        thought_tokens BIGINT NOT NULL,
        PRIMARY KEY (step, at, pool_id, key_id, model, user_id)
    )",
    "CREATE TABLE usage_tallies (
        step BIGINT NOT NULL,
        at BIGINT NOT NULL,
        pool_id BIGINT NOT NULL,
        key_id BIGINT NOT NULL,
        model TEXT NOT NULL,
        user_id BIGINT NOT NULL,
        tally TEXT NOT NULL,
        count BIGINT NOT NULL,
        PRIMARY KEY (step, at, pool_id, key_id, model, user_id, tally)
    )",
    taken_over!("60", "minute"),
    taken_over!("3600", "minute - minute % 3600000000"),
    taken_over!("86400", "minute - minute % 86400000000"),
    "DROP TABLE usage_minute",
    "CREATE TABLE request_log (
        id BIGINT PRIMARY KEY,
        at BIGINT NOT NULL,
        name TEXT NOT NULL,
        pool_id BIGINT NOT NULL,
        user_id BIGINT NOT NULL,
        user_name TEXT NOT NULL,
        key_id BIGINT NOT NULL,
        key_last4 TEXT NOT NULL,
        method TEXT NOT NULL,
        path TEXT NOT NULL,
        model TEXT NOT NULL,
        is_stream BIGINT NOT NULL,
        status BIGINT,
        outcome TEXT NOT NULL,
        reason TEXT NOT NULL,
        error TEXT NOT NULL,
        attempts BIGINT NOT NULL,
        waited BIGINT NOT NULL,
        first_byte BIGINT,
        total BIGINT NOT NULL,
        prompt_tokens BIGINT NOT NULL,
        cached_tokens BIGINT NOT NULL,
        output_tokens BIGINT NOT NULL,
        thought_tokens BIGINT NOT NULL
    )",
    "CREATE INDEX request_log_at ON request_log (at, id)",
    "CREATE INDEX request_log_pool ON request_log (pool_id, at, id)",
    "CREATE INDEX request_log_user ON request_log (user_id, at, id)",
    "CREATE INDEX request_log_key ON request_log (key_id, at, id)",
    "CREATE INDEX request_log_model ON request_log (model, at, id)",
    "CREATE INDEX request_log_outcome ON request_log (outcome, at, id)",
];

/// Brings the tables to what this program needs; any number of programs may do so at once.
pub(crate) async fn apply(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    prepare(sql).await?;
    let found = version(sql).await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, step) in (1_i64..).zip(STEPS) {
        if version(sql).await? >= number {
            continue;
        }
        let applied = Statement::new(APPLIED).bind(number).bind(now.as_micros());
        let changes = step.iter().copied().map(Statement::new);
        let done = sql.batch(std::iter::once(applied).chain(changes).collect()).await;
        // Another program may have been first; then there is nothing to complain about.
        if let Err(error) = done
            && version(sql).await? < number
        {
            return Err(error.into());
        }
    }
    Ok(())
}

/// Makes the table of versions; of two that do so at once, one may be refused although it exists.
async fn prepare(sql: &dyn Sql) -> Result<(), StoreError> {
    match sql.query(Statement::new(VERSIONS)).await {
        Ok(_) => Ok(()),
        Err(error) => version(sql).await.map(drop).map_err(|_| error.into()),
    }
}

/// Returns the last step that was applied, and 0 for an empty database.
async fn version(sql: &dyn Sql) -> Result<i64, SqlError> {
    let rows = sql.query(Statement::new(VERSION)).await?;
    let version = rows.first().map(|row| row.optional_integer("version")).transpose()?;
    Ok(version.flatten().unwrap_or(0))
}
