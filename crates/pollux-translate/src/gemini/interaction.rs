//! The Interactions API, as far as a relay reads it: what is asked for, what was used, how it fails.

use serde::{Deserialize, Serialize};

use super::glance::object;
use super::proto::{Presence, count};
use super::response::Facts;
use crate::error::{ApiError, Status};
use crate::text::{Text, json};
use crate::usage::Usage;

/// What a body that creates something says about how it is to be made.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked<'a> {
    #[serde(borrow)]
    model: Option<Text<'a>>,
    #[serde(borrow)]
    agent: Option<Text<'a>>,
    stream: Option<bool>,
}

impl<'a> Asked<'a> {
    /// Reads a body; one that cannot be read asks for nothing, and Gemini says so itself.
    pub fn parse(body: &'a [u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// Returns whose quota is used: the model's, without `models/`, or else the agent's.
    pub fn model(&self) -> Option<&str> {
        let model = self.model.as_deref().or(self.agent.as_deref())?;
        Some(model.strip_prefix("models/").unwrap_or(model)).filter(|model| !model.is_empty())
    }

    /// Returns whether the answer is wanted as events.
    pub fn is_streaming(&self) -> bool {
        self.stream == Some(true)
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    id: Presence,
    usage: Option<Tokens>,
    interaction: Option<Inner>,
    error: Presence,
    #[serde(borrow)]
    event_type: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    usage: Option<Tokens>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(rename = "total_input_tokens", deserialize_with = "count")]
    input: Option<u64>,
    #[serde(rename = "total_cached_tokens", deserialize_with = "count")]
    cached: Option<u64>,
    #[serde(rename = "total_tool_use_tokens", deserialize_with = "count")]
    tool_use: Option<u64>,
    #[serde(rename = "total_output_tokens", deserialize_with = "count")]
    output: Option<u64>,
    #[serde(rename = "total_thought_tokens", deserialize_with = "count")]
    thought: Option<u64>,
    #[serde(rename = "total_tokens", deserialize_with = "count")]
    total: Option<u64>,
}

/// Reads a whole interaction, or the data of one event; what is no JSON, as `[DONE]`, says nothing.
///
/// Whatever is not an error has content: what is in it is for the client to judge. An interaction
/// that failed is an answer too, and has an id.
pub fn facts(body: &[u8]) -> Facts {
    let wire: Wire<'_> = object(body).unwrap_or_default();
    let refused = match wire.event_type.as_deref() {
        Some(kind) => kind == "error",
        None => wire.error.0 && !wire.id.0,
    };
    let tokens = wire.usage.or_else(|| wire.interaction.and_then(|inner| inner.usage));
    Facts {
        usage: tokens.as_ref().map(Usage::from),
        has_content: true,
        error: refused,
        ..Facts::default()
    }
}

impl From<&Tokens> for Usage {
    fn from(tokens: &Tokens) -> Self {
        let counts = Self {
            prompt: tokens.input.unwrap_or(0),
            cached: tokens.cached.unwrap_or(0),
            tool_prompt: tokens.tool_use.unwrap_or(0),
            output: tokens.output.unwrap_or(0),
            thoughts: tokens.thought.unwrap_or(0),
            total: 0,
        };
        counts.with_total(tokens.total)
    }
}

/// Writes the event that ends a broken stream.
pub fn error_event(error: &ApiError) -> Vec<u8> {
    let body = Body { code: code(error.status), message: &error.message };
    let data = json(&ErrorEvent { event_type: "error", error: body });
    [b"event: error\ndata: ".as_slice(), &data, b"\n\n"].concat()
}

#[derive(Serialize)]
struct ErrorEvent<'a> {
    event_type: &'static str,
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: String,
    message: &'a str,
}

/// The code as this API writes it: in small letters, and with a name of its own for bad requests.
fn code(status: Status) -> String {
    if status == Status::InvalidArgument {
        return "invalid_request".to_owned();
    }
    status.as_str().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_is_read_from_whole_answers_and_from_events() {
        let usage = r#"{"total_tokens":58,"total_input_tokens":7,"total_cached_tokens":3,
            "total_output_tokens":19,"total_tool_use_tokens":1,"total_thought_tokens":31}"#;
        let want =
            Usage { prompt: 7, cached: 3, tool_prompt: 1, output: 19, thoughts: 31, total: 58 };
        let whole = format!(r#"{{"id":"v1_x","object":"interaction","usage":{usage}}}"#);
        let event = format!(
            r#"{{"interaction":{{"id":"v1_x","usage":{usage}}},"event_type":"interaction.completed"}}"#
        );
        for body in [whole, event] {
            assert_eq!(facts(body.as_bytes()).usage, Some(want), "{body}");
        }
    }

    #[test]
    fn only_a_refusal_is_an_error() {
        let is_error = |body: &str| facts(body.as_bytes()).error;
        assert!(is_error(r#"{"error":{"code":"invalid_request","message":"m"}}"#));
        assert!(is_error(r#"{"event_type":"error","error":{"code":"not_found","message":"m"}}"#));
        assert!(!is_error(r#"{"id":"v1_x","status":"failed","error":{"code":"internal"}}"#));
        assert!(!is_error(r#"{"event_type":"interaction.status_update","error":{"code":"x"}}"#));
        assert!(!is_error("[DONE]"));
    }

    #[test]
    fn a_body_says_what_it_asks_for() {
        let asked = Asked::parse(br#"{"model":"models/gemini-3-flash","stream":true,"input":"x"}"#);
        assert_eq!((asked.model(), asked.is_streaming()), (Some("gemini-3-flash"), true));
        let asked = Asked::parse(br#"{"agent":"deep-research","stream":false}"#);
        assert_eq!((asked.model(), asked.is_streaming()), (Some("deep-research"), false));
        let asked = Asked::parse(b"{");
        assert_eq!((asked.model(), asked.is_streaming()), (None, false));
    }

    #[test]
    fn a_broken_stream_ends_with_an_event_of_its_own() {
        let error = ApiError::new(Status::Unavailable, "it broke");
        let event = String::from_utf8(error_event(&error)).unwrap();
        let data = r#"{"event_type":"error","error":{"code":"unavailable","message":"it broke"}}"#;
        assert_eq!(event, format!("event: error\ndata: {data}\n\n"));
    }
}
