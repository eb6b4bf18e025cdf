//! Interactions: whole, or as events with names and bare line feeds.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;

use super::Asked;
use super::view::{empty, moment, object, whole, with};
use crate::answer::{field, tokens};
use crate::server::reply::{Form, Reply};
use crate::server::route::parameter;
use crate::state::{Item, Owned};

/// Answers everything under `interactions`.
pub(super) fn answer(owned: &mut Owned, asked: &Asked<'_>) -> Reply {
    let name = asked.want.name.trim_end_matches("/cancel");
    if name == "interactions" {
        return create(owned, asked);
    }
    let Ok(item) = owned.get(asked.project, name) else {
        return refuse(404, "not_found", "The interaction was not found.");
    };
    let view = item.view.clone();
    match asked.want.verb {
        Method::GET if parameter(asked.query(), "stream").as_deref() == Some("true") => {
            events(&view)
        }
        Method::DELETE => {
            owned.remove(name);
            empty()
        }
        _ => whole(&view),
    }
}

fn create(owned: &mut Owned, asked: &Asked<'_>) -> Reply {
    let given = asked.json();
    let text = |name: &str| field(&given, name).and_then(Value::as_str);
    let Some(model) = text("model").or_else(|| text("agent")) else {
        return refuse(400, "invalid_request", "Either 'model' or 'agent' is required.");
    };
    let before = text("previous_interaction_id").map(|id| format!("interactions/{id}"));
    if before.is_some_and(|name| owned.get(asked.project, &name).is_err()) {
        return refuse(404, "not_found", "The previous interaction was not found.");
    }
    let said = text("input").unwrap_or("something");
    let said = said.split_once("say: ").map_or(said, |(_, said)| said);
    let id = owned.id("v1_");
    let content = object([("type", "text".into()), ("text", said.into())]);
    let step = object([("type", "model_output".into()), ("content", vec![content].into())]);
    let view = object([
        ("id", id.as_str().into()),
        ("object", "interaction".into()),
        ("model", model.into()),
        ("status", "completed".into()),
        ("created", moment(asked.now, 0)),
        ("usage", usage(said)),
        ("steps", vec![step].into()),
    ]);
    let project = asked.project.to_owned();
    let item = Item { project, view: view.clone(), bytes: Bytes::new() };
    owned.put(&format!("interactions/{id}"), item);
    match field(&given, "stream") {
        Some(Value::Bool(true)) => events(&view),
        Some(_) | None => whole(&view),
    }
}

fn usage(said: &str) -> Value {
    let output = tokens(said);
    object([
        ("total_tokens", (7 + output + 5).into()),
        ("total_input_tokens", 7.into()),
        ("total_cached_tokens", 0.into()),
        ("total_output_tokens", output.into()),
        ("total_tool_use_tokens", 0.into()),
        ("total_thought_tokens", 5.into()),
    ])
}

/// The events of an interaction, one word at a time.
fn events(view: &Value) -> Reply {
    let begun = object([("status", "in_progress".into())]);
    let short = |names: &[&str]| with(begun.clone(), view, names);
    let mut pieces = vec![
        event("interaction.created", object([("interaction", short(&["id", "object", "model"]))])),
        event("step.start", object([("index", 0.into())])),
    ];
    let text = view.pointer("/steps/0/content/0/text").and_then(Value::as_str).unwrap_or_default();
    for word in text.split_inclusive(' ') {
        let delta = object([("type", "text".into()), ("text", word.into())]);
        pieces.push(event("step.delta", object([("index", 0.into()), ("delta", delta)])));
    }
    pieces.push(event("step.stop", object([("index", 0.into())])));
    let done = with(object([]), view, &["id", "object", "model", "status", "usage"]);
    pieces.push(event("interaction.completed", object([("interaction", done)])));
    pieces.push(Bytes::from_static(b"event: done\ndata: [DONE]\n\n"));
    Reply::pieces(Form::Events, pieces)
}

fn event(name: &str, data: Value) -> Bytes {
    let data = with(data, &object([("event_type", name.into())]), &["event_type"]);
    format!("event: {name}\ndata: {data}\n\n").into()
}

/// A refusal of this API: a code in words, and no status.
fn refuse(status: u16, code: &str, message: &str) -> Reply {
    let error = object([("code", code.into()), ("message", message.into())]);
    let body = crate::json::pretty(&object([("error", error)]));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    Reply::bytes(status, "application/json; charset=UTF-8", body.into())
}
