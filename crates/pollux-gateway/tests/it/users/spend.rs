//! What users may spend: requests, tokens and money, over a minute, a day and for ever.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use futures_util::future::{join, join_all};
use http::Method;
use pollux_gateway::catalog::Settings;
use pollux_pool::limit::What;
use pollux_testkit::{MODEL, START, chat, eventually};

use super::{Club, Terms, chat_of, chat_up_to, limited, limits, request};

#[tokio::test]
async fn the_request_after_the_last_is_refused_in_every_dialect_and_passes_a_minute_later() {
    let club = Club::of(limited(&[(What::RequestsPerMinute, 60)])).await;
    for left in (0..60).rev() {
        let told = club.chat().await;
        assert_eq!(told.status, 200, "{}", told.text);
        let left = left.to_string();
        assert_eq!(told.limits("requests"), ["60", left.as_str(), "60s"]);
    }
    club.advance(18);
    let told = club.chat().await;
    assert_eq!((told.status, told.header("retry-after")), (429, "42"));
    assert_eq!(told.limits("requests"), ["60", "0", "42s"]);
    assert_eq!(told.error()["code"], "rate_limit_exceeded");
    assert_eq!(told.error()["type"], "rate_limit_error");
    let message = told.message();
    assert!(message.contains("60 requests per minute; try again in 42 s"), "{message}");
    let told = club.native().await;
    assert_eq!((told.status, told.header("retry-after")), (429, "42"));
    assert_eq!(told.error()["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(told.limits("requests"), ["60", "0", "42s"]);
    assert_eq!(club.asked().len(), 60, "none of those refused was asked of Gemini");
    assert_eq!(club.ask(chat_of(2)).await.status, 200, "others have their own limits");
    club.advance(42);
    assert_eq!(club.native().await.status, 200);
}

#[tokio::test]
async fn a_day_of_tokens_ends_at_midnight_in_los_angeles() {
    let club = Club::of(limited(&[(What::TokensPerDay, 100)])).await;
    *club.gemini.usage.lock().unwrap() = (60, 38);
    let told = club.chat().await;
    assert_eq!(told.status, 200);
    let told = club.native().await;
    // It is noon there.
    assert_eq!((told.status, told.header("retry-after")), (429, "43200"));
    assert_eq!(told.limits("tokens"), ["100", "2", "43200s"]);
    let message = told.message();
    assert!(message.contains("100 tokens per day, of which 2 tokens are left"), "{message}");
    club.advance(43_199);
    assert_eq!(club.native().await.status, 429);
    club.advance(1);
    assert_eq!(club.native().await.status, 200);
}

#[tokio::test]
async fn a_budget_for_ever_is_refused_without_a_time_to_come_again() {
    let club = Club::of(limited(&[(What::TokensEver, 100)])).await;
    *club.gemini.usage.lock().unwrap() = (90, 10);
    assert_eq!(club.chat().await.status, 200);
    club.advance(60 * 60 * 24 * 400);
    let told = club.chat().await;
    assert_eq!((told.status, told.header("retry-after")), (429, ""));
    assert_eq!(told.error()["code"], "insufficient_quota");
    assert_eq!(told.limits("tokens"), ["100", "0", ""]);
    club.change(limited(&[(What::TokensEver, 150)]));
    assert_eq!(club.chat().await.status, 200);
}

#[tokio::test]
async fn money_is_counted_by_the_table_of_prices() {
    let settings = Settings {
        prices: "gemini-2.5-flash=1/0.1/10, gemini-2.5-pro=100/10/1000".parse().unwrap(),
        ..Settings::default()
    };
    let terms = limited(&[(What::MoneyPerDay, 250), (What::MoneyEver, 1_000)]);
    let club = Club::of(Terms { settings, ..terms }).await;
    *club.gemini.usage.lock().unwrap() = (100, 10);
    assert_eq!(club.chat().await.status, 200);
    let told = club.ask(chat_up_to(1, 10)).await;
    assert_eq!(told.status, 429, "200 are spent, and another 100 might be");
    assert!(
        told.message().contains("$0.00025 per day, of which $0.00005 are left"),
        "{}",
        told.text
    );
    let free = "/v1beta/models/gemma-4-31b-it:generateContent";
    let told = club.ask(request(1, Method::POST, free, r#"{"contents":[]}"#)).await;
    assert_eq!(told.status, 200, "what has no price costs nothing");
    club.advance(43_200);
    let pro = "/v1beta/models/gemini-2.5-pro:generateContent";
    let told = club
        .ask(request(1, Method::POST, pro, r#"{"generationConfig":{"maxOutputTokens":1}}"#))
        .await;
    assert_eq!((told.status, told.header("retry-after")), (429, ""));
    assert!(told.message().contains("$0.001 in all"), "{}", told.text);
}

#[tokio::test]
async fn what_may_be_said_is_reserved_before_it_is() {
    let club = Club::of(limited(&[(What::TokensPerMinute, 1_000)])).await;
    let told = club.ask(chat_up_to(1, 2_000)).await;
    assert_eq!((told.status, told.header("retry-after")), (429, ""));
    let message = told.message();
    assert!(message.contains("ask for less, such as fewer output tokens"), "{message}");
    assert_eq!(told.limits("tokens"), ["1000", "1000", "0s"]);
    assert_eq!(club.ask(chat_up_to(1, 900)).await.status, 200);
    let told = club.chat().await;
    assert_eq!(told.limits("tokens")[1], "990", "the rest of what was reserved is free again");
}

#[tokio::test]
async fn a_flood_of_calls_at_once_is_held_back_by_what_each_may_cost() {
    let club = Club::of(limited(&[(What::TokensPerMinute, 1_000)])).await;
    let gate = club.gemini.gate.acquire().await.unwrap();
    let refused = AtomicU32::new(0);
    let asks = (0..10).map(|_| async {
        let status = club.ask(chat_up_to(1, 300)).await.status;
        refused.fetch_add(u32::from(status == 429), Ordering::Relaxed);
        status
    });
    let opening = async {
        let is_full = || refused.load(Ordering::Relaxed) == 7;
        eventually("7 of them are refused", Duration::from_secs(10), is_full).await;
        assert_eq!(club.asked().len(), 3);
        drop(gate);
    };
    let (mut statuses, ()) = join(join_all(asks), opening).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 3].as_slice(), &[429; 7]].concat());
    assert_eq!(club.ask(chat_up_to(1, 900)).await.status, 200);
}

#[tokio::test]
async fn what_gemini_refuses_is_a_request_and_what_pollux_refuses_is_none() {
    let rules = [(What::RequestsPerDay, 3), (What::InputTokensPerDay, 50)];
    let club = Club::of(limited(&rules)).await;
    *club.gemini.status.lock().unwrap() = 400;
    let told = club.chat().await;
    assert_eq!((told.status, told.limits("requests")[1]), (400, "2"));
    assert_eq!(told.limits("tokens")[1], "50", "what failed costs no tokens");
    *club.gemini.status.lock().unwrap() = 200;
    *club.gemini.usage.lock().unwrap() = (48, 1);
    assert_eq!(club.chat().await.limits("requests")[1], "1");
    for _ in 0..5 {
        assert_eq!(club.chat().await.status, 429);
    }
    let told = club.ask(request(1, Method::GET, "/v1/models", "")).await;
    assert_eq!((told.status, told.limits("requests")[1]), (200, "0"));
}

#[tokio::test]
async fn a_request_that_is_refused_after_its_first_call_is_one_all_the_same() {
    let rules = [(What::RequestsPerDay, 5), (What::TokensPerDay, 500)];
    let club = Club::of(limited(&rules)).await;
    let body = chat(MODEL, "hi", false).replacen('{', r#"{"n":2,"max_tokens":300,"#, 1);
    let told = club.ask(request(1, Method::POST, "/v1/chat/completions", body)).await;
    assert_eq!((told.status, told.limits("requests")[1]), (429, "4"));
    assert_eq!(club.asked().len(), 1);
    assert_eq!(club.chat().await.limits("requests")[1], "3");
}

#[tokio::test]
async fn lists_from_memory_are_requests_and_health_is_none() {
    let club = Club::of(limited(&[(What::RequestsPerMinute, 2)])).await;
    for _ in 0..5 {
        for path in ["/health", "/status"] {
            let told = club.ask(request(1, Method::GET, path, "")).await;
            assert_eq!((told.status, told.limits("requests")[0]), (200, ""), "{path}");
        }
    }
    let list = || request(1, Method::GET, "/v1/models", "");
    assert_eq!(club.ask(list()).await.status, 200);
    let asked = club.asked().len();
    assert_eq!(club.ask(list()).await.status, 200);
    assert_eq!(club.ask(list()).await.status, 429);
    let verify = request(1, Method::GET, "/verify", "");
    assert_eq!(club.ask(verify).await.status, 429);
    assert_eq!(club.asked().len(), asked);
}

#[tokio::test]
async fn without_limits_no_header_speaks_of_any() {
    let club = Club::of(Terms::default()).await;
    let told = club.chat().await;
    assert_eq!((told.status, told.limits("requests")[0], told.limits("tokens")[0]), (200, "", ""));
    assert!(club.ledger.take_spending().is_empty());
}

#[tokio::test]
async fn of_several_limits_the_headers_tell_the_scarcest() {
    let rules = [
        (What::RequestsPerMinute, 5),
        (What::RequestsPerDay, 3),
        (What::InputTokensPerDay, 20),
        (What::TokensPerMinute, 500),
    ];
    let club = Club::of(limited(&rules)).await;
    let told = club.chat().await;
    assert_eq!(told.limits("requests"), ["3", "2", "43200s"]);
    assert_eq!(told.limits("tokens"), ["20", "17", "43200s"]);
}

#[tokio::test]
async fn all_users_of_a_pool_share_its_limits() {
    let pool_limits = limits(&[(What::RequestsPerMinute, 2), (What::TokensEver, 1_000)]);
    let club = Club::of(Terms { pool_limits, ..limited(&[(What::RequestsPerDay, 10)]) }).await;
    assert_eq!(club.chat().await.status, 200);
    assert_eq!(club.ask(chat_of(2)).await.limits("requests"), ["2", "0", "60s"]);
    let told = club.chat().await;
    assert_eq!((told.status, told.header("retry-after")), (429, "60"));
    assert!(told.message().contains("all users of this pool together"), "{}", told.text);
    club.advance(60);
    assert_eq!(club.chat().await.limits("requests"), ["2", "1", "60s"]);
    let spent = club.ledger.take_spending();
    assert_eq!(spent.len(), 2);
    assert!(spent.iter().all(|it| it.ever.tokens % 5 == 0 && it.at > START));
}

#[tokio::test]
async fn pages_in_a_browser_may_read_how_limits_stand() {
    let club = Club::of(Terms::default()).await;
    let mut ask = chat_of(1);
    ask.headers_mut().insert("origin", "https://page.test".parse().unwrap());
    let told = club.ask(ask).await;
    let exposed = told.header("access-control-expose-headers");
    for name in ["x-ratelimit-remaining-requests", "x-ratelimit-reset-tokens", "retry-after"] {
        assert!(exposed.contains(name), "{name}: {exposed}");
    }
}
