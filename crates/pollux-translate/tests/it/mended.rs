//! Requests whose signatures are replaced: nothing else in them changes.

use std::fs;

use pollux_translate::gemini::signature::{SENTINEL, with_sentinels};
use proptest::prelude::*;
use serde_json::Value;

use crate::corpus::corpus;

/// Takes the signatures out of every part of every turn.
fn unsigned(request: &mut Value) {
    let Some(turns) = request.get_mut("contents").and_then(Value::as_array_mut) else { return };
    for parts in turns.iter_mut().filter_map(|turn| turn.get_mut("parts")?.as_array_mut()) {
        for part in parts.iter_mut().filter_map(Value::as_object_mut) {
            part.remove("thoughtSignature");
            part.remove("thought_signature");
        }
    }
}

#[track_caller]
fn check(body: &str) -> bool {
    let Some(mended) = with_sentinels(body.as_bytes()) else { return false };
    let read = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    let (mut before, mut after) = (read(body.as_bytes()), read(&mended));
    assert_ne!(before, after);
    unsigned(&mut before);
    unsigned(&mut after);
    assert_eq!(before, after);
    assert!(String::from_utf8(mended.clone()).unwrap().contains(SENTINEL));
    assert_eq!(with_sentinels(&mended), None, "once is enough");
    true
}

#[test]
fn recorded_requests_change_in_their_signatures_only() {
    let Some(corpus) = corpus() else { return };
    let index = fs::read_to_string(corpus.join("index.csv")).unwrap();
    let mut mended = 0;
    for file in index.lines().skip(1).filter_map(|line| line.split(',').next()) {
        let text = fs::read_to_string(corpus.join(file)).unwrap();
        let exchange: Value = serde_json::from_str(&text).unwrap();
        let body = &exchange["request"]["body"];
        if body["contents"].is_array() {
            mended += usize::from(check(&body.to_string()));
        }
    }
    println!("{mended} recorded requests were mended");
    assert!(mended > 20);
}

/// A part, as JSON.
fn part() -> impl Strategy<Value = String> {
    let signature = "[A-Za-z0-9+/]{0,12}";
    let name = prop_oneof![Just("thoughtSignature"), Just("thought_signature")];
    prop_oneof![
        Just("{}".to_owned()),
        ".{0,9}".prop_map(|text| format!(r#"{{"text":{}}}"#, Value::from(text))),
        ".{0,9}".prop_map(|text| {
            format!(r#"{{ "functionCall" : {{"name":"a","args":{{"x":{}}}}}}}"#, Value::from(text))
        }),
        (name, signature).prop_map(|(name, signature)| {
            format!(r#"{{"functionCall":{{"name":"b"}},"{name}":"{signature}"}}"#)
        }),
        signature
            .prop_map(|signature| format!(r#"{{"text":"","thoughtSignature":"{signature}"}}"#)),
    ]
}

fn request() -> impl Strategy<Value = String> {
    let turn =
        (any::<bool>(), proptest::collection::vec(part(), 0..4)).prop_map(|(model, parts)| {
            let role = if model { "model" } else { "user" };
            format!(r#"{{"role":"{role}","parts":[{}]}}"#, parts.join(", "))
        });
    proptest::collection::vec(turn, 0..6)
        .prop_map(|turns| format!(r#"{{"n":1.50,"contents":[{}]}}"#, turns.join(",")))
}

proptest! {
    #[test]
    fn any_request_changes_in_its_signatures_only(body in request()) {
        check(&body);
    }

    #[test]
    fn a_broken_request_is_left_alone_or_stays_json(
        body in request(),
        at in any::<prop::sample::Index>(),
        byte in 0x20_u8..0x7f,
    ) {
        let mut body = body.into_bytes();
        let at = at.index(body.len());
        body[at] = byte;
        if let Some(mended) = with_sentinels(&body) {
            prop_assert!(serde_json::from_slice::<Value>(&mended).is_ok());
        }
    }
}
