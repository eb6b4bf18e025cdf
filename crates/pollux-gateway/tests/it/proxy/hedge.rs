//! A second key beside a slow one: when, for whom, how often, and what becomes of the other.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use pollux_gateway::{
    catalog::{Catalog, PoolEntry, Settings},
    ledger::Ledger as _,
};
use pollux_pool::{
    balance::Strategy,
    id::{KeyId, PoolId, ProjectName},
    key::{Key, Tier},
    limit::Limits,
    pool,
};
use pollux_store::{
    cipher::{Cipher, MasterKey},
    secret::Secret,
};
use pollux_testkit::{MODEL, chat, native};

use crate::paced::{Asked, Course, Told};

const FINE: &str = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}"#;
const OVERLOADED: &str =
    r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
const FAST: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_secs(20);
/// So many answers teach what is usual.
const LESSONS: usize = 30;
/// What is taken for the time of nineteen of twenty answers: up to a quarter more than that.
const P95: std::ops::RangeInclusive<Duration> = FAST..=Duration::from_millis(2_500);
const PASSWORD: &str = "of-the-admin-alone";

fn fine(after: Duration) -> Told {
    Told(after, 200, FINE.to_owned())
}

fn broken(after: Duration) -> Told {
    Told(after, 503, OVERLOADED.to_owned())
}

/// Pools that take turns and hedge so much; requests are remembered.
async fn course(
    keys: i64,
    ratio: f64,
    script: impl Fn(&Asked) -> Told + Send + Sync + 'static,
) -> Course {
    let admin_password = Some(Secret::new(PASSWORD.to_owned()));
    let settings = Settings { admin_password, ..Settings::default() };
    let pool = pool::Settings { strategy: Strategy::RoundRobin, ..pool::Settings::default() };
    Course::new(keys, (settings, pool, ratio), script).await
}

fn whole() -> String {
    format!("/v1beta/models/{MODEL}:generateContent")
}

async fn ask(course: &Course, target: &str, body: &str) -> (u16, String) {
    let (status, headers, body) = course.run(course.ask(1, &[], (target, body))).await;
    let attempts = headers.get("x-pollux-attempts").map(|it| it.to_str().unwrap().to_owned());
    assert_eq!((course.open(), course.in_flight()), (0, 0), "{body}");
    (status, attempts.unwrap_or_default())
}

/// Asks as often as it takes to know what is usual; returns how many calls that took.
async fn learn(course: &Course, target: &str, body: &str) -> usize {
    for _ in 0..LESSONS {
        assert_eq!(ask(course, target, body).await, (200, "1".to_owned()));
    }
    course.counted();
    course.count()
}

#[tokio::test]
async fn a_second_key_is_asked_when_the_first_is_slower_than_is_usual_and_the_first_is_dropped() {
    let events = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
    let asks = [
        (whole(), native("hi"), false),
        ("/v1/chat/completions".to_owned(), chat(MODEL, "hi", false), false),
        ("/v1/chat/completions".to_owned(), chat(MODEL, "hi", true), true),
        (events, native("hi"), true),
    ];
    for (target, body, streams) in asks {
        let answer = if streams { format!("data: {FINE}\r\n\r\n") } else { FINE.to_owned() };
        let script = move |asked: &Asked| {
            let after = if asked.number == LESSONS { SLOW } else { FAST };
            Told(after, 200, answer.clone())
        };
        let course = course(3, 0.1, script).await;
        let calls = learn(&course, &target, &body).await;
        assert_eq!(calls, LESSONS, "{target}");
        let begun = course.clock.now();
        assert_eq!(ask(&course, &target, &body).await, (200, "2".to_owned()), "{target}");
        let asked = course.asked(LESSONS);
        let [first, second] = asked.as_slice() else { panic!("{target}: {asked:?}") };
        assert_ne!(first.key, second.key);
        assert!(P95.contains(&second.at.since(first.at)), "{target}: {asked:?}");
        let took = course.clock.now().since(begun);
        assert_eq!(took, second.at.since(first.at) + FAST, "the first is not waited for");
        let counts = course.counted();
        assert_eq!((counts.requests, counts.attempts, counts.failures), (1, 2, 0), "{target}");
        assert_eq!((counts.prompt_tokens, counts.output_tokens), (3, 2), "{target}");
        let used = course.ledger.quotas(PoolId(1));
        let requests: u64 = used.iter().map(|quota| quota.day.requests).sum();
        assert_eq!(requests, LESSONS as u64 + 2, "Google counts the first one too");
        let shown = course.show("/admin/api/requests?limit=2", PASSWORD).await;
        let hedged = [0, 1].map(|at| shown["requests"][at]["hedged"].clone());
        assert_eq!(hedged, [true, false], "{shown}");
    }
}

