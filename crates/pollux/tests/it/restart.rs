//! What survives a restart on the same directory, and what must not be found there.

use std::{collections::BTreeMap, fs, path::Path, time::Duration};

use arc_swap::ArcSwap;
use axum::body::Body;
use pollux::{
    config::{Given, Sources},
    open::{self, Access, Instance, OpenError},
};
use pollux_gateway::{router, scrub::Scrubber};
use pollux_pool::{health::Health, id::KeyId, key::Tier, time::Timestamp};
use pollux_store::{
    driver::sqlite::Sqlite,
    keys::StoredKey,
    requests::RequestFilter,
    sql::{Sql as _, Statement},
    store::DEFAULT_POOL,
    usage::{Filter, Group, Query, Step},
};
use pollux_testkit::{App, Face, ManualClock, START, eventually};
use pollux_translate::stream::SignedCall;

async fn ask(app: &App) -> u16 {
    Face::Chat.ask(app, "say: hello").whole().await.status
}

/// Starts an app on a directory; its requests do not wait for cooling keys.
async fn start(script: &str, directory: &Path, now: Timestamp) -> App {
    let builder = App::builder(script).directory(directory).at(now);
    builder.set("pool.max_wait", "0s").start().await
}

/// Stops an app, and says when that was.
async fn stop(app: App) -> Timestamp {
    let ended = app.stop().await;
    let now = ended.now();
    ended.close().await;
    now
}

#[tokio::test]
async fn a_key_that_google_goes_on_refusing_is_taken_out_where_that_is_wanted() {
    let refused = "key-1=invalid,key-2,key-3=quota:rpd=0";
    let all_refused = "key-1=invalid,key-2=invalid";
    for (settings, script, enabled, left) in [
        ([("health.disable_after", "2"), ("health.delete_refused", "false")], refused, 2, 3),
        ([("health.disable_after", "2"), ("health.delete_refused", "true")], refused, 2, 2),
        ([("health.disable_after", "0"), ("health.delete_refused", "true")], refused, 3, 3),
        ([("health.disable_after", "9"), ("health.delete_refused", "false")], refused, 3, 3),
        ([("health.disable_after", "2"), ("health.delete_refused", "true")], all_refused, 1, 1),
        (
            [("health.disable_after_refusals", "1"), ("health.delete_refused", "false")],
            refused,
            2,
            3,
        ),
    ] {
        let directory = tempfile::tempdir().unwrap();
        let mut builder = App::builder(script).directory(directory.path());
        for (name, value) in settings {
            builder = builder.set(name, value);
        }
        let app = builder.start().await;
        for _ in 0..3 {
            ask(&app).await;
        }
        app.clock.advance(Duration::from_hours(24 * 3));
        // What is due when a server stops is done before it has stopped.
        let ended = app.stop().await;
        let keys = ended.store().every_key().await.unwrap();
        let on = keys.iter().filter(|key| key.enabled).count();
        assert_eq!((on, keys.len()), (enabled, left), "{settings:?}, {script}");
        let noted = ended.store().changes(i64::MAX, "key", 9).await.unwrap();
        assert_eq!(noted.len(), script.split(',').count() - enabled, "{noted:?}");
        ended.close().await;
    }
}

#[tokio::test]
async fn a_key_that_is_taken_out_is_so_at_once() {
    let app = App::builder("key-1=invalid,key-2").set("health.disable_after_refusals", "1");
    let app = app.start().await;
    for _ in 0..2 {
        assert_eq!(ask(&app).await, 200);
    }
    app.clock.advance(Duration::from_mins(2));
    let patience = Duration::from_secs(10);
    eventually("the key is gone", patience, || app.keys().len() == 1).await;
}

