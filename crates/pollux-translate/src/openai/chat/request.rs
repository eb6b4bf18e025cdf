//! The body of a chat request: its shape. What it means is decided in `to_gemini`.

use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::google::{ExtraBody, Google};
use super::media::{self, Remote};
use super::message::{ContentPart, Message};
use super::tool::{Choice, Function, Options, Tool};
use crate::error::TranslateError;
use crate::gemini::path::check_model;
use crate::openai::number::Number;
use crate::openai::object::{Expected, TextOr, Unread, object};
use crate::text::{Text, read};

/// How much is said of a value that cannot be read, in characters: it may be a whole book.
const MAX_REASON: usize = 300;

/// A chat request, borrowed from its body.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    pub(super) model: Option<Text<'a>>,
    pub(super) messages: Option<Vec<Message<'a>>>,
    pub(super) stream: Option<bool>,
    pub(super) stream_options: Option<StreamOptions<'a>>,
    pub(super) temperature: Option<Number<'a>>,
    pub(super) top_p: Option<Number<'a>>,
    pub(super) top_k: Option<Number<'a>>,
    pub(super) n: Option<Number<'a>>,
    pub(super) max_tokens: Option<Number<'a>>,
    pub(super) max_completion_tokens: Option<Number<'a>>,
    pub(super) stop: Option<TextOr<'a, Vec<Text<'a>>>>,
    pub(super) seed: Option<Number<'a>>,
    pub(super) presence_penalty: Option<Number<'a>>,
    pub(super) frequency_penalty: Option<Number<'a>>,
    pub(super) logprobs: Option<bool>,
    pub(super) top_logprobs: Option<Number<'a>>,
    pub(super) tools: Option<Vec<Tool<'a>>>,
    pub(super) tool_choice: Option<Choice<'a>>,
    pub(super) parallel_tool_calls: Option<bool>,
    pub(super) functions: Option<Vec<Function<'a>>>,
    pub(super) function_call: Option<Choice<'a>>,
    pub(super) response_format: Option<ResponseFormat<'a>>,
    pub(super) reasoning_effort: Option<Text<'a>>,
    pub(super) modalities: Option<Vec<Text<'a>>>,
    pub(super) audio: Option<&'a RawValue>,
    pub(super) service_tier: Option<Text<'a>>,
    pub(super) web_search_options: Option<Options<'a>>,
    pub(super) extra_body: Option<ExtraBody<'a>>,
    pub(super) google: Option<Google<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(Request, "a JSON object", {
    model: "model",
    messages: "messages",
    stream: "stream",
    stream_options: "stream_options",
    temperature: "temperature",
    top_p: "top_p",
    top_k: "top_k",
    n: "n",
    max_tokens: "max_tokens",
    max_completion_tokens: "max_completion_tokens",
    stop: "stop",
    seed: "seed",
    presence_penalty: "presence_penalty",
    frequency_penalty: "frequency_penalty",
    logprobs: "logprobs",
    top_logprobs: "top_logprobs",
    tools: "tools",
    tool_choice: "tool_choice",
    parallel_tool_calls: "parallel_tool_calls",
    functions: "functions",
    function_call: "function_call",
    response_format: "response_format",
    reasoning_effort: "reasoning_effort",
    modalities: "modalities",
    audio: "audio",
    service_tier: "service_tier",
    web_search_options: "web_search_options",
    extra_body: "extra_body",
    google: "google",
});

impl Expected for Vec<Text<'_>> {
    const EXPECTED: &'static str = "a string or a list of strings";
}

/// How the stream is to be.
#[derive(Clone, Debug, Default)]
pub(super) struct StreamOptions<'a> {
    include_usage: Option<bool>,
    ignored: Vec<Text<'a>>,
}

object!(StreamOptions, "an object", { include_usage: "include_usage" });

/// The form the answer is to have.
#[derive(Clone, Debug, Default)]
pub(super) struct ResponseFormat<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) json_schema: Option<JsonSchema<'a>>,
    ignored: Vec<Text<'a>>,
}

object!(ResponseFormat, "an object with a type", { kind: "type", json_schema: "json_schema" });

