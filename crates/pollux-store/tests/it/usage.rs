//! The account of what was used.

use futures_util::future::join_all;
use pollux_pool::id::{KeyId, ModelName, UserId};
use pollux_pool::time::Timestamp;
use pollux_store::store::Store;
use pollux_store::usage::{Counts, Group, UsageRow, minute_of};

use crate::{NOW, later, memory};

fn row(at: Timestamp, key: i64, model: &str, user: i64) -> UsageRow {
    let counts = Counts {
        requests: 1,
        failures: 2,
        attempts: 3,
        prompt_tokens: 4,
        cached_tokens: 5,
        output_tokens: 6,
        thought_tokens: 7,
    };
    let key = (key > 0).then_some(KeyId(key));
    let user = (user > 0).then_some(UserId(user));
    UsageRow { at, key, model: ModelName::new(model), user, counts }
}

/// Names each total and its requests, as `key model user requests`.
async fn totals(store: &Store, group: Group) -> Vec<String> {
    let name = |name: Option<String>| name.unwrap_or_else(|| "-".to_owned());
    let totals = store.usage(Timestamp::from_seconds(0), later(1_000), group).await.unwrap();
    let words = |total: &pollux_store::usage::UsageTotal| {
        let key = name(total.key.map(|key| key.to_string()));
        let model = name(total.model.as_ref().map(ToString::to_string));
        let user = name(total.user.map(|user| user.to_string()));
        format!("{key} {model} {user} {}", total.counts.requests)
    };
    totals.iter().map(words).collect()
}

#[tokio::test]
async fn totals_are_about_what_was_asked_in_a_stable_order() {
    let (store, _) = memory().await;
    let usage = [
        row(NOW, 10, "pro", 1),
        row(NOW, 2, "pro", 1),
        row(NOW, 2, "flash", 3),
        row(later(90), 2, "flash", 3),
        row(NOW, 0, "flash", 0),
    ];
    store.add_usage(&usage).await.unwrap();
    for (group, want) in [
        (Group::Key, &["- - - 1", "key-2 - - 3", "key-10 - - 1"][..]),
        (Group::Model, &["- flash - 3", "- pro - 2"]),
        (Group::User, &["- - - 1", "- - user-1 2", "- - user-3 2"]),
        (
            Group::Each,
            &["- flash - 1", "key-2 flash user-3 2", "key-2 pro user-1 1", "key-10 pro user-1 1"],
        ),
    ] {
        assert_eq!(totals(&store, group).await, want, "{group:?}");
    }
}

#[tokio::test]
async fn every_number_adds_up() {
    let (store, _) = memory().await;
    let twice = vec![row(NOW, 1, "pro", 1); 2];
    join_all((0..5).map(|_| store.add_usage(&twice))).await.into_iter().for_each(Result::unwrap);
    let totals = store.usage(NOW, later(60), Group::Key).await.unwrap();
    let counts = Counts {
        requests: 10,
        failures: 20,
        attempts: 30,
        prompt_tokens: 40,
        cached_tokens: 50,
        output_tokens: 60,
        thought_tokens: 70,
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
        let totals = store.usage(at(since), at(until), Group::Key).await.unwrap();
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