#[tokio::test]
async fn health_and_cooldowns_survive() {
    let directory = tempfile::tempdir().unwrap();
    let app =
        start("key-1=invalid,key-2=ok*1+quota:rpd=0,key-3=quota:rpd=1", directory.path(), START)
            .await;
    for status in [200, 200] {
        assert_eq!(ask(&app).await, status);
    }
    let _ = ask(&app).await;
    let before = app.keys();
    let now = stop(app).await;

    let app = start("key-1,key-2,key-3", directory.path(), now).await;
    let after = app.keys();
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.id, before.health), (after.id, after.health));
        assert_eq!(before.cooldowns, after.cooldowns, "{}", before.id);
    }
    assert!(matches!(after[0].health, Health::Revoked { .. }), "{after:?}");
    assert_eq!(ask(&app).await, 429, "all are out for the day, though Gemini would answer");
    assert_eq!(app.calls(), []);
    app.clock.advance(Duration::from_hours(12));
    assert_eq!(ask(&app).await, 200);
}

#[tokio::test]
async fn usage_adds_up_over_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let mut now = START;
    for round in 1..=3 {
        let app = start("key-1", directory.path(), now).await;
        assert_eq!(ask(&app).await, 200);
        let ended = app.stop().await;
        let totals = ended.usage(Group::Key).await;
        assert_eq!(totals.iter().map(|total| total.counts.requests).sum::<u64>(), round);
        now = ended.now() + Duration::from_mins(2);
        ended.close().await;
    }
}

