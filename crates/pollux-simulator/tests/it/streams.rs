//! Streams: events, arrays, and how they break.

use pollux_simulator::{Behaviour, Chunking, Running, Script};
use serde_json::Value;

use crate::wire::{Answer, ask, post, started};

const EVENTS: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
const ARRAY: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";

async fn stream(server: &Running, path: &str, said: &str) -> Answer {
    let text = format!("say: {said}");
    post(server, path, &format!(r#"{{"contents":[{{"parts":[{{"text":{text:?}}}]}}]}}"#)).await
}

fn said(chunks: &[Value]) -> String {
    let text = |chunk: &Value| {
        chunk["candidates"][0]["content"]["parts"][0]["text"].as_str().unwrap_or("").to_owned()
    };
    chunks.iter().map(text).collect()
}

fn texts(chunks: &[Value]) -> Vec<String> {
    chunks.iter().map(|chunk| said(std::slice::from_ref(chunk))).collect()
}

#[tokio::test]
async fn an_event_is_one_line_with_googles_spacing() {
    let server = started(Script::open().chunking(Chunking::Whole)).await;
    let answer = stream(&server, EVENTS, "hi").await;
    let id = answer.events()[0]["responseId"].as_str().unwrap().to_owned();
    let want = format!(
        "data: {{\"candidates\": [{{\"content\": {{\"parts\": [{{\"text\": \"hi\"}}],\"role\": \
         \"model\"}},\"finishReason\": \"STOP\",\"index\": 0}}],\"usageMetadata\": \
         {{\"promptTokenCount\": 2,\"candidatesTokenCount\": 1,\"totalTokenCount\": \
         27,\"promptTokensDetails\": [{{\"modality\": \"TEXT\",\"tokenCount\": \
         2}}],\"thoughtsTokenCount\": 24,\"serviceTier\": \"standard\"}},\"modelVersion\": \
         \"gemini-2.5-flash\",\"responseId\": \"{id}\"}}\r\n\r\n"
    );
    assert_eq!(answer.text(), want);
    assert_eq!(answer.header("content-type"), Some("text/event-stream"));
    assert_eq!(answer.header("content-disposition"), Some("attachment"));
    assert!(answer.complete);
}

#[tokio::test]
async fn words_arrive_one_by_one_and_only_the_last_finishes() {
    let server = started(Script::open()).await;
    let events = stream(&server, EVENTS, "one two\nthree").await.events();
    assert_eq!(texts(&events), ["one ", "two\n", "three"]);
    let reasons: Vec<_> =
        events.iter().map(|e| e["candidates"][0]["finishReason"].clone()).collect();
    assert_eq!(reasons, [Value::Null, Value::Null, "STOP".into()]);
}

#[tokio::test]
async fn usage_grows_and_ends_as_in_the_whole_answer() {
    let server = started(Script::open()).await;
    let events = stream(&server, EVENTS, "one two three four").await.events();
    let counts: Vec<_> = events
        .iter()
        .map(|e| e["usageMetadata"]["candidatesTokenCount"].as_u64().unwrap())
        .collect();
    assert!(counts.is_sorted(), "{counts:?}");
    let whole = ask(&server, "k", "say: one two three four").await.json();
    assert_eq!(events.last().unwrap()["usageMetadata"], whole["usageMetadata"]);
    for event in &events {
        let usage = &event["usageMetadata"];
        let count = |name: &str| usage[name].as_u64().unwrap();
        let parts =
            count("promptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount");
        assert_eq!(count("totalTokenCount"), parts);
        assert_eq!(event["responseId"], whole["responseId"]);
    }
}

#[tokio::test]
async fn a_newer_model_ends_with_an_empty_signed_part() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse";
    let events = stream(&server, path, "one two").await.events();
    assert_eq!(texts(&events), ["one ", "two", ""]);
    let last = &events[2]["candidates"][0];
    assert!(last["content"]["parts"][0]["thoughtSignature"].is_string());
    assert_eq!(last["finishReason"], "STOP");
}

#[tokio::test]
async fn no_chunk_cuts_a_character() {
    for bytes in 0..6 {
        let server = started(Script::open().chunking(Chunking::Bytes(bytes))).await;
        let events = stream(&server, EVENTS, "a\u{e9}\u{20ac}\u{1f600} z").await.events();
        assert_eq!(said(&events), "a\u{e9}\u{20ac}\u{1f600} z");
    }
}

#[tokio::test]
async fn without_sse_a_stream_is_an_array_in_pieces() {
    let server = started(Script::open()).await;
    let answer = stream(&server, ARRAY, "one two").await;
    let text = answer.text();
    assert!(text.starts_with("[{\n  \"candidates\": ["), "{text}");
    assert!(text.contains("\n}\n,\r\n{\n  \"candidates\""), "{text}");
    assert!(text.ends_with("\n}\n]"), "{text}");
    assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
    assert_eq!(said(answer.json().as_array().unwrap()), "one two");
}

#[tokio::test]
async fn a_refused_array_is_an_array() {
    let server = started(Script::open().key("k", Behaviour::Overloaded)).await;
    let answer = stream(&server, ARRAY, "hi").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()[0]["error"]["status"], "UNAVAILABLE");
    assert!(answer.text().starts_with("[{\n  \"error\": {\n    \"code\": 503,"));
    assert!(answer.text().ends_with("\n}\n]"));
}

