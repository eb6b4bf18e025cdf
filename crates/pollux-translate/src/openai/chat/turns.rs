//! The conversation: messages become contents.
//!
//! System and developer messages become the system instruction, one part each, wherever they stand.
//! Turns of one role that follow each other become one content. The results of one step go out
//! together, in the order of its calls, whatever order and place they come in; they may stand
//! anywhere before the next message of the assistant. A result that answers no call, a second one for
//! the same call, and a call without a result are refused by name.

use serde_json::value::RawValue;

use super::media;
use super::message::{Content as Said, Message, Role, ToolCall};
use super::names::Names;
use super::offer::INPUT;
use super::policy::Known;
use crate::error::TranslateError;
use crate::gemini::content::{Content, FunctionCall, FunctionResponse, MODEL, Part, USER};
use crate::gemini::family::Family;
use crate::gemini::request::CONTINUE;
use crate::gemini::signature::SENTINEL;
use crate::text::{Json, Text, json};

/// What goes before a conversation that begins with a call: Gemini wants somebody to have spoken.
const OPENING: &str = "Begin.";

/// A conversation in the making.
struct Turns<'r, 'n> {
    family: &'r Family,
    known: &'r Known,
    names: &'n mut Names,
    system: Vec<Part<'r>>,
    contents: Vec<Content<'r>>,
    /// The step whose results are awaited.
    step: Vec<Open<'r>>,
    /// What a person said since then.
    waiting: Vec<Part<'r>>,
}

/// A call whose result is awaited.
struct Open<'r> {
    id: &'r str,
    name: &'r str,
    upstream: String,
    result: Option<Outcome<'r>>,
}

struct Outcome<'r> {
    response: Json<'r>,
    media: Vec<Part<'r>>,
}

/// System instruction and conversation.
pub(super) struct Conversation<'r> {
    pub(super) system: Option<Content<'r>>,
    pub(super) contents: Vec<Content<'r>>,
}

pub(super) fn conversation<'r>(
    messages: &'r [Message<'_>],
    family: &'r Family,
    known: &'r Known,
    names: &mut Names,
) -> Result<Conversation<'r>, TranslateError> {
    let mut turns = Turns {
        family,
        known,
        names,
        system: Vec::new(),
        contents: Vec::new(),
        step: Vec::new(),
        waiting: Vec::new(),
    };
    for (at, message) in messages.iter().enumerate() {
        turns.message(at, message)?;
    }
    turns.finish()
}

