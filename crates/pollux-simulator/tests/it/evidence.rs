//! Google's own tools: what was found, read and run, beside the answer.

use pollux_simulator::Script;
use serde_json::Value;

use crate::wire::{post, started};

const WHOLE: &str = "/v1beta/models/gemini-2.5-flash:generateContent";
const EVENTS: &str = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";

fn body(text: &str, tool: &str) -> String {
    format!(r#"{{"contents":[{{"parts":[{{"text":{text:?}}}]}}],"tools":[{{{tool:?}:{{}}}}]}}"#)
}

async fn whole(model: &str, text: &str, tool: &str) -> Value {
    let server = started(Script::open()).await;
    let path = format!("/v1beta/models/{model}:generateContent");
    let answer = post(&server, &path, &body(text, tool)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// Checks that each segment is where the text is, in bytes.
#[track_caller]
fn check_segments(text: &str, grounding: &Value) -> usize {
    let supports = grounding["groundingSupports"].as_array().unwrap();
    let chunks = grounding["groundingChunks"].as_array().unwrap().len();
    let index = |value: &Value| usize::try_from(value.as_u64().unwrap_or(0)).unwrap();
    for support in supports {
        let segment = &support["segment"];
        let place = index(&segment["startIndex"])..index(&segment["endIndex"]);
        assert_eq!(text.get(place), segment["text"].as_str(), "{segment}");
        assert_ne!(segment.get("startIndex"), Some(&0.into()), "a zero is left out");
        assert!(index(&support["groundingChunkIndices"][0]) < chunks, "{support}");
    }
    supports.len()
}

#[tokio::test]
async fn a_search_grounds_the_text_in_byte_offsets() {
    let said = "Gr\u{fc}\u{df}e aus K\u{f6}ln. \u{6771}\u{4eac}\u{3002}Ende";
    let answer = whole("gemini-2.5-flash", &format!("say: {said}"), "googleSearch").await;
    let candidate = &answer["candidates"][0];
    let grounding = &candidate["groundingMetadata"];
    assert_eq!(check_segments(said, grounding), 3);
    assert!(grounding["webSearchQueries"][0].is_string(), "{grounding}");
    assert!(grounding["searchEntryPoint"]["renderedContent"].is_string(), "{grounding}");
    assert_eq!(candidate.get("urlContextMetadata"), None);
}

#[tokio::test]
async fn only_the_last_chunk_is_grounded() {
    let server = started(Script::open()).await;
    let events =
        post(&server, EVENTS, &body("say: one two. three", "google_search")).await.events();
    let grounded = |event: &Value| event["candidates"][0].get("groundingMetadata").is_some();
    assert_eq!(events.iter().filter(|event| grounded(event)).count(), 1);
    let last = events.last().unwrap();
    assert_eq!(check_segments("one two. three", &last["candidates"][0]["groundingMetadata"]), 2);
}

#[tokio::test]
async fn no_tool_means_no_evidence() {
    let server = started(Script::open()).await;
    let text = "run: print(1)\nsay: https://a.example/ is a page";
    let plain = format!(r#"{{"contents":[{{"parts":[{{"text":{text:?}}}]}}]}}"#);
    let answer = post(&server, WHOLE, &plain).await.json();
    let candidate = &answer["candidates"][0];
    assert_eq!(candidate.get("groundingMetadata"), None);
    assert_eq!(candidate["content"]["parts"].as_array().unwrap().len(), 1);
    assert_eq!(answer["usageMetadata"].get("toolUsePromptTokenCount"), None);
}

#[tokio::test]
async fn pages_that_the_prompt_names_are_read() {
    let text = "read https://a.example/x and http://b.example/\nsay: both";
    let answer = whole("gemini-3.8-flash", text, "urlContext").await;
    let candidate = &answer["candidates"][0];
    let pages = candidate["urlContextMetadata"]["urlMetadata"].as_array().unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(pages[0]["retrievedUrl"], "https://a.example/x");
    assert_eq!(pages[0]["urlRetrievalStatus"], "URL_RETRIEVAL_STATUS_SUCCESS");
    assert_eq!(check_segments("both", &candidate["groundingMetadata"]), 1);
    let usage = &answer["usageMetadata"];
    let number = |name: &str| usage[name].as_u64().unwrap();
    assert_eq!(number("toolUsePromptTokenCount"), 2 * 258);
    assert_eq!(
        number("totalTokenCount"),
        number("promptTokenCount")
            + number("candidatesTokenCount")
            + number("thoughtsTokenCount")
            + number("toolUsePromptTokenCount")
    );
}

#[tokio::test]
async fn code_is_run_before_the_text() {
    for (model, has_id) in [("gemini-2.5-flash", false), ("gemini-3.8-flash", true)] {
        let answer = whole(model, "run: print(6*7)\nsay: 42", "codeExecution").await;
        let parts = &answer["candidates"][0]["content"]["parts"];
        assert_eq!(parts[0]["executableCode"]["language"], "PYTHON");
        assert_eq!(parts[0]["executableCode"]["code"], "print(6*7)");
        assert_eq!(parts[1]["codeExecutionResult"]["outcome"], "OUTCOME_OK");
        assert_eq!(parts[2]["text"], "42");
        assert_eq!(parts[0]["executableCode"].get("id").is_some(), has_id, "{model}");
        assert_eq!(parts[0]["executableCode"].get("id"), parts[1]["codeExecutionResult"].get("id"));
    }
    let server = started(Script::open()).await;
    let events = post(&server, EVENTS, &body("run: x\nsay: a b", "codeExecution")).await.events();
    let part = |at: usize| &events[at]["candidates"][0]["content"]["parts"][0];
    assert!(
        part(0).get("executableCode").is_some() && part(1).get("codeExecutionResult").is_some()
    );
    assert_eq!((part(2)["text"].as_str(), part(3)["text"].as_str()), (Some("a "), Some("b")));
}
