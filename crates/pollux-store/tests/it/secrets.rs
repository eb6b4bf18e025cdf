//! No secret is on the disk in clear, and none that was touched comes back.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use pollux_pool::id::UserId;
use pollux_store::cipher::CipherError;
use pollux_store::keys::About;
use pollux_store::secret::generate_access_key;
use pollux_store::sql::Sql;
use pollux_store::store::{DEFAULT_POOL, Store, StoreError};
use pollux_store::users::Source;

use crate::{NOW, file, memory, open, rows, secret};

const GEMINI: &str = "AIzaSyD-0123456789abcdefghijklmnopqrstu";

/// Every byte of the database and its journals.
fn bytes(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect()
}

/// Every form in which a secret could be found, at any offset of base64.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let digits = secret.bytes().flat_map(|byte| [byte >> 4, byte & 15]);
    let hex: String = digits.map(|digit| char::from_digit(u32::from(digit), 16).unwrap()).collect();
    let mut forms = vec![secret.into(), hex.to_uppercase().into(), hex.into()];
    for offset in 0..3 {
        let shifted = &secret.as_bytes()[offset..];
        let whole = &shifted[..shifted.len() / 3 * 3];
        forms.push(STANDARD_NO_PAD.encode(whole).into());
        forms.push(URL_SAFE_NO_PAD.encode(whole).into());
    }
    forms
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

async fn fill(sql: Arc<dyn Sql>, access: &str) -> Store {
    let store = open(sql).await.unwrap();
    let keys = [(secret(GEMINI), About::weight(1))];
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    store.ensure_user("default", &secret(access), Source::Generated, NOW).await.unwrap();
    store
}

#[tokio::test]
async fn the_files_hold_no_key_in_any_form() {
    let folder = tempfile::tempdir().unwrap();
    let access = generate_access_key().unwrap();
    let sql = file(&folder.path().join("pollux.db")).await;
    fill(sql.clone(), access.expose()).await;
    let open = bytes(folder.path());
    sql.close().await;
    let closed = bytes(folder.path());
    let master = "a".repeat(64);
    for secret in [GEMINI, access.expose(), master.as_str()] {
        for form in forms(secret) {
            for files in [&open, &closed] {
                assert!(!contains(files, &form), "{}", String::from_utf8_lossy(&form));
            }
        }
    }
    assert!(contains(&closed, b"gemini_keys"), "these are the files");
    assert!(contains(&closed, access.last4().as_bytes()));
}

#[track_caller]
fn is_refused<T: std::fmt::Debug>(answer: Result<T, StoreError>, place: &str) {
    match answer {
        Err(StoreError::Cipher(CipherError::Sealed { place: found })) => assert_eq!(found, place),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_changed_row_is_refused() {
    let (store, sql) = memory().await;
    store
        .sync_environment_keys(DEFAULT_POOL, &[(secret(GEMINI), About::weight(1))], NOW)
        .await
        .unwrap();
    rows(&*sql, "UPDATE gemini_keys SET sealed = substr(sealed, 1, length(sealed) - 4)").await;
    is_refused(store.keys(DEFAULT_POOL).await, "gemini_keys:1:sealed");
}

#[tokio::test]
async fn swapped_rows_are_refused() {
    let (store, sql) = memory().await;
    let keys =
        [(secret(GEMINI), About::weight(1)), (secret("AIzaSyE-another-key"), About::weight(1))];
    store.sync_environment_keys(DEFAULT_POOL, &keys, NOW).await.unwrap();
    let swap = "UPDATE gemini_keys SET sealed =
        (SELECT other.sealed FROM gemini_keys AS other WHERE other.id = 3 - gemini_keys.id)";
    rows(&*sql, swap).await;
    is_refused(store.keys(DEFAULT_POOL).await, "gemini_keys:1:sealed");
}

#[tokio::test]
async fn a_value_from_another_table_is_refused() {
    let (_, sql) = memory().await;
    let store = fill(sql.clone(), "sk-0123456789abcdef").await;
    rows(&*sql, "UPDATE users SET sealed = (SELECT sealed FROM gemini_keys)").await;
    is_refused(store.access_key(UserId(1)).await, "users:1:sealed");
}
