//! The account of what was used.

mod steps;
mod tallies;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use pollux_pool::id::{KeyId, ModelName, PoolId, UserId};
use pollux_pool::key::Tier;
use pollux_pool::time::Timestamp;
use pollux_store::keys::About;
use pollux_store::store::{DEFAULT_POOL, Store};
use pollux_store::usage::{
    Charge, Counts, Filter, Group, Query, Slot, Step, UsageRow, UsageTotal, minute_of,
};

use crate::{NOW, later, memory, secret};

fn row(at: Timestamp, key: i64, model: &str, user: i64) -> UsageRow {
    let counts = Counts {
        requests: 1,
        failures: 2,
        attempts: 3,
        prompt_tokens: 4,
        cached_tokens: 5,
        output_tokens: 6,
        thought_tokens: 7,
        charge: Charge { cost: 8, unpriced: 9 },
    };
    let slot = Slot {
        pool: DEFAULT_POOL,
        key: (key > 0).then_some(KeyId(key)),
        model: (!model.is_empty()).then(|| ModelName::new(model)),
        user: (user > 0).then_some(UserId(user)),
    };
    UsageRow { at, slot, counts, tallies: BTreeMap::new() }
}

fn whole(since: Timestamp, until: Timestamp, by: Group) -> Query {
    Query { since, until, step: Step::All, by, only: Filter::default() }
}

/// Names each total and its requests, as `pool key model user requests`.
fn words(totals: &[UsageTotal]) -> Vec<String> {
    let name = |name: Option<String>| name.unwrap_or_else(|| "-".to_owned());
    let words = |total: &UsageTotal| {
        let pool = name(total.pool.map(|pool| pool.to_string()));
        let key = name(total.key.map(|key| key.to_string()));
        let model = name(total.model.as_ref().map(ToString::to_string));
        let user = name(total.user.map(|user| user.to_string()));
        format!("{pool} {key} {model} {user} {}", total.counts.requests)
    };
    totals.iter().map(words).collect()
}

async fn totals(store: &Store, by: Group, only: Filter) -> Vec<UsageTotal> {
    let query = whole(Timestamp::from_seconds(0), later(1_000), by);
    store.usage(&Query { only, ..query }).await.unwrap()
}

#[tokio::test]
async fn totals_are_about_what_was_asked_in_a_stable_order() {
    let (store, _) = memory().await;
    let mut usage = [
        row(NOW, 10, "pro", 1),
        row(NOW, 2, "pro", 1),
        row(NOW, 2, "flash", 3),
        row(later(90), 2, "flash", 3),
        row(NOW, 0, "flash", 0),
        row(NOW, 0, "", 1),
    ];
    usage[0].slot.pool = PoolId(2);
    store.add_usage(&usage).await.unwrap();
    for (group, want) in [
        (Group::All, &["- - - - 6"][..]),
        (Group::Pool, &["pool-1 - - - 5", "pool-2 - - - 1"]),
        (Group::Key, &["- - - - 2", "- key-2 - - 3", "- key-10 - - 1"]),
        (Group::Model, &["- - - - 1", "- - flash - 3", "- - pro - 2"]),
        (Group::User, &["- - - - 1", "- - - user-1 3", "- - - user-3 2"]),
        (
            Group::Each,
            &[
                "pool-1 - - user-1 1",
                "pool-1 - flash - 1",
                "pool-1 key-2 flash user-3 2",
                "pool-1 key-2 pro user-1 1",
                "pool-2 key-10 pro user-1 1",
            ],
        ),
    ] {
        assert_eq!(words(&totals(&store, group, Filter::default()).await), want, "{group:?}");
    }
}

