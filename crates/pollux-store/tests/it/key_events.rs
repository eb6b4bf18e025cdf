//! The history of keys.

use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::outcome::Window;
use pollux_store::key_events::{Cursor, KeyEvent};
use pollux_store::keys::{About, KeyChange};
use pollux_store::store::{DEFAULT_POOL, Store};

use crate::{NOW, later, memory, secret};

fn event(key: i64, seconds: u64, what: &str) -> KeyEvent {
    KeyEvent {
        key: KeyId(key),
        at: later(seconds),
        what: what.to_owned(),
        model: None,
        until: None,
        window: None,
        reason: String::new(),
        http: None,
        message: String::new(),
        count: 1,
    }
}

fn full(key: i64, seconds: u64) -> KeyEvent {
    KeyEvent {
        model: Some(ModelName::new("pro")),
        until: Some(later(seconds + 60)),
        window: Some(Window::Minute),
        reason: "exhausted".to_owned(),
        http: Some(429),
        message: "out of quota".to_owned(),
        count: 3,
        ..event(key, seconds, "cooling")
    }
}

/// A store with two keys.
async fn store() -> Store {
    let (store, _) = memory().await;
    let named = ["key-0000001", "key-0000002"].map(|key| (secret(key), About::weight(1)));
    store.sync_environment_keys(DEFAULT_POOL, &named, NOW).await.unwrap();
    store
}

async fn found(store: &Store, key: i64) -> Vec<KeyEvent> {
    let found = store.key_events(KeyId(key), None, None, 100).await.unwrap();
    found.into_iter().map(|(_, event)| event).collect()
}

#[tokio::test]
async fn what_was_noted_comes_back_the_newest_first() {
    let store = store().await;
    let events = [full(1, 10), event(2, 11, "revoked"), event(1, 10, "error")];
    let first = store.add_key_events(&events, &[]).await.unwrap();
    store.add_key_events(&[event(1, 5, "active")], &[(first + 2, 4)]).await.unwrap();
    let counted = KeyEvent { count: 5, ..event(1, 10, "error") };
    assert_eq!(found(&store, 1).await, [counted, full(1, 10), event(1, 5, "active")]);
    assert_eq!(found(&store, 2).await, [event(2, 11, "revoked")]);
}

#[tokio::test]
async fn pages_leave_nothing_out_and_tell_nothing_twice() {
    let store = store().await;
    let events: Vec<_> = [1, 2, 2, 2, 3].map(|at| event(1, at, "active")).into();
    store.add_key_events(&events, &[]).await.unwrap();
    let (mut after, mut ids): (Option<Cursor>, Vec<i64>) = (None, Vec::new());
    loop {
        let page = store.key_events(KeyId(1), Some(later(2)), after, 2).await.unwrap();
        let Some((last, _)) = page.last() else { break };
        after = Some(*last);
        ids.extend(page.iter().map(|(cursor, _)| cursor.id));
    }
    assert_eq!(ids, [5, 4, 3, 2]);
}

#[tokio::test]
async fn events_go_with_their_key_and_when_they_are_old() {
    let store = store().await;
    store.add_key_events(&[full(1, 1), full(1, 9), full(2, 9)], &[]).await.unwrap();
    store.remove_old_key_events(later(5)).await.unwrap();
    assert_eq!(found(&store, 1).await, [full(1, 9)]);
    store.remove_keys(&[KeyId(1)]).await.unwrap();
    // One that comes after its key is gone is no trouble to the others.
    store.add_key_events(&[full(1, 10), full(2, 10)], &[]).await.unwrap();
    assert_eq!(found(&store, 1).await, []);
    assert_eq!(found(&store, 2).await, [full(2, 10), full(2, 9)]);
}

#[tokio::test]
async fn whoever_switches_a_key_leaves_a_note_of_it() {
    let store = store().await;
    let turn = |id, on| KeyChange { id: KeyId(id), enabled: Some(on), about: None, remarks: None };
    store.change_keys(&[turn(1, false), turn(2, true), turn(9, false)], later(1)).await.unwrap();
    store.change_keys(&[turn(1, false)], later(2)).await.unwrap();
    store.change_keys(&[turn(1, true)], later(3)).await.unwrap();
    assert_eq!(found(&store, 1).await, [event(1, 3, "enabled"), event(1, 1, "disabled")]);
    assert_eq!(found(&store, 2).await, [], "it was on before");
}
