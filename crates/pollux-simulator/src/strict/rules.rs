//! What a well-formed request to generate may still not say.

use serde_json::Value;

use crate::answer::{field, list, whole};

/// Sequences that may end an answer.
const STOPS: usize = 5;
/// Texts that one batch may hold.
const BATCH: usize = 100;

/// What is wrong with a batch to embed, in Google's words; absent when nothing is.
pub(crate) fn check_batch(request: &Value) -> Option<String> {
    (list(field(request, "requests")).len() > BATCH).then(|| {
        format!(
            "* BatchEmbedContentsRequest.requests: at most {BATCH} requests can be in one batch\n"
        )
    })
}

/// The first rule that a request breaks, in Google's words; absent when it
/// breaks none.
pub(crate) fn check(request: &Value) -> Option<String> {
    let contents = list(field(request, "contents"));
    if contents.is_empty() {
        return Some("* GenerateContentRequest.contents: contents is not specified\n".to_owned());
    }
    let config = field(request, "generation_config").unwrap_or(&Value::Null);
    empty_turn(contents).or_else(|| settings(config)).or_else(|| turns(contents).map(str::to_owned))
}

fn empty_turn(contents: &[Value]) -> Option<String> {
    let at = contents.iter().position(|turn| list(field(turn, "parts")).is_empty())?;
    Some(format!(
        "* GenerateContentRequest.contents[{at}].parts: contents.parts must not be empty.\n"
    ))
}

fn settings(config: &Value) -> Option<String> {
    let name = "GenerateContentRequest.generation_config";
    let temperature = field(config, "temperature").and_then(Value::as_f64);
    if temperature.is_some_and(|value| !(0.0..=2.0).contains(&value)) {
        return Some(format!(
            "* {name}.temperature: temperature must be in the range [0.0, 2.0].\n"
        ));
    }
    if list(field(config, "stop_sequences")).len() > STOPS {
        return Some(format!(
            "* {name}.stop_sequences: the number of stop_sequences must not exceed {STOPS}.\n"
        ));
    }
    let thinking = field(config, "thinking_config")?;
    let both = field(thinking, "thinking_budget").and_then(budget).is_some()
        && field(thinking, "thinking_level").is_some_and(|level| !level.is_null());
    both.then(|| "You can only set only one of thinking budget and thinking level.".to_owned())
}

fn budget(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| whole(value)?.try_into().ok())
}

/// What the order of calls and responses requires; turns of one role that
/// follow each other count as one, as recorded traffic shows.
fn turns(contents: &[Value]) -> Option<&'static str> {
    let mut pending = 0;
    for (at, step) in contents.chunk_by(|one, next| is_model(one) == is_model(next)).enumerate() {
        let calls = parts_with(step, "function_call");
        let responses = parts_with(step, "function_response");
        if calls > 0 && at == 0 {
            return Some(
                "Please ensure that function call turn comes immediately after a user turn or \
                 after a function response turn.",
            );
        }
        // Some tools answer in the model's own turn.
        let answered_inside = if calls > 0 { responses.min(calls) } else { 0 };
        if responses - answered_inside != pending {
            return Some(
                "Please ensure that the number of function response parts is equal to the number \
                 of function call parts of the function call turn.",
            );
        }
        pending = calls - answered_inside;
    }
    None
}

fn parts_with(step: &[Value], name: &str) -> usize {
    let parts = step.iter().flat_map(|turn| list(field(turn, "parts")));
    parts.filter(|part| field(part, name).is_some()).count()
}

fn is_model(turn: &Value) -> bool {
    field(turn, "role").and_then(Value::as_str) == Some("model")
}