#[tokio::test]
async fn a_filter_leaves_out_the_rest() {
    let (store, _) = memory().await;
    let mut usage = [
        row(NOW, 10, "pro", 1),
        row(NOW, 2, "pro", 1),
        row(NOW, 2, "flash", 3),
        row(NOW, 0, "flash", 0),
    ];
    usage[0].slot.pool = PoolId(2);
    store.add_usage(&usage).await.unwrap();
    let none = Filter::default;
    for (only, want) in [
        (none(), 4),
        (Filter { pool: Some(PoolId(2)), ..none() }, 1),
        (Filter { key: Some(KeyId(2)), ..none() }, 2),
        (Filter { model: Some(ModelName::new("flash")), ..none() }, 2),
        (Filter { user: Some(UserId(1)), ..none() }, 2),
        (Filter { user: Some(UserId(1)), pool: Some(DEFAULT_POOL), ..none() }, 1),
        (Filter { project: "key:2".parse().ok(), ..none() }, 2),
        (Filter { model: Some(ModelName::new("ultra")), ..none() }, 0),
    ] {
        let found = totals(&store, Group::All, only.clone()).await;
        let requests: u64 = found.iter().map(|total| total.counts.requests).sum();
        assert_eq!(requests, want, "{only:?}");
    }
}

#[tokio::test]
async fn keys_of_one_project_are_added_up() {
    let (store, sql) = memory().await;
    let about = |project: Option<&str>| About {
        weight: 1,
        project: project.map(pollux_pool::id::ProjectName::new),
        tier: Tier::Free,
        proxy: None,
    };
    let keys = [("one", Some("acme")), ("two", Some("acme")), ("three", None), ("four", None)]
        .map(|(key, project)| (secret(&format!("AIzaSy-{key}-000000")), about(project)));
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    crate::rows(&*sql, "INSERT INTO key_projects VALUES (1, 'x-1'), (3, 'x-2')").await;
    let usage = [1, 2, 3, 4, 99, 0].map(|key| row(NOW, key, "pro", 1));
    store.add_usage(&usage).await.unwrap();

    let found = totals(&store, Group::Project, Filter::default()).await;
    let name = |it: &UsageTotal| it.project.as_ref().map_or("-".to_owned(), ToString::to_string);
    let found: Vec<_> = found.iter().map(|it| (name(it), it.counts.requests)).collect();
    let want = [("-", 1), ("consumer:x-2", 1), ("key:4", 1), ("key:99", 1), ("name:acme", 2)];
    assert_eq!(found, want.map(|(name, count)| (name.to_owned(), count)));
}

#[tokio::test]
async fn every_number_adds_up() {
    let (store, _) = memory().await;
    let twice = vec![row(NOW, 1, "pro", 1); 2];
    join_all((0..5).map(|_| store.add_usage(&twice))).await.into_iter().for_each(Result::unwrap);
    let totals = store.usage(&whole(NOW, later(60), Group::Key)).await.unwrap();
    let counts = Counts {
        requests: 10,
        failures: 20,
        attempts: 30,
        prompt_tokens: 40,
        cached_tokens: 50,
        output_tokens: 60,
        thought_tokens: 70,
        charge: Charge { cost: 80, unpriced: 90 },
    };
    assert_eq!(totals.iter().map(|total| total.counts).collect::<Vec<_>>(), [counts]);
}

#[tokio::test]
async fn a_range_has_every_minute_that_it_touches() {
    let (store, _) = memory().await;
    let minute = minute_of(NOW);
    let at = |seconds: u64| minute + std::time::Duration::from_secs(seconds);
    let usage = [at(0), at(59), at(60), at(119), at(120)].map(|at| row(at, 1, "pro", 1));
    store.add_usage(&usage).await.unwrap();
    for (since, until, want) in
        [(0, 60, 2), (0, 61, 4), (60, 120, 2), (59, 60, 2), (61, 62, 2), (60, 60, 0), (0, 999, 5)]
    {
        let totals = store.usage(&whole(at(since), at(until), Group::Key)).await.unwrap();
        let requests: u64 = totals.iter().map(|total| total.counts.requests).sum();
        assert_eq!(requests, want, "{since}..{until}");
    }
}

#[test]
fn a_minute_begins_at_its_first_microsecond() {
    for (micros, want) in [(0, 0), (59_999_999, 0), (60_000_000, 60_000_000), (-1, -60_000_000)] {
        let minute = minute_of(Timestamp::from_micros(micros));
        assert_eq!(minute, Timestamp::from_micros(want));
    }
}