impl<'r> Turns<'r, '_> {
    fn message(&mut self, at: usize, message: &'r Message<'_>) -> Result<(), TranslateError> {
        let role = message.role.ok_or_else(|| {
            TranslateError::at(format!("messages[{at}].role"), "`role` is required")
        })?;
        match role {
            Role::System | Role::Developer => {
                let parts = self.parts(at, message)?;
                self.system.extend(needed(at, parts)?);
            }
            Role::User => {
                let parts = needed(at, self.parts(at, message)?)?;
                if self.step.is_empty() {
                    say(&mut self.contents, USER, parts);
                } else {
                    self.waiting.extend(parts);
                }
            }
            Role::Assistant => {
                self.close_step()?;
                self.assistant(at, message)?;
            }
            Role::Tool | Role::Function => self.result(at, message, role)?,
        }
        Ok(())
    }

    fn parts(&self, at: usize, message: &'r Message<'_>) -> Result<Vec<Part<'r>>, TranslateError> {
        match &message.content {
            Some(Said::Text(text)) => Ok(vec![Part::text(text.as_str())]),
            Some(Said::Other(parts)) => {
                let field = |index: usize| format!("messages[{at}].content[{index}]");
                let part = |(index, part)| media::content_part(part, self.known, &|| field(index));
                parts.iter().enumerate().map(part).collect()
            }
            None => Ok(Vec::new()),
        }
    }

    fn assistant(&mut self, at: usize, message: &'r Message<'_>) -> Result<(), TranslateError> {
        let mut parts = self.words(at, message)?;
        for (index, image) in message.images.as_deref().unwrap_or_default().iter().enumerate() {
            let Some(url) = &image.image_url else { continue };
            let field = || format!("messages[{at}].images[{index}].image_url.url");
            let mut part = media::at_url(url.as_str(), self.known, &field)?;
            let signature = image.extra_content.as_ref().and_then(|extra| extra.signature());
            part.thought_signature = signature.map(Text::from);
            parts.push(part);
        }
        for (index, call) in message.tool_calls.as_deref().unwrap_or_default().iter().enumerate() {
            let field = format!("messages[{at}].tool_calls[{index}]");
            let part = self.call(call, &field)?;
            parts.push(part);
        }
        if let Some(call) = &message.function_call {
            let field = format!("messages[{at}].function_call");
            let name = call.name.as_deref().ok_or_else(|| required(&field, "name"))?;
            let args = arguments(call.arguments.as_deref().unwrap_or_default());
            parts.push(self.called("", name, args, None));
        }
        if !self.step.is_empty() && self.contents.is_empty() {
            say(&mut self.contents, USER, vec![Part::text(OPENING)]);
        }
        say(&mut self.contents, MODEL, parts);
        Ok(())
    }

    /// What the assistant said, signed as its last text was.
    fn words(&self, at: usize, message: &'r Message<'_>) -> Result<Vec<Part<'r>>, TranslateError> {
        let mut parts = self.parts(at, message)?;
        parts.extend(message.refusal.as_deref().map(Part::text));
        let signature = message.extra_content.as_ref().and_then(|extra| extra.signature());
        if let Some(signature) = signature {
            // Gemini also signs a text of nothing, which some clients leave out.
            if parts.is_empty() {
                parts.push(Part::text(""));
            }
            if let Some(last) = parts.last_mut() {
                last.thought_signature = Some(signature.into());
            }
        }
        // Clients say an empty text where the model only called something, or nothing at all.
        parts.retain(Part::has_content);
        Ok(parts)
    }

    fn call(&mut self, call: &'r ToolCall<'_>, field: &str) -> Result<Part<'r>, TranslateError> {
        let id = call.id.as_deref().filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| required(field, "id"))?;
        let sent = call.extra_content.as_ref().and_then(|extra| extra.signature());
        let signature = sent.or_else(|| self.known.signatures.get(id).map(AsRef::as_ref));
        if let Some(custom) = &call.custom {
            let name = custom.name.as_deref();
            let name = name.ok_or_else(|| required(&format!("{field}.custom"), "name"))?;
            let input = custom.input.as_deref().unwrap_or_default();
            return Ok(self.called(id, name, Some(wrapped(INPUT, input)), signature));
        }
        let function = call.function.as_ref().ok_or_else(|| required(field, "function"))?;
        let name = function.name.as_deref();
        let name = name.ok_or_else(|| required(&format!("{field}.function"), "name"))?;
        let args = arguments(function.arguments.as_deref().unwrap_or_default());
        Ok(self.called(id, name, args, signature))
    }

    fn called(
        &mut self,
        id: &'r str,
        name: &'r str,
        args: Option<Json<'r>>,
        signature: Option<&'r str>,
    ) -> Part<'r> {
        // Only the first call of a step has to be signed.
        let needs_one = self.family.signs && self.step.is_empty();
        let signature = signature.or(needs_one.then_some(SENTINEL));
        let upstream = self.names.upstream(name).into_owned();
        let call = FunctionCall {
            id: Some(Text::from(id)).filter(|id| !id.is_empty()),
            name: upstream.clone().into(),
            args,
        };
        self.step.push(Open { id, name, upstream, result: None });
        Part {
            function_call: Some(call),
            thought_signature: signature.map(Text::from),
            ..Part::default()
        }
    }

    fn result(
        &mut self,
        at: usize,
        message: &'r Message<'_>,
        role: Role,
    ) -> Result<(), TranslateError> {
        let (by, wanted) = match role {
            Role::Function => ("name", message.name.as_deref()),
            Role::System | Role::Developer | Role::User | Role::Assistant | Role::Tool => {
                ("tool_call_id", message.tool_call_id.as_deref())
            }
        };
        let field = format!("messages[{at}].{by}");
        let wanted =
            wanted.ok_or_else(|| TranslateError::at(&field, format!("`{by}` is required")))?;
        let result = self.outcome(at, message)?;
        let named = |open: &Open<'_>| if by == "name" { open.name } else { open.id } == wanted;
        let open = self.step.iter_mut().find(|open| named(open) && open.result.is_none());
        let Some(open) = open else {
            let is_second = self.step.iter().any(named);
            let text = if is_second {
                format!("`{wanted}` has a result already; each call has one")
            } else {
                format!("no call of the assistant's last message with calls is `{wanted}`")
            };
            return Err(TranslateError::at(field, text));
        };
        open.result = Some(result);
        Ok(())
    }

    fn outcome(&self, at: usize, message: &'r Message<'_>) -> Result<Outcome<'r>, TranslateError> {
        let mut media = Vec::new();
        let mut texts = Vec::new();
        for part in self.parts(at, message)? {
            match part.text {
                Some(text) => texts.push(text),
                None => media.push(part),
            }
        }
        let response = match texts.as_slice() {
            [] => wrapped("output", ""),
            [only] => response(only.as_str()),
            several => {
                let texts: Vec<&str> = several.iter().map(Text::as_str).collect();
                wrapped("output", &texts.join("\n"))
            }
        };
        Ok(Outcome { response, media })
    }

    /// Sends the results of the step, then what a person said while they were awaited.
    fn close_step(&mut self) -> Result<(), TranslateError> {
        let missing: Vec<&str> = self
            .step
            .iter()
            .filter(|open| open.result.is_none())
            .map(|open| if open.id.is_empty() { open.name } else { open.id })
            .collect();
        if !missing.is_empty() {
            let text = format!(
                "each call of the assistant needs a message with its result; there is none for {}",
                missing.join(", ")
            );
            return Err(TranslateError::at("messages", text));
        }
        let mut parts = Vec::new();
        let mut beside = Vec::new();
        for Open { id, upstream, result, .. } in self.step.drain(..) {
            let Some(Outcome { response, media }) = result else { continue };
            let (inside, outside) =
                if self.family.result_media { (media, Vec::new()) } else { (Vec::new(), media) };
            beside.extend(outside);
            let id = Some(Text::from(id)).filter(|id| !id.is_empty());
            let result = FunctionResponse { id, name: upstream.into(), response, parts: inside };
            parts.push(Part { function_response: Some(result), ..Part::default() });
        }
        parts.extend(beside);
        if !parts.is_empty() {
            self.contents.push(Content { role: Some(USER.into()), parts });
        }
        if !self.waiting.is_empty() {
            let parts = std::mem::take(&mut self.waiting);
            self.contents.push(Content { role: Some(USER.into()), parts });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Conversation<'r>, TranslateError> {
        self.close_step()?;
        if self.contents.is_empty() {
            // When nobody else speaks, the last instruction is also the user's turn.
            let last = self.system.last().cloned().ok_or_else(|| {
                TranslateError::at("messages", "at least one message with content is required")
            })?;
            say(&mut self.contents, USER, vec![last]);
        }
        let ends_with_model =
            self.contents.last().is_some_and(|last| last.role.as_deref() == Some(MODEL));
        if ends_with_model && !self.family.prefills {
            say(&mut self.contents, USER, vec![Part::text(CONTINUE)]);
        }
        let system = Content { role: None, parts: self.system };
        Ok(Conversation {
            system: Some(system).filter(|content| !content.parts.is_empty()),
            contents: self.contents,
        })
    }
}

