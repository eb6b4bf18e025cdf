//! What every database behind [`Sql`] must do, as a suite that any engine can be put through.
//!
//! Each rule gets a fresh, empty database. The suite needs no runtime of its
//! own, so that engines that are not native can be put through it where they live.

use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use futures_util::future::{Either, select};

use crate::sql::{Row, Sql, SqlError, Statement, Value};

const TABLE: &str = "CREATE TABLE things (
    id BIGINT PRIMARY KEY,
    name TEXT UNIQUE,
    size BIGINT
)";
const PARTS: &str = "CREATE TABLE parts (
    id BIGINT PRIMARY KEY,
    thing BIGINT NOT NULL REFERENCES things (id) ON DELETE CASCADE
)";
const ADD: &str = "INSERT INTO things (id, name, size) VALUES ($1, $2, $3)";
const ADD_PART: &str = "INSERT INTO parts (id, thing) VALUES ($1, $2)";
const ALL: &str = "SELECT id, name, size FROM things ORDER BY id";
const COUNT: &str = "SELECT COUNT(*) AS found FROM things";
const COUNT_PARTS: &str = "SELECT COUNT(*) AS found FROM parts";
const GROW: &str = "INSERT INTO things (id, name, size) VALUES ($1, $2, $3)
    ON CONFLICT (id) DO UPDATE SET size = things.size + excluded.size
    RETURNING size";

/// How many statements the batch has that is dropped half-way.
const LONG: i64 = 50;

/// A rule that an engine breaks.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It did something else.
    #[error("{rule}: found {found}")]
    Broken {
        /// What it should do.
        rule: &'static str,
        /// What it did.
        found: String,
    },
    /// It refused what it should accept.
    #[error(transparent)]
    Refused(#[from] SqlError),
}

/// Puts an engine through every rule; `make` opens a fresh, empty database.
pub async fn run<M, F>(make: M) -> Result<(), Failure>
where
    M: Fn() -> F,
    F: Future<Output = Arc<dyn Sql>>,
{
    values_come_back(&*prepared(&make).await?).await?;
    kinds_are_checked(&*prepared(&make).await?).await?;
    conflicts_are_told(&*prepared(&make).await?).await?;
    batches_are_atomic(&*prepared(&make).await?).await?;
    upserts_return_rows(&*prepared(&make).await?).await?;
    references_are_kept(&*prepared(&make).await?).await?;
    tables_are_made_atomically(&*make().await).await?;
    for polls in 0..40 {
        dropped_batches_are_atomic(&*prepared(&make).await?, polls).await?;
    }
    Ok(())
}

async fn prepared<M, F>(make: &M) -> Result<Arc<dyn Sql>, SqlError>
where
    M: Fn() -> F,
    F: Future<Output = Arc<dyn Sql>>,
{
    let sql = make().await;
    sql.batch(vec![Statement::new(TABLE), Statement::new(PARTS)]).await?;
    Ok(sql)
}

async fn values_come_back(sql: &dyn Sql) -> Result<(), Failure> {
    let rows = [
        (i64::MIN, Value::Null, Value::Null),
        (0, Value::from(""), Value::from(-1_i64)),
        (1, Value::from("it's \"$1\" \u{1f31f}\n"), Value::from(1_i64 << 53)),
        (i64::MAX, Value::from("0123"), Value::from(i64::MAX)),
    ];
    let add = |(id, name, size): &(i64, Value, Value)| {
        Statement::new(ADD).bind(*id).bind(name.clone()).bind(size.clone())
    };
    sql.batch(rows.iter().map(add).collect()).await?;
    let read = |row: &Row| -> Result<(i64, Value, Value), SqlError> {
        let name = row.text("name").map_or(Value::Null, Value::from);
        Ok((row.integer("id")?, name, row.optional_integer("size")?.into()))
    };
    let found: Vec<_> =
        sql.query(Statement::new(ALL)).await?.iter().map(read).collect::<Result<_, _>>()?;
    rule("a value comes back as it was bound, in order", found == rows, &found)
}

async fn kinds_are_checked(sql: &dyn Sql) -> Result<(), Failure> {
    sql.query(add(1, "a")).await?;
    let rows = sql.query(Statement::new(ALL)).await?;
    let row = rows.first().ok_or(SqlError::Column { column: "id" })?;
    let answers = [
        row.integer("name").err(),
        row.text("id").err(),
        row.integer("missing").err(),
        row.number::<u32>("size").map(drop).err(),
    ];
    let told = answers.iter().all(|error| matches!(error, Some(SqlError::Column { .. })));
    rule("a column of another kind is told", told, &answers)
}

