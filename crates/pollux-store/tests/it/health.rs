//! Checkpoints: what a pool knew comes back to the next one.

use pollux_pool::health::{Checkpoint, Cooldown, Health};
use pollux_pool::id::{KeyId, ModelName, PoolId, ProjectName};
use pollux_pool::outcome::{Revocation, Window};
use pollux_store::keys::About;
use pollux_store::store::{DEFAULT_POOL, Store};

use crate::{NOW, later, memory, rows, secret};

/// A store with the keys 1, 2 and 3.
async fn store() -> Store {
    let (store, _) = memory().await;
    let keys = ["key-number-one", "key-number-two", "key-number-three"]
        .map(|key| (secret(key), About::weight(1)));
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    store
}

async fn save(store: &Store, pool: PoolId, checkpoints: &[Checkpoint]) {
    store.save_state(pool, Some(checkpoints), &[]).await.unwrap();
}

fn checkpoints() -> Vec<Checkpoint> {
    let revoked = Health::Revoked {
        reason: Revocation::ServiceDisabled,
        since: NOW,
        probe_at: later(300),
        streak: 2,
    };
    let exhausted = |window, streak| Cooldown::Exhausted { window, until: later(900), streak };
    let cooldowns = [
        ("flash", exhausted(Window::Day, 0)),
        ("lite", exhausted(Window::Unknown, 7)),
        ("nano", exhausted(Window::Minute, 0)),
        ("pro", Cooldown::Unserved),
    ];
    let cooldowns: Vec<_> =
        cooldowns.into_iter().map(|(model, held)| (ModelName::new(model), held)).collect();
    let consumer = Some(ProjectName::new("projects/123"));
    vec![
        Checkpoint {
            key: KeyId(1),
            health: revoked,
            cooldowns: Vec::new(),
            consumer: consumer.clone(),
        },
        Checkpoint { key: KeyId(2), health: revoked, cooldowns: cooldowns.clone(), consumer: None },
        Checkpoint { key: KeyId(3), health: Health::Active, cooldowns, consumer },
    ]
}

#[tokio::test]
async fn checkpoints_come_back_as_they_were() {
    let store = store().await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), []);
    save(&store, DEFAULT_POOL, &checkpoints()).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), checkpoints());
}

#[tokio::test]
async fn each_save_replaces_the_one_before() {
    let store = store().await;
    save(&store, DEFAULT_POOL, &checkpoints()).await;
    let fewer = &checkpoints()[2..];
    save(&store, DEFAULT_POOL, fewer).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), fewer);
    save(&store, DEFAULT_POOL, &[]).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), []);
}

#[tokio::test]
async fn a_key_that_is_gone_takes_its_checkpoint_along() {
    let (store, sql) = memory().await;
    let keys = [
        (secret("key-number-one"), About::weight(1)),
        (secret("key-number-two"), About::weight(1)),
    ];
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    save(&store, DEFAULT_POOL, &checkpoints()).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), &checkpoints()[..2]);
    store.sync_environment_keys(DEFAULT_POOL, &keys[..1], NOW).await.unwrap();
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), &checkpoints()[..1]);
    assert_eq!(rows(&*sql, "SELECT key_id FROM key_cooldowns").await.len(), 0);
    assert_eq!(rows(&*sql, "SELECT key_id FROM key_projects").await.len(), 1);
}

#[tokio::test]
async fn pools_keep_their_checkpoints_apart() {
    let store = store().await;
    save(&store, DEFAULT_POOL, &checkpoints()).await;
    save(&store, PoolId(2), &checkpoints()).await;
    assert_eq!(store.load_checkpoints(PoolId(2)).await.unwrap(), []);
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), checkpoints());
}

#[tokio::test]
async fn a_key_may_be_known_by_its_project_alone() {
    let store = store().await;
    let consumer = Some(ProjectName::new("projects/7"));
    let known =
        [Checkpoint { key: KeyId(2), health: Health::Active, cooldowns: Vec::new(), consumer }];
    save(&store, DEFAULT_POOL, &known).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), known);
}
