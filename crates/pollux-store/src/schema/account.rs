//! The tables of what was used, in minutes, hours and days, and of the log of requests.

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

pub(super) const SEVENTH: &[&str] = &[
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

/// What was used before has no known price.
pub(super) const EIGHTH: &[&str] = &[
    "ALTER TABLE usage_sums ADD COLUMN cost BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE usage_sums ADD COLUMN unpriced BIGINT NOT NULL DEFAULT 0",
    "UPDATE usage_sums SET unpriced = attempts
        WHERE prompt_tokens + output_tokens + thought_tokens > 0",
    "ALTER TABLE request_log ADD COLUMN cost BIGINT",
    "UPDATE request_log SET cost = 0 WHERE prompt_tokens + output_tokens + thought_tokens = 0",
];

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::sync::Arc;

    use pollux_pool::time::Timestamp;

    use super::super::{STEPS, prepare, steps};
    use crate::cipher::{Cipher, MasterKey};
    use crate::driver::sqlite::Sqlite;
    use crate::sql::{Sql, Statement};
    use crate::store::{DEFAULT_POOL, Store};
    use crate::usage::{Charge, Filter, Group, Query, Step};

    const NOW: Timestamp = Timestamp::from_seconds(1_768_939_200);

    #[tokio::test]
    async fn what_an_older_program_counted_is_of_the_first_pool() {
        let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
        prepare(&*sql).await.unwrap();
        steps(&*sql, &STEPS[..6], NOW).await.unwrap();
        let old = "INSERT INTO usage_minute VALUES (86340000000, 1, 'pro', 2, 3, 1, 4, 5, 6, 7, 8),
            (86400000000, 1, 'pro', 2, 3, 1, 4, 5, 6, 7, 8),
            (86460000000, 0, 'pro', 2, 3, 1, 4, 5, 6, 7, 8)";
        sql.query(Statement::new(old)).await.unwrap();

        let cipher = Cipher::new(&MasterKey::from_text(&"a".repeat(64)).unwrap()).unwrap();
        let store = Store::open(sql, cipher, NOW).await.unwrap();
        let (since, until) = (Timestamp::from_seconds(0), NOW);
        for (step, want) in [
            (Step::Minute, &[3, 3, 3][..]),
            (Step::Hour, &[3, 6]),
            (Step::Day, &[3, 6]),
            (Step::All, &[9]),
        ] {
            let query = Query { since, until, step, by: Group::Pool, only: Filter::default() };
            let found = store.usage(&query).await.unwrap();
            assert!(found.iter().all(|total| total.pool == Some(DEFAULT_POOL)));
            let found: Vec<_> = found.iter().map(|total| total.counts.requests).collect();
            assert_eq!(found, want, "{step:?}");
        }
    }

    #[tokio::test]
    async fn what_was_used_before_there_were_prices_has_none() {
        let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
        prepare(&*sql).await.unwrap();
        steps(&*sql, &STEPS[..7], NOW).await.unwrap();
        let old = "INSERT INTO usage_sums VALUES (60, 0, 1, 2, 'pro', 3, 4, 0, 5, 10, 0, 10, 10),
            (60, 0, 1, 3, 'pro', 3, 4, 4, 5, 0, 0, 0, 0)";
        sql.query(Statement::new(old)).await.unwrap();

        let cipher = Cipher::new(&MasterKey::from_text(&"a".repeat(64)).unwrap()).unwrap();
        let store = Store::open(sql, cipher, NOW).await.unwrap();
        let (since, until) = (Timestamp::from_seconds(0), Timestamp::from_seconds(60));
        let only = Filter::default();
        let query = Query { since, until, step: Step::Minute, by: Group::Key, only };
        let found = store.usage(&query).await.unwrap();
        let charges: Vec<_> = found.iter().map(|total| total.counts.charge).collect();
        assert_eq!(charges, [Charge { cost: 0, unpriced: 5 }, Charge::default()]);
        assert_eq!(charges.into_iter().map(Charge::known).collect::<Vec<_>>(), [None, Some(0)]);
    }
}
