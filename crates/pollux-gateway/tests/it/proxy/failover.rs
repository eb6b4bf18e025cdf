//! Which key goes next, how often, and whose fault it was.

use std::{collections::BTreeSet, time::Duration};

use pollux_pool::{health::Health, outcome::Revocation, time::Timestamp};
use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, MODEL, START, chat};

async fn ask(app: &App) -> u16 {
    Face::Chat.ask(app, "say: hello").whole().await.status
}

/// No key is revoked or cooling.
#[track_caller]
fn check_healthy(app: &App) {
    for key in app.keys() {
        assert_eq!(key.health, Health::Active, "{key:?}");
        assert_eq!(key.cooldowns, [], "{key:?}");
    }
}

#[tokio::test]
async fn keys_take_turns() {
    let app = App::start("key-1,key-2,key-3").await;
    for _ in 0..9 {
        assert_eq!(ask(&app).await, 200);
    }
    assert_eq!(app.asked(), ["key-1", "key-2", "key-3"].repeat(3));
}

#[tokio::test]
async fn heavy_keys_take_more_turns_evenly_spread() {
    let app = App::builder("key-1,key-2,key-3")
        .set("gemini_api_key", "key-1:3,key-2,key-3")
        .set("pool.strategy", "weighted_round_robin")
        .start()
        .await;
    for _ in 0..5 {
        assert_eq!(ask(&app).await, 200);
    }
    assert_eq!(app.asked(), ["key-1", "key-2", "key-1", "key-3", "key-1"]);
}

#[tokio::test]
async fn a_request_is_tried_on_four_different_keys_at_most() {
    check_attempts("unavailable", 503, 4).await;
}

/// Such an error often means that the context is too long, which no key can mend.
#[tokio::test]
async fn a_request_that_only_meets_internal_errors_is_repeated_twice() {
    check_attempts("internal", 500, 3).await;
}

async fn check_attempts(fault: &str, status: u16, attempts: usize) {
    let keys: Vec<String> = (1..=6).map(|at| format!("key-{at}={fault}")).collect();
    let app = App::start(&keys.join(",")).await;
    let answer = Face::Chat.ask(&app, "say: hello").whole().await;
    let made = attempts.to_string();
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (status, made.as_str()));
    let asked = app.asked();
    assert_eq!(asked.len(), attempts);
    assert_eq!(BTreeSet::from_iter(asked).len(), attempts);
}

#[tokio::test]
async fn the_number_of_attempts_can_be_set() {
    let app = App::builder("key-1=internal,key-2").set("pool.max_attempts", "1").start().await;
    assert_eq!(ask(&app).await, 500);
    assert_eq!(app.asked(), ["key-1"]);
}

#[tokio::test]
async fn an_overloaded_model_benches_nobody() {
    for fault in ["overloaded", "unavailable", "internal", "html_502", "cut"] {
        let app = App::start(&format!("key-1={fault}*1,key-2")).await;
        assert_eq!(ask(&app).await, 200, "{fault}");
        check_healthy(&app);
        assert_eq!(ask(&app).await, 200, "{fault}");
        assert_eq!(app.asked(), ["key-1", "key-2", "key-1"], "{fault}");
    }
}

#[tokio::test]
async fn the_clients_own_mistake_costs_one_call_and_no_key() {
    let app = App::start("key-1,key-2").await;
    let native = |model: &str, call: &str| format!("/v1beta/models/{model}:{call}");
    let unknown_field = r#"{"contents":[{"parts":[{"text":"hi"}]}],"bogus":1}"#;
    for (target, body, status, says) in [
        (native(MODEL, "generateContent"), unknown_field.to_owned(), 400, "bogus"),
        (native(MODEL, "streamGenerateContent?alt=sse"), unknown_field.to_owned(), 400, "bogus"),
        (native(MODEL, "generateContent"), "{".to_owned(), 400, "Invalid JSON"),
        (
            native("gemini-0", "generateContent"),
            "{}".to_owned(),
            404,
            "models/gemini-0 is not found",
        ),
        ("/v1/chat/completions".to_owned(), chat("gemini-0", "hi", false), 404, "is not found"),
        ("/v1/chat/completions".to_owned(), chat("gemini-0", "hi", true), 404, "is not found"),
    ] {
        app.gemini().clear();
        let answer = app.post(&target, body).whole().await;
        assert_eq!(answer.status, status, "{target}: {}", answer.text());
        assert!(answer.text().contains(says), "{target}: {}", answer.text());
        assert_eq!(app.calls().len(), 1, "{target}");
        assert_eq!(answer.header("x-pollux-attempts"), "1", "{target}");
        check_healthy(&app);
    }
}

