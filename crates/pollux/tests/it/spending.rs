//! What users have spent over a restart, and who is let in by what the database says.

use std::{path::Path, time::Duration};

use pollux_pool::{
    limit::{Limits, Rule, Subject, What},
    time::Timestamp,
};
use pollux_store::{
    store::{DEFAULT_POOL, Store},
    users::UserAbout,
};
use pollux_testkit::{App, Face, START, Whole};

async fn start(directory: &Path, now: Timestamp) -> App {
    App::builder("key-1").directory(directory).at(now).start().await
}

/// A directory whose database an app has made, with limits for its user or its pool.
async fn prepared(rules: &[(What, u64)], are_pools: bool) -> tempfile::TempDir {
    let directory = tempfile::tempdir().unwrap();
    let ended = start(directory.path(), START).await.stop().await;
    let user = ended.store().users().await.unwrap()[0].id;
    let subject = if are_pools { Subject::Pool(DEFAULT_POOL) } else { Subject::User(user) };
    let limits: Limits = rules.iter().map(|&(what, value)| Rule { what, value }).collect();
    ended.store().set_limits(subject, &limits).await.unwrap();
    ended.close().await;
    directory
}

async fn ask(app: &App) -> Whole {
    Face::Chat.ask(app, "say: hello").whole().await
}

fn left(answer: &Whole, of: &str) -> u64 {
    let name = format!("x-ratelimit-remaining-{of}");
    answer.headers[name.as_str()].to_str().unwrap().parse().unwrap()
}

/// Stops an app in good order, and says when that was.
async fn stop(app: App) -> Timestamp {
    let ended = app.stop().await;
    let now = ended.now();
    ended.close().await;
    now
}

#[tokio::test]
async fn what_was_spent_of_a_day_and_of_a_budget_is_spent_after_a_restart() {
    for are_pools in [false, true] {
        let rules = [(What::RequestsPerDay, 5), (What::TokensEver, 10_000)];
        let directory = prepared(&rules, are_pools).await;
        let app = start(directory.path(), START).await;
        let before = [ask(&app).await, ask(&app).await].map(|answer| left(&answer, "tokens"));
        let cost = before[0] - before[1];
        assert!(cost > 0);
        let now = stop(app).await;

        let app = start(directory.path(), now + Duration::from_mins(5)).await;
        let answer = ask(&app).await;
        assert_eq!(left(&answer, "tokens"), before[1] - cost);
        assert_eq!(left(&answer, "requests"), 2);
        assert_eq!((ask(&app).await.status, ask(&app).await.status), (200, 200));
        assert_eq!(ask(&app).await.status, 429);
        let now = stop(app).await;

        let app = start(directory.path(), now + Duration::from_hours(24)).await;
        let answer = ask(&app).await;
        assert_eq!((left(&answer, "requests"), left(&answer, "tokens")), (4, before[0] - 5 * cost));
        app.stop().await.close().await;
    }
}

#[tokio::test]
async fn a_minute_goes_on_over_a_restart() {
    let directory = prepared(&[(What::RequestsPerMinute, 1)], false).await;
    let app = start(directory.path(), START).await;
    assert_eq!(ask(&app).await.status, 200);
    let now = stop(app).await;
    let app = start(directory.path(), now + Duration::from_secs(30)).await;
    assert_eq!(ask(&app).await.status, 429);
    app.clock.advance(Duration::from_secs(31));
    assert_eq!(ask(&app).await.status, 200);
    app.stop().await.close().await;
}

/// Starts an app whose user is what `tell` makes of him.
async fn told(tell: impl FnOnce(&mut UserAbout)) -> (tempfile::TempDir, App) {
    let directory = prepared(&[], false).await;
    let ended = start(directory.path(), START).await.stop().await;
    let store: &Store = ended.store();
    let mut user = store.users().await.unwrap().remove(0);
    tell(&mut user.about);
    store.change_user(user.id, &user.about).await.unwrap();
    ended.close().await;
    let app = start(directory.path(), START).await;
    (directory, app)
}

#[tokio::test]
async fn a_user_is_let_in_as_the_database_says() {
    let (_directory, app) = told(|user| user.enabled = false).await;
    assert_eq!(ask(&app).await.status, 403);
    let (_directory, app) = told(|user| user.expires_at = Some(START)).await;
    assert_eq!(ask(&app).await.status, 401);
    let (_directory, app) = told(|user| user.models = vec!["gemma-*".to_owned()]).await;
    assert_eq!(ask(&app).await.status, 403);
    // The test's own connections come from there.
    let (_directory, app) = told(|user| user.addresses = vec!["127.0.0.1".to_owned()]).await;
    assert_eq!(ask(&app).await.status, 200);
    let (_directory, app) = told(|user| user.addresses = vec!["192.0.2.0/24".to_owned()]).await;
    assert_eq!(ask(&app).await.status, 403);
}
