//! The account of what was used: per key, model and user, however a request ended.

use pollux_store::usage::{Charge, Counts, Group, UsageTotal};
use pollux_testkit::{App, Face, OTHER_MODEL};
use serde_json::Value;

const TEXT: &str = "say: one two three";

async fn each(app: App) -> Vec<UsageTotal> {
    app.stop().await.usage(Group::Each).await
}

/// Google's own count of an answer, as the account keeps it.
#[track_caller]
fn counted(body: &str) -> Counts {
    let last = body.rsplit("\"usageMetadata\": ").next().unwrap();
    let last = last.rsplit("\"usageMetadata\":").next().unwrap();
    let mut documents = serde_json::Deserializer::from_str(last).into_iter::<Value>();
    let usage = documents.next().unwrap().unwrap();
    let number = |name: &str| usage[name].as_u64().unwrap_or_default();
    Counts {
        requests: 1,
        failures: 0,
        attempts: 1,
        prompt_tokens: number("promptTokenCount"),
        cached_tokens: number("cachedContentTokenCount"),
        output_tokens: number("candidatesTokenCount"),
        thought_tokens: number("thoughtsTokenCount"),
        charge: Charge { cost: 0, unpriced: 1 },
    }
}

#[tokio::test]
async fn an_answer_is_accounted_as_google_counts_it() {
    for (face, native) in [
        (Face::Chat, Face::Native),
        (Face::ChatStream, Face::NativeEvents),
        (Face::Native, Face::Native),
        (Face::NativeEvents, Face::NativeEvents),
        (Face::NativeArray, Face::NativeArray),
    ] {
        let app = App::start("key-1").await;
        let want = counted(&native.ask(&app, TEXT).whole().await.text());
        assert!(want.prompt_tokens > 0 && want.output_tokens > 0 && want.thought_tokens > 0);
        assert_eq!(face.ask(&app, TEXT).whole().await.status, 200);
        let totals = each(app).await;
        let [total] = totals.as_slice() else { panic!("{face:?}: {totals:?}") };
        let mut twice = want;
        twice += want;
        assert_eq!(total.counts, twice, "{face:?}");
    }
}

#[tokio::test]
async fn each_call_of_a_request_is_accounted_and_the_request_once() {
    let app = App::start("key-1").await;
    let body = r#"{"model":"gemini-3.1-flash-image","prompt":"a cat","n":3}"#;
    assert_eq!(app.post("/v1/images/generations", body).whole().await.status, 200);
    let totals = each(app).await;
    let [total] = totals.as_slice() else { panic!("{totals:?}") };
    let Counts { requests, attempts, output_tokens, .. } = total.counts;
    assert_eq!((requests, attempts, output_tokens), (1, 3, 3 * 1290));
}

#[tokio::test]
async fn every_key_model_and_user_has_an_account_of_its_own() {
    let app = App::start("key-1,key-2").await;
    for model in [pollux_testkit::MODEL, OTHER_MODEL] {
        for _ in 0..4 {
            let answer = Face::Chat.ask_model(&app, model, TEXT).whole().await;
            assert_eq!(answer.status, 200);
        }
    }
    let ended = app.stop().await;
    let requests = |totals: Vec<UsageTotal>| -> Vec<u64> {
        totals.iter().map(|total| total.counts.requests).collect()
    };
    assert_eq!(requests(ended.usage(Group::Each).await), [2; 4]);
    assert_eq!(requests(ended.usage(Group::Key).await), [4, 4]);
    assert_eq!(requests(ended.usage(Group::Model).await), [4, 4]);
    let users = ended.usage(Group::User).await;
    assert!(users.iter().all(|total| total.user.is_some()), "{users:?}");
    assert_eq!(requests(users), [8]);
}

/// Requests, attempts and failures of each key, and of no key first.
async fn by_key(app: App) -> Vec<(u64, u64, u64)> {
    let totals = app.stop().await.usage(Group::Key).await;
    let counts = totals.iter().map(|total| total.counts);
    counts.map(|it| (it.requests, it.attempts, it.failures)).collect()
}

#[tokio::test]
async fn an_attempt_that_another_one_made_good_is_no_failure() {
    for script in ["overloaded", "invalid", "bare_429", "empty"] {
        for face in Face::ALL {
            let app = App::start(&format!("key-1={script},key-2")).await;
            assert_eq!(face.ask(&app, TEXT).whole().await.status, 200, "{script}");
            assert_eq!(by_key(app).await, [(0, 1, 0), (1, 1, 0)], "{script} on {face:?}");
        }
    }
}

#[tokio::test]
async fn a_request_that_fails_is_counted_once() {
    for (script, want) in [
        ("key-1=location,key-2", vec![(1, 1, 1)]),
        ("key-1=overloaded,key-2=overloaded", vec![(0, 2, 0), (1, 2, 1)]),
        ("key-1=invalid,key-2=invalid", vec![(1, 0, 1), (0, 1, 0), (0, 1, 0)]),
        ("", vec![(1, 0, 1)]),
    ] {
        for face in Face::ALL {
            let app = App::start(script).await;
            assert_ne!(face.ask(&app, TEXT).whole().await.status, 200, "{script}");
            assert_eq!(by_key(app).await, want, "{script} on {face:?}");
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_counts_as_a_failure_with_what_it_used() {
    for face in Face::STREAMS {
        for script in ["cut:after=2", "error_midstream:after=2"] {
            let app = App::start(&format!("key-1={script}")).await;
            assert_eq!(face.ask(&app, TEXT).whole().await.status, 200);
            let totals = each(app).await;
            let [total] = totals.as_slice() else { panic!("{totals:?}") };
            let Counts { requests, failures, attempts, prompt_tokens, output_tokens, .. } =
                total.counts;
            assert_eq!((requests, failures, attempts), (1, 1, 1), "{script} on {face:?}");
            assert!(prompt_tokens > 0 && output_tokens > 0, "{script} on {face:?}: {total:?}");
        }
    }
}

#[tokio::test]
async fn counting_tokens_uses_none() {
    let app = App::start("key-1").await;
    let target = format!("/v1beta/models/{}:countTokens", pollux_testkit::MODEL);
    assert_eq!(app.post(&target, pollux_testkit::native(TEXT)).whole().await.status, 200);
    let totals = each(app).await;
    let [total] = totals.as_slice() else { panic!("{totals:?}") };
    assert_eq!(total.counts, Counts { requests: 1, attempts: 1, ..Counts::default() });
}
