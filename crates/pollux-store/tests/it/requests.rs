//! The log of requests.

use std::time::Duration;

use pollux_pool::id::{KeyId, ModelName, PoolId, UserId};
use pollux_store::requests::{RequestFilter, RequestRow};
use pollux_store::store::Store;

use crate::{NOW, later, memory};

fn request(name: &str, seconds: u64) -> RequestRow {
    RequestRow {
        name: name.to_owned(),
        at: later(seconds),
        pool: Some(PoolId(1)),
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        status: Some(200),
        outcome: "complete".to_owned(),
        ..RequestRow::default()
    }
}

fn full() -> RequestRow {
    RequestRow {
        user: Some((UserId(2), "anna".to_owned())),
        key: Some((KeyId(3), "wxyz".to_owned())),
        model: Some(ModelName::new("pro")),
        is_stream: true,
        status: Some(429),
        outcome: "failed".to_owned(),
        reason: "exhausted".to_owned(),
        error: "every key is out of 100% of its quota_metric".to_owned(),
        attempts: 4,
        waited: Duration::from_millis(5),
        first_byte: Some(Duration::from_micros(1_234)),
        total: Duration::from_secs(9),
        prompt_tokens: 10,
        cached_tokens: 11,
        output_tokens: 12,
        thought_tokens: 13,
        cost: Some(14),
        ..request("full", 50)
    }
}

async fn names(store: &Store, filter: &RequestFilter) -> Vec<String> {
    let found = store.requests(filter, None, 100).await.unwrap();
    found.into_iter().map(|(_, row)| row.name).collect()
}

#[tokio::test]
async fn a_request_comes_back_as_it_was_noted() {
    let (store, _) = memory().await;
    let bare = RequestRow { pool: None, status: None, ..request("bare", 0) };
    store.add_requests(&[full(), bare.clone()]).await.unwrap();
    store.add_requests(&[]).await.unwrap();
    let found = store.requests(&RequestFilter::default(), None, 100).await.unwrap();
    assert_eq!(found.into_iter().map(|(_, row)| row).collect::<Vec<_>>(), [full(), bare]);
}

#[tokio::test]
async fn filters_leave_out_the_rest_alone_and_together() {
    let (store, _) = memory().await;
    let other = RequestRow { pool: Some(PoolId(2)), ..request("other", 0) };
    store.add_requests(&[other, full(), request("late", 99)]).await.unwrap();
    let all = RequestFilter::default;
    let text = |text: &str| RequestFilter { error: Some(text.to_owned()), ..all() };
    for (filter, want) in [
        (all(), &["late", "full", "other"][..]),
        (RequestFilter { since: Some(later(50)), ..all() }, &["late", "full"]),
        (RequestFilter { until: Some(later(50)), ..all() }, &["other"]),
        (RequestFilter { pool: Some(PoolId(2)), ..all() }, &["other"]),
        (RequestFilter { user: Some(UserId(2)), ..all() }, &["full"]),
        (RequestFilter { key: Some(KeyId(3)), ..all() }, &["full"]),
        (RequestFilter { key: Some(KeyId(3)), pool: Some(PoolId(2)), ..all() }, &[]),
        (RequestFilter { model: Some(ModelName::new("pro")), ..all() }, &["full"]),
        (RequestFilter { outcome: Some("complete"), ..all() }, &["late", "other"]),
        (RequestFilter { status: Some(429), ..all() }, &["full"]),
        (text("OUT of 100%"), &["full"]),
        (text("quota_metric"), &["full"]),
        // These two are no wild cards.
        (text("quota%metric"), &[]),
        (text("quotaXmetric"), &[]),
        (text("!"), &[]),
    ] {
        assert_eq!(names(&store, &filter).await, want, "{filter:?}");
    }
}

#[tokio::test]
async fn pages_hold_each_request_once_while_others_come() {
    let (store, _) = memory().await;
    // Several arrive at the same moment.
    let rows: Vec<_> = (0..50).map(|it| request(&it.to_string(), it / 7)).collect();
    store.add_requests(&rows).await.unwrap();
    let filter = RequestFilter::default();
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = store.requests(&filter, after, 8).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        seen.extend(page.into_iter().map(|(_, row)| row.name));
        store.add_requests(&[request("new", 1_000), request("new", 1_001)]).await.unwrap();
    }
    let want: Vec<String> = (0..50).rev().map(|it| it.to_string()).collect();
    assert_eq!(seen, want);
}

#[tokio::test]
async fn what_is_too_old_is_removed_and_nothing_else() {
    let (store, _) = memory().await;
    let rows: Vec<_> = (0..5).map(|it| request(&it.to_string(), it)).collect();
    store.add_requests(&rows).await.unwrap();
    for _ in 0..2 {
        store.remove_old_requests(later(3)).await.unwrap();
        assert_eq!(names(&store, &RequestFilter::default()).await, ["4", "3"]);
    }
    store.remove_old_requests(NOW).await.unwrap();
    assert_eq!(names(&store, &RequestFilter::default()).await, ["4", "3"]);
}

#[tokio::test]
async fn every_filter_has_an_index_to_go_by() {
    let (_, sql) = memory().await;
    for column in ["pool_id", "user_id", "key_id", "model", "outcome"] {
        let name = format!("request_log_{}", column.trim_end_matches("_id"));
        let find =
            pollux_store::sql::Statement::new("SELECT sql FROM sqlite_master WHERE name = $1");
        let found = sql.query(find.bind(name)).await.unwrap();
        assert!(found[0].text("sql").unwrap().ends_with(&format!("({column}, at, id)")));
    }
}
