//! What is kept of requests: the account in all its groups, why they failed, and the log.

use std::time::Duration;

use pollux_pool::id::ModelName;
use pollux_store::{
    requests::{RequestFilter, RequestRow},
    usage::{Counts, Filter, Group, Query, Step, UsageTotal},
};
use pollux_testkit::{App, Builder, Ended, Face, MODEL, OTHER_MODEL, START, eventually};

const TEXT: &str = "say: one two three";

/// A request in the making.
type Asking = fn(&App) -> pollux_testkit::Request;

async fn log(ended: &Ended) -> Vec<RequestRow> {
    let found = ended.store().requests(&RequestFilter::default(), None, 1000).await.unwrap();
    found.into_iter().map(|(_, row)| row).collect()
}

fn sum(totals: &[UsageTotal]) -> Counts {
    let mut sum = Counts::default();
    for total in totals {
        sum += total.counts;
    }
    sum
}

#[tokio::test]
async fn ten_good_and_two_bad_requests_are_so_many_however_they_are_grouped() {
    let app = App::start("key-1,key-2").await;
    for (count, model, status) in [(6, MODEL, 200), (4, OTHER_MODEL, 200), (2, "no-such", 404)] {
        for _ in 0..count {
            let answer = Face::Chat.ask_model(&app, model, TEXT).whole().await;
            assert_eq!(answer.status, status, "{model}");
        }
    }
    let ended = app.stop().await;
    let groups = [Group::All, Group::Key, Group::Model, Group::User, Group::Pool, Group::Project];
    for (group, count) in groups.into_iter().zip([1, 2, 3, 1, 1, 2]) {
        let totals = ended.usage(group).await;
        assert_eq!(totals.len(), count, "{group:?}: {totals:?}");
        let Counts { requests, failures, attempts, .. } = sum(&totals);
        assert_eq!((requests, failures, attempts), (12, 2, 12), "{group:?}");
        let failed: u64 = totals.iter().flat_map(|total| total.failed.values()).sum();
        let timed: u64 = totals.iter().map(|total| total.total.count()).sum();
        assert_eq!((failed, timed), (2, 10), "{group:?}");
    }
    for step in [Step::Minute, Step::Hour, Step::Day] {
        let (since, until, only) = (START, ended.now() + Duration::from_mins(1), Filter::default());
        let query = Query { since, until, step, by: Group::All, only };
        assert_eq!(sum(&ended.store().usage(&query).await.unwrap()).requests, 12, "{step:?}");
    }
    assert_eq!(log(&ended).await.len(), 12);
}

#[tokio::test]
async fn a_request_is_timed_by_the_gateways_clock() {
    let app = App::start("key-1=slow:first=200ms").await;
    let request = Face::Native.ask(&app, TEXT);
    let (answer, ()) = tokio::join!(request.whole(), async {
        let asked = || !app.calls().is_empty();
        eventually("the call reaches Gemini", Duration::from_secs(9), asked).await;
        app.clock.advance(Duration::from_secs(3));
    });
    assert_eq!(answer.status, 200);
    let ended = app.stop().await;
    let totals = ended.usage(Group::All).await;
    for times in [&totals[0].first_byte, &totals[0].total] {
        let found = times.percentile(50).unwrap().as_secs_f64();
        assert!((3.0 / 1.34..3.0 * 1.34).contains(&found), "{found}");
    }
    let log = log(&ended).await;
    assert_eq!((log[0].total.as_secs(), log[0].first_byte.map(|it| it.as_secs())), (3, Some(3)));
}

