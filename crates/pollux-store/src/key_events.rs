//! What became of keys: how they came to stand otherwise, and what Google said of failures.

use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::outcome::Window;
use pollux_pool::time::Timestamp;

use crate::sql::{Row, Statement};
use crate::store::{Store, StoreError};

// A key may have been removed meanwhile; then there is nothing to insert.
const ADD: &str = "INSERT INTO key_events
        (id, key_id, at, what, model, until, period, reason, http, message, count)
    SELECT CAST($1 AS BIGINT), id, CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT),
        CAST($6 AS BIGINT), CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS BIGINT),
        CAST($10 AS TEXT), CAST($11 AS BIGINT)
    FROM gemini_keys WHERE id = $2";
const SWITCHED: &str = "INSERT INTO key_events
        (id, key_id, at, what, model, until, period, reason, http, message, count)
    SELECT CAST($1 AS BIGINT), id, CAST($3 AS BIGINT), CAST($4 AS TEXT), '', NULL, '', '', NULL,
        '', 1
    FROM gemini_keys WHERE id = $2 AND enabled <> $5";
const COUNT: &str = "UPDATE key_events SET count = count + $2 WHERE id = $1";
const LIST: &str = "SELECT id, key_id, at, what, model, until, period, reason, http, message, count
    FROM key_events WHERE key_id = $1 AND at >= $2 AND at <= $3 AND (at < $3 OR id < $4)
    ORDER BY at DESC, id DESC LIMIT $5";
const REMOVE_OLD: &str = "DELETE FROM key_events WHERE at < $1";

/// One thing that became of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEvent {
    /// Which key.
    pub key: KeyId,
    /// When.
    pub at: Timestamp,
    /// `active`, `cooling`, `revoked`, `enabled`, `disabled`, or `error`: an attempt failed.
    pub what: String,
    /// For which model; for all where there is none.
    pub model: Option<ModelName>,
    /// Until when, where that was known.
    pub until: Option<Timestamp>,
    /// Over which time the quota counts that was used up.
    pub window: Option<Window>,
    /// Why, in a word; empty where there is none.
    pub reason: String,
    /// The status that Google answered with.
    pub http: Option<u16>,
    /// What Google said, without secrets; empty where it said nothing.
    pub message: String,
    /// How often within a minute.
    pub count: u64,
}

/// Where a page ends: what comes after it is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When the last one of the page was.
    pub at: Timestamp,
    /// Its number.
    pub id: i64,
}

impl Store {
    /// Adds events, and counts those of which another one is written already, all or none.
    ///
    /// Returns the number of the first; the others follow.
    pub async fn add_key_events(
        &self,
        events: &[KeyEvent],
        repeated: &[(i64, u64)],
    ) -> Result<i64, StoreError> {
        let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
        let first = self.next_ids("key_events", count).await?;
        let adds = (first..).zip(events).map(|(id, event)| add(id, event));
        let counts =
            repeated.iter().map(|(id, more)| Statement::new(COUNT).bind(*id).bind(whole(*more)));
        self.sql.batch(adds.chain(counts).collect()).await?;
        Ok(first)
    }

    /// Returns up to `limit` events of a key after a page, none before `since`, the newest first.
    pub async fn key_events(
        &self,
        key: KeyId,
        since: Option<Timestamp>,
        after: Option<Cursor>,
        limit: u32,
    ) -> Result<Vec<(Cursor, KeyEvent)>, StoreError> {
        let (newest, before) = after.map_or((i64::MAX, i64::MAX), |it| (it.at.as_micros(), it.id));
        let list = Statement::new(LIST)
            .bind(key.0)
            .bind(since.map_or(i64::MIN, Timestamp::as_micros))
            .bind(newest)
            .bind(before)
            .bind(limit);
        self.sql.query(list).await?.iter().map(event).collect()
    }

    /// Removes what was before `oldest`.
    pub async fn remove_old_key_events(&self, oldest: Timestamp) -> Result<(), StoreError> {
        self.sql.query(Statement::new(REMOVE_OLD).bind(oldest)).await?;
        Ok(())
    }
}

/// Notes that a key is switched on or off, if it is not so already.
pub(crate) fn switched(id: i64, key: KeyId, enabled: bool, now: Timestamp) -> Statement {
    let what = if enabled { "enabled" } else { "disabled" };
    Statement::new(SWITCHED).bind(id).bind(key.0).bind(now).bind(what).bind(i64::from(enabled))
}

fn add(id: i64, event: &KeyEvent) -> Statement {
    let KeyEvent { key, at, what, model, until, window, reason, http, message, count } = event;
    Statement::new(ADD)
        .bind(id)
        .bind(key.0)
        .bind(*at)
        .bind(what.as_str())
        .bind(model.as_ref().map_or("", ModelName::as_str))
        .bind(*until)
        .bind(window.map_or("", Window::as_str))
        .bind(reason.as_str())
        .bind(http.map(u32::from))
        .bind(message.as_str())
        .bind(whole(*count))
}

fn event(row: &Row) -> Result<(Cursor, KeyEvent), StoreError> {
    let owned = |column| row.text(column).map(str::to_owned);
    let some = |column| row.text(column).map(|text| Some(text).filter(|text| !text.is_empty()));
    let http = row.optional_integer("http")?;
    let at = row.moment("at")?;
    let event = KeyEvent {
        key: KeyId(row.integer("key_id")?),
        at,
        what: owned("what")?,
        model: some("model")?.map(ModelName::new),
        until: row.optional_moment("until")?,
        window: some("period")?.map(str::parse).transpose()?,
        reason: owned("reason")?,
        http: http.map(|_| row.number("http")).transpose()?,
        message: owned("message")?,
        count: row.number("count")?,
    };
    Ok((Cursor { at, id: row.integer("id")? }, event))
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
