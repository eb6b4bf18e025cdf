//! The master key exchanged while the server runs: no request fails, the old one opens nothing, and
//! wherever an exchange breaks off, the next start has a key that fits.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use pollux::{
    config::{Config, Given, Sources},
    open::{self, OpenError},
};
use pollux_store::store::{Store, StoreError};
use pollux_testkit::{ADMIN_PASSWORD, App, Face, ManualClock, START, Whole};

const CLIENTS: usize = 20;
const TEXT: &str = "say: one two three";

async fn start(directory: &Path, settings: &[(&str, &str)]) -> App {
    let builder = App::builder("key-1,key-2").directory(directory);
    settings.iter().fold(builder, |builder, (name, value)| builder.set(name, value)).start().await
}

async fn exchange(app: &App) -> Whole {
    let request = app.post("/admin/api/master-key", "{}");
    request.header("authorization", &format!("Bearer {ADMIN_PASSWORD}")).whole().await
}

async fn asks(app: &App) -> u16 {
    Face::Chat.ask(app, TEXT).whole().await.status
}

async fn close(app: App) {
    app.stop().await.close().await;
}

fn key(directory: &Path) -> String {
    fs::read_to_string(directory.join("master.key")).unwrap()
}

fn config(directory: &Path, settings: &[(&str, &str)]) -> Config {
    let flags = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut flags: BTreeMap<_, _> = flags.collect();
    flags.insert("data_dir".to_owned(), directory.display().to_string());
    Given::read(&Sources { flags, ..Sources::default() }).unwrap().config().unwrap()
}

/// Opens what is in a directory as a start does, and says how many secrets could be read.
async fn opens(directory: &Path, settings: &[(&str, &str)]) -> Result<usize, OpenError> {
    let (config, clock) = (config(directory, settings), ManualClock::new(START).clock());
    let database = open::database(&config).await?;
    let store: Result<Store, _> = open::store(&config, database.clone(), &clock).await;
    let read = match store {
        Ok(store) => Ok(store.every_key().await?.len()),
        Err(error) => Err(error),
    };
    database.close().await;
    read
}