/// Adds parts to the conversation, to the last turn if it has the same role and holds no results.
fn say<'r>(contents: &mut Vec<Content<'r>>, role: &'static str, parts: Vec<Part<'r>>) {
    if parts.is_empty() {
        return;
    }
    if let Some(last) = contents.last_mut()
        && last.role.as_deref() == Some(role)
        && !last.parts.iter().any(|part| part.function_response.is_some())
    {
        last.parts.extend(parts);
        return;
    }
    contents.push(Content { role: Some(role.into()), parts });
}

fn needed(at: usize, parts: Vec<Part<'_>>) -> Result<Vec<Part<'_>>, TranslateError> {
    if parts.is_empty() {
        let field = format!("messages[{at}].content");
        return Err(TranslateError::at(field, "a string or a list of content parts is required"));
    }
    Ok(parts)
}

/// Returns a call's arguments as an object; what is none goes out as the text it is.
fn arguments(text: &str) -> Option<Json<'_>> {
    if text.trim().is_empty() {
        return None;
    }
    object(text).or_else(|| Some(wrapped("raw_arguments", text)))
}

/// Returns a tool's result as an object: its own, or one that holds it as `output`.
fn response<'r>(text: &str) -> Json<'r> {
    if let Some(object) = object(text) {
        return made(object.get().to_owned());
    }
    let is_list = text.trim_start().starts_with('[');
    let list = is_list.then(|| serde_json::from_str::<&RawValue>(text).ok()).flatten();
    match list {
        Some(list) => made(format!(r#"{{"output":{list}}}"#)),
        None => wrapped("output", text),
    }
}

fn made<'r>(json: String) -> Json<'r> {
    RawValue::from_string(json).map(Json::Owned).unwrap_or_default()
}

fn object(text: &str) -> Option<Json<'_>> {
    let text = text.trim();
    text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten()
}

/// Returns `{key: text}`.
fn wrapped<'r>(key: &str, text: &str) -> Json<'r> {
    let text = String::from_utf8(json(&text)).unwrap_or_default();
    made(format!(r#"{{"{key}":{text}}}"#))
}

fn required(field: &str, name: &str) -> TranslateError {
    TranslateError::at(format!("{field}.{name}"), format!("`{name}` is required"))
}
