//! Thought signatures: found by pool and call until they expire.

use pollux_pool::id::{KeyId, PoolId};
use pollux_pool::time::Timestamp;
use pollux_store::store::{DEFAULT_POOL, Store};
use pollux_store::vault::SignatureRow;

use crate::{NOW, later, memory, rows};

fn row(call_id: &str, signature: &str, expires_at: Timestamp) -> SignatureRow {
    let (call_id, signature) = (call_id.to_owned(), signature.to_owned());
    SignatureRow { pool: DEFAULT_POOL, call_id, signature, key: KeyId(3), expires_at }
}

async fn found(store: &Store, ids: &[&str], now: Timestamp) -> Vec<SignatureRow> {
    let mut found = store.signatures(DEFAULT_POOL, ids, now).await.unwrap();
    found.sort_by(|a, b| a.call_id.cmp(&b.call_id));
    found
}

#[tokio::test]
async fn what_was_added_is_found_until_it_expires() {
    let (store, _) = memory().await;
    let (a, b) = (row("a", "sig-a", later(10)), row("b", "sig-b", later(20)));
    store.add_signatures(&[a.clone(), b.clone()]).await.unwrap();
    assert_eq!(found(&store, &["a", "b", "c"], NOW).await, [a, b.clone()]);
    assert_eq!(found(&store, &["b"], NOW).await, std::slice::from_ref(&b));
    assert_eq!(found(&store, &["a", "b"], later(10)).await, [b]);
    assert_eq!(found(&store, &[], NOW).await, []);
}

#[tokio::test]
async fn any_number_of_ids_can_be_asked_for_at_once() {
    let (store, _) = memory().await;
    let all: Vec<_> = (0..30).map(|id| row(&format!("call-{id:02}"), "s", later(10))).collect();
    store.add_signatures(&all).await.unwrap();
    for count in [1, 7, 8, 9, 30] {
        let ids: Vec<_> = all.iter().take(count).map(|row| row.call_id.as_str()).collect();
        assert_eq!(found(&store, &ids, NOW).await, &all[..count], "{count}");
    }
}

#[tokio::test]
async fn the_last_signature_of_a_call_stands() {
    let (store, _) = memory().await;
    let (first, last) = (row("a", "first", later(10)), row("a", "last", later(30)));
    store.add_signatures(&[first, last.clone()]).await.unwrap();
    assert_eq!(found(&store, &["a"], later(20)).await, [last]);
}

#[tokio::test]
async fn pools_do_not_share_them_and_one_that_is_gone_does_not_spoil_a_batch() {
    let (store, sql) = memory().await;
    let gone = SignatureRow { pool: PoolId(7), ..row("a", "sig", later(10)) };
    let mine = row("b", "sig", later(10));
    store.add_signatures(&[gone, mine]).await.unwrap();
    assert_eq!(store.signatures(PoolId(7), &["a", "b"], NOW).await.unwrap(), []);
    assert_eq!(rows(&*sql, "SELECT call_id FROM signatures").await.len(), 1);
}

#[tokio::test]
async fn expired_ones_are_removed_and_the_others_stay() {
    let (store, sql) = memory().await;
    let (a, b) = (row("a", "sig-a", later(10)), row("b", "sig-b", later(20)));
    store.add_signatures(&[a, b.clone()]).await.unwrap();
    store.remove_expired_signatures(later(10)).await.unwrap();
    assert_eq!(rows(&*sql, "SELECT call_id FROM signatures").await.len(), 1);
    assert_eq!(found(&store, &["a", "b"], NOW).await, [b]);
}
