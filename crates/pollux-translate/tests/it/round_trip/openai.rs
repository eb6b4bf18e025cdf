//! The normal form of a chat request in OpenAI's words.

use std::collections::BTreeSet;

use pollux_translate::gemini::family::Family;
use pollux_translate::gemini::thinking::Effort;
use serde_json::{Map, Value};

use super::Fields;

/// Where a `file_id` leads.
const FILES: &str = "https://generativelanguage.googleapis.com/v1beta/";

/// Writes a request down, line by line.
pub(super) fn normal(request: &Value, family: &Family) -> Vec<String> {
    let mut fields = Fields::of(request);
    drop(fields.take("model"));
    let mut lines = conversation(&fields.list("messages"), family);
    tools(&mut fields, &mut lines);
    format(&mut fields, &mut lines);
    sampling(&mut fields, family, &mut lines);
    // How the answer is to come says nothing to Gemini.
    drop((fields.take("stream"), fields.take("stream_options")));
    fields.end("request", &mut lines);
    lines
}

/// Instructions first; then who said what, results in the order of their calls.
fn conversation(messages: &[Value], family: &Family) -> Vec<String> {
    let (mut system, mut said) = (Vec::new(), Vec::new());
    let mut step = Step::default();
    for message in messages {
        let mut fields = Fields::of(message);
        let role = fields.text("role");
        let content = fields.take("content");
        match role.as_str() {
            "system" | "developer" => system.extend(spoken("system", &content)),
            "user" if step.calls.is_empty() => said.extend(spoken("user", &content)),
            "user" => step.waiting.extend(spoken("user", &content)),
            "assistant" => {
                said.append(&mut std::mem::take(&mut step).close(family));
                let mut words = spoken("model", &content);
                words.extend(spoken("model", &fields.take("refusal")));
                signature(&mut fields, &mut words);
                let calls = fields.list("tool_calls");
                words.retain(|line| line != "model: text \"\"");
                said.extend(words);
                for call in calls {
                    said.push(step.call(&call));
                    signature(&mut Fields::of(&call), &mut said);
                }
            }
            _ => {
                let id = fields.text("tool_call_id");
                // The call says it too.
                drop(fields.take("name"));
                step.results.push((id, result(&content)));
            }
        }
        fields.end(&role, &mut said);
    }
    said.append(&mut step.close(family));
    system.append(&mut said);
    system
}

/// The calls of one turn, and what came before the next.
#[derive(Default)]
struct Step {
    calls: Vec<(String, String)>,
    results: Vec<(String, (Value, Vec<String>))>,
    waiting: Vec<String>,
}

impl Step {
    fn call(&mut self, call: &Value) -> String {
        let mut fields = Fields::of(call);
        let id = fields.text("id");
        let (name, args) = if fields.text("type") == "custom" {
            let mut custom = fields.object("custom");
            (custom.text("name"), format!("{{\"input\":{}}}", custom.take("input")))
        } else {
            let mut function = fields.object("function");
            (function.text("name"), arguments(&function.text("arguments")))
        };
        drop(fields.take("extra_content"));
        let mut unknown = Vec::new();
        fields.end("call", &mut unknown);
        let line = format!("model: call {id} {name:?} {args}{}", unknown.concat());
        self.calls.push((id, name));
        line
    }

    fn close(self, family: &Family) -> Vec<String> {
        let (mut lines, mut beside) = (Vec::new(), Vec::new());
        for (id, name) in self.calls {
            for (_, (value, media)) in self.results.iter().filter(|(of, _)| *of == id) {
                let inside = if family.result_media { media.as_slice() } else { &[] };
                lines.push(format!("tool: {id} {name:?} {value} {inside:?}"));
                let outside = media.iter().skip(inside.len());
                beside.extend(outside.map(|it| format!("user: {it}")));
            }
        }
        lines.extend(beside);
        lines.extend(self.waiting);
        lines
    }
}

fn signature(fields: &mut Fields, lines: &mut [String]) {
    let signature = fields.take("extra_content")["google"]["thought_signature"].take();
    if let (Some(signature), Some(last)) = (signature.as_str(), lines.last_mut()) {
        last.push_str(" signed ");
        last.push_str(signature);
    }
}

fn arguments(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(object @ Value::Object(_)) => object.to_string(),
        Ok(_) | Err(_) if text.trim().is_empty() => "{}".to_owned(),
        Ok(_) | Err(_) => format!("text {text:?}"),
    }
}

/// Reads a tool's result, and the media that came with it.
fn result(content: &Value) -> (Value, Vec<String>) {
    let parts = content.as_array().cloned().unwrap_or_else(|| vec![content.clone()]);
    let (texts, media): (Vec<&Value>, Vec<&Value>) =
        parts.iter().partition(|part| part.is_string() || part["type"] == "text");
    let said = |part: &&Value| text(if part.is_string() { part } else { &part["text"] });
    let texts: Vec<String> = texts.iter().map(said).collect();
    // Only what stands alone can be more than text.
    let value = match texts.as_slice() {
        [only] => {
            serde_json::from_str(only).ok().filter(|it: &Value| it.is_object() || it.is_array())
        }
        _ => None,
    };
    let value = value.unwrap_or_else(|| texts.join("\n").into());
    (value, media.into_iter().map(part).collect())
}

