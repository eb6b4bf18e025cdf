//! What a request may not ask of the model it names, though another one would do it.

use serde_json::Value;

use super::signature;
use crate::Script;
use crate::answer::{BUILT_IN, field, is_model, list, whole};
use crate::mark::{self, Kind};
use crate::models::Model;
use crate::thinking;

/// The first rule of the model that a request breaks, in Google's words.
pub(crate) fn check(
    request: &Value,
    model: &Model,
    (script, project): (&Script, &str),
) -> Option<String> {
    let config = field(request, "generation_config").unwrap_or(&Value::Null);
    let contents = list(field(request, "contents"));
    let thinking = field(config, "thinking_config").unwrap_or(&Value::Null);
    thinking::complaint(thinking::of(model.id), thinking)
        .or_else(|| candidates(config, model))
        .or_else(|| tools(request, config, model))
        .or_else(|| prefill(contents, model))
        .or_else(|| continuation(request, model, project))
        .or_else(|| signature::complaint(contents, script, project).filter(|_| model.signs()))
}

fn candidates(config: &Value, model: &Model) -> Option<String> {
    let several = field(config, "candidate_count").and_then(whole).is_some_and(|count| count > 1);
    let refused = several && model.signs();
    refused.then(|| "Multiple candidates is not enabled for this model".to_owned())
}

/// Functions beside built-in tools, and functions beside JSON answers.
fn tools(request: &Value, config: &Value, model: &Model) -> Option<String> {
    let tools = list(field(request, "tools"));
    let has = |name| tools.iter().any(|tool| field(tool, name).is_some());
    if !has("function_declarations") {
        return None;
    }
    if BUILT_IN.iter().any(|name| has(name)) && !(model.signs() && is_circulated(request)) {
        return Some("Tool use with function calling is unsupported by the model.".to_owned());
    }
    let mime = field(config, "response_mime_type").and_then(Value::as_str);
    let refused = mime == Some("application/json") && !model.signs();
    refused.then(|| {
        "Function calling with a response mime type: 'application/json' is unsupported".to_owned()
    })
}

/// Whether the client carries what Google's own tools did from turn to turn.
fn is_circulated(request: &Value) -> bool {
    let config = field(request, "tool_config").unwrap_or(&Value::Null);
    field(config, "include_server_side_tool_invocations") == Some(&Value::Bool(true))
}

/// A token of another project, or that nobody gave out.
fn continuation(request: &Value, model: &Model, project: &str) -> Option<String> {
    let token = field(request, "continuation_token")?.as_str()?;
    let mark = mark::read(Kind::Continuation, token);
    let good = model.continues() && mark.is_some_and(|mark| mark.project == project);
    (!good).then(|| "The continuation token is not valid.".to_owned())
}

/// An answer that the client has begun himself.
fn prefill(contents: &[Value], model: &Model) -> Option<String> {
    let refused = model.signs() && contents.last().is_some_and(is_model);
    refused.then(|| {
        "Please ensure that multiturn requests end with a user role or a function response."
            .to_owned()
    })
}
