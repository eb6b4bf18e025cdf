//! Recorded traffic, when `POLLUX_CORPUS` names a folder of it.
//!
//! The folder holds `index.csv` (`file,kind,stream,model,features,status,..`) and the files it
//! lists, each one exchange as JSON with its `response` as `body`, `sse` or `text`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use pollux_translate::array;
use pollux_translate::gemini::error::ErrorBody;
use pollux_translate::gemini::finish::FinishReason;
use pollux_translate::gemini::response::{Glance, Response};
use pollux_translate::openai::chat;
use serde_json::Value;

use crate::run;

/// The kinds of exchange that the Developer API's `generateContent` family was recorded in.
const KINDS: [&str; 5] = [
    "generateContent",
    "streamGenerateContent",
    "gemini-cli-generateContentStream",
    "firebase-googleai-unary",
    "firebase-googleai-stream",
];

/// How many exchanges took each way.
type Tally = BTreeMap<&'static str, usize>;

#[test]
fn recorded_answers_reach_the_client_whole() {
    let Some(corpus) = corpus() else { return };
    let index = fs::read_to_string(corpus.join("index.csv")).unwrap();
    let mut tally = Tally::new();
    for line in index.lines().skip(1) {
        let mut columns = line.split(',');
        let (file, kind) = (columns.next().unwrap(), columns.next().unwrap());
        if !KINDS.contains(&kind) {
            *tally.entry("skipped: another API").or_default() += 1;
            continue;
        }
        let exchange: Value =
            serde_json::from_slice(&fs::read(corpus.join(file)).unwrap()).unwrap();
        *tally.entry(walk(file, &exchange["response"])).or_default() += 1;
    }
    println!("{tally:#?}");
    assert!(tally.get("whole").is_some_and(|count| *count > 100), "{tally:?}");
    assert!(tally.get("stream").is_some_and(|count| *count > 50), "{tally:?}");
}

#[test]
fn recorded_errors_are_understood() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for entry in fs::read_dir(corpus.join("errors")).unwrap() {
        let path = entry.unwrap().path();
        let exchange: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let response = &exchange["response"];
        let error = error_of(&path.display().to_string(), response);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("interactions") {
            assert!(error.status.is_some(), "{name}");
            assert_eq!(error.status_text, first(&response["body"])["error"]["status"], "{name}");
        }
        assert!(!error.message.is_empty(), "{name}");
        assert_eq!(error.has_zero_limit(), name.contains("limit_zero"), "{name}");
        let days = error.quota_violations().filter(|it| it.quota_id.contains("PerDay")).count();
        assert!(days > 0 || !name.contains("_rpd_"), "{name}");
        count += 1;
    }
    println!("{count} error bodies");
    assert!(count > 20);
}

pub(crate) fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("POLLUX_CORPUS").map(PathBuf::from);
    if corpus.is_none() {
        println!("skipped: POLLUX_CORPUS is not set");
    }
    corpus
}

/// Checks one exchange and returns which way it took.
fn walk(file: &str, response: &Value) -> &'static str {
    if response["status"] != 200 {
        error_of(file, response);
        return "error";
    }
    if let Some(sse) = response["sse"].as_str() {
        let events = run::events(sse.as_bytes().chunks(61));
        return stream(file, &events);
    }
    match &response["body"] {
        Value::Array(list) => {
            let elements: Vec<_> = list.iter().map(|it| format!("{it:#}")).collect();
            let body = format!("[{}\n]\n", elements.join("\n,\r\n"));
            stream(file, &elements_of(&body));
            "stream as an array"
        }
        body @ Value::Object(_) => whole(file, body),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            "skipped: no JSON body"
        }
    }
}

fn whole(file: &str, body: &Value) -> &'static str {
    let text = body.to_string();
    let response = check_facts(file, text.as_bytes());
    let completion = chat::from_gemini(&[response], &run::plain()).unwrap();
    let completion: Value = serde_json::from_slice(&completion.body).unwrap();
    let choice = &completion["choices"][0];
    let content = choice["message"]["content"].as_str().unwrap_or_default();
    assert!(choice["finish_reason"].is_string(), "{file}");
    check_usage(file, &completion["usage"]);
    if has_code(body) {
        return "whole, with code that Gemini ran";
    }
    assert_eq!(content, said([body]), "{file}");
    "whole"
}