async fn conflicts_are_told(sql: &dyn Sql) -> Result<(), Failure> {
    sql.query(add(1, "a")).await?;
    let same_id = sql.query(add(1, "b")).await.err();
    let same_name = sql.batch(vec![add(2, "a")]).await.err();
    let other = sql.query(Statement::new("SELECT id FROM nothing")).await.err();
    let conflict = |error: &Option<SqlError>| matches!(error, Some(SqlError::Conflict(_)));
    let told = conflict(&same_id) && conflict(&same_name) && !conflict(&other) && other.is_some();
    rule("a value that must be unique is told apart", told, &[same_id, same_name, other])
}

async fn batches_are_atomic(sql: &dyn Sql) -> Result<(), Failure> {
    let refused = sql.batch(vec![add(1, "a"), add(2, "b"), add(1, "c")]).await.is_err();
    let nothing = count(sql, COUNT).await?;
    sql.batch(Vec::new()).await?;
    sql.batch(vec![add(1, "a"), add(2, "b")]).await?;
    let both = count(sql, COUNT).await?;
    let found = (refused, nothing, both);
    rule("a batch is done whole or not at all", found == (true, 0, 2), &found)
}

async fn upserts_return_rows(sql: &dyn Sql) -> Result<(), Failure> {
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let grow = Statement::new(GROW).bind(1_i64).bind("a").bind(5_i64);
        let rows = sql.query(grow).await?;
        sizes.extend(rows.first().map(|row| row.integer("size")).transpose()?);
    }
    rule("an upsert adds and returns its row", sizes == [5, 10, 15], &sizes)
}

async fn references_are_kept(sql: &dyn Sql) -> Result<(), Failure> {
    let part = |id: i64, thing: i64| Statement::new(ADD_PART).bind(id).bind(thing);
    sql.batch(vec![add(1, "a"), part(1, 1)]).await?;
    let dangling = sql.query(part(2, 9)).await.is_err();
    sql.query(Statement::new("DELETE FROM things WHERE id = $1").bind(1_i64)).await?;
    let found = (dangling, count(sql, COUNT_PARTS).await?);
    rule("a reference is checked, and followed on removal", found == (true, 0), &found)
}

async fn tables_are_made_atomically(sql: &dyn Sql) -> Result<(), Failure> {
    let refused = sql.batch(vec![Statement::new(TABLE), Statement::new(TABLE)]).await.is_err();
    let gone = sql.query(Statement::new(COUNT)).await.is_err();
    sql.batch(vec![Statement::new(TABLE), add(1, "a")]).await?;
    let found = (refused, gone, count(sql, COUNT).await?);
    rule("tables are made whole or not at all", found == (true, true, 1), &found)
}

async fn dropped_batches_are_atomic(sql: &dyn Sql, polls: u32) -> Result<(), Failure> {
    let adds = (0..LONG).map(|id| Statement::new(ADD).bind(id).bind(Value::Null).bind(id));
    match select(sql.batch(adds.collect()), after(polls)).await {
        Either::Left((done, _)) => done?,
        Either::Right(((), batch)) => drop(batch),
    }
    let found = count(sql, COUNT).await?;
    rule("a batch that is dropped is done whole or not at all", found % LONG == 0, &found)?;
    sql.query(add(LONG, "next")).await?;
    Ok(())
}

/// Is ready when it was polled so many times.
fn after(mut polls: u32) -> impl Future<Output = ()> + Unpin {
    poll_fn(move |context| {
        if polls == 0 {
            return Poll::Ready(());
        }
        polls -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
}

fn add(id: i64, name: &str) -> Statement {
    Statement::new(ADD).bind(id).bind(name).bind(-1_i64)
}

async fn count(sql: &dyn Sql, statement: &'static str) -> Result<i64, SqlError> {
    let rows = sql.query(Statement::new(statement)).await?;
    rows.first().ok_or(SqlError::Column { column: "found" })?.integer("found")
}

fn rule(rule: &'static str, holds: bool, found: &impl std::fmt::Debug) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::Broken { rule, found: format!("{found:?}") }) }
}
