//! The tables, as numbered steps that are applied in order and never changed afterwards.

mod account;
mod history;

use pollux_pool::time::Timestamp;

use crate::sql::{Sql, SqlError, Statement};
use crate::store::StoreError;

const VERSIONS: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version BIGINT PRIMARY KEY,
    applied_at BIGINT NOT NULL
)";
const VERSION: &str = "SELECT MAX(version) AS version FROM schema_version";
const APPLIED: &str = "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)";

/// Step `n` is at place `n - 1`. Moments are microseconds since the Unix epoch.
const STEPS: &[&[&str]] = &[
    FIRST,
    SECOND,
    THIRD,
    FOURTH,
    FIFTH,
    SIXTH,
    account::SEVENTH,
    account::EIGHTH,
    history::NINTH,
];

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

/// Who administers, and what he may change while the server runs.
const FIFTH: &[&str] = &[
    "ALTER TABLE pools ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE pools ADD COLUMN enabled BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE gemini_keys ADD COLUMN name TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE gemini_keys ADD COLUMN tags TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE gemini_keys ADD COLUMN notes TEXT NOT NULL DEFAULT ''",
    // The pool whose own access key it is; nothing for a person's or a program's.
    "ALTER TABLE users ADD COLUMN pool_id BIGINT REFERENCES pools (id) ON DELETE CASCADE",
    "ALTER TABLE users ADD COLUMN enabled BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE users ADD COLUMN expires_at BIGINT",
    "ALTER TABLE users ADD COLUMN labels TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN models TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN addresses TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE users ADD COLUMN previous_fingerprint TEXT",
    "ALTER TABLE users ADD COLUMN previous_sealed TEXT",
    "ALTER TABLE users ADD COLUMN previous_until BIGINT",
    // Without a row here a user is served by the pool that is always there.
    "CREATE TABLE user_pools (
        user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        place BIGINT NOT NULL,
        pool_id BIGINT NOT NULL REFERENCES pools (id) ON DELETE CASCADE,
        PRIMARY KEY (user_id, pool_id)
    )",
    // Those of the server are of pool 0, which is none.
    "CREATE TABLE settings (
        id BIGINT PRIMARY KEY,
        pool_id BIGINT NOT NULL,
        name TEXT NOT NULL,
        sealed TEXT NOT NULL,
        UNIQUE (pool_id, name)
    )",
    "CREATE TABLE admins (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        password TEXT NOT NULL,
        created_at BIGINT NOT NULL
    )",
    "CREATE TABLE admin_sessions (
        id BIGINT PRIMARY KEY,
        digest TEXT NOT NULL UNIQUE,
        admin_id BIGINT NOT NULL REFERENCES admins (id) ON DELETE CASCADE,
        created_at BIGINT NOT NULL,
        seen_at BIGINT NOT NULL,
        expires_at BIGINT NOT NULL,
        address TEXT NOT NULL,
        agent TEXT NOT NULL
    )",
    "CREATE TABLE admin_tokens (
        id BIGINT PRIMARY KEY,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        digest TEXT NOT NULL UNIQUE,
        last4 TEXT NOT NULL,
        created_at BIGINT NOT NULL,
        expires_at BIGINT
    )",
    "CREATE TABLE audit (
        id BIGINT PRIMARY KEY,
        at BIGINT NOT NULL,
        actor TEXT NOT NULL,
        address TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        old TEXT NOT NULL,
        new TEXT NOT NULL
    )",
    "CREATE INDEX audit_at ON audit (at)",
];

/// What users and pools may spend, and what they have spent of it.
const SIXTH: &[&str] = &[
    "CREATE TABLE limits (
        subject TEXT NOT NULL,
        what TEXT NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (subject, what)
    )",
    "CREATE TABLE spending (
        subject TEXT PRIMARY KEY,
        at BIGINT NOT NULL,
        minute_requests BIGINT NOT NULL,
        minute_input_tokens BIGINT NOT NULL,
        minute_tokens BIGINT NOT NULL,
        day_ends BIGINT NOT NULL,
        day_requests BIGINT NOT NULL,
        day_input_tokens BIGINT NOT NULL,
        day_tokens BIGINT NOT NULL,
        day_money BIGINT NOT NULL,
        ever_requests BIGINT NOT NULL,
        ever_input_tokens BIGINT NOT NULL,
        ever_tokens BIGINT NOT NULL,
        ever_money BIGINT NOT NULL
    )",
];

/// Brings the tables to what this program needs; any number of programs may do so at once.
pub(crate) async fn apply(sql: &dyn Sql, now: Timestamp) -> Result<(), StoreError> {
    let known = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    prepare(sql).await?;
    let found = version(sql).await?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    steps(sql, STEPS, now).await
}

async fn steps(sql: &dyn Sql, all: &[&[&'static str]], now: Timestamp) -> Result<(), StoreError> {
    for (number, step) in (1_i64..).zip(all) {
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

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;

    use pollux_pool::key::Tier;

    use super::*;
    use crate::cipher::{Cipher, MasterKey, Place};
    use crate::driver::sqlite::Sqlite;
    use crate::secret::Secret;
    use crate::store::{DEFAULT_POOL, Store};

    const NOW: Timestamp = Timestamp::from_seconds(1_768_939_200);
    const OLD: &[&str] = &[
        "INSERT INTO pools (id, name, created_at) VALUES (1, 'default', 0)",
        "INSERT INTO users (id, name, fingerprint, sealed, last4, source, created_at)
            VALUES (1, 'default', '00', '', 'last', 'generated', 0)",
    ];
    const OLD_KEY: &str = "INSERT INTO gemini_keys
        (id, pool_id, fingerprint, sealed, last4, weight, source, created_at)
        VALUES (1, 1, $1, $2, '0001', 7, 'environment', 0)";

    #[tokio::test]
    async fn what_an_older_program_kept_is_as_it_was() {
        let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
        prepare(&*sql).await.unwrap();
        steps(&*sql, &STEPS[..2], NOW).await.unwrap();
        let cipher = Cipher::new(&MasterKey::from_text(&"a".repeat(64)).unwrap()).unwrap();
        let secret = Secret::new("AIzaSyOne-0000000001");
        let place = Place { table: "gemini_keys", row: 1, column: "sealed" };
        let fingerprint = cipher.fingerprint(secret.expose().as_bytes()).to_string();
        let key = Statement::new(OLD_KEY).bind(&*fingerprint);
        let old = OLD.iter().map(|row| Statement::new(row));
        let old = old.chain([key.bind(cipher.seal(&secret, place).unwrap())]);
        sql.batch(old.collect()).await.unwrap();

        let store = Store::open(sql, cipher, NOW).await.unwrap();
        let keys = store.keys(DEFAULT_POOL).await.unwrap();
        let [key] = &keys[..] else { panic!("{keys:?}") };
        assert_eq!((key.id.0, key.about.weight, key.enabled), (1, 7, true));
        assert_eq!((key.about.tier, &key.about.project), (Tier::Free, &None));
        assert!(key.about.proxy.is_none());
    }
}