#[tokio::test]
async fn the_first_answers_too_when_it_is_faster_in_the_end() {
    let script = |asked: &Asked| match asked.number.checked_sub(LESSONS) {
        Some(0) => fine(FAST * 2),
        Some(_) => fine(SLOW),
        None => fine(FAST),
    };
    let course = course(3, 0.1, script).await;
    learn(&course, &whole(), &native("hi")).await;
    let begun = course.clock.now();
    assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "2".to_owned()));
    assert_eq!(course.clock.now().since(begun), FAST * 2);
    let counts = course.counted();
    assert_eq!((counts.requests, counts.attempts, counts.output_tokens), (1, 2, 2));
}

#[tokio::test]
async fn a_first_one_that_fails_leaves_it_to_the_second() {
    let script = |asked: &Asked| match asked.number.checked_sub(LESSONS) {
        Some(0) => broken(FAST * 2),
        Some(_) => fine(FAST * 4),
        None => fine(FAST),
    };
    let course = course(3, 0.1, script).await;
    learn(&course, &whole(), &native("hi")).await;
    assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "2".to_owned()));
    assert_eq!(course.count(), LESSONS + 2, "and no third");
    let counts = course.counted();
    assert_eq!((counts.requests, counts.attempts, counts.failures), (1, 2, 0));
}

#[tokio::test]
async fn a_second_one_that_fails_leaves_it_to_the_first() {
    let script = |asked: &Asked| match asked.number.checked_sub(LESSONS) {
        Some(0) => fine(FAST * 4),
        Some(_) => broken(FAST),
        None => fine(FAST),
    };
    let course = course(3, 0.1, script).await;
    learn(&course, &whole(), &native("hi")).await;
    let begun = course.clock.now();
    assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "2".to_owned()));
    assert_eq!((course.count(), course.clock.now().since(begun)), (LESSONS + 2, FAST * 4));
}

#[tokio::test]
async fn when_both_fail_a_third_key_is_asked() {
    let invalid = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#;
    for (status, body) in [(503, OVERLOADED), (400, invalid)] {
        let script = move |asked: &Asked| match asked.number.checked_sub(LESSONS) {
            Some(at @ 0..=1) => Told(FAST * (4 - u32::try_from(at).unwrap()), status, body.into()),
            Some(_) | None => fine(FAST),
        };
        let course = course(3, 0.1, script).await;
        learn(&course, &whole(), &native("hi")).await;
        assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "3".to_owned()), "{status}");
        let mut keys: Vec<String> = course.asked(LESSONS).into_iter().map(|it| it.key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), 3, "{keys:?}");
        let counts = course.counted();
        assert_eq!((counts.requests, counts.attempts, counts.failures), (1, 3, 0), "{status}");
    }
}

#[tokio::test]
async fn a_client_that_goes_away_takes_both_with_it() {
    let script = |asked: &Asked| fine(if asked.number < LESSONS { FAST } else { SLOW });
    let course = course(3, 0.1, script).await;
    learn(&course, &whole(), &native("hi")).await;
    let (target, body) = (whole(), native("hi"));
    let request = course.ask(1, &[], (&target, &body));
    let both = async {
        while course.open() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(course.in_flight(), 2);
    };
    let leaving = async {
        tokio::select! {
            answer = request => panic!("{answer:?}"),
            () = both => {}
        }
    };
    course.run(leaving).await;
    assert_eq!((course.open(), course.in_flight(), course.count()), (0, 0, LESSONS + 2));
}