#[tokio::test]
async fn why_a_request_failed_is_one_word() {
    let chat = |app: &App| Face::Chat.ask(app, TEXT);
    let broken = |app: &App| app.post("/v1/chat/completions", "{");
    let large = |app: &App| app.post("/v1/chat/completions", vec![b' '; 2_000]);
    let stream = |app: &App| Face::NativeEvents.ask(app, TEXT);
    for (script, ask, want) in [
        ("key-1=location", chat as Asking, "blocked"),
        ("key-1=invalid", chat, "revoked"),
        ("key-1=bare_429", chat, "exhausted"),
        ("key-1=overloaded", chat, "unavailable"),
        ("", chat, "no_key"),
        ("key-1", broken, "bad_request"),
        ("key-1", large, "too_large"),
        ("key-1=cut:after=2", stream, "cut"),
        ("key-1=error_midstream:after=2", stream, "cut"),
    ] {
        let app =
            App::builder(script).set("limits.body", "1KiB").set("pool.max_wait", "0").start().await;
        let status = ask(&app).whole().await.status;
        let ended = app.stop().await;
        let totals = ended.usage(Group::All).await;
        let [total] = totals.as_slice() else { panic!("{script}: {totals:?}") };
        let failed: Vec<_> =
            total.failed.iter().map(|(word, count)| (word.as_str(), *count)).collect();
        assert_eq!(failed, [(want, 1)], "{script}: {status}");
        assert_eq!((total.counts.requests, total.counts.failures), (1, 1), "{script}");
        let log = log(&ended).await;
        assert_eq!(
            (log.len(), log[0].reason.as_str(), log[0].outcome.as_str()),
            (1, want, "failed")
        );
        assert_eq!(log[0].status, Some(status), "{script}");
    }
}

#[tokio::test]
async fn attempts_that_failed_are_told_apart_from_requests_that_did() {
    let app = App::start("key-1=bare_429,key-2").await;
    assert_eq!(Face::Chat.ask(&app, TEXT).whole().await.status, 200);
    let totals = app.stop().await.usage(Group::Key).await;
    let [refused, served] = totals.as_slice() else { panic!("{totals:?}") };
    assert_eq!((refused.tried.get("exhausted"), refused.failed.len()), (Some(&1), 0));
    assert_eq!((served.tried.len(), served.failed.len(), served.counts.requests), (0, 0, 1));
}

#[tokio::test]
async fn the_log_tells_all_but_what_was_asked_and_answered() {
    let app = App::start("key-of-the-pool-1=bare_429,key-of-the-pool-2").await;
    let answer = Face::ChatStream.ask(&app, "say: whispered").whole().await;
    assert!(answer.text().contains("whispered"));
    // A client may put what is secret where it does not belong.
    let path = format!("/v1beta/models/{MODEL}:key-of-the-pool-1");
    app.post(&path, pollux_testkit::native(TEXT)).whole().await;
    let ended = app.stop().await;
    let log = log(&ended).await;
    let [odd, row] = log.as_slice() else { panic!("{log:?}") };
    assert_eq!(row.name, answer.header("x-request-id"));
    assert_eq!((row.method.as_str(), row.path.as_str()), ("POST", "/v1/chat/completions"));
    assert_eq!((row.model.as_ref().map(ModelName::as_str), row.is_stream), (Some(MODEL), true));
    assert_eq!(
        (row.pool.map(|it| it.0), row.user.as_ref().map(|it| it.1.as_str())),
        (Some(1), Some("default"))
    );
    assert_eq!(row.key.as_ref().map(|(id, last4)| (id.0, last4.as_str())), Some((2, "ol-2")));
    assert_eq!((row.status, row.outcome.as_str(), row.attempts), (Some(200), "complete", 2));
    assert!(row.prompt_tokens > 0 && row.output_tokens > 0 && row.reason.is_empty());
    assert!(!format!("{log:?}").contains("whispered"), "{log:?}");
    assert!(!format!("{odd:?}").contains("key-of-the-pool"), "{odd:?}");
}

/// The outcomes in the log after a good and a bad request.
async fn logged(builder: Builder) -> Vec<String> {
    let app = builder.start().await;
    for model in [MODEL, "no-such"] {
        Face::Chat.ask_model(&app, model, TEXT).whole().await;
    }
    log(&app.stop().await).await.into_iter().map(|row| row.outcome).collect()
}

#[tokio::test]
async fn which_requests_are_logged_can_be_set() {
    let builder = || App::builder("key-1").set("trace.requests", "0");
    assert_eq!(logged(builder()).await, ["failed", "complete"]);
    assert_eq!(logged(builder().set("log.requests", "failed")).await, ["failed"]);
    assert!(logged(builder().set("log.requests", "none")).await.is_empty());
}

#[tokio::test]
async fn who_is_not_let_in_is_neither_counted_nor_logged() {
    let app = App::start("key-1").await;
    let request = Face::Chat.ask(&app, TEXT);
    assert_eq!(request.header("authorization", "Bearer sk-of-nobody").whole().await.status, 401);
    let ended = app.stop().await;
    assert!(ended.usage(Group::All).await.is_empty() && log(&ended).await.is_empty());
}