#[track_caller]
fn check_refused(opened: &Result<usize, OpenError>) {
    assert!(matches!(opened, Err(OpenError::Store(StoreError::WrongMasterKey))), "{opened:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_key_is_exchanged_and_the_old_ones_open_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), &[]).await;
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    let client = async |at: usize| {
        let face = [Face::Chat, Face::ChatStream, Face::Native, Face::NativeEvents][at % 4];
        while !is_over.load(Ordering::Relaxed) {
            let answer = face.ask(&app, TEXT).whole().await;
            assert_eq!((answer.status, answer.broken), (200, false), "{}", answer.text());
            asked.fetch_add(1, Ordering::Relaxed);
        }
    };
    let exchanging = async {
        let mut keys = vec![key(directory.path())];
        for _ in 0..3 {
            let before = asked.load(Ordering::Relaxed);
            let answer = exchange(&app).await;
            assert_eq!(answer.status, 204, "{}", answer.text());
            keys.push(key(directory.path()));
            while asked.load(Ordering::Relaxed) < before + CLIENTS {
                tokio::task::yield_now().await;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        keys
    };
    let (_, keys) =
        futures_util::future::join(join_all((0..CLIENTS).map(client)), exchanging).await;
    close(app).await;
    for old in &keys[..3] {
        check_refused(&opens(directory.path(), &[("master_key", old)]).await);
    }
    assert_eq!(opens(directory.path(), &[("master_key", &keys[3])]).await.unwrap(), 2);
    let app = start(directory.path(), &[]).await;
    assert_eq!((asks(&app).await, key(directory.path())), (200, keys[3].clone()));
    let names: Vec<_> = fs::read_dir(directory.path()).unwrap().collect();
    let names = names.into_iter().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.filter(|name| name.to_string_lossy().contains("master")).count(), 1);
}

#[tokio::test]
async fn what_was_made_before_and_after_an_exchange_is_good_after_it() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), &[]).await;
    let owner = format!("Bearer {ADMIN_PASSWORD}");
    let make = async |name: &str| {
        let request = app.post("/admin/api/users", format!(r#"{{"name": "{name}"}}"#));
        let made = request.header("authorization", &owner).whole().await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()["secret"].as_str().unwrap().to_owned()
    };
    let begun = app.post("/upload/v1beta/files?uploadType=resumable", "{}");
    let begun = begun
        .header("x-goog-upload-protocol", "resumable")
        .header("x-goog-upload-command", "start")
        .whole()
        .await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let upload: http::Uri = begun.header("x-goog-upload-url").parse().unwrap();
    let before = make("ann").await;
    assert_eq!(exchange(&app).await.status, 204);
    let after = make("ben").await;
    for secret in [&before, &after] {
        let request =
            Face::Chat.ask(&app, TEXT).header("authorization", &format!("Bearer {secret}"));
        assert_eq!(request.whole().await.status, 200);
    }
    // Who goes on with an upload shows nothing but its id.
    let rest = app.post(upload.path_and_query().unwrap().as_str(), "the content").anonymous();
    let rest = rest
        .header("x-goog-upload-command", "upload, finalize")
        .header("x-goog-upload-offset", "0")
        .whole()
        .await;
    assert_eq!(rest.status, 200, "{}", rest.text());
    let told = app.get("/admin/api/audit?subject=master_key").header("authorization", &owner);
    let told = told.whole().await.json();
    assert_eq!(told["changes"][0]["action"], "master_key.exchange");
}

#[tokio::test]
async fn an_exchange_that_breaks_off_is_brought_to_its_end_by_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name);
    let app = start(directory.path(), &[]).await;
    let first = key(directory.path());
    close(app).await;
    // Before the new key had its name.
    fs::write(file("master.key.tmp"), "0123").unwrap();
    let app = start(directory.path(), &[]).await;
    assert_eq!((asks(&app).await, key(directory.path())), (200, first.clone()));
    assert_eq!(exchange(&app).await.status, 204);
    let second = key(directory.path());
    assert_ne!(second, first);
    close(app).await;
    // Before the database was sealed anew.
    let third = "03".repeat(32);
    fs::write(file("master.key.new"), &third).unwrap();
    let app = start(directory.path(), &[]).await;
    assert_eq!((asks(&app).await, key(directory.path())), (200, third.clone()));
    close(app).await;
    check_refused(&opens(directory.path(), &[("master_key", &second)]).await);
    // Before the file had the name of the one before.
    fs::rename(file("master.key"), file("master.key.new")).unwrap();
    fs::write(file("master.key"), &second).unwrap();
    let app = start(directory.path(), &[]).await;
    assert_eq!((asks(&app).await, key(directory.path())), (200, third.clone()));
    assert!(!file("master.key.new").exists());
    assert_eq!(exchange(&app).await.status, 204);
    close(app).await;
    // Nothing of that makes a key fit that is none.
    fs::write(file("master.key"), &first).unwrap();
    fs::write(file("master.key.new"), &second).unwrap();
    check_refused(&opens(directory.path(), &[]).await);
}

#[tokio::test]
async fn a_key_that_is_configured_is_exchanged_at_a_start() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    let app = start(directory.path(), &[("master_key", &one)]).await;
    let refused = exchange(&app).await;
    assert_eq!(refused.status, 409, "{}", refused.text());
    assert!(refused.text().contains("POLLUX_MASTER_KEY_NEXT"), "{}", refused.text());
    assert_eq!(asks(&app).await, 200);
    close(app).await;
    let both = [("master_key", one.as_str()), ("master_key_next", &two)];
    for settings in [&both[..], &both[..], &[("master_key", &two)]] {
        let app = start(directory.path(), settings).await;
        assert_eq!((asks(&app).await, exchange(&app).await.status), (200, 409));
        close(app).await;
    }
    check_refused(&opens(directory.path(), &[("master_key", &one)]).await);
    assert!(!directory.path().join("master.key").exists(), "a key that is given is not written");
}

#[tokio::test]
async fn a_file_that_is_not_the_stores_is_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    let app = start(directory.path(), &[]).await;
    let (own, other) = (key(directory.path()), "04".repeat(32));
    fs::write(directory.path().join("master.key"), &other).unwrap();
    let refused = exchange(&app).await;
    assert_eq!(refused.status, 500, "{}", refused.text());
    assert!(refused.text().contains("is left as it is"), "{}", refused.text());
    assert_eq!((asks(&app).await, key(directory.path())), (200, other));
    close(app).await;
    assert_eq!(opens(directory.path(), &[("master_key", &own)]).await.unwrap(), 2);
}
