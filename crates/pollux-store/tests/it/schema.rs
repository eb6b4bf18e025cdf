//! Opening: the tables, their versions and the master key.

use std::sync::Arc;

use futures_util::future::join_all;
use pollux_store::driver::sqlite::Sqlite;
use pollux_store::sql::Sql;
use pollux_store::store::{Store, StoreError};

use crate::{NOW, cipher, file, later, open, rows};

#[tokio::test]
async fn a_store_opens_again_and_again() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    open(sql.clone()).await.unwrap();
    let before = rows(&*sql, "SELECT version, applied_at FROM schema_version").await;
    Store::open(sql.clone(), cipher('a'), later(60)).await.unwrap();
    let after = rows(&*sql, "SELECT version, applied_at FROM schema_version").await;
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
    let pools = rows(&*sql, "SELECT name, created_at FROM pools").await;
    assert_eq!(pools[0].text("name").unwrap(), "default");
    assert_eq!(pools[0].integer("created_at").unwrap(), NOW.as_micros());
}

#[tokio::test]
async fn many_programs_may_open_an_empty_database_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        let programs = [file(&path).await, file(&path).await, file(&path).await];
        for opened in join_all(programs.map(|sql| open(sql))).await {
            opened.unwrap();
        }
    }
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_and_left_alone() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    open(sql.clone()).await.unwrap();
    rows(&*sql, "INSERT INTO schema_version (version, applied_at) VALUES (99, 0)").await;
    let error = open(sql.clone()).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { found: 99, .. }));
    assert!(error.to_string().contains("use a newer program"), "{error}");
}

#[tokio::test]
async fn another_master_key_is_refused_at_once() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    open(sql.clone()).await.unwrap();
    let error = Store::open(sql.clone(), cipher('b'), NOW).await.unwrap_err();
    assert!(matches!(error, StoreError::WrongMasterKey));
    assert!(error.to_string().contains("give the one it was made with"), "{error}");
    open(sql).await.unwrap();
}