#[tokio::test]
async fn what_is_kept_too_long_is_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let app = start("key-1", directory.path(), START).await;
    assert_eq!(ask(&app).await, 200);
    let mut now = stop(app).await;
    // A week for minutes and the log, ninety days for hours.
    for (days, want) in [(6, [1, 1, 1, 1]), (2, [0, 0, 1, 1]), (83, [0, 0, 0, 1])] {
        let app = start("key-1", directory.path(), now + Duration::from_hours(24 * days)).await;
        let ended = app.stop().await;
        now = ended.now();
        let log = ended.store().requests(&RequestFilter::default(), None, 9).await.unwrap();
        let mut found = vec![log.len()];
        for step in [Step::Minute, Step::Hour, Step::Day] {
            let only = Filter::default();
            let query = Query { since: START, until: now, step, by: Group::All, only };
            found.push(ended.store().usage(&query).await.unwrap().len());
        }
        assert_eq!(found, want, "after {days} days more");
        ended.close().await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_named_any_more_is_gone_and_the_others_stay_who_they_were() {
    let directory = tempfile::tempdir().unwrap();
    let app = start("key-1,key-2=invalid,key-3", directory.path(), START).await;
    for _ in 0..3 {
        assert_eq!(ask(&app).await, 200);
    }
    let ids: Vec<_> = app.keys().iter().map(|key| key.id).collect();
    let now = stop(app).await;

    let app = start("key-1,key-3,key-4", directory.path(), now).await;
    let after: Vec<_> = app.keys().iter().map(|key| key.id).collect();
    assert_eq!(after[..2], [ids[0], ids[2]]);
    assert!(!ids.contains(&after[2]), "a new key is nobody else: {after:?}");
    for _ in 0..6 {
        assert_eq!(ask(&app).await, 200);
    }
    assert!(!app.asked().contains(&"key-2".to_owned()), "{:?}", app.asked());
    let now = stop(app).await;

    // It comes back as a new key: what was held against the old one is forgotten with it.
    let app = start("key-1,key-2", directory.path(), now).await;
    assert!(app.keys().iter().all(|key| key.health == Health::Active), "{:?}", app.keys());
}

/// A configuration on `directory`, with more settings as flags.
fn configuration<const N: usize>(directory: &Path, settings: [(&str, &str); N]) -> Given {
    let mut flags =
        BTreeMap::from(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
    flags.insert("data_dir".to_owned(), directory.display().to_string());
    Given::read(&Sources { flags, ..Sources::default() }).unwrap()
}

async fn open(given: &Given) -> Result<Instance, OpenError> {
    let clock = ManualClock::new(START).clock();
    let config = given.config()?;
    let database = open::database(&config).await?;
    let store = open::store(&config, database, &clock).await?;
    open::gateway(given, store, clock, &ArcSwap::from_pointee(Scrubber::default())).await
}

/// Whether the server takes this access key: then it gets as far as the body, which is none.
async fn accepts(instance: &Instance, access_key: &str) -> bool {
    let request = http::Request::post("/v1/chat/completions").header("host", "pollux.test");
    let request = request.header("x-api-key", access_key);
    let server = router::server(&instance.gateway);
    match server.answer(request.body(Body::empty()).unwrap(), None).await.status().as_u16() {
        400 => true,
        401 => false,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn an_access_key_is_made_once_shown_once_and_kept() {
    let directory = tempfile::tempdir().unwrap();
    let config = configuration(directory.path(), []);
    let first = open(&config).await.unwrap();
    let Access::Made(secret) = &first.entrances.access else { panic!("{:?}", first.entrances) };
    assert!(secret.expose().len() > 40, "256 bits and a prefix");
    assert!(accepts(&first, secret.expose()).await);
    assert!(!format!("{first:?}").contains(secret.expose()), "it is shown on purpose only");

    let second = open(&config).await.unwrap();
    let Access::Kept(last4) = &second.entrances.access else { panic!("{:?}", second.entrances) };
    assert!(secret.expose().ends_with(last4.as_str()) && last4.len() == 4, "{last4}");
    assert!(accepts(&second, secret.expose()).await);
    assert!(!accepts(&second, last4).await);
}

#[tokio::test]
async fn a_configured_access_key_takes_the_place_of_the_one_before() {
    let directory = tempfile::tempdir().unwrap();
    let one = configuration(directory.path(), [("access_key", "sk-the-first-one")]);
    let two = configuration(directory.path(), [("access_key", "sk-the-second-one")]);
    let first = open(&one).await.unwrap();
    assert!(matches!(first.entrances.access, Access::Configured));
    assert!(accepts(&first, "sk-the-first-one").await);
    let second = open(&two).await.unwrap();
    assert!(accepts(&second, "sk-the-second-one").await);
    assert!(!accepts(&second, "sk-the-first-one").await);
}

#[tokio::test]
async fn a_key_that_is_not_enabled_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    let app = start("key-1,key-2", directory.path(), START).await;
    let ended = app.stop().await;
    assert!(ended.store().set_key_enabled(KeyId(1), false).await.unwrap());
    ended.close().await;

    let app = start("key-1,key-2", directory.path(), START).await;
    for _ in 0..4 {
        assert_eq!(ask(&app).await, 200);
    }
    assert_eq!(app.asked(), ["key-2"; 4]);
    assert_eq!(app.keys().len(), 1);
}

#[tokio::test]
async fn a_key_that_the_file_names_too_is_as_the_file_says() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    let table = "[[keys]]\nkey = \"AQ.key-one\"\nproject = \"team\"\ntier = \"paid\"\nweight = 3\n";
    fs::write(&file, table).unwrap();
    let mut flags = BTreeMap::from([("gemini_api_key", "AQ.key-one:9,AQ.key-two:2")]);
    let home = directory.path().display().to_string();
    flags.insert("data_dir", &home);
    let flags = flags.into_iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
    let sources = Sources { flags, file: Some(file), ..Sources::default() };
    let instance = open(&Given::read(&sources).unwrap()).await.unwrap();
    let keys = instance.store.keys(DEFAULT_POOL).await.unwrap();
    let told = |key: &StoredKey| {
        let about = &key.about;
        let project = about.project.as_ref().map(ToString::to_string);
        (key.secret.expose().to_owned(), about.weight, about.tier, project)
    };
    let want = [
        ("AQ.key-one".to_owned(), 3, Tier::Paid, Some("team".to_owned())),
        ("AQ.key-two".to_owned(), 2, Tier::Free, None),
    ];
    assert_eq!(keys.iter().map(told).collect::<Vec<_>>(), want);
}

#[tokio::test]
async fn no_secret_is_on_disk_in_clear_and_all_of_it_is_its_owners_alone() {
    let directory = tempfile::tempdir().unwrap();
    let home = directory.path().join("made/on/start");
    let secrets =
        [("access_key", "sk-secret-of-callers"), ("gemini_api_key", "AQ.secret-of-google:7")];
    let instance = open(&configuration(&home, secrets)).await.unwrap();
    assert_eq!(instance.keys(), 1);
    let files: Vec<_> = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in &files {
        let bytes = fs::read(file).unwrap();
        for secret in ["sk-secret-of-callers", "AQ.secret-of-google"] {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", file.display());
        }
    }
    check_private(&home, &files);
}

#[cfg(unix)]
#[track_caller]
fn check_private(home: &Path, files: &[std::path::PathBuf]) {
    use std::os::unix::fs::PermissionsExt as _;
    for path in files.iter().map(AsRef::as_ref).chain([home]) {
        let mode = fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
}

#[cfg(not(unix))]
fn check_private(_: &Path, _: &[std::path::PathBuf]) {}

#[tokio::test]
async fn a_database_is_not_opened_with_another_master_key() {
    let directory = tempfile::tempdir().unwrap();
    let (one, two) = ("01".repeat(32), "02".repeat(32));
    open(&configuration(directory.path(), [("master_key", &one)])).await.unwrap();
    let refused = open(&configuration(directory.path(), [("master_key", &two)])).await;
    let text = refused.unwrap_err().to_string();
    assert!(text.contains("another master key"), "{text}");
    assert!(!text.contains(&two) && !text.contains(&one), "{text}");
    open(&configuration(directory.path(), [("master_key", &one)])).await.unwrap();
    assert!(!directory.path().join("master.key").exists(), "a key that is given is not written");
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a-file");
    fs::write(&file, "").unwrap();
    let text = open(&configuration(&file.join("below"), [])).await.unwrap_err().to_string();
    assert!(text.contains("a-file") && text.contains("data_dir"), "{text}");
}

#[tokio::test]
async fn thought_signatures_survive_until_they_expire() {
    let directory = tempfile::tempdir().unwrap();
    let app = start("key-1", directory.path(), START).await;
    let signature = "c2ln".repeat(2_000);
    let call = SignedCall { call_id: "call-1".to_owned(), signature: signature.clone(), answer: 0 };
    app.gateway().remember_signature(DEFAULT_POOL, KeyId(1), call);
    let recalled = app.gateway().recall_signatures(DEFAULT_POOL, &["call-1", "call-2"]).await;
    assert_eq!(recalled.len(), 1);
    let now = stop(app).await;

    let app = start("key-1", directory.path(), now + Duration::from_hours(23)).await;
    for _ in 0..2 {
        let recalled = app.gateway().recall_signatures(DEFAULT_POOL, &["call-1", "call-2"]).await;
        assert_eq!(recalled.get("call-1").map(|it| &*it.signature), Some(signature.as_str()));
        assert_eq!(recalled.len(), 1);
    }
    app.clock.advance(Duration::from_hours(1));
    assert!(app.gateway().recall_signatures(DEFAULT_POOL, &["call-1"]).await.is_empty());
    stop(app).await;

    // What has expired was removed: a clock that goes back does not bring it again.
    let app = start("key-1", directory.path(), START).await;
    assert!(app.gateway().recall_signatures(DEFAULT_POOL, &["call-1"]).await.is_empty());
    stop(app).await;
}

#[tokio::test]
async fn bindings_that_expired_are_removed() {
    let directory = tempfile::tempdir().unwrap();
    let app = start("key-1", directory.path(), START).await;
    for (target, body) in [
        ("/v1beta/files", r#"{"file":{"displayName":"short-lived"}}"#),
        ("/v1beta/fileSearchStores", r#"{"displayName":"kept"}"#),
    ] {
        assert_eq!(app.post(target, body).whole().await.status, 200, "{target}");
    }
    let now = stop(app).await;
    for (hours, left) in [(49, 2), (51, 1)] {
        let app = start("key-1", directory.path(), now + Duration::from_hours(hours)).await;
        stop(app).await;
        let sql = Sqlite::open(&directory.path().join("pollux.db")).await.unwrap();
        let rows = sql.query(Statement::new("SELECT name FROM bindings")).await.unwrap();
        sql.close().await;
        assert_eq!(rows.len(), left, "after {hours} hours: {rows:?}");
    }
}