fn stream(file: &str, events: &[Bytes]) -> &'static str {
    let bodies: Vec<Value> =
        events.iter().map(|event| serde_json::from_slice(event).unwrap()).collect();
    for event in events {
        check_facts(file, event);
    }
    let out = run::stream(run::plain(), events.iter().map(AsRef::as_ref));
    assert!(out.ends_with(b"data: [DONE]\n\n"), "{file}");
    let chunks = run::events([out.as_ref()]);
    let deltas = chunks.iter().filter_map(|chunk| {
        let chunk: Value = serde_json::from_slice(chunk).ok()?;
        Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned())
    });
    let deltas: String = deltas.collect();
    if bodies.iter().any(has_code) {
        return "stream, with code that Gemini ran";
    }
    assert_eq!(deltas, said(&bodies), "{file}");
    "stream"
}

/// Reads an answer both ways and compares what they say with the JSON itself.
fn check_facts<'a>(file: &str, body: &'a [u8]) -> Response<'a> {
    let response = Response::parse(body).unwrap_or_else(|error| panic!("{file}: {error}"));
    let facts = response.facts();
    assert_eq!(facts, Glance::parse(body).unwrap().facts(), "{file}");
    let json: Value = serde_json::from_slice(body).unwrap();
    assert!(!facts.error, "{file}");
    assert_eq!(facts.blocked, !json["promptFeedback"]["blockReason"].is_null(), "{file}");
    let reason = json["candidates"][0]["finishReason"].as_str();
    assert_eq!(facts.finish.as_ref().map(FinishReason::as_str), reason, "{file}");
    let usage = facts.usage.unwrap_or_default();
    let total = json["usageMetadata"]["totalTokenCount"].as_u64();
    assert_eq!(usage.total, total.unwrap_or(usage.total), "{file}");
    let text = said([&json]);
    assert!(facts.has_content || text.is_empty(), "{file}");
    response
}

fn check_usage(file: &str, usage: &Value) {
    if let Some(total) = usage["total_tokens"].as_u64() {
        let parts = [&usage["prompt_tokens"], &usage["completion_tokens"]];
        let sum: u64 = parts.iter().filter_map(|it| it.as_u64()).sum();
        assert_eq!(sum, total, "{file}");
    }
}

/// Returns the text outside thoughts that the first candidate says in some bodies.
fn said<'a>(bodies: impl IntoIterator<Item = &'a Value>) -> String {
    let parts = bodies.into_iter().filter_map(|body| {
        let parts = &body["candidates"][0]["content"]["parts"];
        parts.as_array()
    });
    let spoken = parts.flatten().filter(|part| part["thought"] != true);
    spoken.filter_map(|part| part["text"].as_str()).collect()
}

fn has_code(body: &Value) -> bool {
    body.to_string().contains("\"executableCode\"")
}

fn error_of(file: &str, response: &Value) -> ErrorBody {
    let body = match (&response["body"], &response["sse"], &response["text"]) {
        (Value::Null, Value::String(text), _) | (Value::Null, _, Value::String(text)) => {
            text.clone()
        }
        (Value::String(text), ..) => text.clone(),
        (body, ..) => body.to_string(),
    };
    let error = ErrorBody::parse(body.as_bytes()).unwrap_or_else(|| panic!("{file}: {body}"));
    assert_eq!(u64::from(error.code), response["status"].as_u64().unwrap(), "{file}");
    error
}

fn first(body: &Value) -> &Value {
    body.as_array().and_then(|list| list.first()).unwrap_or(body)
}

pub(crate) fn elements_of(body: &str) -> Vec<Bytes> {
    let mut decoder = array::Decoder::default();
    let mut elements = Vec::new();
    for piece in body.as_bytes().chunks(61) {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(element) = decoder.next_event().unwrap() {
            elements.push(element);
        }
    }
    assert_eq!(decoder.finish(), Ok(None));
    elements
}
