//! Admins, their sessions and tokens, and what they changed.

use pollux_store::admins::{NewSession, Role, Token};
use pollux_store::audit::Change;
use pollux_store::password::digest;
use pollux_store::store::StoreError;

use crate::{NOW, later, memory};

#[tokio::test]
async fn sessions_end_by_themselves_and_with_their_admin() {
    let (store, _) = memory().await;
    let owner = store.add_admin("admin", Role::Owner, "hash", NOW).await.unwrap();
    assert!(matches!(
        store.add_admin("admin", Role::Viewer, "hash", NOW).await,
        Err(StoreError::NameTaken)
    ));
    let begin = async |secret: &str, end| {
        let digest = digest(secret);
        let (address, agent) = ("192.0.2.1", "a browser");
        let new = NewSession { digest: &digest, admin_id: owner, expires_at: end, address, agent };
        store.add_session(new, NOW).await.unwrap()
    };
    let first = begin("one", later(60)).await;
    begin("two", later(600)).await;
    let found = store.session(&digest("one"), NOW).await.unwrap().unwrap();
    assert_eq!((found.id, &*found.name, found.role), (first, "admin", Role::Owner));
    assert!(store.session("one", NOW).await.unwrap().is_none());
    assert!(store.session(&digest("one"), later(60)).await.unwrap().is_none());
    store.see_session(first, later(50), later(110)).await.unwrap();
    assert!(store.session(&digest("one"), later(60)).await.unwrap().is_some());
    assert_eq!(store.sessions(NOW).await.unwrap()[0].id, first, "the last one seen comes first");
    assert!(store.remove_session(first).await.unwrap());
    assert!(!store.remove_session(first).await.unwrap());
    let last = begin("last", later(60)).await;
    store.set_admin_password(owner, "other", Some(last)).await.unwrap();
    let left: Vec<_> = store.sessions(NOW).await.unwrap().iter().map(|it| it.id).collect();
    assert_eq!(left, [last]);
    store.set_admin_password(owner, "other", None).await.unwrap();
    assert_eq!(store.sessions(NOW).await.unwrap().len(), 0);
    begin("three", later(60)).await;
    assert!(store.remove_admin(owner).await.unwrap());
    assert!(store.session(&digest("three"), NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn tokens_are_found_by_their_digest_until_they_end() {
    let (store, _) = memory().await;
    let token = |expires_at| Token {
        id: 0,
        name: "script".to_owned(),
        role: Role::Viewer,
        last4: "wxyz".to_owned(),
        created_at: NOW,
        expires_at,
    };
    let id = store.add_token(&token(Some(later(60))), &digest("t1")).await.unwrap();
    store.add_token(&token(None), &digest("t2")).await.unwrap();
    assert_eq!(store.token(&digest("t1"), NOW).await.unwrap().unwrap().id, id);
    assert!(store.token(&digest("t1"), later(60)).await.unwrap().is_none());
    assert!(store.token(&digest("t2"), later(60)).await.unwrap().is_some());
    assert_eq!(store.tokens().await.unwrap().len(), 2);
    assert!(store.remove_token(id).await.unwrap());
    assert!(!store.remove_token(id).await.unwrap());
}

#[tokio::test]
async fn changes_are_read_from_the_latest_back() {
    let (store, _) = memory().await;
    for (at, subject) in [(1, "pool 3"), (2, "pool 30"), (3, "key 3"), (4, "pool 3")] {
        let (at, subject) = (later(at), subject.to_owned());
        store.add_changes(&[Change { at, subject, ..Change::default() }]).await.unwrap();
    }
    let ids = async |before, subject, limit| {
        let changes = store.changes(before, subject, limit).await.unwrap();
        changes.iter().map(|change| change.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(i64::MAX, "", 2).await, [4, 3]);
    assert_eq!(ids(3, "", 9).await, [2, 1]);
    assert_eq!(ids(i64::MAX, "pool 3", 9).await, [4, 1]);
    assert_eq!(ids(i64::MAX, "pool", 9).await, [4, 2, 1]);
    store.remove_old_changes(later(3)).await.unwrap();
    assert_eq!(ids(i64::MAX, "", 9).await, [4, 3]);
}