#[tokio::test]
async fn a_client_cannot_talk_the_gateway_out_of_its_keys() {
    let app = App::start("key-1,key-2").await;
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    for words in ["API key expired. Please renew it.", "API key not valid.", "API key not found."] {
        app.gemini().clear();
        let answer = app.post(&target, format!(r#"{{"{words}":1}}"#)).whole().await;
        assert!(answer.text().contains("Cannot find field"), "{}", answer.text());
        assert_eq!((answer.status, app.calls().len()), (400, 1), "{words}");
        check_healthy(&app);
    }
}

#[tokio::test]
async fn a_chat_that_cannot_be_read_never_leaves_the_gateway() {
    let app = App::start("key-1").await;
    for (body, field) in [
        ("{", ""),
        (r#"{"model":"gemini-2.5-flash"}"#, ""),
        (r#"{"messages":[{"role":"user","content":"hi"}]}"#, ""),
        (r#"{"model":"../files/x","messages":[{"role":"user","content":"hi"}]}"#, ""),
        (r#"{"model":"gemini-2.5-flash","messages":[{"role":"king","content":"hi"}]}"#, ""),
    ] {
        let answer = app.post("/v1/chat/completions", body).whole().await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(Face::Chat.message(&answer).contains(field), "{body}: {}", answer.text());
        assert_eq!(answer.header("x-pollux-attempts"), "", "{body}");
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_refused_key_is_revoked_and_not_asked_again() {
    for (fault, reason) in [
        ("invalid", Revocation::Invalid),
        ("expired", Revocation::Expired),
        ("suspended", Revocation::Suspended),
        ("leaked", Revocation::Leaked),
        ("unauthenticated", Revocation::Unauthenticated),
        ("service_disabled", Revocation::ServiceDisabled),
        ("project_denied", Revocation::ProjectDenied),
        ("account_limited", Revocation::AccountLimited),
    ] {
        let app = App::start(&format!("key-1={fault},key-2")).await;
        for _ in 0..3 {
            assert_eq!(ask(&app).await, 200, "{fault}");
        }
        assert_eq!(app.asked(), ["key-1", "key-2", "key-2", "key-2"], "{fault}");
        let health = app.key("key-1").health;
        let Health::Revoked { reason: got, since, .. } = health else {
            panic!("{fault}: {health:?}")
        };
        assert_eq!((got, since), (reason, START), "{fault}");
        assert_eq!(app.key("key-2").health, Health::Active, "{fault}");
    }
}

#[tokio::test]
async fn a_revoked_key_is_tried_again_after_five_minutes_and_comes_back_when_it_answers() {
    let app = App::start("key-1=invalid,key-2").await;
    let mut asked = vec!["key-1", "key-2"];
    assert_eq!(ask(&app).await, 200);
    app.clock.advance(Duration::from_secs(299));
    assert_eq!(ask(&app).await, 200);
    asked.push("key-2");
    assert_eq!(app.asked(), asked);
    app.clock.advance(Duration::from_secs(1));
    assert_eq!(ask(&app).await, 200);
    asked.extend(["key-1", "key-2"]);
    assert_eq!(app.asked(), asked, "still invalid");
    app.gemini().set("key-1", Behaviour::Ok);
    app.clock.advance(Duration::from_mins(10));
    assert_eq!(ask(&app).await, 200);
    asked.push("key-1");
    assert_eq!(app.asked(), asked);
    assert_eq!(app.key("key-1").health, Health::Active);
}

#[tokio::test]
async fn a_model_that_a_tier_lacks_is_asked_of_the_other_keys_only() {
    let app = App::start("key-1@gemini-2.5-flash=zero_limit,key-2").await;
    for _ in 0..3 {
        assert_eq!(ask(&app).await, 200);
    }
    app.clock.advance(Duration::from_hours(48));
    assert_eq!(ask(&app).await, 200);
    assert_eq!(app.asked(), ["key-1", "key-2", "key-2", "key-2", "key-2"]);
    app.gemini().clear();
    let other = Face::Chat.ask_model(&app, "gemini-2.5-pro", "say: hello").whole().await;
    assert_eq!((other.status, app.asked()), (200, vec!["key-1".to_owned()]));
}

#[tokio::test]
async fn a_pool_without_a_usable_key_says_so_and_asks_nobody() {
    let app = App::start("key-1=invalid,key-2=leaked").await;
    assert_eq!(ask(&app).await, 503);
    app.gemini().clear();
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!(answer.status, 503, "{face:?}");
        assert!(face.message(&answer).contains("no key in the pool"), "{}", answer.text());
        assert_eq!(answer.header("x-pollux-attempts"), "", "{face:?}");
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_pool_without_any_key_answers_503() {
    let app = App::start("").await;
    for face in Face::ALL {
        assert_eq!(face.ask(&app, "say: hello").whole().await.status, 503, "{face:?}");
    }
}

#[tokio::test]
async fn keys_that_prove_unusable_do_not_use_up_the_attempts_when_a_good_one_is_left() {
    let app = App::start("key-1=invalid,key-2=leaked,key-3=expired,key-4").await;
    assert_eq!(ask(&app).await, 200);
    assert_eq!(app.asked(), ["key-1", "key-2", "key-3", "key-4"]);
}

#[tokio::test]
async fn more_broken_keys_than_attempts_do_not_hide_the_good_one() {
    for fault in ["invalid", "suspended", "quota:rpd=0", "zero_limit"] {
        let broken = (1..=6).map(|at| format!("key-{at}={fault}"));
        let keys: Vec<String> = broken.chain(["key-7".to_owned()]).collect();
        let app = App::start(&keys.join(",")).await;
        assert_eq!(ask(&app).await, 200, "{fault}: {:?}", app.asked());
        assert_eq!(app.asked().last().map(String::as_str), Some("key-7"), "{fault}");
    }
}

#[tokio::test]
async fn an_outage_is_not_multiplied() {
    let app = App::builder("key-1=overloaded,key-2=overloaded")
        .set("pool.retry_ratio", "0")
        .start()
        .await;
    let requests: usize = 100;
    for _ in 0..requests {
        assert_eq!(ask(&app).await, 503);
    }
    let passed: Duration = app.clock.now().since(START);
    let free = 10 + usize::try_from(passed.as_secs() + 1).unwrap() * 10;
    let calls = app.calls().len();
    assert!(calls > requests && calls <= requests + free, "{calls} calls in {passed:?}");
}

#[tokio::test]
async fn the_gateways_clock_is_the_one_that_counts() {
    let later = Timestamp::from_seconds(START.as_seconds() + 1_000);
    let app = App::builder("key-1").at(later).start().await;
    let answer = Face::Chat.ask(&app, "say: hello").whole().await;
    assert_eq!(answer.json()["created"], later.as_seconds());
}
