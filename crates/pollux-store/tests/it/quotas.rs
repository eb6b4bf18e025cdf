//! Quotas of projects: they come back as they were, and go when they say nothing any more.

use pollux_pool::health::{Checkpoint, Cooldown, Health};
use pollux_pool::id::{KeyId, ModelName, PoolId, ProjectName};
use pollux_pool::outcome::Window;
use pollux_pool::pool::QuotaRecord;
use pollux_pool::project::Project;
use pollux_pool::quota::{Amount, Balance, Dimension, Limit, LimitSource, Unit};
use pollux_pool::time::Timestamp;
use pollux_store::keys::About;
use pollux_store::store::{DEFAULT_POOL, Store};

use crate::{NOW, later, memory, rows, secret};

const DAY: u64 = 86_400;

fn learned(dimension: Dimension, value: u64, at: Timestamp) -> Limit {
    Limit { dimension, value, source: LimitSource::Learned { at } }
}

fn record(
    project: Project,
    model: &str,
    hold: Option<Cooldown>,
    learned: Vec<Limit>,
) -> QuotaRecord {
    let day = Amount { requests: 7, input_tokens: 700, tokens: 9_000 };
    let balance = Balance { day_ends: later(900), day, hold, learned };
    QuotaRecord { project, model: ModelName::new(model), balance, learned_anew: true }
}

/// In the order of their texts and models.
fn records() -> Vec<QuotaRecord> {
    let out = |window, until| Some(Cooldown::Exhausted { window, until, streak: 0 });
    let other = Dimension { unit: Unit::from_word("ImagesPerDay"), window: Window::Day };
    let limits = vec![
        learned(other, 3, NOW),
        learned(Dimension::TPM, 250_000, NOW),
        learned(Dimension::RPD, 20, later(DAY)),
        learned(Dimension::RPM, 2, NOW),
    ];
    let consumer = Project::Consumer(ProjectName::new("projects/1"));
    let named = Project::Named(ProjectName::new("team: a"));
    vec![
        record(consumer.clone(), "flash", out(Window::Day, later(900)), limits),
        record(consumer, "pro", Some(Cooldown::Unserved), Vec::new()),
        record(Project::Of(KeyId(1)), "flash", out(Window::Minute, later(36)), Vec::new()),
        record(named, "flash", None, Vec::new()),
    ]
}

/// A store with the key 1.
async fn store() -> Store {
    let (store, _) = memory().await;
    let keys = [(secret("key-number-one"), About::weight(1))];
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    store
}

async fn save(store: &Store, quotas: &[QuotaRecord]) {
    store.save_state(DEFAULT_POOL, None, quotas).await.unwrap();
}

async fn load(store: &Store) -> Vec<QuotaRecord> {
    store.load_quotas(DEFAULT_POOL).await.unwrap()
}

#[tokio::test]
async fn quotas_come_back_as_they_were() {
    let store = store().await;
    assert_eq!(load(&store).await, []);
    save(&store, &records()).await;
    assert_eq!(load(&store).await, records());
    assert_eq!(store.load_quotas(PoolId(2)).await.unwrap(), []);
}

#[tokio::test]
async fn a_save_replaces_the_accounts_that_it_names_and_no_others() {
    let store = store().await;
    save(&store, &records()).await;
    let mut wanted = records();
    wanted[0].balance.hold = None;
    wanted[0].balance.learned.truncate(1);
    wanted[0].balance.day.requests = 8;
    save(&store, &wanted[..1]).await;
    assert_eq!(load(&store).await, wanted);
    let mut same = wanted[0].clone();
    same.balance.learned.clear();
    same.learned_anew = false;
    save(&store, &[same]).await;
    assert_eq!(load(&store).await, wanted, "limits stay unless there are others");
}

#[tokio::test]
async fn checkpoints_stay_unless_they_are_saved_too_and_all_is_saved_or_nothing() {
    let (store, sql) = memory().await;
    let keys = [(secret("key-number-one"), About::weight(1))];
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    let consumer = Some(ProjectName::new("projects/1"));
    let known =
        [Checkpoint { key: KeyId(1), health: Health::Active, cooldowns: Vec::new(), consumer }];
    store.save_state(DEFAULT_POOL, Some(&known), &records()).await.unwrap();
    save(&store, &records()).await;
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), known);

    rows(&*sql, "DROP TABLE project_limits").await;
    assert!(store.save_state(DEFAULT_POOL, Some(&[]), &records()).await.is_err());
    assert_eq!(store.load_checkpoints(DEFAULT_POOL).await.unwrap(), known);
}

#[tokio::test]
async fn what_says_nothing_any_more_is_removed() {
    let store = store().await;
    save(&store, &records()).await;
    let left = async |at| {
        store.remove_old_quotas(at).await.unwrap();
        load(&store)
            .await
            .iter()
            .map(|it| (it.project.to_string(), it.balance.learned.len()))
            .collect::<Vec<_>>()
    };
    let row = |project: &str, limits| (project.to_owned(), limits);
    let [flash, pro] = [4, 0].map(|limits| row("consumer:projects/1", limits));
    let all = [flash.clone(), pro.clone(), row("key:1", 0), row("name:team: a", 0)];
    assert_eq!(left(later(899)).await, all);
    assert_eq!(left(later(900)).await, [flash, pro.clone()], "limits are still believed");
    assert_eq!(left(later(7 * DAY)).await, [row("consumer:projects/1", 1), pro.clone()]);
    assert_eq!(left(later(8 * DAY)).await, [pro], "nothing lifts this by itself");
}

#[tokio::test]
async fn quotas_of_a_key_that_is_gone_are_removed() {
    let store = store().await;
    let mut quotas = records();
    quotas[2].balance.learned.push(learned(Dimension::RPD, 20, NOW));
    save(&store, &quotas).await;
    store.remove_old_quotas(NOW).await.unwrap();
    assert_eq!(load(&store).await, quotas);
    store.sync_environment_keys(DEFAULT_POOL, &[], NOW).await.unwrap();
    store.remove_old_quotas(NOW).await.unwrap();
    quotas.remove(2);
    assert_eq!(load(&store).await, quotas);
}
