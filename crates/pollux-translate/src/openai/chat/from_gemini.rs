//! From Gemini's whole answer to a `chat.completion`.

use std::fmt;

use serde::{Serialize, Serializer};

use super::answer::{Extra, Piece, Place, UsageBody, blocked, withheld};
use super::calls::{Calls, Function, ToolCall, function};
use super::citations::{Annotation, annotations};
use super::context::Context;
use super::logprobs::Logprobs;
use super::policy::Thoughts;
use crate::error::{ApiError, Status};
use crate::gemini::content::Part;
use crate::gemini::error::ErrorBody;
use crate::gemini::response::{Candidate, Response};
use crate::openai::finish;
use crate::stream::SignedCall;
use crate::text::json;
use crate::usage::Usage;

/// A whole answer in OpenAI's words.
#[derive(Debug)]
pub struct Completion {
    /// The body.
    pub body: Vec<u8>,
    /// The signatures of its calls.
    pub signed: Vec<SignedCall>,
}

/// Translates whole answers, each of which brings its own choices; one that carries an error becomes
/// that error.
///
/// Without any candidate there is still one choice: `content_filter` when the prompt was blocked,
/// else `stop`, both with null content.
pub fn from_gemini(responses: &[Response<'_>], context: &Context) -> Result<Completion, ApiError> {
    let mut choices = Vec::new();
    let mut calls = Calls::default();
    let mut usage: Option<Usage> = None;
    for (answer, response) in responses.iter().enumerate() {
        calls.answer = answer;
        if let Some(error) = response.error {
            return Err(error_of(error.get()));
        }
        let first = choices.len();
        for candidate in &response.candidates {
            choices.push(choice(candidate, first, context, &mut calls));
        }
        if response.candidates.is_empty() {
            choices.push(without_candidate(first, response.block_reason()));
        }
        usage = Usage::sum(usage, response.usage());
    }
    let body = json(&Body {
        id: &context.id,
        object: "chat.completion",
        created: context.created,
        model: &context.model,
        choices,
        usage: usage.map(UsageBody::from),
    });
    Ok(Completion { body, signed: calls.signed })
}

fn error_of(error: &str) -> ApiError {
    let wrapped = format!("{{\"error\":{error}}}");
    let unreadable = || ApiError::new(Status::Unknown, "the upstream sent an unreadable error");
    ErrorBody::parse(wrapped.as_bytes()).map_or_else(unreadable, |body| ApiError::from(&body))
}

#[derive(Serialize)]
struct Body<'p> {
    id: &'p str,
    object: &'static str,
    created: i64,
    model: &'p str,
    choices: Vec<Choice<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

#[derive(Serialize)]
struct Choice<'p> {
    index: usize,
    message: Message<'p>,
    logprobs: Option<Logprobs<'p>>,
    finish_reason: &'static str,
}

#[derive(Default, Serialize)]
struct Message<'p> {
    role: &'static str,
    content: Option<Joined<'p>>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Joined<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<ToolCall<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<Function<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Piece<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    annotations: Vec<Annotation>,
    #[serde(skip_serializing_if = "Extra::is_empty")]
    extra_content: Extra<'p>,
}

fn choice<'p>(
    candidate: &'p Candidate<'p>,
    first: usize,
    context: &'p Context,
    calls: &mut Calls,
) -> Choice<'p> {
    let parts = candidate.parts();
    let told = &context.told;
    let mut made = pieces(parts, Place::Calls);
    let mut tool_calls = Vec::new();
    let mut function_call = None;
    while let Some(Piece::Call(call, signature)) = made.next() {
        if told.old_calls {
            function_call = Some(function(call, context));
        } else {
            tool_calls.push(calls.call(call, signature, None, context));
        }
        if told.one_call {
            break;
        }
    }
    let has_calls = function_call.is_some() || !tool_calls.is_empty();
    let reason = finish::of_calls(candidate.finish_reason.as_ref(), has_calls, told.old_calls);
    let text = Joined::content(parts, told.thoughts);
    let refusal = text.is_none() && !has_calls && reason == finish::CONTENT_FILTER;
    let found = candidate.grounding_metadata.zip(text.as_ref());
    let message = Message {
        role: "assistant",
        refusal: refusal.then(|| withheld(candidate)),
        reasoning_content: Joined::thoughts(parts, told.thoughts),
        annotations: found
            .map(|(metadata, text)| annotations(&text.to_string(), metadata))
            .unwrap_or_default(),
        content: text,
        tool_calls,
        function_call,
        images: pieces(parts, Place::Images).collect(),
        extra_content: Extra::of(candidate),
    };
    let index = candidate.index.and_then(|index| usize::try_from(index).ok()).unwrap_or(0);
    Choice {
        index: first + index,
        message,
        logprobs: candidate.logprobs_result.as_ref().map(Logprobs::from),
        finish_reason: reason,
    }
}

fn without_candidate(index: usize, block_reason: Option<&str>) -> Choice<'static> {
    let message =
        Message { role: "assistant", refusal: block_reason.map(blocked), ..Message::default() };
    let finish_reason = if block_reason.is_some() { finish::CONTENT_FILTER } else { finish::STOP };
    Choice { index, message, logprobs: None, finish_reason }
}

fn pieces<'p>(parts: &'p [Part<'p>], place: Place) -> impl Iterator<Item = Piece<'p>> {
    parts.iter().filter_map(Piece::of).filter(move |piece| piece.place() == place)
}

/// The text of all pieces of one place, written as one string without being joined first.
struct Joined<'p> {
    parts: &'p [Part<'p>],
    place: Place,
    /// Whether thoughts stand in the content, between tags.
    tagged: bool,
}

impl<'p> Joined<'p> {
    fn content(parts: &'p [Part<'p>], thoughts: Thoughts) -> Option<Self> {
        let tagged = thoughts == Thoughts::Tags && pieces(parts, Place::Thoughts).next().is_some();
        let has_any = tagged || pieces(parts, Place::Content).next().is_some();
        has_any.then_some(Self { parts, place: Place::Content, tagged })
    }

    fn thoughts(parts: &'p [Part<'p>], thoughts: Thoughts) -> Option<Self> {
        let shown = thoughts == Thoughts::Field && pieces(parts, Place::Thoughts).next().is_some();
        shown.then_some(Self { parts, place: Place::Thoughts, tagged: false })
    }
}

impl fmt::Display for Joined<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut inside = false;
        for piece in self.parts.iter().filter_map(Piece::of) {
            let is_thought = self.tagged && piece.place() == Place::Thoughts;
            if piece.place() != self.place && !is_thought {
                continue;
            }
            if inside != is_thought {
                out.write_str(if is_thought { OPEN } else { CLOSE })?;
                inside = is_thought;
            }
            write!(out, "{piece}")?;
        }
        if inside { out.write_str(CLOSE) } else { Ok(()) }
    }
}

/// What stands before thoughts in the content.
pub(super) const OPEN: &str = "<think>\n";
/// What stands after them.
pub(super) const CLOSE: &str = "\n</think>\n\n";

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
