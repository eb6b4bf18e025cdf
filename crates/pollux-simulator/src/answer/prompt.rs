//! What a request asks for, read out of its JSON in either spelling.

use serde_json::{Map, Value};

use super::{ModalityCount, step, tokens};
use crate::thinking;

/// Tokens of a picture, a file or any other medium.
const MEDIUM: u64 = 258;

/// Tools that Google runs itself.
pub(crate) const BUILT_IN: [&str; 6] = [
    "google_search",
    "google_search_retrieval",
    "url_context",
    "code_execution",
    "file_search",
    "google_maps",
];

/// A request to generate, as far as it shapes the answer.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    /// What the last turn asks, or the step of its script that is due.
    pub(crate) text: String,
    /// Functions to call, in order.
    pub(crate) calls: Vec<Call>,
    /// Tokens of the prompt by modality.
    pub(crate) details: Vec<ModalityCount>,
    /// Tokens the answer may have; absent means any number.
    pub(crate) max_tokens: Option<u64>,
    pub(crate) stop_sequences: Vec<String>,
    pub(crate) candidates: u64,
    pub(crate) include_thoughts: bool,
    /// Whether the request turns thinking off.
    pub(crate) no_thinking: bool,
    /// Whether the answer must be JSON.
    pub(crate) json: bool,
    /// What continues an answer that was too long for one request.
    pub(crate) token: Option<String>,
    /// The tools that Google runs itself.
    tools: Vec<&'static str>,
    /// The schema that the JSON follows.
    pub(crate) schema: Option<Value>,
    /// What the answer may be beside text.
    pub(crate) modality: Option<Modality>,
}

/// What an answer may be beside text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modality {
    Image,
    Audio,
}

/// A function call the prompt dictates.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) args: Value,
}

impl Prompt {
    /// Reads a request; what is missing or of another shape counts as absent.
    pub(crate) fn read(request: &Value) -> Self {
        let text = step::text(list(field(request, "contents")));
        let config = field(request, "generation_config").unwrap_or(&Value::Null);
        let thinking = field(config, "thinking_config").unwrap_or(&Value::Null);
        let stops = list(field(config, "stop_sequences"));
        Self {
            calls: dictated(&text, request),
            text,
            details: prompt_tokens(request),
            max_tokens: field(config, "max_output_tokens").and_then(whole).filter(|max| *max > 0),
            stop_sequences: stops.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            candidates: field(config, "candidate_count").and_then(whole).unwrap_or(1).clamp(1, 8),
            include_thoughts: field(thinking, "include_thoughts") == Some(&Value::Bool(true)),
            no_thinking: thinking::is_off(thinking),
            json: field(config, "response_mime_type").and_then(Value::as_str)
                == Some("application/json"),
            token: field(request, "continuation_token").and_then(Value::as_str).map(str::to_owned),
            tools: built_in(list(field(request, "tools"))),
            schema: schema(config).cloned(),
            modality: Modality::asked(request),
        }
    }

    /// Whether Google's own tool of this name may be used.
    pub(super) fn has_tool(&self, name: &str) -> bool {
        self.tools.contains(&name)
    }

    /// The rest of the first line that begins with `start`.
    pub(super) fn line(&self, start: &str) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix(start))
    }

    /// Tokens of the prompt in all modalities.
    pub(crate) fn tokens(&self) -> u64 {
        self.details.iter().map(|detail| detail.token_count).sum()
    }
}

fn built_in(tools: &[Value]) -> Vec<&'static str> {
    let names = BUILT_IN.into_iter();
    names.filter(|name| tools.iter().any(|tool| field(tool, name).is_some())).collect()
}

impl Modality {
    /// What a request asks for beside text.
    pub(crate) fn asked(request: &Value) -> Option<Self> {
        let config = field(request, "generation_config")?;
        let names = list(field(config, "response_modalities")).iter().filter_map(Value::as_str);
        names.into_iter().find_map(|name| match name {
            "IMAGE" => Some(Self::Image),
            "AUDIO" => Some(Self::Audio),
            _ => None,
        })
    }
}

fn schema(config: &Value) -> Option<&Value> {
    let names = ["response_json_schema", "_response_json_schema", "response_schema"];
    names.into_iter().find_map(|name| field(config, name)).filter(|schema| schema.is_object())
}

