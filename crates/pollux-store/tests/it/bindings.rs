//! Bindings: what was made at Google keeps its owner until it expires.

use pollux_pool::id::{KeyId, PoolId, ProjectName};
use pollux_pool::lease::Owner;
use pollux_store::bindings::Binding;
use pollux_store::sql::Sql;
use pollux_store::store::{DEFAULT_POOL, Store};

use crate::{NOW, file, later, memory, open, rows};

const OTHER_POOL: PoolId = PoolId(2);

fn owner(key: i64, project: &str) -> Owner {
    let project = (!project.is_empty()).then(|| ProjectName::new(project));
    Owner { key: KeyId(key), project }
}

fn binding(name: &str, owner: Owner, seconds: u64) -> Binding {
    let (name, expires_at) = (name.to_owned(), later(seconds));
    Binding { pool: DEFAULT_POOL, name, owner, created_at: NOW, expires_at }
}

async fn add_other_pool(sql: &dyn Sql) {
    rows(sql, "INSERT INTO pools (id, name, created_at) VALUES (2, 'other', 0)").await;
}

async fn names(store: &Store, names: &[&str], seconds: u64) -> Vec<String> {
    let found = store.bindings(DEFAULT_POOL, names, later(seconds)).await.unwrap();
    found.into_iter().map(|binding| binding.name).collect()
}

#[tokio::test]
async fn bindings_come_back_as_they_were() {
    let (store, _) = memory().await;
    let made = [
        binding("cachedContents/c", owner(2, "p"), 50),
        binding("files/a", owner(1, ""), 60),
        binding("files/b", owner(2, "p"), 60),
    ];
    store.bind(&made).await.unwrap();
    let asked = ["files/b", "files/a", "cachedContents/c", "files/none", "files/a"];
    assert_eq!(store.bindings(DEFAULT_POOL, &asked, NOW).await.unwrap(), made);
    assert_eq!(store.bindings(DEFAULT_POOL, &[], NOW).await.unwrap(), []);
}

#[tokio::test]
async fn any_number_of_names_is_found_at_once() {
    let (store, _) = memory().await;
    let made: Vec<_> =
        (10..50).map(|id| binding(&format!("files/{id}"), owner(id, ""), 60)).collect();
    store.bind(&made).await.unwrap();
    let asked: Vec<_> = made.iter().map(|binding| binding.name.as_str()).collect();
    assert_eq!(store.bindings(DEFAULT_POOL, &asked, NOW).await.unwrap(), made);
}

#[tokio::test]
async fn the_newest_binding_of_a_name_stands() {
    let (store, _) = memory().await;
    store.bind(&[binding("files/a", owner(1, ""), 60)]).await.unwrap();
    let newer = binding("files/a", owner(2, "p"), 90);
    store.bind(std::slice::from_ref(&newer)).await.unwrap();
    assert_eq!(store.bindings(DEFAULT_POOL, &["files/a"], NOW).await.unwrap(), [newer]);
}

#[tokio::test]
async fn what_expired_is_not_found_and_can_be_removed() {
    let (store, sql) = memory().await;
    let made = [binding("files/a", owner(1, ""), 60), binding("files/b", owner(1, ""), 61)];
    store.bind(&made).await.unwrap();
    assert_eq!(names(&store, &["files/a", "files/b"], 59).await, ["files/a", "files/b"]);
    assert_eq!(names(&store, &["files/a", "files/b"], 60).await, ["files/b"]);
    assert_eq!(store.binding_anywhere("files/a", later(60)).await.unwrap(), None);
    assert_eq!(store.owners(DEFAULT_POOL, "files/", later(61)).await.unwrap(), []);
    store.remove_expired_bindings(later(60)).await.unwrap();
    assert_eq!(rows(&*sql, "SELECT name FROM bindings").await.len(), 1);
}

#[tokio::test]
async fn owners_of_a_collection_are_told_once_each() {
    let (store, sql) = memory().await;
    add_other_pool(&*sql).await;
    let made = [
        binding("files/a", owner(3, ""), 60),
        binding("files/b", owner(1, "p"), 60),
        binding("files/c", owner(1, "p"), 60),
        binding("files/d", owner(2, "p"), 60),
        binding("filesystem/e", owner(7, ""), 60),
        binding("cachedContents/f", owner(8, ""), 60),
        Binding { pool: OTHER_POOL, ..binding("files/g", owner(9, ""), 60) },
    ];
    store.bind(&made).await.unwrap();
    let owners = store.owners(DEFAULT_POOL, "files/", NOW).await.unwrap();
    assert_eq!(owners, [owner(1, "p"), owner(2, "p"), owner(3, "")]);
}

#[tokio::test]
async fn pools_keep_their_bindings_apart() {
    let (store, sql) = memory().await;
    add_other_pool(&*sql).await;
    let other = Binding { pool: OTHER_POOL, ..binding("uploads/x", owner(9, ""), 60) };
    store.bind(std::slice::from_ref(&other)).await.unwrap();
    assert_eq!(names(&store, &["uploads/x"], 0).await, Vec::<String>::new());
    store.unbind(DEFAULT_POOL, "uploads/x").await.unwrap();
    assert_eq!(store.binding_anywhere("uploads/x", NOW).await.unwrap(), Some(other));
    store.unbind(OTHER_POOL, "uploads/x").await.unwrap();
    assert_eq!(store.binding_anywhere("uploads/x", NOW).await.unwrap(), None);
}

#[tokio::test]
async fn bindings_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bindings.db");
    let sql = file(&path).await;
    let made = [binding("files/a", owner(1, "p"), 60)];
    open(sql.clone()).await.unwrap().bind(&made).await.unwrap();
    sql.close().await;
    let store = open(file(&path).await).await.unwrap();
    assert_eq!(store.bindings(DEFAULT_POOL, &["files/a"], NOW).await.unwrap(), made);
}
