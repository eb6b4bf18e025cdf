//! Tests of the strict reading of requests.

use serde_json::Value;

use super::{check_meaning, check_shape};
use crate::schema::GENERATE;

/// Reads a request whose only part, `parts[0]`, is `part`.
#[track_caller]
fn check(part: &str, want: &[&str]) {
    check_body(&format!(r#"{{"contents":[{{"parts":[{part}]}}]}}"#), want);
}

#[track_caller]
fn check_body(body: &str, want: &[&str]) {
    let body: Value = serde_json::from_str(body).unwrap();
    let found: Vec<_> =
        check_shape(&GENERATE, &body).into_iter().map(|one| one.description).collect();
    assert_eq!(found, want);
}

#[test]
fn both_spellings_are_accepted() {
    check(r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"}}"#, &[]);
    check(r#"{"inline_data":{"mime_type":"image/png","data":"AAAA"}}"#, &[]);
    check(
        r#"{"inline_Data":{}}"#,
        &[
            "Invalid JSON payload received. Unknown name \"inline_Data\" at 'contents[0].parts[0]': \
           Cannot find field.",
        ],
    );
}

#[test]
fn single_values_stand_for_lists_but_not_the_reverse() {
    check_body(r#"{"contents":{"parts":{"text":"x"}}}"#, &[]);
    check_body(
        r#"{"systemInstruction":[{"parts":[]}]}"#,
        &["Invalid JSON payload received. Unknown name \"systemInstruction\": Proto field is not \
           repeating, cannot start list."],
    );
}

#[test]
fn everything_wrong_is_reported_at_once() {
    check_body(
        r#"{"one":1,"two":2}"#,
        &[
            "Invalid JSON payload received. Unknown name \"one\": Cannot find field.",
            "Invalid JSON payload received. Unknown name \"two\": Cannot find field.",
        ],
    );
}

#[test]
fn both_alphabets_of_base64_are_accepted() {
    for data in ["_-_-", "/+/+", "AA==", "AA", ""] {
        check(&format!(r#"{{"thoughtSignature":"{data}"}}"#), &[]);
    }
    for data in ["A", "A*AA", "AA=A", "A==="] {
        let want = format!(
            "Invalid value at 'contents[0].parts[0].thought_signature' (TYPE_BYTES), Base64 \
             decoding failed for \"{data}\""
        );
        check(&format!(r#"{{"thoughtSignature":"{data}"}}"#), &[&want]);
    }
}

#[test]
fn enums_are_names_or_numbers() {
    let tool = |schema: &str| {
        format!(
            r#"{{"tools":[{{"functionDeclarations":[{{"parameters":{{"type":{schema}}}}}]}}]}}"#
        )
    };
    for good in ["\"STRING\"", "\"string\"", "1"] {
        check_body(&tool(good), &[]);
    }
    check_body(
        &tool("\"text\""),
        &["Invalid value at 'tools[0].function_declarations[0].parameters.type' \
           (type.googleapis.com/google.ai.generativelanguage.v1beta.Type), \"text\""],
    );
}

#[test]
fn numbers_may_be_texts_but_must_fit() {
    let config = |more: &str| format!(r#"{{"generationConfig":{more}}}"#);
    for good in [r#"{"seed":"7"}"#, r#"{"seed":7.0}"#, r#"{"topK":"1.5"}"#, r#"{"seed":null}"#] {
        check_body(&config(good), &[]);
    }
    for (bad, want) in [
        (r#"{"seed":1.5}"#, "Invalid value at 'generation_config.seed' (TYPE_INT32), 1.5"),
        (
            r#"{"seed":3000000000}"#,
            "Invalid value at 'generation_config.seed' (TYPE_INT32), 3000000000",
        ),
        (
            r#"{"temperature":"warm"}"#,
            "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"warm\"",
        ),
    ] {
        check_body(&config(bad), &[want]);
    }
}

#[test]
fn a_part_holds_one_kind_of_data() {
    check(
        r#"{"inlineData":{},"text":"x"}"#,
        &["Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. \
           Cannot set 'text'"],
    );
    check(r#"{"text":"x","thought":true,"thoughtSignature":"AAAA"}"#, &[]);
}

#[test]
fn schemas_nest_and_refuse_foreign_words() {
    check_body(
        r#"{"generationConfig":{"responseSchema":{"properties":{"a":{"items":{"oneOf":[]}}}}}}"#,
        &["Invalid JSON payload received. Unknown name \"oneOf\" at \
           'generation_config.response_schema.properties[0].value.items': Cannot find field."],
    );
    check_body(r#"{"generationConfig":{"responseJsonSchema":{"oneOf":[]}}}"#, &[]);
}

#[track_caller]
fn check_turns(turns: &[&str], want: Option<&str>) {
    let part = |kind: &str| match kind {
        "call" => r#"{"functionCall":{"name":"f"}}"#,
        "response" => r#"{"functionResponse":{"name":"f"}}"#,
        _ => r#"{"text":"x"}"#,
    };
    let turn = |turn: &&str| {
        let (role, parts) = turn.split_once(": ").unwrap();
        let parts: Vec<_> = parts.split(' ').map(part).collect();
        format!(r#"{{"role":"{role}","parts":[{}]}}"#, parts.join(","))
    };
    let turns: Vec<_> = turns.iter().map(turn).collect();
    let body = format!(r#"{{"contents":[{}]}}"#, turns.join(","));
    let found = check_meaning(&serde_json::from_str(&body).unwrap());
    match want {
        None => assert_eq!(found, None),
        Some(want) => assert!(found.as_ref().is_some_and(|text| text.contains(want)), "{found:?}"),
    }
}

#[test]
fn every_call_needs_its_response() {
    let count = Some("number of function response parts");
    check_turns(&["user: text", "model: call call", "user: response response"], None);
    check_turns(&["user: text", "model: call call", "user: response"], count);
    check_turns(&["user: text", "model: call", "user: text"], count);
    check_turns(&["user: text", "user: response"], count);
}

#[test]
fn a_call_needs_a_turn_before_it() {
    check_turns(&["model: call", "user: response"], Some("comes immediately after a user turn"));
    check_turns(
        &["user: text", "model: call", "user: response", "model: call", "user: response"],
        None,
    );
}

#[test]
fn turns_of_one_role_count_as_one() {
    check_turns(&["user: text", "model: call", "model: call", "user: response response"], None);
    check_turns(&["user: text", "model: call response text", "user: text"], None);
}
