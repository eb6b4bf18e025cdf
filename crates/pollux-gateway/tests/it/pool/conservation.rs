//! Whatever happens to requests, no key stays taken, nobody waits for ever, and the account is right.

use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::body::Body;
use futures_util::future::{join_all, select};
use http_body_util::BodyExt as _;
use pollux_gateway::catalog::Settings;
use pollux_pool::pool;
use pollux_testkit::{MODEL, chat, native};

use super::turns::ANSWER;
use crate::scripted::{Reply, Scene, Step};

const KEYS: u32 = 3;
const CLIENTS: u64 = 30;
const QUOTA: &str = r#"{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[
    {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"requests",
     "quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"40"}]},
    {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"3s"}]}}"#;
const BARE: &str = r#"{"error":{"code":429,"message":"Resource has been exhausted (e.g. check quota).","status":"RESOURCE_EXHAUSTED"}}"#;
const INVALID: &str = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[
    {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}"#;
const OVERLOADED: &str =
    r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
const MISTAKE: &str =
    r#"{"error":{"code":400,"message":"Bad field.","status":"INVALID_ARGUMENT"}}"#;

/// Numbers that follow from a seed.
#[derive(Clone, Copy, Debug)]
struct Dice(u64);

impl Dice {
    fn new(seed: u64, what: u64) -> Self {
        Self((seed * 1_000_003 + what + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// Anything that an upstream does; nothing but good answers once the storm is over.
fn reply(mut dice: Dice, streams: bool, is_over: bool) -> Reply {
    let event = |text: &str| format!("data: {text}\r\n\r\n");
    if is_over {
        return Reply::of(200, ANSWER);
    }
    let good = if streams { event(ANSWER) } else { ANSWER.to_owned() };
    let begun = Step::Chunk(if streams {
        event(r#"{"candidates":[{"content":{"parts":[{"text":"o"}]}}]}"#)
    } else {
        good[..9].to_owned()
    });
    match dice.below(12) {
        0 => Reply::of(429, QUOTA),
        1 => Reply::of(429, BARE),
        2 if dice.below(4) == 0 => Reply::of(400, INVALID),
        3 => Reply::of(503, OVERLOADED),
        4 => Reply::of(400, MISTAKE),
        5 => Reply { status: 200, before: vec![Step::Break], body: Vec::new() },
        6 => Reply { status: 200, before: vec![Step::Pause; 3], body: vec![begun, Step::Break] },
        7 => Reply {
            status: 200,
            before: Vec::new(),
            body: vec![begun, Step::Hold, Step::Chunk(good)],
        },
        8 => Reply::of(200, good).held(),
        9 => Reply::of(200, "{}"),
        _ => Reply {
            status: 200,
            before: vec![Step::Pause; 2],
            body: vec![Step::Pause, Step::Chunk(good)],
        },
    }
}

/// Whether an answer costs no quota.
fn is_refusal(reply: &Reply) -> bool {
    let says = |words: &str| matches!(&reply.body[..], [Step::Chunk(body)] if body == words);
    says(QUOTA) || says(BARE) || says(INVALID)
}

/// Comes after so many turns of the others.
async fn turns(count: u64) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

/// A client who comes at some time, and may hang up at any other.
async fn client(scene: &Scene, streams: bool, mut dice: Dice) {
    turns(dice.below(40)).await;
    let (target, body) = match (dice.below(2), streams) {
        (0, _) => ("/v1/chat/completions".to_owned(), chat(MODEL, "hi", streams)),
        (_, true) => {
            (format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"), native("hi"))
        }
        (_, false) => (format!("/v1beta/models/{MODEL}:generateContent"), native("hi")),
    };
    let user = 1 + i64::try_from(dice.below(2)).unwrap();
    let patience = if dice.below(3) == 0 { 1_000_000 } else { dice.below(150) };
    let exchange = async {
        let answer = scene.ask_as(user, &target, &body).await;
        read(answer.into_body()).await;
    };
    // Patience goes first, so that it may end just when a key was handed over.
    let _ = select(std::pin::pin!(turns(patience)), std::pin::pin!(exchange)).await;
}

async fn read(mut body: Body) {
    while let Some(frame) = body.frame().await {
        if frame.is_err() {
            return;
        }
    }
}

async fn storm(seed: u64) {
    let (streams, most) = (seed.is_multiple_of(2), 1 + u32::try_from(seed % 3).unwrap());
    let pool = pool::Settings { max_concurrency: most, ..pool::Settings::default() };
    let over = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicU64::new(0));
    let (is_over, refusals) = (Arc::clone(&over), Arc::clone(&refused));
    let script = move |number: usize| {
        let dice = Dice::new(seed, 1_000 + number as u64);
        let reply = reply(dice, streams, is_over.load(Ordering::Relaxed));
        refusals.fetch_add(u64::from(is_refusal(&reply)), Ordering::Relaxed);
        reply
    };
    let scene = Scene::over(i64::from(KEYS), Settings::default(), pool, script).await;
    let gone = Cell::new(0);
    let clients = join_all((0..CLIENTS).map(|at| {
        let (scene, gone) = (&scene, &gone);
        async move {
            client(scene, streams, Dice::new(seed, at)).await;
            gone.set(gone.get() + 1);
        }
    }));
    let time = async {
        let mut steps = 0;
        while gone.get() < CLIENTS {
            turns(5).await;
            assert!(scene.open() <= (KEYS * most) as usize, "seed {seed}: {}", scene.open());
            scene.clock.advance(Duration::from_millis(300));
            steps += 1;
            if steps == 60 {
                scene.open_gate();
            }
            assert!(steps < 5_000, "seed {seed}: {} of {CLIENTS} have ended", gone.get());
        }
    };
    tokio::join!(clients, time);
    let taken: u32 = scene.keys().iter().map(|key| key.in_flight).sum();
    assert_eq!((taken, scene.waiting(), scene.open()), (0, 0, 0), "seed {seed}");
    let (asked, counted) = (scene.asked() as u64, scene.counted());
    assert_eq!(counted.attempts, asked, "seed {seed}");
    let used: u64 = scene.quotas().iter().map(|quota| quota.day.requests).sum();
    // Some refusals were not waited for.
    let least = asked - refused.load(Ordering::Relaxed);
    assert!((least..=asked).contains(&used), "seed {seed}: {used}, not {least} to {asked}");
    // A day later nothing of it is held against the pool.
    over.store(true, Ordering::Relaxed);
    scene.clock.advance(Duration::from_hours(25));
    for _ in 0..3 * KEYS {
        client_is_served(&scene, seed).await;
    }
}

async fn client_is_served(scene: &Scene, seed: u64) {
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    let (status, body) = scene.whole(&target, &native("hi")).await;
    assert_eq!(status, 200, "seed {seed}: {body}");
}

#[tokio::test]
async fn after_any_storm_no_key_is_taken_and_nobody_waits() {
    for seed in 0..40 {
        storm(seed).await;
    }
}
