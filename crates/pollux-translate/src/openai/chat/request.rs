//! The body of a chat request: its shape. What it means is decided in `to_gemini`.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::fields::{Number, Texts};
use super::message::{Message, pass_over};
use crate::error::TranslateError;
use crate::gemini::path::check_model;
use crate::text::Text;

/// How much is said of a value that cannot be read, in characters: it may be a whole book.
const MAX_REASON: usize = 300;

/// How many stop texts Gemini takes.
pub(super) const MAX_STOPS: usize = 5;

/// A chat request, borrowed from its body.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    pub(super) model: Text<'a>,
    pub(super) messages: Vec<Message<'a>>,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    pub(super) sampling: Sampling<'a>,
    pub(super) unsupported: Unsupported<'a>,
    ignored: Vec<String>,
}

/// The fields that shape the answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Sampling<'a> {
    pub(super) temperature: Option<Number<'a>>,
    pub(super) top_p: Option<Number<'a>>,
    pub(super) top_k: Option<Number<'a>>,
    pub(super) n: Option<Number<'a>>,
    pub(super) max_tokens: Option<Number<'a>>,
    pub(super) max_completion_tokens: Option<Number<'a>>,
    pub(super) stop: Texts<'a>,
    pub(super) seed: Option<Number<'a>>,
    pub(super) presence_penalty: Option<Number<'a>>,
    pub(super) frequency_penalty: Option<Number<'a>>,
    pub(super) logprobs: Option<bool>,
    pub(super) top_logprobs: Option<Number<'a>>,
}

/// The fields that ask for what is not translated yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Unsupported<'a> {
    pub(super) tools: Option<&'a RawValue>,
    pub(super) functions: Option<&'a RawValue>,
    pub(super) response_format: Option<ResponseFormat<'a>>,
    pub(super) modalities: Vec<Text<'a>>,
    pub(super) audio: Option<&'a RawValue>,
}

/// The form the answer is to have.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ResponseFormat<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
}

impl<'a> Request<'a> {
    /// Reads a body; an error names the field at fault and what is allowed there.
    pub fn parse(body: &'a [u8]) -> Result<Self, TranslateError> {
        let mut request: Self = serde_json::from_slice(body).map_err(|_| explain(body))?;
        if request.model.is_empty() {
            return Err(TranslateError::at("model", "a model is required"));
        }
        check_model(&request.model)?;
        if request.messages.is_empty() {
            return Err(TranslateError::at("messages", "at least one message is required"));
        }
        request.note_ignored();
        Ok(request)
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        self.model.strip_prefix("models/").unwrap_or(&self.model)
    }

    /// Returns whether the answer is to be streamed.
    pub fn is_streaming(&self) -> bool {
        self.stream
    }

    /// Returns the fields that are left out of account, for example `user` or `messages[].name`.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Adds what is known only once the whole body is read.
    fn note_ignored(&mut self) {
        if self.sampling.stop.0.len() > MAX_STOPS {
            self.sampling.stop.0.truncate(MAX_STOPS);
            self.ignored.push(format!("stop[{MAX_STOPS}..]"));
        }
        if self.sampling.max_completion_tokens.is_some() && self.sampling.max_tokens.is_some() {
            self.ignored.push("max_tokens".to_owned());
        }
        let names: BTreeSet<_> = self.messages.iter().flat_map(Message::ignored).collect();
        self.ignored.extend(names);
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

impl<'de: 'a, 'a> Deserialize<'de> for Request<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RequestVisitor)
    }
}

struct RequestVisitor;

impl<'de> Visitor<'de> for RequestVisitor {
    type Value = Request<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut request = Request::default();
        let (sampling, asked) = (&mut request.sampling, &mut request.unsupported);
        while let Some(Text(key)) = map.next_key()? {
            match key.as_ref() {
                "model" => request.model = or_default(&mut map)?,
                "messages" => request.messages = or_default(&mut map)?,
                "stream" => request.stream = or_default(&mut map)?,
                "stream_options" => {
                    let options: StreamOptions = or_default(&mut map)?;
                    request.include_usage = options.include_usage == Some(true);
                    request.ignored.extend(options.ignored);
                }
                "temperature" => sampling.temperature = map.next_value()?,
                "top_p" => sampling.top_p = map.next_value()?,
                "top_k" => sampling.top_k = map.next_value()?,
                "n" => sampling.n = map.next_value()?,
                "max_tokens" => sampling.max_tokens = map.next_value()?,
                "max_completion_tokens" => sampling.max_completion_tokens = map.next_value()?,
                "stop" => sampling.stop = or_default(&mut map)?,
                "seed" => sampling.seed = map.next_value()?,
                "presence_penalty" => sampling.presence_penalty = map.next_value()?,
                "frequency_penalty" => sampling.frequency_penalty = map.next_value()?,
                "logprobs" => sampling.logprobs = map.next_value()?,
                "top_logprobs" => sampling.top_logprobs = map.next_value()?,
                "tools" => asked.tools = map.next_value()?,
                "functions" => asked.functions = map.next_value()?,
                "response_format" => asked.response_format = map.next_value()?,
                "modalities" => asked.modalities = or_default(&mut map)?,
                "audio" => asked.audio = map.next_value()?,
                _ => request.ignored.extend(pass_over(&mut map, key.into_owned())?),
            }
        }
        Ok(request)
    }
}

/// Reads a value of which null means the default.
fn or_default<'de, T, A>(map: &mut A) -> Result<T, A::Error>
where
    T: Deserialize<'de> + Default,
    A: MapAccess<'de>,
{
    map.next_value::<Option<T>>().map(Option::unwrap_or_default)
}

/// How the stream is to be.
#[derive(Default)]
struct StreamOptions {
    include_usage: Option<bool>,
    ignored: Vec<String>,
}

impl<'de> Deserialize<'de> for StreamOptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OptionsVisitor;

        impl<'de> Visitor<'de> for OptionsVisitor {
            type Value = StreamOptions;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut options = StreamOptions::default();
                while let Some(Text(key)) = map.next_key()? {
                    if key == "include_usage" {
                        options.include_usage = map.next_value()?;
                        continue;
                    }
                    let name = format!("stream_options.{key}");
                    options.ignored.extend(pass_over(&mut map, name)?);
                }
                Ok(options)
            }
        }

        deserializer.deserialize_map(OptionsVisitor)
    }
}
