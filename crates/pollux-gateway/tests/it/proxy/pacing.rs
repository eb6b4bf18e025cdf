//! Text that goes out at a pace, as clients see it.

use std::time::Duration;

use http_body_util::BodyExt as _;
use pollux_gateway::catalog::Settings;
use pollux_pool::time::Timestamp;
use pollux_testkit::{Face, MODEL, ManualClock, chat, native};
use pollux_translate::pacing::{Mode, Pacing};
use serde_json::Value;

use crate::scripted::{Reply, Scene, Step, piece};

const SECOND: Duration = Duration::from_secs(1);
/// How often a client is polled before the clock moves on.
const TURNS: usize = 30;

/// One character a second: a time for which the clock waits to be moved.
fn slow() -> Settings {
    let pacing = Pacing { mode: Mode::Char, char_delay: SECOND, ..Pacing::default() };
    Settings { pacing, ..Settings::default() }
}

fn event(parts: &str, more: &str) -> String {
    format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{parts}],\"role\":\"model\"}}{more}}}],\
         \"usageMetadata\":{{\"promptTokenCount\":3,\"candidatesTokenCount\":4,\"totalTokenCount\":7}}}}\r\n\r\n"
    )
}

fn text(text: &str) -> String {
    format!("{{\"text\":\"{text}\"}}")
}