#[tokio::test]
async fn nothing_is_sent_twice_that_makes_or_needs_what_one_project_owns() {
    let made = r#"{"name":"cachedContents/mine","model":"models/gemini-2.5-flash"}"#;
    let script = move |asked: &Asked| match () {
        () if asked.number < LESSONS => fine(FAST),
        () if asked.path.contains("cachedContents") => Told(SLOW, 200, made.to_owned()),
        () if asked.path.contains("upload") => Told(SLOW, 200, r#"{"file":{}}"#.to_owned()),
        () => fine(SLOW),
    };
    let course = course(3, 0.1, script).await;
    // The owner has other keys, which could be asked.
    let key = |id| Key {
        id: KeyId(id),
        weight: 1,
        project: Some(ProjectName::new("team")),
        tier: Tier::Free,
    };
    let pool = PoolEntry {
        id: PoolId(1),
        name: "default".to_owned(),
        is_on: true,
        treatment: Arc::default(),
        settings: pool::Settings::default(),
        max_waiting: 100,
        limits: Limits::default(),
        retry_ratio: 0.2,
        hedge_ratio: 0.1,
        keys: (1..=3).map(key).collect(),
    };
    let cipher = Cipher::new(&MasterKey::generate().unwrap()).unwrap();
    let catalog = Catalog::new(Settings::default(), vec![pool], [], [], Arc::new(cipher));
    course.ledger.configure(&catalog);
    learn(&course, &whole(), &native("hi")).await;
    let owned = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"cachedContent":"cachedContents/mine"}"#;
    let asks = [
        ("/v1beta/cachedContents".to_owned(), r#"{"model":"models/gemini-2.5-flash"}"#),
        (whole(), owned),
        ("/upload/v1beta/files?uploadType=media".to_owned(), "bytes"),
    ];
    for (at, (target, body)) in asks.iter().enumerate() {
        let (status, attempts) = ask(&course, target, body).await;
        assert_eq!((status, attempts.as_str()), (200, "1"), "{target}");
        assert_eq!(course.count(), LESSONS + at + 1, "{target}");
    }
    let hedged = ask(&course, &whole(), &native("hi")).await;
    assert_eq!(hedged, (200, "2".to_owned()), "while what nobody owns is");
}

#[tokio::test]
async fn counts_of_tokens_and_the_like_are_no_measure_of_answers() {
    let script = |asked: &Asked| match asked.number {
        number if number == 4 * LESSONS => fine(SLOW),
        _ if asked.path.contains("countTokens") => {
            Told(FAST / 2, 200, r#"{"totalTokens":3}"#.to_owned())
        }
        _ => fine(FAST),
    };
    let course = course(3, 0.1, script).await;
    let count = format!("/v1beta/models/{MODEL}:countTokens");
    for _ in 0..3 * LESSONS {
        assert_eq!(ask(&course, &count, &native("hi")).await.0, 200);
    }
    learn(&course, &whole(), &native("hi")).await;
    assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "2".to_owned()));
    let asked = course.asked(4 * LESSONS);
    assert!(P95.contains(&asked[1].at.since(asked[0].at)), "{asked:?}");
}

#[tokio::test]
async fn a_thousand_slow_ones_at_once_get_as_many_second_keys_as_were_earned() {
    let is_slow = Arc::new(AtomicBool::new(false));
    let slow = Arc::clone(&is_slow);
    let script = move |_: &Asked| fine(if slow.load(Ordering::Relaxed) { SLOW } else { FAST });
    let course = course(50, 0.02, script).await;
    let (target, body) = (whole(), native("hi"));
    let thousand = || join_all((0..1_000).map(|_| course.ask(1, &[], (&target, &body))));
    let answers = course.run(thousand()).await;
    assert!(answers.iter().all(|(status, ..)| *status == 200));
    assert_eq!(course.count(), 1_000, "nothing is usual yet, and nothing slow");
    is_slow.store(true, Ordering::Relaxed);
    let answers = course.run(thousand()).await;
    assert!(answers.iter().all(|(status, ..)| *status == 200));
    let second = course.count() - 2_000;
    assert!((19..=20).contains(&second), "{second}");
    assert_eq!((course.open(), course.in_flight()), (0, 0));
}

#[tokio::test]
async fn of_many_requests_with_slow_ones_among_them_a_small_share_is_asked_twice() {
    // Whoever is asked beside a slow one is fast.
    let script = |asked: &Asked| fine(if asked.number.is_multiple_of(30) { SLOW } else { FAST });
    let course = course(3, 0.02, script).await;
    let (target, body) = (whole(), native("hi"));
    for _ in 0..600 {
        assert_eq!(ask(&course, &target, &body).await.0, 200);
    }
    let second = course.count() - 600;
    assert!((8..=12).contains(&second), "{second}");
}

#[tokio::test]
async fn unless_a_pool_allows_it_nothing_is_asked_twice() {
    let script = |asked: &Asked| fine(if asked.number < LESSONS { FAST } else { SLOW });
    let course = course(3, 0.0, script).await;
    learn(&course, &whole(), &native("hi")).await;
    for _ in 0..5 {
        assert_eq!(ask(&course, &whole(), &native("hi")).await, (200, "1".to_owned()));
    }
    assert_eq!(course.count(), LESSONS + 5);
}
