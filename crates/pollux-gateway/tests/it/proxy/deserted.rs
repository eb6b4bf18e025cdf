//! Ten thousand clients that go away at any moment: nothing stays open, and everything is counted.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use http_body::Body as _;
use pollux_gateway::catalog::Settings;
use pollux_testkit::{MODEL, chat, native};

use crate::scripted::{Reply, Scene, Step};

const CLIENTS: usize = 10_000;
/// How long a request waits for a key.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// Numbers without a pattern, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// One event; the tokens of the answer are as many as events came.
fn event(at: usize, end: usize) -> String {
    let finish = if at == end { r#","finishReason":"STOP""# } else { "" };
    format!(
        r#"data: {{"candidates":[{{"content":{{"parts":[{{"text":"w "}}]}}{finish}}}],"usageMetadata":{{"promptTokenCount":1,"candidatesTokenCount":{at}}}}}"#
    ) + "\r\n\r\n"
}

/// Streams with pauses anywhere, some after a refusal, and some that never come.
fn script(number: usize) -> Reply {
    let mut dice = Dice(number as u64);
    dice.below(7);
    match dice.below(10) {
        0 => return Reply::of(503, "").held_for(dice.below(3)),
        // The whole pool waits for a while.
        1 => return Reply::of(429, "").held_for(dice.below(3)),
        2 => return Reply::of(200, FINE).held(),
        _ => {}
    }
    let end = 1 + usize::try_from(dice.below(6)).unwrap();
    let mut body = Vec::new();
    for at in 1..=end {
        body.extend((0..dice.below(3)).map(|_| Step::Pause));
        body.push(Step::Chunk(event(at, end)));
        if dice.below(12) == 0 {
            body.push(Step::Hold);
        }
    }
    Reply { status: 200, before: vec![Step::Pause; usize::try_from(dice.below(3)).unwrap()], body }
}

const FINE: &str = "data: {}\r\n\r\n";

impl Reply {
    fn held_for(self, pauses: u64) -> Self {
        Self { before: vec![Step::Pause; usize::try_from(pauses).unwrap()], ..self }
    }
}

/// Polls up to `turns` times, and calls `given_up` before the future is dropped without an output.
fn turns<F: Future>(future: F, turns: u64, given_up: impl FnOnce()) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut cx = Context::from_waker(Waker::noop());
    for _ in 0..turns {
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return Some(output);
        }
    }
    given_up();
    None
}

#[tokio::test]
async fn nothing_is_left_of_clients_that_went_away() {
    let scene = Scene::new(4, Settings::default(), script).await;
    let events = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
    let mut dice = Dice(1);
    let (mut answered, mut gone, mut queued) = (0_u64, 0_u64, 0_u64);
    for _ in 0..CLIENTS {
        let (target, body) = if dice.below(2) == 0 {
            ("/v1/chat/completions", chat(MODEL, "hi", true))
        } else {
            (events.as_str(), native("hi"))
        };
        let patience = 1 + dice.below(14);
        let is_queued = || scene.clock.sleepers().iter().any(|left| *left <= MAX_WAIT);
        let given_up = || queued += u64::from(is_queued());
        if let Some(answer) = turns(scene.ask(target, &body), patience, given_up) {
            answered += 1;
            let mut body = answer.into_body();
            let mut cx = Context::from_waker(Waker::noop());
            for _ in 0..dice.below(20) {
                let frame = pin!(&mut body).poll_frame(&mut cx);
                if matches!(frame, Poll::Ready(None)) {
                    break;
                }
            }
        } else {
            gone += 1;
        }
        assert_eq!(scene.open(), 0, "an upstream call outlives its client");
        assert!(scene.clock.sleepers().is_empty(), "a timer outlives its client");
        assert!(scene.keys().iter().all(|key| key.in_flight == 0), "a lease outlives its client");
        // Keys that were benched come back now and then.
        if dice.below(20) == 0 {
            scene.clock.advance(Duration::from_secs(7));
        }
    }
    assert!(answered > 1_000 && gone > 1_000 && queued > 100, "{answered} {gone} {queued}");
    let counts = scene.counted();
    assert_eq!(counts.attempts, u64::try_from(scene.asked()).unwrap());
    assert_eq!(counts.requests, answered);
    let given = scene.given();
    let streams = given.iter().enumerate().filter(|(call, _)| script(*call).status == 200);
    let told: usize = streams.map(|(_, events)| events).sum();
    assert!(told > CLIENTS / 10, "{told}");
    assert_eq!(counts.output_tokens, u64::try_from(told).unwrap(), "what was used is counted");
}