fn spoken(who: &str, content: &Value) -> Vec<String> {
    match content {
        Value::Array(parts) => parts.iter().map(|it| format!("{who}: {}", part(it))).collect(),
        Value::String(text) => vec![format!("{who}: text {text:?}")],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn part(part: &Value) -> String {
    let mut fields = Fields::of(part);
    let mut lines = Vec::new();
    let kind = fields.text("type");
    let said = match kind.as_str() {
        "text" => format!("text {:?}", fields.text("text")),
        "image_url" => {
            let mut url = fields.object("image_url");
            let said = at(&url.text("url"));
            url.end("url", &mut lines);
            said
        }
        "input_audio" => {
            let mut audio = fields.object("input_audio");
            format!("inline audio/{} {}", audio.text("format"), audio.text("data"))
        }
        "file" => {
            let mut file = fields.object("file");
            match (file.text("file_id"), file.text("file_data")) {
                (id, data) if id.is_empty() => format!("inline application/pdf {data}"),
                (id, _) => format!("file {FILES}{id}"),
            }
        }
        other => format!("{other}?"),
    };
    fields.end("part", &mut lines);
    format!("{said}{}", lines.concat())
}

fn at(url: &str) -> String {
    match url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,")) {
        Some((kind, data)) => format!("inline {kind} {data}"),
        None => format!("file {url}"),
    }
}

fn tools(fields: &mut Fields, lines: &mut Vec<String>) {
    let (mut google, mut strict) = (BTreeSet::new(), false);
    for tool in fields.list("tools") {
        let mut tool = Fields::of(&tool);
        match tool.text("type").as_str() {
            kind @ ("function" | "custom") => {
                let mut inner = tool.object(kind);
                let (name, about) = (inner.text("name"), inner.take("description"));
                strict |= inner.take("strict") == true;
                let parameters = inner.take("parameters");
                lines.push(format!("offer: {kind} {name:?} {about} {parameters}"));
                inner.end("offer", lines);
            }
            other => drop(google.insert(format!("offer: {other}"))),
        }
        tool.end("offer", lines);
    }
    let has_functions = lines.iter().any(|line| line.starts_with("offer: "));
    let choice = fields.take("tool_choice");
    let named = choice["function"]["name"].as_str().map(str::to_owned);
    let allowed = choice["allowed_tools"]["tools"].as_array().map(|tools| {
        let name = |tool: &Value| tool[text(&tool["type"])]["name"].clone();
        tools.iter().map(|tool| text(&name(tool))).collect::<Vec<_>>()
    });
    match (text(&choice).as_str(), named.map(|name| vec![name]).or(allowed)) {
        ("none", _) => {
            lines.extend(has_functions.then(|| "choice: none".to_owned()));
            google.clear();
        }
        ("required", _) => lines.push("choice: required []".to_owned()),
        (_, Some(chosen)) => lines.push(format!("choice: required {chosen:?}")),
        (..) => lines.extend(strict.then(|| "choice: strict".to_owned())),
    }
    lines.extend(google);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn format(fields: &mut Fields, lines: &mut Vec<String>) {
    let mut format = fields.object("response_format");
    let mut described = format.object("json_schema");
    // Gemini needs neither.
    drop((described.take("name"), described.take("strict")));
    match format.text("type").as_str() {
        "json_object" => lines.push("format: json null".to_owned()),
        "json_schema" => lines.push(format!("format: json {}", described.take("schema"))),
        _ => {}
    }
    described.end("format", lines);
}

fn sampling(fields: &mut Fields, family: &Family, lines: &mut Vec<String>) {
    for name in ["temperature", "top_p", "top_k", "seed", "top_logprobs"] {
        let value = fields.take(name);
        lines.extend((!value.is_null()).then(|| format!("{name} = {value}")));
    }
    for name in ["presence_penalty", "frequency_penalty"] {
        let value = fields.take(name).as_f64().unwrap_or_default();
        lines.extend((value != 0.0).then(|| format!("{name} = {value}")));
    }
    let (newer, older) = (fields.take("max_completion_tokens"), fields.take("max_tokens"));
    for limit in [newer, older].iter().filter(|limit| !limit.is_null()) {
        lines.push(format!("max_tokens = {limit}"));
    }
    lines.extend(fields.list("stop").iter().map(|stop| format!("stop = {stop}")));
    let count = fields.take("n").as_i64().unwrap_or(1);
    lines.extend((count > 1).then(|| format!("n = {count}")));
    lines.extend((fields.take("logprobs") == true).then(|| "logprobs".to_owned()));
    if let Some(effort) = fields.take("reasoning_effort").as_str().and_then(Effort::parse)
        && family.thinks()
    {
        let mut config = effort.for_family(family);
        config.include_thoughts = (effort != Effort::Off).then_some(true);
        let config: Value = serde_json::from_slice(&serde_json::to_vec(&config).unwrap()).unwrap();
        lines.extend((config != Value::Object(Map::new())).then(|| format!("thinking = {config}")));
    }
    let tier = fields.text("service_tier");
    let tier = if tier == "default" { "standard" } else { &tier };
    lines.extend((!matches!(tier, "" | "auto")).then(|| format!("tier = {tier}")));
}