/// Tokens of a request's turns, instruction and tools, by modality.
pub(crate) fn prompt_tokens(request: &Value) -> Vec<ModalityCount> {
    let mut text = 0;
    let mut media: Vec<ModalityCount> = Vec::new();
    let turns = list(field(request, "contents"));
    let instruction = list(field(request, "system_instruction"));
    for part in turns.iter().chain(instruction).flat_map(|turn| list(field(turn, "parts"))) {
        match medium(part) {
            Some(modality) => count(&mut media, modality),
            None => text += part_tokens(part),
        }
    }
    text += field(request, "tools").map_or(0, |tools| tokens(&tools.to_string()));
    media.push(ModalityCount { modality: "TEXT", token_count: text });
    media
}

/// The text that an embedding request's content says.
pub(crate) fn embedded_text(request: &Value) -> String {
    field(request, "content").map(step::said).unwrap_or_default()
}

fn count(media: &mut Vec<ModalityCount>, modality: &'static str) {
    match media.iter_mut().find(|one| one.modality == modality) {
        Some(one) => one.token_count += MEDIUM,
        None => media.push(ModalityCount { modality, token_count: MEDIUM }),
    }
}

fn part_tokens(part: &Value) -> u64 {
    if let Some(text) = field(part, "text").and_then(Value::as_str) {
        return tokens(text);
    }
    let structured = ["function_call", "function_response", "executable_code", "tool_response"];
    let value = structured.into_iter().find_map(|name| field(part, name));
    value.map_or(0, |value| tokens(&value.to_string()))
}

/// The modality of a part that is not text.
fn medium(part: &Value) -> Option<&'static str> {
    let blob = field(part, "inline_data").or_else(|| field(part, "file_data"))?;
    let mime = field(blob, "mime_type").and_then(Value::as_str).unwrap_or_default();
    Some(match mime.split('/').next() {
        Some("image") => "IMAGE",
        Some("audio") => "AUDIO",
        Some("video") => "VIDEO",
        _ => "DOCUMENT",
    })
}

/// The lines `call: NAME {JSON}` whose function the request declares.
fn dictated(text: &str, request: &Value) -> Vec<Call> {
    if !text.contains("call: ") {
        return Vec::new();
    }
    let tools = list(field(request, "tools"));
    let declared: Vec<&str> = tools
        .iter()
        .flat_map(|tool| list(field(tool, "function_declarations")))
        .filter_map(|function| field(function, "name")?.as_str())
        .collect();
    let call = |line: &str| {
        let rest = line.trim_start().strip_prefix("call: ")?.trim();
        let (name, args) = rest.split_once(' ').unwrap_or((rest, "{}"));
        let args = serde_json::from_str(args).ok().filter(Value::is_object)?;
        declared.contains(&name).then(|| Call { name: name.to_owned(), args })
    };
    text.lines().filter_map(call).collect()
}

/// A member by its name in the schema, in that spelling or in camel case.
pub(crate) fn field<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let object: &Map<String, Value> = value.as_object()?;
    object.get(name).or_else(|| object.iter().find(|(key, _)| is_camel(key, name)).map(|one| one.1))
}

/// Whether `key` is the camel-case spelling of `name`, which keeps an
/// underscore at its front.
pub(crate) fn is_camel(key: &str, name: &str) -> bool {
    let mut key = key.bytes();
    let mut upper = false;
    for (at, byte) in name.bytes().enumerate() {
        if byte == b'_' && at > 0 {
            upper = true;
            continue;
        }
        let wanted = if upper { byte.to_ascii_uppercase() } else { byte };
        upper = false;
        if key.next() != Some(wanted) {
            return false;
        }
    }
    key.next().is_none()
}

/// A list's members; a single value counts as a list of one, as Google reads it.
pub(crate) fn list(value: Option<&Value>) -> &[Value] {
    match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(members)) => members,
        Some(one) => std::slice::from_ref(one),
    }
}

/// A whole number, written as a number or as a text.
pub(crate) fn whole(value: &Value) -> Option<u64> {
    let text = || value.as_str()?.parse().ok();
    value.as_u64().or_else(text).or_else(|| format!("{}", value.as_f64()?).parse().ok())
}
