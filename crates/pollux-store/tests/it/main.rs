//! The store as its callers see it, on a real database.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panic")]

mod admins;
mod bindings;
mod engine;
mod exchange;
mod health;
mod key_events;
mod keys;
mod limits;
mod pools;
mod quotas;
mod requests;
mod schema;
mod secrets;
mod usage;
mod users;
mod vault;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use pollux_pool::time::Timestamp;
use pollux_store::cipher::{Cipher, MasterKey};
use pollux_store::driver::sqlite::Sqlite;
use pollux_store::secret::Secret;
use pollux_store::sql::{Row, Sql, Statement};
use pollux_store::store::{Store, StoreError};

const NOW: Timestamp = Timestamp::from_seconds(1_780_000_000);

fn cipher(digit: char) -> Cipher {
    let text: String = std::iter::repeat_n(digit, 64).collect();
    Cipher::new(&MasterKey::from_text(&text).unwrap()).unwrap()
}

async fn open(sql: Arc<dyn Sql>) -> Result<Store, StoreError> {
    Store::open(sql, cipher('a'), NOW).await
}

/// A store in memory, and the database below it.
async fn memory() -> (Store, Arc<dyn Sql>) {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    (open(sql.clone()).await.unwrap(), sql)
}

async fn file(path: &Path) -> Arc<Sqlite> {
    Arc::new(Sqlite::open(path).await.unwrap())
}

async fn rows(sql: &dyn Sql, statement: &'static str) -> Vec<Row> {
    sql.query(Statement::new(statement)).await.unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::new(text)
}

fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}