#[derive(Clone, Debug, Default)]
pub(super) struct JsonSchema<'a> {
    /// A name for the schema, and whether to keep to it: Gemini always does and needs no name.
    pub(super) name: Option<Text<'a>>,
    pub(super) strict: Option<bool>,
    pub(super) schema: Option<&'a RawValue>,
    ignored: Vec<Text<'a>>,
}

object!(JsonSchema, "an object with a schema", {
    name: "name",
    strict: "strict",
    schema: "schema",
});

impl<'a> Request<'a> {
    /// Reads a body; an error names the field at fault and what is allowed there.
    pub fn parse(body: &'a [u8]) -> Result<Self, TranslateError> {
        let request: Self = read(body).map_err(|_| explain(body))?;
        let Some(model) = request.model.as_deref().filter(|model| !model.is_empty()) else {
            return Err(TranslateError::at("model", "a model is required"));
        };
        check_model(model)?;
        if request.messages().is_empty() {
            return Err(TranslateError::at("messages", "at least one message is required"));
        }
        Ok(request)
    }

    /// Returns every field that means something, as paths like `messages[].role`.
    pub fn fields() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        <Self as Unread>::fields("", &mut names);
        names
    }

    /// Returns the model's name without `models/`, suffixes included.
    pub fn model(&self) -> &str {
        let model = self.model.as_deref().unwrap_or_default();
        model.strip_prefix("models/").unwrap_or(model)
    }

    /// Returns whether the answer is to be streamed.
    pub fn is_streaming(&self) -> bool {
        self.stream == Some(true)
    }

    /// Returns the ids of all tool calls, in order.
    pub fn call_ids(&self) -> impl Iterator<Item = &str> {
        let calls =
            self.messages().iter().flat_map(|it| it.tool_calls.as_deref().unwrap_or_default());
        calls.filter_map(|call| call.id.as_deref())
    }

    /// Returns the media that Gemini cannot fetch by itself; each may come several times.
    pub fn remote_media(&self) -> impl Iterator<Item = Remote<'_>> {
        self.messages().iter().enumerate().flat_map(|(at, message)| media::remote(at, message))
    }

    pub(super) fn messages(&self) -> &[Message<'a>] {
        self.messages.as_deref().unwrap_or_default()
    }

    pub(super) fn includes_usage(&self) -> bool {
        self.stream_options.as_ref().and_then(|options| options.include_usage) == Some(true)
    }

    /// Returns what is said in Google's own words, wherever that stands.
    pub(super) fn google(&self) -> Option<&Google<'a>> {
        self.extra_body.as_ref().and_then(|body| body.google.as_ref()).or(self.google.as_ref())
    }

    /// Returns the names of fields that mean nothing here, as far as their shape tells.
    pub(super) fn unread(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        Unread::unread(self, "", &mut names);
        let misplaced = self.messages().iter().flat_map(Message::misplaced);
        names.extend(misplaced.map(|name| format!("messages[].{name}")));
        let parts = self.messages().iter().flat_map(Message::content_parts);
        let misplaced = parts.flat_map(ContentPart::misplaced);
        names.extend(misplaced.map(|name| format!("messages[].content[].{name}")));
        // Of two fields that say the same thing the newer one counts.
        if self.tool_choice.is_some() && self.function_call.is_some() {
            names.insert("function_call".to_owned());
        }
        let has_google = self.extra_body.as_ref().is_some_and(|body| body.google.is_some());
        if has_google && self.google.is_some() {
            names.insert("google".to_owned());
        }
        names
    }
}

/// Finds the field at fault in a body that could not be read.
fn explain(body: &[u8]) -> TranslateError {
    let mut json = serde_json::Deserializer::from_slice(body);
    let Err(error) = serde_path_to_error::deserialize::<_, Request<'_>>(&mut json) else {
        return TranslateError::whole("the body has something after its JSON object");
    };
    let path = error.path().to_string();
    let cause = error.into_inner();
    let text = cause.to_string();
    let reason = text.split(" at line ").next().unwrap_or_default();
    let reason = reason.replace("expected a sequence", "expected a list");
    let reason: String = reason.chars().take(MAX_REASON).collect();
    if !cause.is_data() {
        return TranslateError::whole(format!("the body is not valid JSON: {text}"));
    }
    if path == "." {
        return TranslateError::whole(format!("invalid request: {reason}"));
    }
    TranslateError::at(path.as_str(), format!("invalid value for `{path}`: {reason}"))
}