fn events_of(face: Face) -> (String, String) {
    match face {
        Face::ChatStream | Face::Chat => {
            ("/v1/chat/completions".to_owned(), chat(MODEL, "hi", true))
        }
        Face::Native | Face::NativeEvents | Face::NativeArray => {
            (format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"), native("hi"))
        }
    }
}

/// Moves the clock on, a second at a time, whenever somebody sleeps that long at most.
async fn moving<T>(clock: &ManualClock, work: impl Future<Output = T>) -> T {
    let moves = async {
        loop {
            clock.until_sleeping(..=SECOND).await;
            // What is at hand goes out before time does.
            for _ in 0..TURNS {
                tokio::task::yield_now().await;
            }
            clock.advance(SECOND);
        }
    };
    tokio::select! {
        biased;
        output = work => output,
        () = moves => unreachable!("time has no end"),
    }
}

/// Reads a stream while the clock moves on by itself: the text of each piece, and when it came.
async fn read(scene: &Scene, face: Face) -> (Vec<(Timestamp, String)>, String) {
    let (target, request) = events_of(face);
    let mut body = scene.ask(&target, &request).await.into_body();
    let (mut told, mut whole) = (Vec::new(), String::new());
    loop {
        let said = moving(&scene.clock, piece(&mut body)).await;
        if said.is_empty() {
            return (told, whole);
        }
        whole.push_str(&said);
        let text = face.text(&said);
        if !text.is_empty() {
            told.push((scene.clock.now(), text));
        }
    }
}

#[tokio::test]
async fn a_client_sees_one_character_at_a_time() {
    for face in [Face::ChatStream, Face::NativeEvents] {
        let scene = Scene::new(1, slow(), |_| {
            let texts = ["one e", "\u{301}\u{1f1e9}", "\u{1f1ea}!"];
            let last = event(&text("."), ",\"finishReason\":\"STOP\"");
            Reply::pieces(texts.map(|it| event(&text(it), "")).into_iter().chain([last]))
        })
        .await;
        let (told, whole) = read(&scene, face).await;
        let texts: Vec<&str> = told.iter().map(|(_, text)| text.as_str()).collect();
        let want = ["o", "n", "e", " ", "e\u{301}", "\u{1f1e9}\u{1f1ea}", "!", "."];
        assert_eq!(texts, want, "{face:?}: {whole}");
        assert!(told.windows(2).all(|pair| pair[1].0.since(pair[0].0) >= SECOND), "{told:?}");
        assert!(face.is_complete(&whole), "{whole}");
    }
}

#[tokio::test]
async fn calls_usage_and_signatures_come_through_whole() {
    let parts = [
        text("so"),
        "{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":\"bc\"}},\"thoughtSignature\":\"c2ln\"}"
            .to_owned(),
    ];
    let all = event(&parts.join(","), ",\"finishReason\":\"STOP\"");
    let scene = Scene::new(1, slow(), move |_| Reply::pieces([all.clone()])).await;

    let (told, whole) = read(&scene, Face::NativeEvents).await;
    assert_eq!(told.len(), 2, "{whole}");
    let last = whole.trim_end().rsplit("data: ").next().unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["candidates"][0]["content"]["parts"][0]["thoughtSignature"], "c2ln");
    assert_eq!(last["candidates"][0]["content"]["parts"][0]["functionCall"]["args"]["a"], "bc");
    assert_eq!(last["usageMetadata"]["totalTokenCount"], 7);

    let (told, whole) = read(&scene, Face::ChatStream).await;
    assert_eq!(told.len(), 2, "{whole}");
    assert!(whole.contains(r#""finish_reason":"tool_calls""#), "{whole}");
    assert_eq!(scene.counted().output_tokens, 8, "usage counts once for each of two answers");
}

#[tokio::test]
async fn each_of_several_answers_has_its_own_pace() {
    let scene = Scene::new(1, slow(), |number| {
        let said = ["abc", "xyz"][number % 2];
        Reply::pieces([event(&text(said), ",\"finishReason\":\"STOP\"")])
    })
    .await;
    let request = chat(MODEL, "hi", true).replace("\"stream\"", "\"n\":2,\"stream\"");
    let began = scene.clock.now();
    let body = scene.ask("/v1/chat/completions", &request).await.into_body();
    let body = moving(&scene.clock, body.collect()).await.unwrap().to_bytes();
    let body = String::from_utf8_lossy(&body);
    let mut texts = [String::new(), String::new()];
    for line in body.lines().filter_map(|line| line.strip_prefix("data: {")) {
        let chunk: Value = serde_json::from_str(&format!("{{{line}")).unwrap();
        let choice = &chunk["choices"][0];
        if let (Some(index), Some(text)) =
            (choice["index"].as_u64(), choice["delta"]["content"].as_str())
        {
            texts[usize::try_from(index).unwrap()].push_str(text);
        }
    }
    texts.sort();
    assert_eq!(texts, ["abc", "xyz"], "{body}");
    assert_eq!(scene.clock.now().since(began), SECOND * 2);
}

#[tokio::test]
async fn a_client_that_hangs_up_ends_the_call() {
    let scene = Scene::new(1, slow(), |_| {
        let body = vec![Step::Chunk(event(&text("one two"), "")), Step::Hold];
        Reply { status: 200, before: Vec::new(), body }
    })
    .await;
    let (target, request) = events_of(Face::NativeEvents);
    let mut body = scene.ask(&target, &request).await.into_body();
    assert_eq!(Face::NativeEvents.text(&piece(&mut body).await), "o");
    assert_eq!(scene.open(), 1);
    drop(body);
    assert_eq!(scene.open(), 0);
}

#[tokio::test]
async fn gemini_is_read_no_further_than_there_is_room_for() {
    let scene = Scene::new(1, slow(), |_| {
        let long = event(&text(&"word ".repeat(10_000)), "");
        Reply::pieces(std::iter::repeat_n(long, 100))
    })
    .await;
    let (target, request) = events_of(Face::NativeEvents);
    let mut body = scene.ask(&target, &request).await.into_body();
    piece(&mut body).await;
    assert!(scene.given()[0] < 20, "{:?}", scene.given());
}

#[tokio::test]
async fn a_long_answer_does_not_take_long() {
    let long = "word ".repeat(1000);
    let said = event(&text(&long), ",\"finishReason\":\"STOP\"");
    let scene = Scene::new(1, slow(), move |_| Reply::pieces([said.clone()])).await;
    let began = scene.clock.now();
    let (_, whole) = read(&scene, Face::ChatStream).await;
    assert_eq!(Face::ChatStream.text(&whole), long);
    assert!(scene.clock.now().since(began) < SECOND * 2);
}
