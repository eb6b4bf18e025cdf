//! The same question in every dialect and shape, and how each says its answer.

use serde_json::Value;

use crate::{App, Request, Whole};

/// The model that is asked unless a test says otherwise; it thinks and does not sign.
pub const MODEL: &str = "gemini-2.5-flash";
/// Another one of the same kind.
pub const OTHER_MODEL: &str = "gemini-2.5-pro";

/// A dialect and the shape of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// `POST /v1/chat/completions`
    Chat,
    /// The same with `"stream": true`.
    ChatStream,
    /// `:generateContent`
    Native,
    /// `:streamGenerateContent?alt=sse`
    NativeEvents,
    /// `:streamGenerateContent`
    NativeArray,
}

/// A chat request in OpenAI's dialect.
pub fn chat(model: &str, text: &str, stream: bool) -> String {
    let (model, text) = (Value::from(model), Value::from(text));
    format!(
        r#"{{"model":{model},"messages":[{{"role":"user","content":{text}}}],"stream":{stream}}}"#
    )
}

/// A request in Gemini's own dialect.
pub fn native(text: &str) -> String {
    let text = Value::from(text);
    format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":{text}}}]}}]}}"#)
}

impl Face {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Chat, Self::ChatStream, Self::Native, Self::NativeEvents, Self::NativeArray];
    /// Those that answer in pieces.
    pub const STREAMS: [Self; 3] = [Self::ChatStream, Self::NativeEvents, Self::NativeArray];

    /// Asks [`MODEL`] for `text`, which `say: ` turns into the answer.
    pub fn ask(self, app: &App, text: &str) -> Request {
        self.ask_model(app, MODEL, text)
    }

    /// Asks a model.
    pub fn ask_model(self, app: &App, model: &str, text: &str) -> Request {
        let native = |call: &str| app.post(&format!("/v1beta/models/{model}:{call}"), native(text));
        match self {
            Self::Chat => app.post("/v1/chat/completions", chat(model, text, false)),
            Self::ChatStream => app.post("/v1/chat/completions", chat(model, text, true)),
            Self::Native => native("generateContent"),
            Self::NativeEvents => native("streamGenerateContent?alt=sse"),
            Self::NativeArray => native("streamGenerateContent"),
        }
    }

    /// Whether it answers in pieces.
    pub fn is_stream(self) -> bool {
        Self::STREAMS.contains(&self)
    }

    /// Whether its answers are in OpenAI's dialect.
    pub fn is_chat(self) -> bool {
        matches!(self, Self::Chat | Self::ChatStream)
    }

    /// The text in a body, all its pieces joined.
    pub fn text(self, body: &str) -> String {
        let place = match self {
            Self::Chat => "/choices/0/message/content",
            Self::ChatStream => "/choices/0/delta/content",
            Self::Native | Self::NativeEvents | Self::NativeArray => {
                "/candidates/0/content/parts/0/text"
            }
        };
        let documents = self.documents(body);
        documents.iter().filter_map(|document| document.pointer(place)?.as_str()).collect()
    }

    /// Why the answer ended, in the dialect's word; empty when it does not say.
    pub fn finish(self, body: &str) -> String {
        let place =
            if self.is_chat() { "/choices/0/finish_reason" } else { "/candidates/0/finishReason" };
        let documents = self.documents(body);
        documents.iter().filter_map(|document| document.pointer(place)?.as_str()).collect()
    }

    /// Whether the body ends the way a complete answer does.
    pub fn is_complete(self, body: &str) -> bool {
        let ended = self != Self::ChatStream || body.ends_with("data: [DONE]\n\n");
        ended && !self.finish(body).is_empty()
    }

    /// The error in a body that has one, in this dialect's shape.
    pub fn error(self, body: &str) -> Option<Value> {
        let documents = self.documents(body);
        let error = documents.iter().find_map(|document| document.get("error"))?;
        let shape: &[&str] = if self.is_chat() {
            &["message", "type", "param", "code"]
        } else {
            &["code", "message", "status"]
        };
        assert!(shape.iter().all(|name| error.get(name).is_some()), "{self:?}: {error}");
        Some(error.clone())
    }

    /// The message of an answer that is an error, in this dialect's shape.
    pub fn message(self, answer: &Whole) -> String {
        let text = answer.text();
        let Some(error) = self.error(&text) else { panic!("{self:?}: no error in {text}") };
        error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The JSON documents of a body, whichever way it is framed.
    fn documents(self, body: &str) -> Vec<Value> {
        let is_framed = matches!(self, Self::ChatStream | Self::NativeEvents);
        if is_framed && body.starts_with("data: ") {
            // A line of an event ends with CR, LF or both.
            let lines = body.split(['\r', '\n']);
            let events = lines.filter_map(|line| line.strip_prefix("data: "));
            return events.filter_map(|event| serde_json::from_str(event).ok()).collect();
        }
        match serde_json::from_str(body) {
            Ok(Value::Array(list)) => list,
            Ok(one) => vec![one],
            Err(_) => Vec::new(),
        }
    }
}
