//! What is counted beside the sums: how long it took, and why it failed.

use std::collections::BTreeMap;
use std::time::Duration;

use pollux_store::usage::{Bucket, Counts, Group, Step, Tally, UsageRow};

use super::{row, whole};
use crate::{NOW, later, memory};

fn tallied(key: i64, tallies: impl IntoIterator<Item = (Tally, u64)>) -> UsageRow {
    let tallies = tallies.into_iter().collect();
    UsageRow { tallies, ..row(NOW, key, "pro", 1) }
}

#[tokio::test]
async fn times_and_reasons_are_told_of_whom_it_is_asked() {
    let (store, _) = memory().await;
    let took = |millis| Bucket::of(Duration::from_millis(millis));
    let fast = [(Tally::FirstByte(took(100)), 9), (Tally::Total(took(1_000)), 9)];
    let slow = [(Tally::FirstByte(took(100)), 1), (Tally::Total(took(60_000)), 1)];
    let failed = [(Tally::Failed("rejected"), 2), (Tally::Tried("rejected"), 3)];
    for _ in 0..10 {
        let rows = [tallied(1, fast), tallied(1, slow), tallied(2, failed)];
        store.add_usage(&rows).await.unwrap();
    }
    let totals = store.usage(&whole(NOW, later(60), Group::Key)).await.unwrap();
    let [one, two] = totals.as_slice() else { panic!("{totals:?}") };
    let near = |found: Option<Duration>, millis: f64| {
        let found = found.unwrap().as_secs_f64() * 1e3;
        assert!((millis / 1.34..=millis * 1.34).contains(&found), "{found} is not near {millis}");
    };
    near(one.first_byte.percentile(50), 100.0);
    near(one.total.percentile(50), 1_000.0);
    near(one.total.percentile(99), 60_000.0);
    assert_eq!((one.total.count(), one.first_byte.count()), (100, 100));
    assert_eq!((two.total.count(), two.total.percentile(50)), (0, None));
    assert_eq!(two.failed, BTreeMap::from([("rejected".to_owned(), 20)]));
    assert_eq!(two.tried, BTreeMap::from([("rejected".to_owned(), 30)]));
    assert!(one.failed.is_empty() && one.tried.is_empty());

    let all = store.usage(&whole(NOW, later(60), Group::All)).await.unwrap();
    let [all] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((all.total.count(), all.failed["rejected"]), (100, 20));
}

#[tokio::test]
async fn a_row_may_have_tallies_alone() {
    let (store, sql) = memory().await;
    let counts = Counts::default();
    let row = UsageRow { counts, ..tallied(1, [(Tally::Failed("no_key"), 1)]) };
    store.add_usage(&[row]).await.unwrap();
    let totals = store.usage(&whole(NOW, later(60), Group::Key)).await.unwrap();
    assert_eq!((totals.len(), totals[0].counts, totals[0].failed["no_key"]), (1, counts, 1));
    assert!(crate::rows(&*sql, "SELECT at FROM usage_sums").await.is_empty());
}

#[tokio::test]
async fn what_a_newer_program_counts_is_left_alone() {
    let (store, sql) = memory().await;
    let begin = Step::Minute.begin(NOW).as_micros();
    let add = "INSERT INTO usage_tallies VALUES (60, $1, 1, 1, 'pro', 1, $2, 5)";
    for tally in ["first.99", "smell.3", "word"] {
        let add = pollux_store::sql::Statement::new(add).bind(begin).bind(tally);
        sql.query(add).await.unwrap();
    }
    let totals = store.usage(&whole(NOW, later(60), Group::All)).await.unwrap();
    assert!(totals.iter().all(|it| it.first_byte.count() == 0 && it.failed.is_empty()));
}
