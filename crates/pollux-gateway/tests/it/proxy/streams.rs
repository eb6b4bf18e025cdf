//! Streams that go wrong after their beginning: no text twice, and never a clean end.

use pollux_simulator::Chunking;
use pollux_testkit::{App, Face, MODEL, Whole, native};

const TEXT: &str = "say: one two three four";

/// Streams from a key with a fault, beside a good one that must not be asked.
async fn stream(script: &str, face: Face) -> Whole {
    let app = App::start(&format!("key-1={script},key-2")).await;
    let answer = face.ask(&app, TEXT).whole().await;
    assert_eq!(answer.status, 200, "{script} on {face:?}: {}", answer.text());
    assert_eq!(app.asked(), ["key-1"], "{script} on {face:?}");
    assert_eq!(app.in_flight(), 0, "{script} on {face:?}");
    answer
}

/// The text came once, an error followed it, and nothing pretends that all is well.
async fn check(script: &str, face: Face, text: &str, says: &str) {
    let what = format!("{script} on {face:?}");
    let answer = stream(script, face).await;
    let body = answer.text();
    assert!(!answer.broken, "{what}: {body}");
    assert_eq!(face.text(&body), text, "{what}: {body}");
    assert_eq!(face.finish(&body), "", "{what}: {body}");
    assert!(!body.contains("[DONE]"), "{what}: {body}");
    assert!(face.message(&answer).contains(says), "{what}: {body}");
}

#[tokio::test]
async fn a_stream_that_is_cut_ends_with_an_error_in_its_dialect() {
    for face in Face::STREAMS {
        for (after, text) in [(1, "one "), (2, "one two "), (3, "one two three ")] {
            check(&format!("cut:after={after}"), face, text, "before the answer was complete")
                .await;
        }
    }
}

#[tokio::test]
async fn an_error_in_the_middle_of_a_stream_goes_to_the_client() {
    for face in Face::STREAMS {
        check("error_midstream:after=2", face, "one two ", "high demand").await;
    }
}

#[tokio::test]
async fn an_error_in_place_of_a_stream_is_a_document_with_a_status() {
    for fault in ["error_midstream:after=0", "plain_error_midstream:after=0"] {
        for face in Face::STREAMS {
            let app = App::start(&format!("key-1={fault}")).await;
            let answer = face.ask(&app, TEXT).whole().await;
            let what = format!("{fault} on {face:?}: {}", answer.text());
            assert_eq!(answer.status, 503, "{what}");
            let native = face != Face::ChatStream;
            let want = if native { "application/json; charset=UTF-8" } else { "application/json" };
            assert_eq!(answer.header("content-type"), want, "{what}");
            assert!(answer.json()["error"].is_object(), "{what}");
        }
    }
}

#[tokio::test]
async fn an_error_without_framing_does_not_look_like_an_end() {
    check("plain_error_midstream:after=2", Face::ChatStream, "one two ", "").await;
    for face in [Face::NativeEvents, Face::NativeArray] {
        let body = stream("plain_error_midstream:after=2", face).await.text();
        assert_eq!((body.matches("one ").count(), body.matches("two ").count()), (1, 1), "{body}");
        assert!(body.contains("high demand") && !face.is_complete(&body), "{face:?}: {body}");
    }
}

#[tokio::test]
async fn a_stream_without_a_finish_reason_is_not_complete() {
    check("no_finish", Face::ChatStream, "one two three four", "before it was complete").await;
    for face in [Face::NativeEvents, Face::NativeArray] {
        let body = stream("no_finish", face).await.text();
        assert_eq!(face.text(&body), "one two three four", "{face:?}: {body}");
        assert!(!face.is_complete(&body), "{face:?}: {body}");
    }
}

#[tokio::test]
async fn the_first_answer_that_is_empty_is_not_the_one_the_client_sees() {
    for fault in ["empty", "empty_stop"] {
        for face in Face::ALL {
            let app = App::start(&format!("key-1={fault}*1,key-2")).await;
            let answer = face.ask(&app, TEXT).whole().await;
            assert_eq!(face.text(&answer.text()), "one two three four", "{fault} on {face:?}");
            assert_eq!(app.asked(), ["key-1", "key-2"], "{fault} on {face:?}");
        }
    }
}

#[tokio::test]
async fn an_empty_answer_is_asked_for_again_once() {
    for face in Face::ALL {
        let app = App::start("key-1=empty,key-2=empty,key-3=empty").await;
        let answer = face.ask(&app, TEXT).whole().await;
        assert_eq!((answer.status, app.calls().len()), (200, 2), "{face:?}: {}", answer.text());
    }
}

#[tokio::test]
async fn text_is_never_merged_cut_or_lost() {
    let said = "ha hahaha! h\u{e9}h\u{e9} \u{1f600}\u{1f600} \u{2028}end";
    for chunking in [Chunking::Words, Chunking::Whole, Chunking::Bytes(1), Chunking::Bytes(3)] {
        let builder = App::builder("key-1").script(|script| script.chunking(chunking));
        let app = builder.start().await;
        for face in Face::ALL {
            let answer = face.ask(&app, &format!("say: {said}")).whole().await;
            let body = answer.text();
            assert_eq!(face.text(&body), said, "{chunking:?} on {face:?}: {body}");
            assert!(face.is_complete(&body), "{chunking:?} on {face:?}: {body}");
        }
    }
}

#[tokio::test]
async fn a_chunk_goes_on_as_soon_as_it_comes() {
    let app = App::start("key-1=slow:chunk=3600s").await;
    for face in Face::STREAMS {
        let mut answer = face.ask(&app, TEXT).send().await;
        assert!(answer.until("one ").await.matches("one ").count() == 1, "{face:?}");
        answer.hang_up();
    }
}

#[tokio::test]
async fn native_streams_are_googles_own_bytes() {
    let app = App::start("key-1").await;
    for target in ["streamGenerateContent?alt=sse", "streamGenerateContent"] {
        for model in [MODEL, "gemini-3.5-flash"] {
            let target = format!("/v1beta/models/{model}:{target}");
            let through = app.post(&target, native(TEXT)).whole().await;
            let past = app.past_the_gateway("key-1", &target, native(TEXT)).whole().await;
            assert_eq!(through.text(), past.text(), "{target}");
            assert_eq!(through.header("content-type"), past.header("content-type"), "{target}");
        }
    }
}
