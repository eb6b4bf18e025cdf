//! Streams that break after their beginning, on the faces and in the shapes that `streams` leaves out.

use pollux_gateway::catalog::Settings;
use pollux_testkit::{MODEL, chat};
use serde_json::Value;

use crate::scripted::{Reply, Scene, Step};

const ERROR: &str =
    r#"{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;

fn event(text: &str, more: &str) -> String {
    format!(
        "data: {{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}]}}{more}}}]}}\r\n\r\n"
    )
}

/// Every way in which a stream can go wrong after it began.
fn troubles() -> [(&'static str, Vec<Step>); 3] {
    let error = format!("data: {ERROR}\r\n\r\n");
    [
        ("broken", vec![Step::Break]),
        ("an error event", vec![Step::Chunk(error)]),
        ("cut", Vec::new()),
    ]
}

/// Answers the first call with trouble after `begun`, and all others well.
async fn scene(begun: String, trouble: Vec<Step>) -> Scene {
    Scene::new(1, Settings::default(), move |number| {
        let mut body = vec![Step::Chunk(begun.clone())];
        if number == 0 {
            body.extend(trouble.clone());
        } else {
            body.push(Step::Pause);
            body.push(Step::Chunk(event("fine", r#","finishReason":"STOP""#)));
        }
        Reply { status: 200, before: Vec::new(), body }
    })
    .await
}

#[track_caller]
fn check(what: &str, status: u16, body: &str) {
    assert_eq!(status, 200, "{what}: {body}");
    assert!(body.contains("one "), "{what}: {body}");
    assert!(body.contains(r#""error""#), "{what}: {body}");
    assert!(
        !body.contains("[DONE]") && !body.contains(r#""finish_reason":"stop""#),
        "{what}: {body}"
    );
}

#[tokio::test]
async fn one_of_several_answers_that_breaks_ends_them_all_with_an_error() {
    for (what, trouble) in troubles() {
        let scene = scene(event("one ", ""), trouble).await;
        let request = chat(MODEL, "hi", true).replacen('{', r#"{"n":2,"#, 1);
        let (status, body) = scene.whole("/v1/chat/completions", &request).await;
        check(what, status, &body);
        assert_eq!((scene.asked(), scene.open()), (2, 0), "{what}");
        assert!(scene.keys().iter().all(|key| key.in_flight == 0), "{what}");
    }
}

#[tokio::test]
async fn a_completion_that_breaks_ends_with_an_error() {
    for (what, trouble) in troubles() {
        let scene = scene(event("one ", ""), trouble).await;
        let request = format!(r#"{{"model":"{MODEL}","prompt":"hi","stream":true}}"#);
        let (status, body) = scene.whole("/v1/completions", &request).await;
        check(what, status, &body);
    }
}

#[tokio::test]
async fn a_transcript_that_breaks_ends_with_an_error() {
    let form = "--b\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\ngemini-2.5-flash\r\n\
        --b\r\ncontent-disposition: form-data; name=\"stream\"\r\n\r\ntrue\r\n\
        --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
        content-type: audio/wav\r\n\r\nRIFF\r\n--b--\r\n";
    for (what, trouble) in troubles() {
        let scene = scene(event("one ", ""), trouble).await;
        let (status, body) = scene.form("/v1/audio/transcriptions", form).await;
        check(what, status, &body);
    }
}

#[tokio::test]
async fn an_interaction_that_breaks_ends_with_its_own_error() {
    let begun =
        "event: content.delta\ndata: {\"event_type\":\"content.delta\",\"text\":\"one \"}\n\n";
    let scene = scene(begun.to_owned(), vec![Step::Break]).await;
    let request = format!(r#"{{"model":"{MODEL}","input":"hi","stream":true}}"#);
    let (status, body) = scene.whole("/v1beta/interactions", &request).await;
    check("broken", status, &body);
    assert!(body.contains("event: error\ndata: {\"event_type\":\"error\""), "{body}");
}

#[tokio::test]
async fn a_native_array_that_breaks_is_closed_with_the_error_as_its_last_element() {
    let begun = r#"[{"candidates":[{"content":{"parts":[{"text":"one "}]}}]}"#;
    let scene = scene(begun.to_owned(), vec![Step::Break]).await;
    let target = format!("/v1beta/models/{MODEL}:streamGenerateContent");
    let (status, body) = scene.whole(&target, &pollux_testkit::native("hi")).await;
    check("broken", status, &body);
    let list: Vec<Value> = serde_json::from_str(&body).unwrap();
    assert_eq!(list.len(), 2, "{body}");
    assert_eq!(list[1]["error"]["status"], "UNAVAILABLE", "{body}");
}

/// The finish reasons after which Google's own clients ask again are theirs to see.
#[tokio::test]
async fn what_a_native_client_asks_again_for_reaches_it_unchanged() {
    for reason in
        ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "SAFETY", "RECITATION", "OTHER"]
    {
        let answer = format!(
            "data: {{\"candidates\":[{{\"content\":{{}},\"finishReason\":\"{reason}\"}}]}}\r\n\r\n"
        );
        let same = answer.clone();
        let scene = Scene::new(2, Settings::default(), move |_| Reply::of(200, same.clone())).await;
        let target = format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse");
        let got = scene.whole(&target, &pollux_testkit::native("hi")).await;
        assert_eq!(got, (200, answer));
        assert_eq!(scene.asked(), 1, "{reason}");
    }
}

/// An error that quotes a huge request is still the client's own mistake.
#[tokio::test]
async fn the_beginning_of_a_huge_error_is_enough() {
    let huge = format!(r#"{{"error":{{"code":400,"message":"{}"}}}}"#, "x".repeat(3 << 20));
    let scene = Scene::new(3, Settings::default(), move |_| Reply::of(400, huge.clone())).await;
    let (status, body) = scene.whole("/v1/chat/completions", &chat(MODEL, "hi", false)).await;
    assert_eq!((status, scene.asked()), (400, 1), "{body}");
    assert!(body.len() < 10_000, "{}", body.len());
}

/// An error that names no status of its own, in place of an answer, is the server's.
#[tokio::test]
async fn an_error_without_a_code_in_place_of_an_answer_is_tried_again() {
    let scene = Scene::new(2, Settings::default(), |number| match number {
        0 => Reply::of(200, r#"{"error":"bad gateway"}"#),
        _ => Reply::of(
            200,
            r#"{"candidates":[{"content":{"parts":[{"text":"fine"}]},"finishReason":"STOP"}]}"#,
        ),
    })
    .await;
    let (status, body) = scene.whole("/v1/chat/completions", &chat(MODEL, "hi", false)).await;
    assert_eq!((status, scene.asked()), (200, 2), "{body}");
}
