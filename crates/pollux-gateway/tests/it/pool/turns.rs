//! Waiting for a busy key: one turn for each user, however many requests he has.

use std::cell::RefCell;

use futures_util::future::{FutureExt as _, join_all};
use pollux_gateway::catalog::Settings;
use pollux_pool::pool;
use pollux_testkit::{MODEL, START, chat, native};

use crate::scripted::{Reply, Scene, Step, piece, read};

/// What Gemini answers.
pub(super) const ANSWER: &str = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"ok"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}}"#;
const CHAT: &str = "/v1/chat/completions";

#[tokio::test]
async fn a_single_request_is_served_in_its_turn_while_another_user_floods() {
    let pool = pool::Settings { max_concurrency: 1, ..pool::Settings::default() };
    let scene = Scene::over(1, Settings::default(), pool, |_| Reply::of(200, ANSWER).held()).await;
    let body = chat(MODEL, "hello", false);
    let served = RefCell::new(Vec::new());
    let (scene, body, served) = (&scene, &body, &served);
    let asks = |user: i64| async move {
        let answer = scene.ask_as(user, CHAT, body).await;
        assert_eq!(read(answer).await.0, 200);
        served.borrow_mut().push(user);
    };
    let flood = join_all((0..30).map(|_| asks(1)));
    let single = async {
        // The flood is polled first: all of it waits by now.
        assert_eq!((scene.asked(), scene.waiting()), (1, 29));
        let gate = async {
            assert_eq!((scene.asked(), scene.waiting()), (1, 30));
            scene.open_gate();
        };
        tokio::join!(asks(2), gate);
    };
    tokio::join!(flood, single);
    let place = served.borrow().iter().position(|user| *user == 2);
    assert!(place.is_some_and(|place| place <= 2), "{served:?}");
    assert_eq!((scene.asked(), scene.waiting()), (31, 0));
}

/// The first event of a stream that goes on for ever.
fn endless(_: usize) -> Reply {
    let event = r#"data: {"candidates":[{"content":{"parts":[{"text":"o"}]}}]}"#;
    let body = vec![Step::Chunk(format!("{event}\r\n\r\n")), Step::Hold];
    Reply { status: 200, before: Vec::new(), body }
}

#[tokio::test]
async fn a_stream_that_is_dropped_serves_the_next_who_waits_without_any_time_passing() {
    const KEYS: i64 = 2;
    const MOST: u32 = 2;
    let pool = pool::Settings { max_concurrency: MOST, ..pool::Settings::default() };
    let scene = Scene::over(KEYS, Settings::default(), pool, endless).await;
    let events = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
    let (chats, natives) = (chat(MODEL, "hello", true), native("hello"));
    let ask = |user: i64, at: usize| {
        let (scene, events, chats, natives) = (&scene, &events, &chats, &natives);
        async move {
            let is_chat = at.is_multiple_of(2);
            let target = if is_chat { CHAT } else { events.as_str() };
            let body = if is_chat { chats } else { natives };
            let mut stream = scene.ask_as(user, target, body).await.into_body();
            assert!(piece(&mut stream).await.contains("\"o\""));
            (user, stream)
        }
    };
    let mut running = Vec::new();
    for at in 0..4 {
        running.push(ask(1, at).await);
    }
    // The first user has five more requests, and then the second one comes with three.
    let users = [1, 1, 1, 1, 1, 2, 2, 2];
    let mut waiting: Vec<_> =
        users.iter().enumerate().map(|(at, &user)| Box::pin(ask(user, at))).collect();
    for request in &mut waiting {
        assert!(request.now_or_never().is_none(), "every key is busy");
    }
    let mut served = Vec::new();
    // One that waits goes away.
    drop(waiting.remove(1));
    assert_eq!((scene.asked(), scene.waiting()), (4, 7));
    for left in (0..7).rev() {
        drop(running.remove(0));
        assert_eq!(scene.waiting(), left, "the key is handed over at once");
        let next = waiting.iter_mut().enumerate().find_map(|(at, request)| {
            (0..9).find_map(|_| request.now_or_never()).map(|stream| (at, stream))
        });
        let Some((at, stream)) = next else { panic!("nobody is served: {served:?}") };
        drop(waiting.remove(at));
        served.push(stream.0);
        running.push(stream);
        let taken: Vec<u32> = scene.keys().iter().map(|key| key.in_flight).collect();
        assert_eq!((taken, scene.open()), (vec![MOST; 2], 4));
    }
    assert_eq!(served, [1, 2, 1, 2, 1, 2, 1], "the users take turns");
    assert_eq!(scene.clock.now(), START);
    drop(running);
    assert_eq!((scene.open(), scene.keys().iter().map(|key| key.in_flight).sum::<u32>()), (0, 0));
}

#[tokio::test]
async fn a_client_that_leaves_with_a_key_in_hand_leaves_it_to_the_next() {
    let pool = pool::Settings { max_concurrency: 1, ..pool::Settings::default() };
    let scene = Scene::over(1, Settings::default(), pool, endless).await;
    let body = chat(MODEL, "hello", true);
    let running = scene.ask_as(1, CHAT, &body).await;
    let mut first = Box::pin(scene.ask_as(1, CHAT, &body));
    let mut second = Box::pin(scene.ask_as(2, CHAT, &body));
    assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
    drop(running);
    assert_eq!((scene.waiting(), scene.asked()), (1, 1), "the first one has it, unasked as yet");
    drop(first);
    assert_eq!(scene.waiting(), 0);
    assert_eq!((&mut second).now_or_never().map(|answer| answer.status().as_u16()), Some(200));
    assert_eq!((scene.asked(), scene.clock.now()), (2, START));
}
