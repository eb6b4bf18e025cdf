//! Another master key, under which everything is found and opened as before.

use std::sync::Arc;

use pollux_pool::key::Tier;
use pollux_store::cipher::{Cipher, MasterKey};
use pollux_store::driver::sqlite::Sqlite;
use pollux_store::keys::{About, Addition, Remarks};
use pollux_store::secret::Secret;
use pollux_store::sql::Sql;
use pollux_store::store::{DEFAULT_POOL, Store, StoreError};
use pollux_store::users::{Source, UserAbout};

use crate::{NOW, cipher, later, open, rows};

const PROXY: &str = "http://user:password@proxy.test:8080";

fn master(digit: char) -> MasterKey {
    MasterKey::from_text(&digit.to_string().repeat(64)).unwrap()
}

fn key(number: u32) -> (Secret, About, Remarks) {
    let proxy = (number == 1).then(|| Secret::new(PROXY));
    let about = About { weight: number, project: None, tier: Tier::Free, proxy };
    (Secret::new(format!("gemini-key-number-{number}")), about, Remarks::default())
}

fn about(name: &str) -> UserAbout {
    UserAbout { name: name.to_owned(), enabled: true, ..UserAbout::default() }
}

/// A store with something of each kind that is sealed.
async fn filled(sql: &Arc<dyn Sql>) -> Store {
    let store = open(sql.clone()).await.unwrap();
    store.add_keys(DEFAULT_POOL, &[key(1), key(2)], NOW).await.unwrap();
    let [first, second] = ["access-key-one", "access-key-two"].map(Secret::new);
    let id = store.add_user(&about("ann"), &first, Source::Admin, NOW).await.unwrap();
    store.rotate_user(id, &second, Source::Admin, later(60)).await.unwrap();
    store
        .add_user(&about("ben"), &Secret::new("access-key-three"), Source::Admin, NOW)
        .await
        .unwrap();
    let values = [("pool.proxies", Some(Secret::new(PROXY)))];
    store.set_settings(None, &values).await.unwrap();
    store
}

async fn check(store: &Store, cipher: &Cipher) {
    let keys = store.keys(DEFAULT_POOL).await.unwrap();
    let texts: Vec<_> = keys.iter().map(|key| key.secret.expose()).collect();
    assert_eq!(texts, ["gemini-key-number-1", "gemini-key-number-2"]);
    let proxies: Vec<_> =
        keys.iter().map(|key| key.about.proxy.as_ref().map(Secret::expose)).collect();
    assert_eq!(proxies, [Some(PROXY), None]);
    let again = store.add_keys(DEFAULT_POOL, &[key(2)], NOW).await.unwrap();
    assert_eq!(again, [Addition::Known(keys[1].id)], "it is found by its fingerprint");
    let print = |text: &str| cipher.fingerprint(text.as_bytes());
    let users = store.users().await.unwrap();
    let prints: Vec<_> = users.iter().map(|user| (user.fingerprint, user.previous)).collect();
    let before = Some((print("access-key-one"), later(60)));
    assert_eq!(prints, [(print("access-key-two"), before), (print("access-key-three"), None)]);
    let secret = store.access_key(users[0].id).await.unwrap().unwrap();
    assert_eq!(secret.expose(), "access-key-two");
    let settings = store.settings().await.unwrap();
    assert_eq!((settings.len(), settings[0].value.expose()), (1, PROXY));
}

#[tokio::test]
async fn everything_is_opened_and_found_by_the_new_one_and_nothing_by_the_old_one() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    let store = filled(&sql).await;
    let other = store.clone();
    check(&store, &cipher('a')).await;
    store.exchange(&master('b')).await.unwrap();
    for store in [&store, &other] {
        check(store, &cipher('b')).await;
        assert!(store.cipher().await.is_same(&cipher('b')));
    }
    let old = Store::open(sql.clone(), cipher('a'), NOW).await;
    assert!(matches!(old, Err(StoreError::WrongMasterKey)), "{old:?}");
    check(&Store::open(sql, cipher('b'), NOW).await.unwrap(), &cipher('b')).await;
}

#[tokio::test]
async fn nothing_is_exchanged_when_anything_cannot_be_opened() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    let store = filled(&sql).await;
    let sealed = |sql| rows(sql, "SELECT id, fingerprint, sealed FROM gemini_keys ORDER BY id");
    let before = format!("{:?}", sealed(&*sql).await);
    rows(&*sql, "UPDATE users SET previous_sealed = 'broken' WHERE name = 'ann'").await;
    assert!(matches!(store.exchange(&master('b')).await, Err(StoreError::Cipher(_))));
    assert_eq!(format!("{:?}", sealed(&*sql).await), before);
    assert!(store.cipher().await.is_same(&cipher('a')));
    open(sql).await.unwrap();
}

#[tokio::test]
async fn what_is_written_meanwhile_is_sealed_under_the_one_that_holds_then() {
    let sql: Arc<dyn Sql> = Arc::new(Sqlite::memory().await.unwrap());
    let store = open(sql.clone()).await.unwrap();
    let adding = async {
        for number in 1..=40 {
            store.add_keys(DEFAULT_POOL, &[key(number)], NOW).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let exchanging = async {
        for digit in "bcdefbcdef".chars() {
            store.exchange(&master(digit)).await.unwrap();
            assert!(store.keys(DEFAULT_POOL).await.is_ok());
            tokio::task::yield_now().await;
        }
    };
    futures_util::future::join(adding, exchanging).await;
    assert_eq!(store.keys(DEFAULT_POOL).await.unwrap().len(), 40);
    let last = Store::open(sql, cipher('f'), NOW).await.unwrap();
    assert_eq!(last.keys(DEFAULT_POOL).await.unwrap().len(), 40);
}
