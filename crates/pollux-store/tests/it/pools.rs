//! Pools, and the settings that are kept for them.

use pollux_pool::id::{PoolId, UserId};
use pollux_store::keys::About;
use pollux_store::pools::PoolAbout;
use pollux_store::store::{DEFAULT_POOL, StoreError};

use crate::{NOW, memory, rows, secret};

fn about(name: &str) -> PoolAbout {
    PoolAbout { name: name.to_owned(), description: "for tests".to_owned(), enabled: true }
}

#[tokio::test]
async fn pools_are_made_changed_and_removed_with_all_that_is_theirs() {
    let (store, sql) = memory().await;
    let team = store.add_pool(&about("team"), NOW).await.unwrap();
    assert_ne!(team, DEFAULT_POOL);
    assert!(matches!(store.add_pool(&about("team"), NOW).await, Err(StoreError::NameTaken)));
    store.add_pool_user(team, &secret("sk-pool-0123456789"), NOW).await.unwrap();
    let key = (secret("AIzaSy-of-the-team"), About::weight(1));
    store.sync_environment_keys(team, &[key], NOW).await.unwrap();
    let value = [("pool.strategy", Some(secret("random")))];
    store.set_settings(Some(team), &value).await.unwrap();

    let off = PoolAbout { enabled: false, ..about("squad") };
    assert!(store.change_pool(team, &off).await.unwrap());
    assert!(!store.change_pool(PoolId(99), &off).await.unwrap());
    let pools = store.pools().await.unwrap();
    assert_eq!((pools.len(), &pools[1].about), (2, &off));

    store.remove_pool(team).await.unwrap();
    assert_eq!(store.pools().await.unwrap().len(), 1);
    for table in ["gemini_keys", "users", "user_pools", "settings"] {
        let left = rows(&*sql, &*format!("SELECT * FROM {table}").leak()).await;
        assert_eq!(left.len(), 0, "{table}");
    }
    let next = store.add_pool(&about("team"), NOW).await.unwrap();
    assert!(next.0 > team.0, "an id is never used again");
}

#[tokio::test]
async fn a_pool_has_an_access_key_of_its_own() {
    let (store, _) = memory().await;
    let team = store.add_pool(&about("team"), NOW).await.unwrap();
    let user = store.add_pool_user(team, &secret("sk-pool-0123456789"), NOW).await.unwrap();
    let users = store.users().await.unwrap();
    assert_eq!((users[0].id, users[0].of_pool), (user, Some(team)));
    assert_eq!((users[0].about.enabled, &users[0].about.pools[..]), (true, &[team][..]));
    assert_eq!(user, UserId(1));
}

#[tokio::test]
async fn settings_are_kept_sealed_for_each_pool_and_for_the_server() {
    let (store, sql) = memory().await;
    let set = |name, value: &str| (name, Some(secret(value)));
    store.set_settings(None, &[set("a", "1"), set("proxy", "http://u:hidden@p")]).await.unwrap();
    store.set_settings(Some(DEFAULT_POOL), &[set("a", "2")]).await.unwrap();
    store.set_settings(None, &[set("a", "3")]).await.unwrap();
    let kept = async || {
        let all = store.settings().await.unwrap();
        let text = |it: &pollux_store::settings::StoredSetting| {
            format!("{:?} {}={}", it.pool.map(|pool| pool.0), it.name, it.value.expose())
        };
        all.iter().map(text).collect::<Vec<_>>()
    };
    assert_eq!(kept().await, ["None a=3", "None proxy=http://u:hidden@p", "Some(1) a=2"]);
    let raw = rows(&*sql, "SELECT sealed FROM settings").await;
    assert!(raw.iter().all(|row| !row.text("sealed").unwrap().contains("hidden")));
    store.set_settings(None, &[("a", None), ("proxy", None)]).await.unwrap();
    assert_eq!(kept().await, ["Some(1) a=2"]);
}
