//! How each endpoint is watched: its request translated, and an answer translated back.

use bytes::BytesMut;
use pollux_translate::error::{ApiError, TranslateError};
use pollux_translate::gemini::response::Response;
use pollux_translate::openai::audio::speech::{self, Sound};
use pollux_translate::openai::audio::transcription::{self, Task};
use pollux_translate::openai::chat as chats;
use pollux_translate::openai::form::{File, Form};
use pollux_translate::openai::images::{self, Pictures};
use pollux_translate::openai::{completions as texts, embeddings as vectors};
use pollux_translate::stream::{Source, StreamTranslator};
use serde_json::Value;

use super::Seen;
use crate::run;

const CREATED: i64 = 1_700_000_000;

/// An answer with something for everybody: a thought, a text, two calls, a picture.
const ANSWER: &str = r#"{
    "candidates": [{
        "content": {"role": "model", "parts": [
            {"text": "Hm.", "thought": true},
            {"text": "Hello"},
            {"functionCall": {"name": "f", "args": {}}},
            {"functionCall": {"name": "g", "args": {}}},
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}}
        ]},
        "finishReason": "STOP"
    }],
    "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 2, "totalTokenCount": 3}
}"#;
/// One that is spoken.
const SOUND: &str = r#"{"candidates": [{"content": {"parts": [
    {"inlineData": {"mimeType": "audio/L16;rate=24000", "data": "AAAA"}}
]}}]}"#;

pub(super) fn chat(example: &Value) -> Result<Seen, TranslateError> {
    let body = example.to_string();
    let request = chats::Request::parse(body.as_bytes())?;
    let known = chats::Known::default();
    let translated = run::translate(&request, &known)?;
    let context = run::context(&request, &translated);
    let streams = request.is_streaming();
    let told = if streams {
        run::stream(context, [ANSWER.as_bytes()]).to_vec()
    } else {
        let answer = Response::parse(ANSWER.as_bytes()).unwrap();
        chats::from_gemini(&[answer], &context).unwrap().body
    };
    let rest = (request.model(), translated.times, streams, String::from_utf8(told).unwrap());
    Ok(Seen {
        gemini: serde_json::from_slice(&translated.request.encode()).unwrap(),
        ignored: translated.ignored,
        rest: format!("{rest:?}"),
    })
}

/// What Google's own words and the choice of a tool are also called.
pub(super) fn chat_twin(field: &str, example: &Value) -> Option<(String, Value)> {
    let mut example = example.clone();
    let object = example.as_object_mut().unwrap();
    if field.starts_with("extra_body.google.") {
        if let Some(mut body) = object.remove("extra_body") {
            object.insert("google".to_owned(), body["google"].take());
        }
        return Some((field.replacen("extra_body.", "", 1), example));
    }
    let inside = field.strip_prefix("tool_choice.")?;
    if let Some(choice) = object.remove("tool_choice") {
        object.insert("function_call".to_owned(), choice);
    }
    Some((format!("function_call.{inside}"), example))
}

pub(super) fn completions(example: &Value) -> Result<Seen, TranslateError> {
    let body = example.to_string();
    let request = texts::Request::parse(body.as_bytes())?;
    let context = request.context("cmpl-1".to_owned(), CREATED);
    let bodies = request.to_gemini();
    let told = if request.is_streaming() {
        streamed(texts::Stream::new(context), ANSWER.as_bytes())
    } else {
        texts::from_gemini(&context, bodies.iter().map(|_| ANSWER.as_bytes())).unwrap()
    };
    Ok(seen(&bodies, request.ignored(), &(request.model(), request.is_streaming(), told)))
}

