//! Answers that arrive in any pieces, and break off at any byte.

use bytes::Bytes;
use pollux_gateway::{catalog::Settings, proxy::upstream::UpstreamError};
use pollux_testkit::{Face, MODEL, chat, native};
use pollux_translate::pacing::{Mode, Pacing};

use crate::bare::{Bare, Pieces};

const TEXT: &str = "one two \u{1f600} three";

/// One chunk of an answer, on one line.
fn chunk(text: &str, more: &str) -> String {
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}}],"role":"model"}}{more}}}]}}"#
    )
}

/// The whole answer as Gemini frames it for a face.
fn framed(face: Face) -> String {
    let chunks = [
        chunk("one ", ""),
        chunk("two ", ""),
        chunk("\u{1f600} ", ""),
        chunk("three", r#","finishReason":"STOP""#),
    ];
    match face {
        Face::NativeArray => format!("[{}\n]", chunks.join("\n,\r\n")),
        Face::Chat | Face::Native => chunk(TEXT, r#","finishReason":"STOP""#),
        Face::ChatStream | Face::NativeEvents => {
            chunks.map(|chunk| format!("data: {chunk}\r\n\r\n")).concat()
        }
    }
}

/// Asks a face when Gemini answers with `pieces`; returns the status and what the client got.
async fn ask(bare: &Bare, face: Face, pieces: Pieces) -> (u16, String) {
    bare.answer_with(pieces);
    let target = |call: &str| format!("/v1beta/models/{MODEL}:{call}");
    let (target, body) = match face {
        Face::Chat | Face::ChatStream => {
            ("/v1/chat/completions".to_owned(), chat(MODEL, "hi", face.is_stream()))
        }
        Face::Native => (target("generateContent"), native("hi")),
        Face::NativeEvents => (target("streamGenerateContent?alt=sse"), native("hi")),
        Face::NativeArray => (target("streamGenerateContent"), native("hi")),
    };
    bare.ask("POST", &target, &body).await
}

#[tokio::test]
async fn an_answer_may_arrive_in_any_pieces() {
    let bare = Bare::over(Vec::new()).await;
    for face in Face::ALL {
        let whole = framed(face);
        let (_, want) = ask(&bare, face, vec![Ok(Bytes::from(whole.clone()))]).await;
        for size in [1, 2, 3, 7, 64, 100] {
            let pieces = whole.as_bytes().chunks(size).map(|it| Ok(Bytes::copy_from_slice(it)));
            let (status, body) = ask(&bare, face, pieces.collect()).await;
            assert_eq!(
                (status, face.text(&body).as_str()),
                (200, TEXT),
                "{face:?}, {size}: {body}"
            );
            assert!(face.is_complete(&body), "{face:?}, {size}: {body}");
            if !face.is_chat() {
                assert_eq!(body, want, "{face:?}, {size}");
            }
        }
    }
}

#[tokio::test]
async fn a_paced_answer_may_arrive_in_any_pieces() {
    let settings = Settings { pacing: one_by_one(), ..Settings::default() };
    let bare = Bare::with(Vec::new(), settings).await;
    for face in Face::ALL {
        let whole = framed(face);
        for size in 1..=whole.len() {
            let pieces = whole.as_bytes().chunks(size).map(|it| Ok(Bytes::copy_from_slice(it)));
            let (status, body) = ask(&bare, face, pieces.collect()).await;
            assert_eq!((status, face.text(&body).as_str()), (200, TEXT), "{face:?}: {body}");
            assert!(face.is_complete(&body), "{face:?}, {size}: {body}");
            let texts = TEXT.chars().count();
            let is_cut = !face.is_stream()
                || body.matches("\"text\"").count() >= texts
                || body.matches("\"content\":\"").count() >= texts;
            assert!(is_cut, "{face:?}, {size}: {body}");
        }
    }
}

/// Ends a face's stream after each of its bytes, with a break or as if it were over.
async fn check_every_byte(face: Face) {
    for pacing in [Pacing::default(), one_by_one()] {
        let settings = Settings { pacing, ..Settings::default() };
        check_every_byte_of(face, &Bare::with(Vec::new(), settings).await).await;
    }
}

/// A pace that moves the clock by itself.
fn one_by_one() -> Pacing {
    Pacing { mode: Mode::Char, ..Pacing::default() }
}

async fn check_every_byte_of(face: Face, bare: &Bare) {
    let whole = framed(face);
    for at in 0..whole.len() {
        for broken in [true, false] {
            let mut pieces = vec![Ok(Bytes::copy_from_slice(&whole.as_bytes()[..at]))];
            if broken {
                pieces.push(Err(UpstreamError::Broken("reset".to_owned())));
            }
            let (status, body) = ask(bare, face, pieces).await;
            check(face, (at, broken), status, &body);
        }
    }
}

#[tokio::test]
async fn a_chat_that_breaks_at_any_byte_leaves_whole_events_and_an_error() {
    check_every_byte(Face::ChatStream).await;
}

#[tokio::test]
async fn native_events_that_break_at_any_byte_leave_whole_events_and_an_error() {
    check_every_byte(Face::NativeEvents).await;
}

#[tokio::test]
async fn a_native_array_that_breaks_at_any_byte_is_an_array_that_ends_with_an_error() {
    check_every_byte(Face::NativeArray).await;
}

/// Nothing is garbled or said twice, and only what was whole looks whole.
#[track_caller]
fn check(face: Face, (at, broken): (usize, bool), status: u16, body: &str) {
    let what = format!("{face:?} after {at} bytes, broken: {broken}: {status} {body:?}");
    let text = face.text(body);
    assert!(TEXT.starts_with(&text), "{what}");
    let error = face.error(body);
    if status != 200 {
        assert!((500..=504).contains(&status) && error.is_some() && text.is_empty(), "{what}");
        return;
    }
    if face.is_complete(body) {
        assert_eq!(text, TEXT, "{what}");
    } else if broken || face == Face::ChatStream {
        assert!(error.is_some(), "{what}");
    }
    if broken {
        assert!(error.is_some(), "{what}");
        check_framing(face, &what, body);
    }
}

/// Every document in a body that ends with an error can be read.
#[track_caller]
fn check_framing(face: Face, what: &str, body: &str) {
    let read = |text: &str| serde_json::from_str::<serde_json::Value>(text.trim()).is_ok();
    match face {
        Face::Chat | Face::Native | Face::NativeArray => assert!(read(body), "{what}"),
        Face::ChatStream | Face::NativeEvents => {
            let lines = body.replace("\r\n", "\n").replace('\r', "\n");
            for line in lines.split('\n').filter(|line| !line.is_empty()) {
                let data = line.strip_prefix("data: ");
                assert!(data.is_some_and(|data| data == "[DONE]" || read(data)), "{what}");
            }
        }
    }
}