#[tokio::test]
async fn a_refused_event_stream_is_a_plain_object() {
    let server = started(Script::open().key("k", Behaviour::Overloaded)).await;
    let answer = stream(&server, EVENTS, "hi").await;
    assert_eq!(answer.status, 503);
    assert!(answer.text().starts_with("{\n  \"error\": {"));
}

#[tokio::test]
async fn an_error_event_breaks_a_stream_that_has_begun() {
    let server = started(Script::open().key("k", Behaviour::ErrorMidstream { after: 2 })).await;
    let answer = stream(&server, EVENTS, "one two three four").await;
    let events = answer.events();
    assert_eq!((answer.status, events.len()), (200, 3));
    assert_eq!(events[2]["error"]["code"], 503);
}

#[tokio::test]
async fn a_plain_error_has_no_data_line() {
    let behaviour = Behaviour::PlainErrorMidstream { after: 1 };
    let server = started(Script::open().key("k", behaviour)).await;
    let text = stream(&server, EVENTS, "one two").await.text();
    assert!(text.contains("\r\n\r\n{\n  \"error\": {\n    \"code\": 503,"), "{text}");
}

#[tokio::test]
async fn a_stream_may_end_without_a_reason() {
    let server = started(Script::open().key("k", Behaviour::NoFinish)).await;
    let answer = stream(&server, EVENTS, "one two").await;
    assert!(answer.complete && !answer.text().contains("finishReason"));
    assert_eq!(said(&answer.events()), "one two");
}

#[tokio::test]
async fn an_error_closes_an_array_that_has_begun() {
    let server = started(Script::open().key("k", Behaviour::ErrorMidstream { after: 1 })).await;
    let answer = stream(&server, ARRAY, "one two").await;
    let elements = answer.json();
    assert_eq!((answer.status, elements.as_array().unwrap().len()), (200, 2));
    assert_eq!(elements[1]["error"]["code"], 503);
}

/// A stream of a model that calls the one function it was given.
async fn called(model: &str) -> Vec<Value> {
    let server = started(Script::open()).await;
    let body = r#"{"contents":[{"parts":[{"text":"call: look {}"}]}],
        "tools":[{"functionDeclarations":[{"name":"look"}]}]}"#;
    let path = format!("/v1beta/models/{model}:streamGenerateContent?alt=sse");
    post(&server, &path, body).await.events()
}

#[tokio::test]
async fn a_newer_model_signs_its_call_and_ends_with_an_empty_text() {
    let events = called("gemini-3.8-flash").await;
    let part = |at: usize| &events[at]["candidates"][0]["content"]["parts"][0];
    assert_eq!(events.len(), 2);
    assert_eq!(part(0)["functionCall"]["name"], "look");
    assert_eq!(part(0)["functionCall"]["id"].as_str().unwrap().len(), 8);
    assert!(part(0)["thoughtSignature"].is_string());
    assert_eq!(part(1).to_string(), r#"{"text":""}"#);
    assert_eq!(events[1]["candidates"][0]["finishReason"], "STOP");
}

#[tokio::test]
async fn an_older_model_ends_with_its_call() {
    let events = called("gemini-2.5-flash").await;
    let candidate = &events[0]["candidates"][0];
    assert_eq!((events.len(), &candidate["finishReason"]), (1, &"STOP".into()));
    assert_eq!(candidate["finishMessage"], "Model generated function call(s).");
    assert!(candidate["content"]["parts"][0]["functionCall"].get("id").is_none());
}
