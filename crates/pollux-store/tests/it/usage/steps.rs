//! Minutes, hours and days: they come to the same, and each is kept for as long as it should be.

use std::time::Duration;

use pollux_pool::time::Timestamp;
use pollux_store::store::Store;
use pollux_store::usage::{Filter, Group, Kept, Query, Step, UsageTotal};

use super::{row, whole};
use crate::{NOW, memory};

const DAY: u64 = 86_400;
const STEPS: [Step; 3] = [Step::Minute, Step::Hour, Step::Day];

async fn series(
    store: &Store,
    (since, until): (Timestamp, Timestamp),
    step: Step,
) -> Vec<UsageTotal> {
    let only = Filter::default();
    store.usage(&Query { since, until, step, by: Group::All, only }).await.unwrap()
}

fn requests(totals: &[UsageTotal]) -> u64 {
    totals.iter().map(|total| total.counts.requests).sum()
}

/// Numbers that look like chance and are the same in every run.
fn chance() -> impl FnMut(u64) -> u64 {
    let mut state = 88_172_645_463_325_252_u64;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    }
}

#[tokio::test]
async fn whatever_the_order_all_steps_come_to_the_same_for_any_whole_days() {
    let (store, _) = memory().await;
    let (mut chance, midnight) = (chance(), Step::Day.begin(NOW));
    let at = |seconds| midnight + Duration::from_secs(seconds);
    let mut written = Vec::new();
    for _ in 0..60 {
        let batch: Vec<_> = (0..=chance(8))
            .map(|_| row(at(chance(4 * DAY)), 1 + i64::try_from(chance(3)).unwrap(), "pro", 1))
            .collect();
        written.extend(batch.iter().map(|row| row.at));
        store.add_usage(&batch).await.unwrap();
    }
    for (first, last) in [(0, 4), (0, 1), (1, 3), (2, 2), (3, 9)] {
        let range = (at(first * DAY), at(last * DAY));
        let want = written.iter().filter(|at| (range.0..range.1).contains(at)).count();
        for step in STEPS {
            let found = series(&store, range, step).await;
            assert_eq!(requests(&found), want as u64, "{step:?} {first}..{last}");
            assert!(found.iter().all(|total| total.at == Some(step.begin(total.at.unwrap()))));
        }
    }
    // Whatever whole minutes it is from and to, the longer steps stand in for those they hold.
    for _ in 0..200 {
        let (since, until) = (at(60 * chance(5_760)), at(60 * chance(5_760)));
        let want = written.iter().filter(|at| since <= **at && **at < until).count();
        let found = store.usage(&whole(since, until, Group::All)).await.unwrap();
        assert_eq!(requests(&found), want as u64, "{since:?}..{until:?}");
    }
}

#[tokio::test]
async fn what_is_too_old_is_removed_and_nothing_else() {
    let (store, _) = memory().await;
    let midnight = Step::Day.begin(NOW);
    let at = |seconds| midnight + Duration::from_secs(seconds);
    let usage: Vec<_> = (0..10 * 24).map(|hour| row(at(hour * 3_600), 1, "pro", 1)).collect();
    store.add_usage(&usage).await.unwrap();
    let range = (at(0), at(10 * DAY));
    let days = |days| Some(Duration::from_secs(days * DAY));
    for (kept, want) in [
        (Kept::default(), [240, 240, 240]),
        (Kept { minutes: days(2), ..Kept::default() }, [48, 240, 240]),
        // The hour and the day that are still partly young enough stay whole.
        (Kept { minutes: days(1), hours: Some(Duration::from_mins(90)), days: None }, [24, 2, 240]),
        (Kept { minutes: days(1), hours: days(1), days: days(3) }, [24, 2, 72]),
    ] {
        for _ in 0..2 {
            store.remove_old_usage(kept, at(10 * DAY)).await.unwrap();
            for (step, want) in STEPS.into_iter().zip(want) {
                assert_eq!(requests(&series(&store, range, step).await), want, "{kept:?} {step:?}");
            }
        }
    }
}
