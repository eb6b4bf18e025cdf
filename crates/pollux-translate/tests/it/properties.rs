//! Properties of the streams, and of everything that reads.

use proptest::prelude::*;
use serde_json::Value;

use crate::run;
use pollux_translate::gemini::response::{Glance, Response};
use pollux_translate::openai::audio::speech;
use pollux_translate::openai::chat::{self, Request};
use pollux_translate::openai::{completions, embeddings, images};
use pollux_translate::stream::{Source, StreamTranslator};

/// One part of an event: whether it is a thought, and its text.
type Said = (bool, String);

fn wire_parts(parts: &[Said]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let part =
        |(thought, text): &Said| format!(r#"{{"thought":{thought},"text":{}}}"#, quoted(text));
    parts.iter().map(part).collect::<Vec<_>>().join(",")
}

fn upstream(events: &[Vec<Said>]) -> String {
    let event = |(at, parts): (usize, &Vec<Said>)| {
        let parts = wire_parts(parts);
        let finish = if at + 1 == events.len() { r#","finishReason":"STOP""# } else { "" };
        let content = format!(r#"{{"parts":[{parts}],"role":"model"}}"#);
        format!("data: {{\"candidates\":[{{\"content\":{content}{finish}}}]}}\r\n\r\n")
    };
    events.iter().enumerate().map(event).collect()
}

fn client(pieces: &[&[u8]]) -> Vec<u8> {
    let events = run::events(pieces.iter().copied());
    run::stream(run::plain(), events.iter().map(AsRef::as_ref)).to_vec()
}

/// Returns the deltas of a field, in order.
fn deltas(stream: &[u8], field: &str) -> Vec<String> {
    let events = run::events([stream]);
    let chunks = events.iter().filter(|it| it.as_ref() != b"[DONE]");
    let deltas = chunks.filter_map(|event| {
        let chunk: Value = serde_json::from_slice(event).unwrap();
        chunk["choices"][0]["delta"][field].as_str().map(str::to_owned)
    });
    deltas.filter(|text| !text.is_empty()).collect()
}

fn said(events: &[Vec<Said>], thought: bool) -> Vec<String> {
    let parts = events.iter().flatten().filter(|part| part.0 == thought);
    parts.map(|part| part.1.clone()).filter(|text| !text.is_empty()).collect()
}

fn conversations() -> impl Strategy<Value = Vec<Vec<Said>>> {
    let text = prop_oneof![".{0,12}", "[\\\\\"\u{2028}\n\r{}\\[\\]a\u{1f600}]{0,8}"];
    let parts = proptest::collection::vec((any::<bool>(), text), 0..4);
    proptest::collection::vec(parts, 1..6)
}

proptest! {
    #[test]
    fn any_split_of_the_upstream_gives_the_client_the_same(
        events in conversations(),
        sizes in proptest::collection::vec(1..40_usize, 0..60),
    ) {
        let stream = upstream(&events);
        let mut rest = stream.as_bytes();
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(client(&pieces), client(&[stream.as_bytes()]));
    }

    #[test]
    fn the_deltas_are_the_texts_that_gemini_sent(events in conversations()) {
        let stream = client(&[upstream(&events).as_bytes()]);
        prop_assert_eq!(deltas(&stream, "content"), said(&events, false));
        prop_assert_eq!(deltas(&stream, "reasoning_content"), said(&events, true));
        prop_assert!(stream.ends_with(b"data: [DONE]\n\n"));
        let finishes = String::from_utf8(stream).unwrap().matches("\"finish_reason\":\"stop\"").count();
        prop_assert_eq!(finishes, 1);
    }

    #[test]
    fn a_whole_answer_says_what_its_stream_says(parts in proptest::collection::vec((any::<bool>(), ".{0,12}"), 0..6)) {
        let body = format!(r#"{{"candidates":[{{"content":{{"parts":[{}]}}}}]}}"#, wire_parts(&parts));
        let response = Response::parse(body.as_bytes()).unwrap();
        let facts = response.facts();
        let whole = chat::from_gemini(&[response], &run::plain()).unwrap();
        let whole: Value = serde_json::from_slice(&whole.body).unwrap();
        let content = whole["choices"][0]["message"]["content"].as_str().unwrap_or_default();
        prop_assert_eq!(content, said(&[parts], false).concat());
        let glance = Glance::parse(body.as_bytes()).unwrap();
        prop_assert_eq!(facts, glance.facts());
    }

    #[test]
    fn a_whole_completion_says_what_its_stream_says(events in conversations(), echo: bool) {
        let body = format!(r#"{{"model":"gemini-3-flash","prompt":"Once","echo":{echo}}}"#);
        let request = completions::Request::parse(body.as_bytes()).unwrap();
        let context = request.context("cmpl-1".to_owned(), 0);
        let whole =
            format!(r#"{{"candidates":[{{"content":{{"parts":[{}]}}}}]}}"#, wire_parts(&events.concat()));
        let whole = completions::from_gemini(&context, [whole.as_bytes()]).unwrap();
        let whole: Value = serde_json::from_slice(&whole).unwrap();
        let mut stream = completions::Stream::new(context);
        let mut out = bytes::BytesMut::new();
        for event in run::events([upstream(&events).as_bytes()]) {
            stream.event(Source::default(), &Response::parse(&event).unwrap(), &mut out);
        }
        stream.finish(&mut out);
        let chunks = run::events([out.as_ref()]);
        let chunks = chunks.iter().filter_map(|it| serde_json::from_slice::<Value>(it).ok());
        let said: String =
            chunks.map(|it| it["choices"][0]["text"].as_str().unwrap().to_owned()).collect();
        prop_assert_eq!(whole["choices"][0]["text"].as_str(), Some(said.as_str()));
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes: Vec<u8>) {
        let known = chat::Known::default();
        drop(Request::parse(&bytes).map(|request| {
            run::translate(&request, &known).map(|translated| translated.request.encode())
        }));
        drop(Response::parse(&bytes).map(|response| response.facts()));
        drop(pollux_translate::gemini::error::ErrorBody::parse(&bytes));
        drop(embeddings::Request::parse(&bytes).map(|request| request.batches("m")));
        drop(completions::Request::parse(&bytes).map(|request| request.to_gemini()));
        drop(images::Request::generation(&bytes).map(|request| request.to_gemini()));
        drop(speech::Request::parse(&bytes).map(|request| request.to_gemini()));
        if let Ok(path) = std::str::from_utf8(&bytes) {
            drop(pollux_translate::gemini::path::Target::parse(path));
        }
    }
}
