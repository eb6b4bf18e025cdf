//! A project's day, which all of its keys share.

use std::{collections::BTreeMap, fs, time::Duration};

use pollux_pool::time::Timestamp;
use pollux_testkit::{App, START, Whole};

use super::{ask, count};

const KEYS: usize = 25;
/// Where days begin whose length is the given number of hours: the clocks stay, go forward on
/// 8 March 2026, and go back on 1 November 2026.
const DAYS: [(Timestamp, u64); 3] = [
    (Timestamp::from_seconds(1_768_896_000), 24),
    (Timestamp::from_seconds(1_772_956_800), 23),
    (Timestamp::from_seconds(1_793_516_400), 25),
];

/// Keys that are of one project at Google.
fn script(quota: &str) -> String {
    let keys: Vec<String> =
        (0..KEYS).map(|at| format!("key-{at:02}={quota}:project=one")).collect();
    keys.join(",")
}

/// The same keys in a file that names their project.
fn file() -> String {
    let table = |at| format!("[[keys]]\nkey = \"key-{at:02}\"\nproject = \"team\"\n");
    (0..KEYS).map(table).collect()
}

/// How often each key was refused for want of quota.
fn refusals(app: &App) -> BTreeMap<String, usize> {
    let mut refusals = BTreeMap::new();
    for call in app.calls().into_iter().filter(|call| call.status == 429) {
        *refusals.entry(call.key.unwrap_or_default()).or_default() += 1;
    }
    refusals
}

fn told(answer: &Whole) -> (u16, &str) {
    (answer.status, answer.header("retry-after"))
}

#[tokio::test]
async fn a_project_that_is_named_is_refused_once_and_not_once_for_each_key() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pollux.toml");
    fs::write(&path, file()).unwrap();
    for (dawn, hours) in DAYS {
        // Half past one and 24 seconds: Google's hint is that 36 seconds will do.
        let late = Duration::from_secs(5_424);
        let builder = App::builder(&script("quota:rpd=3")).set("pool.max_wait", "0s");
        let app = builder.file(&path).at(dawn + late).start().await;
        let left = hours * 3600 - late.as_secs();
        for _ in 0..3 {
            assert_eq!(ask(&app).await.status, 200);
        }
        assert_eq!(told(&ask(&app).await), (429, left.to_string().as_str()), "{hours} hours");
        assert_eq!(refusals(&app).values().sum::<usize>(), 1, "{:?}", app.asked());
        for passed in 1..=50_u64 {
            app.clock.advance(Duration::from_secs(36));
            let want = (429, (left - passed * 36).to_string(), 0);
            assert_eq!(count(&app).await, want, "{hours} hours");
        }
        app.clock.advance(Duration::from_secs(left - 50 * 36 - 1));
        assert_eq!(count(&app).await.2, 0, "a second before midnight");
        app.clock.advance(Duration::from_secs(1));
        for _ in 0..3 {
            assert_eq!(count(&app).await, (200, String::new(), 1), "{hours} hours");
        }
        // The limit was learned on the day before: Google need not say it again.
        let (status, _, calls) = count(&app).await;
        assert_eq!((status, calls), (429, 0), "{hours} hours");
    }
}

#[tokio::test]
async fn keys_whose_refusals_name_one_consumer_are_refused_once_each_at_most() {
    let app = App::start(&script("quota:rpd=3:tells=consumer")).await;
    let midnight = (12 * 3600).to_string();
    for _ in 0..3 {
        assert_eq!(ask(&app).await.status, 200);
    }
    for _ in 0..20 {
        assert_eq!(ask(&app).await.status, 429);
    }
    assert_eq!(told(&ask(&app).await), (429, midnight.as_str()));
    let refusals = refusals(&app);
    assert!(!refusals.is_empty() && refusals.values().all(|times| *times == 1), "{refusals:?}");
    let shared: Vec<_> = app.keys().into_iter().map(|key| key.project).collect();
    assert!(shared.iter().all(|project| *project == shared[0]), "{shared:?}");
    // Now that they are known to be one, the next day costs no refusal at all.
    app.clock.advance_to(START + Duration::from_hours(12));
    app.gemini().clear();
    let statuses: Vec<u16> = [ask(&app).await, ask(&app).await, ask(&app).await, ask(&app).await]
        .map(|answer| answer.status)
        .into();
    assert_eq!(statuses, [200, 200, 200, 429]);
    assert_eq!(app.calls().len(), 3, "{:?}", app.asked());
}
