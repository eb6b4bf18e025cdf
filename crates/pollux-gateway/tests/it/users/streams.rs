//! Requests under way at a time: a stream counts until it ends or the client leaves.

use axum::body::Body;
use std::{
    future::{Future as _, poll_fn},
    pin::pin,
    task::Poll,
};

use http::{Method, Request};
use http_body_util::BodyExt as _;
use pollux_pool::limit::What;
use pollux_testkit::{MODEL, chat, native, within};

use super::{Club, limited, read, request};

fn streams() -> [Request<Body>; 2] {
    let events = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
    [
        request(1, Method::POST, "/v1/chat/completions", chat(MODEL, "hi", true)),
        request(1, Method::POST, &events, native("hi")),
    ]
}

#[tokio::test]
async fn a_stream_is_under_way_until_it_has_ended() {
    let club = Club::of(limited(&[(What::Concurrency, 2)])).await;
    let [one, other] = streams();
    let first = club.open(one, None).await;
    let second = club.open(other, None).await;
    assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
    let told = club.chat().await;
    assert_eq!((told.status, told.header("retry-after")), (429, "1"));
    assert!(told.message().contains("2 requests at a time"), "{}", told.text);
    assert_eq!(club.native().await.status, 429);
    assert!(read(first).await.text.ends_with("data: [DONE]\n\n"));
    assert_eq!(club.chat().await.status, 200);
    assert_eq!(read(second).await.status, 200);
    assert_eq!(club.chat().await.status, 200);
    assert_eq!(club.native().await.status, 200);
}

#[tokio::test]
async fn a_client_that_leaves_makes_room() {
    let club = Club::of(limited(&[(What::Concurrency, 1), (What::TokensEver, 1_000)])).await;
    for ask in streams() {
        let mut answer = club.open(ask, None).await;
        within("an event", answer.body_mut().frame()).await.unwrap().unwrap();
        assert_eq!(club.chat().await.status, 429);
        drop(answer);
        assert_eq!(club.chat().await.status, 200);
    }
}

#[tokio::test]
async fn a_client_that_leaves_before_the_answer_makes_room_too() {
    let club = Club::of(limited(&[(What::Concurrency, 1), (What::RequestsPerDay, 10)])).await;
    let gate = club.gemini.gate.acquire().await.unwrap();
    for ask in streams() {
        let asked = club.asked().len();
        let mut waiting = pin!(club.open(ask, None));
        let is_asked = poll_fn(|cx| {
            assert!(waiting.as_mut().poll(cx).is_pending(), "nothing is answered yet");
            if club.asked().len() > asked { Poll::Ready(()) } else { Poll::Pending }
        });
        within("a call", is_asked).await;
        assert_eq!(club.chat().await.status, 429);
    }
    drop(gate);
    let told = club.chat().await;
    assert_eq!((told.status, told.limits("requests")[1]), (200, "7"), "those who left count");
}

#[tokio::test]
async fn what_a_stream_used_is_counted_when_it_ends() {
    let club = Club::of(limited(&[(What::TokensPerDay, 1_000)])).await;
    *club.gemini.usage.lock().unwrap() = (300, 200);
    for (ask, left) in streams().into_iter().zip(["500", "0"]) {
        assert_eq!(read(club.open(ask, None).await).await.status, 200);
        let told = club.ask(request(1, Method::GET, "/v1/models", "")).await;
        assert_eq!(told.limits("tokens")[1], left);
    }
    assert_eq!(club.chat().await.status, 429);
}
