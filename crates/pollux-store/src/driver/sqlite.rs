//! `SQLite`, embedded: one file, nothing to set up.
//!
//! One connection writes, so that writers queue instead of failing each
//! other; four read meanwhile (WAL). A write transaction takes its lock at
//! once, because one that takes it later is refused without waiting.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteRow, SqliteSynchronous,
};
use sqlx::{Column as _, Row as _, Sqlite as Engine, TypeInfo as _, ValueRef as _};

use crate::sql::{Row, Sql, SqlError, Statement, Value};

/// How long a statement waits for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// How many connections read at the same time.
const READERS: u32 = 4;
/// To what size the journal is cut back, in bytes.
const JOURNAL: &str = "67108864";

/// A `SQLite` database.
#[derive(Clone, Debug)]
pub struct Sqlite {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl Sqlite {
    /// Opens the database in a file, and makes it, readable by its owner alone, if there is none.
    pub async fn open(path: &Path) -> Result<Self, SqlError> {
        own(path).map_err(|error| SqlError::Engine(error.into()))?;
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(BUSY);
        let readers = options.clone().read_only(true);
        let writer = one().connect_with(writing(options)).await.map_err(refused)?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).connect_lazy_with(readers);
        Ok(Self { writer, readers })
    }

    /// Makes an empty database in memory, which is gone with the value.
    pub async fn memory() -> Result<Self, SqlError> {
        let options = SqliteConnectOptions::new().in_memory(true).foreign_keys(true);
        let pool = one().connect_with(options).await.map_err(refused)?;
        Ok(Self { writer: pool.clone(), readers: pool })
    }

    /// Lets running statements end and closes the file.
    pub async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    async fn rows(&self, statement: Statement) -> Result<Vec<Row>, SqlError> {
        let pool = if statement.reads() { &self.readers } else { &self.writer };
        let rows = prepare(statement).fetch_all(pool).await.map_err(refused)?;
        let Some(first) = rows.first() else { return Ok(Vec::new()) };
        let columns: Arc<[String]> =
            first.columns().iter().map(|column| column.name().to_owned()).collect();
        rows.iter().map(|row| Ok(Row::new(columns.clone(), values(row)?))).collect()
    }

    async fn all(&self, statements: Vec<Statement>) -> Result<(), SqlError> {
        // A transaction that is dropped before its commit is rolled back.
        let mut transaction = self.writer.begin_with("BEGIN IMMEDIATE").await.map_err(refused)?;
        for statement in statements {
            prepare(statement).execute(&mut *transaction).await.map_err(refused)?;
        }
        transaction.commit().await.map_err(refused)
    }
}

impl Sql for Sqlite {
    fn query(&self, statement: Statement) -> BoxFuture<'_, Result<Vec<Row>, SqlError>> {
        self.rows(statement).boxed()
    }

    fn batch(&self, statements: Vec<Statement>) -> BoxFuture<'_, Result<(), SqlError>> {
        self.all(statements).boxed()
    }

    fn kind(&self) -> &'static str {
        "sqlite"
    }
}

/// A pool of one connection, which stays open.
///
/// It is not tested before use: a caller that gives up during the test would
/// close it, and a database in memory with it. It is tested after use.
fn one() -> SqlitePoolOptions {
    let pool = SqlitePoolOptions::new().max_connections(1).test_before_acquire(false);
    pool.max_lifetime(None).idle_timeout(None)
}

fn writing(options: SqliteConnectOptions) -> SqliteConnectOptions {
    options
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .pragma("journal_size_limit", JOURNAL)
        .optimize_on_close(true, None)
}

/// Makes the file if there is none, and takes it away from everyone but its owner.
///
/// The journal files beside it get the same permissions from the engine.
#[cfg(unix)]
fn own(path: &Path) -> std::io::Result<()> {
    use std::fs::{OpenOptions, Permissions};
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

    let mut options = OpenOptions::new();
    let file = options.write(true).create(true).truncate(false).mode(0o600).open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))
}

#[cfg(not(unix))]
fn own(path: &Path) -> std::io::Result<()> {
    std::fs::OpenOptions::new().write(true).create(true).truncate(false).open(path).map(drop)
}

type Prepared = sqlx::query::Query<'static, Engine, <Engine as sqlx::Database>::Arguments>;

fn prepare(statement: Statement) -> Prepared {
    let query = sqlx::query(statement.sql());
    statement.into_values().into_iter().fold(query, |query, value| match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(value) => query.bind(value),
        Value::Text(value) => query.bind(value),
    })
}

fn values(row: &SqliteRow) -> Result<Vec<Value>, SqlError> {
    (0..row.len()).map(|place| value(row, place)).collect()
}

fn value(row: &SqliteRow, place: usize) -> Result<Value, SqlError> {
    let raw = row.try_get_raw(place).map_err(refused)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let is_text = raw.type_info().name() == "TEXT";
    if is_text {
        return row.try_get(place).map(Value::Text).map_err(refused);
    }
    row.try_get(place).map(Value::Integer).map_err(refused)
}

fn refused(error: sqlx::Error) -> SqlError {
    match error.as_database_error() {
        Some(cause) if cause.is_unique_violation() => SqlError::Conflict(error.into()),
        Some(_) | None => SqlError::Engine(error.into()),
    }
}
