//! Users and their access keys.

use pollux_pool::id::UserId;
use pollux_store::secret::{Secret, generate_access_key};
use pollux_store::store::{DEFAULT_POOL, StoreError};
use pollux_store::users::{Source, UserAbout};

use crate::{NOW, later, memory, rows, secret};

#[tokio::test]
async fn a_user_is_added_once_and_found_by_the_fingerprint_of_the_access_key() {
    let (store, _) = memory().await;
    let key = generate_access_key().unwrap();
    for _ in 0..2 {
        let user = store.ensure_user("default", &key, Source::Generated, NOW).await.unwrap();
        assert_eq!(user, UserId(1));
    }
    let users = store.users().await.unwrap();
    let [user] = users.as_slice() else { panic!("{users:?}") };
    assert_eq!((user.id, user.about.name.as_str()), (UserId(1), "default"));
    assert_eq!(user.fingerprint, store.cipher().await.fingerprint(key.expose().as_bytes()));
    assert_eq!((user.last4.as_str(), user.source), (key.last4(), Source::Generated));
    assert_eq!(store.access_key(user.id).await.unwrap().unwrap().expose(), key.expose());
    assert!(store.access_key(UserId(9)).await.unwrap().is_none());
}

#[tokio::test]
async fn a_new_access_key_replaces_the_old_one() {
    let (store, _) = memory().await;
    let (old, new) = (secret("sk-old-0123456789"), secret("sk-new-9876543210"));
    store.ensure_user("default", &old, Source::Generated, NOW).await.unwrap();
    let user = store.ensure_user("default", &new, Source::Environment, NOW).await.unwrap();
    let users = store.users().await.unwrap();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].fingerprint, store.cipher().await.fingerprint(new.expose().as_bytes()));
    assert_eq!((users[0].last4.as_str(), users[0].source), ("3210", Source::Environment));
    assert_eq!(store.access_key(user).await.unwrap().unwrap().expose(), new.expose());
}

#[tokio::test]
async fn no_two_users_share_an_access_key() {
    let (store, _) = memory().await;
    let (one, two) = (secret("sk-one-0123456789"), secret("sk-two-0123456789"));
    store.ensure_user("one", &one, Source::Environment, NOW).await.unwrap();
    store.ensure_user("two", &two, Source::Environment, NOW).await.unwrap();
    for name in ["two", "three"] {
        let taken = store.ensure_user(name, &one, Source::Environment, NOW).await;
        assert!(matches!(taken, Err(StoreError::UserTaken)), "{name}");
    }
    assert_eq!(store.users().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_row_with_an_unknown_word_is_told() {
    let (store, sql) = memory().await;
    store.ensure_user("one", &secret("sk-one"), Source::Environment, NOW).await.unwrap();
    rows(&*sql, "UPDATE users SET source = 'heaven'").await;
    let error = store.users().await.unwrap_err();
    assert!(
        error.to_string().contains("`heaven` is not one of environment, generated, admin"),
        "{error}"
    );
}

#[tokio::test]
async fn what_is_told_of_a_user_comes_back() {
    let (store, _) = memory().await;
    let about = UserAbout {
        name: "ci".to_owned(),
        enabled: false,
        expires_at: Some(later(60)),
        labels: vec!["team a".to_owned(), "prod".to_owned()],
        models: vec!["gemini-2.5-*".to_owned()],
        addresses: vec!["10.0.0.0/8".to_owned()],
        pools: vec![DEFAULT_POOL],
    };
    let key = secret("sk-one-0123456789");
    let id = store.add_user(&about, &key, Source::Generated, NOW).await.unwrap();
    assert_eq!(store.users().await.unwrap()[0].about, about);
    let plain = UserAbout { name: "ci".to_owned(), enabled: true, ..UserAbout::default() };
    store.change_user(id, &plain).await.unwrap();
    assert_eq!(store.users().await.unwrap()[0].about, plain);
    let other = secret("sk-two-0123456789");
    let taken = store.add_user(&about, &other, Source::Generated, NOW).await;
    assert!(matches!(taken, Err(StoreError::UserTaken)));
    store.remove_user(id).await.unwrap();
    assert_eq!(store.users().await.unwrap(), []);
}

#[tokio::test]
async fn two_access_keys_are_good_while_one_takes_over() {
    let (store, _) = memory().await;
    let (old, new) = (secret("sk-old-0123456789"), secret("sk-new-9876543210"));
    let id = store.ensure_user("one", &old, Source::Generated, NOW).await.unwrap();
    store.rotate_user(id, &new, Source::Generated, later(60)).await.unwrap();
    let users = store.users().await.unwrap();
    let cipher = store.cipher().await;
    let print = |secret: &Secret| cipher.fingerprint(secret.expose().as_bytes());
    assert_eq!((users[0].fingerprint, users[0].last4.as_str()), (print(&new), "3210"));
    assert_eq!(users[0].previous, Some((print(&old), later(60))));
    assert_eq!(store.access_key(id).await.unwrap().unwrap().expose(), new.expose());
}
