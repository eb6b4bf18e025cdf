//! Waiting for a busy key: one turn for each user, however many requests he has.

use std::cell::RefCell;

use futures_util::future::join_all;
use pollux_gateway::catalog::Settings;
use pollux_pool::pool;
use pollux_testkit::{MODEL, chat};

use crate::scripted::{Reply, Scene, read};

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
