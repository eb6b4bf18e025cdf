//! `SQLite` behind the two methods.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use pollux_store::conformance;
use pollux_store::driver::sqlite::Sqlite;
use pollux_store::sql::{Sql, Statement};

use crate::{file, rows};

#[tokio::test]
async fn a_database_in_memory_does_what_every_engine_must() {
    let make = || async { Arc::new(Sqlite::memory().await.unwrap()) as Arc<dyn Sql> };
    conformance::run(make).await.unwrap();
}

#[tokio::test]
async fn a_database_in_a_file_does_what_every_engine_must() {
    let folder = tempfile::tempdir().unwrap();
    let next = AtomicU32::new(0);
    let make = || async {
        let name = format!("{}.db", next.fetch_add(1, Ordering::Relaxed));
        file(&folder.path().join(name)).await as Arc<dyn Sql>
    };
    conformance::run(make).await.unwrap();
}

#[tokio::test]
async fn a_file_keeps_its_rows_and_is_set_up_for_the_long_run() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pollux.db");
    let sql = file(&path).await;
    rows(&*sql, "CREATE TABLE things (id BIGINT PRIMARY KEY)").await;
    rows(&*sql, "INSERT INTO things (id) VALUES (7)").await;
    sql.close().await;

    let sql = file(&path).await;
    assert_eq!(rows(&*sql, "SELECT id FROM things").await[0].integer("id").unwrap(), 7);
    let mode = rows(&*sql, "PRAGMA journal_mode").await;
    assert_eq!(mode[0].text("journal_mode").unwrap(), "wal");
    let vacuum = rows(&*sql, "PRAGMA auto_vacuum").await;
    assert_eq!(vacuum[0].integer("auto_vacuum").unwrap(), 2);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pollux.db");
    std::fs::write(&path, "").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let sql = file(&path).await;
    rows(&*sql, "CREATE TABLE things (id BIGINT PRIMARY KEY)").await;
    let mut found = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", entry.file_name());
        found += 1;
    }
    assert_eq!(found, 3, "the database and its two journals");
}

#[tokio::test]
async fn writers_wait_for_each_other_across_programs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pollux.db");
    let programs = [file(&path).await, file(&path).await];
    rows(&*programs[0], "CREATE TABLE things (id BIGINT PRIMARY KEY)").await;
    let add = "INSERT INTO things (id) SELECT COUNT(*) FROM things";
    let writes = (0..100).map(|turn| {
        let sql = programs[turn % 2].clone();
        let read = Statement::new("SELECT id FROM things");
        async move { sql.batch(vec![read, Statement::new(add), Statement::new(add)]).await }
    });
    for done in join_all(writes).await {
        done.unwrap();
    }
    let count = rows(&*programs[0], "SELECT COUNT(*) AS found FROM things").await;
    assert_eq!(count[0].integer("found").unwrap(), 200);
}

#[tokio::test]
async fn a_statement_shows_its_text_and_not_its_values() {
    let shown = format!("{:?}", Statement::new("SELECT $1").bind("secret"));
    assert_eq!(shown, "Statement { sql: \"SELECT $1\", values: 1 }");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "this is not a database, and long enough to be told apart".repeat(99))
        .unwrap();
    assert!(Sqlite::open(&path).await.is_err());
    assert!(Sqlite::open(&folder.path().join("missing/pollux.db")).await.is_err());
}