pub(super) fn embeddings(example: &Value) -> Result<Seen, TranslateError> {
    let body = example.to_string();
    let request = vectors::Request::parse(body.as_bytes())?;
    let bodies = request.batches(request.model());
    let sent: Value = serde_json::from_slice(&bodies[0]).unwrap();
    let made = vec![r#"{"values":[1.0]}"#; sent["requests"].as_array().unwrap().len()];
    let answer = format!(r#"{{"embeddings":[{}]}}"#, made.join(","));
    let told = vectors::from_gemini(&request, [answer.as_bytes()]).unwrap();
    Ok(seen(&bodies, request.ignored(), &(request.model(), false, told)))
}

pub(super) fn generations(example: &Value) -> Result<Seen, TranslateError> {
    let body = example.to_string();
    Ok(pictures(&images::Request::generation(body.as_bytes())?))
}

pub(super) fn edits(example: &Value) -> Result<Seen, TranslateError> {
    let form = form(example);
    Ok(pictures(&images::Request::edit(&form)?))
}

fn pictures(request: &images::Request<'_>) -> Seen {
    let made = Pictures::read(request, vec![ANSWER.as_bytes(); request.count()]).unwrap();
    let told = (request.model(), false, made.encode(CREATED));
    seen(&[request.to_gemini()], made.ignored(), &told)
}

pub(super) fn speech(example: &Value) -> Result<Seen, TranslateError> {
    let body = example.to_string();
    let request = speech::Request::parse(body.as_bytes())?;
    let Sound { media_type, mut bytes } = Sound::read(&request, SOUND.as_bytes()).unwrap();
    bytes.extend(media_type.as_bytes());
    let told = (request.model(), request.is_streaming(), bytes);
    Ok(seen(&[request.to_gemini()], request.ignored(), &told))
}

pub(super) fn transcriptions(example: &Value) -> Result<Seen, TranslateError> {
    let form = form(example);
    let one = |task| {
        let request = transcription::Request::parse(task, &form)?;
        let told = (request.model(), request.is_streaming(), Vec::new());
        Ok(seen(&[request.to_gemini()], request.ignored(), &told))
    };
    let (seen, translated) = (one(Task::Transcribe)?, one(Task::Translate)?);
    assert_eq!(seen.ignored, translated.ignored, "both endpoints have the same fields");
    Ok(seen)
}

fn streamed(mut stream: impl StreamTranslator, answer: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    stream.event(Source::default(), &Response::parse(answer).unwrap(), &mut out);
    stream.finish(&mut out);
    out.to_vec()
}

fn seen(bodies: &[Vec<u8>], ignored: &[String], rest: &(&str, bool, Vec<u8>)) -> Seen {
    Seen {
        gemini: serde_json::from_slice(&bodies[0]).unwrap(),
        ignored: ignored.to_vec(),
        rest: format!("{} {} {rest:?}", bodies.len(), String::from_utf8_lossy(&rest.2)),
    }
}

/// A form: objects are files, everything else is text.
fn form(example: &Value) -> Form {
    let mut form = Form::default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (name, value) in example.as_object().unwrap() {
        if value.is_object() {
            form.files.push(File {
                field: name.clone(),
                name: text(&value["file"]),
                media_type: text(&value["type"]),
                bytes: text(&value["content"]).into(),
            });
        } else {
            form.texts.push((name.clone(), text(value)));
        }
    }
    form
}

#[test]
fn every_finish_reason_is_told_as_the_page_says() {
    let page = super::page::read();
    let mut count = 0;
    for cells in super::page::cells(&page, "finish") {
        for reason in cells[0].split(", ").filter(|it| it.starts_with('`')) {
            let reason = reason.trim_matches('`');
            let body = format!(r#"{{"candidates":[{{"finishReason":"{reason}"}}]}}"#);
            let response = Response::parse(body.as_bytes()).unwrap();
            let told: Result<_, ApiError> = chats::from_gemini(&[response], &run::plain());
            let told: Value = serde_json::from_slice(&told.unwrap().body).unwrap();
            let want = Some(cells[1].trim_matches('`'));
            assert_eq!(told["choices"][0]["finish_reason"].as_str(), want, "{reason}");
            count += 1;
        }
    }
    assert_eq!(count, 24);
}
