//! From Gemini's whole answer to a `chat.completion`.

use std::fmt;

use serde::{Serialize, Serializer};

use super::answer::{Piece, Place, UsageBody, blocked};
use super::context::Context;
use super::finish;
use super::logprobs::Logprobs;
use crate::error::{ApiError, Status};
use crate::gemini::content::Part;
use crate::gemini::error::ErrorBody;
use crate::gemini::response::{Candidate, Response};
use crate::text::json;

/// Translates a whole answer; one that carries an error becomes that error.
///
/// Without any candidate there is still one choice: `content_filter` when the prompt was blocked,
/// else `stop`, both with null content.
pub fn from_gemini(response: &Response<'_>, context: &Context) -> Result<Vec<u8>, ApiError> {
    if let Some(error) = response.error {
        let wrapped = format!("{{\"error\":{}}}", error.get());
        let unreadable = || ApiError::new(Status::Unknown, "the upstream sent an unreadable error");
        return Err(ErrorBody::parse(wrapped.as_bytes())
            .map_or_else(unreadable, |body| ApiError::from(&body)));
    }
    let mut choices: Vec<_> = response.candidates.iter().map(choice).collect();
    if choices.is_empty() {
        choices.push(without_candidate(response.block_reason()));
    }
    Ok(json(&Completion {
        id: &context.id,
        object: "chat.completion",
        created: context.created,
        model: &context.model,
        choices,
        usage: response.usage().map(UsageBody::from),
    }))
}

#[derive(Serialize)]
struct Completion<'p> {
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
    index: u32,
    message: Message<'p>,
    logprobs: Option<Logprobs<'p>>,
    finish_reason: &'static str,
}

#[derive(Serialize)]
struct Message<'p> {
    role: &'static str,
    content: Option<Joined<'p>>,
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Joined<'p>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    images: Vec<Piece<'p>>,
}

fn choice<'p>(candidate: &'p Candidate<'p>) -> Choice<'p> {
    let parts = candidate.parts();
    let message = Message {
        role: "assistant",
        content: Joined::of(parts, Place::Content),
        refusal: None,
        reasoning_content: Joined::of(parts, Place::Reasoning),
        images: pieces(parts, Place::Images).collect(),
    };
    Choice {
        index: candidate.index.unwrap_or(0),
        message,
        logprobs: candidate.logprobs_result.as_ref().map(Logprobs::from),
        finish_reason: finish::reason(candidate.finish_reason.as_ref()),
    }
}

fn without_candidate(block_reason: Option<&str>) -> Choice<'static> {
    let message = Message {
        role: "assistant",
        content: None,
        refusal: block_reason.map(blocked),
        reasoning_content: None,
        images: Vec::new(),
    };
    let finish_reason = if block_reason.is_some() { finish::CONTENT_FILTER } else { finish::STOP };
    Choice { index: 0, message, logprobs: None, finish_reason }
}

fn pieces<'p>(parts: &'p [Part<'p>], place: Place) -> impl Iterator<Item = Piece<'p>> {
    parts.iter().filter_map(Piece::of).filter(move |piece| piece.place() == place)
}

/// The text of all pieces of one place, written as one string without being joined first.
struct Joined<'p> {
    parts: &'p [Part<'p>],
    place: Place,
}

impl<'p> Joined<'p> {
    /// Returns the text; `None` when no part belongs to that place.
    fn of(parts: &'p [Part<'p>], place: Place) -> Option<Self> {
        pieces(parts, place).next().map(|_| Self { parts, place })
    }
}

impl fmt::Display for Joined<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        pieces(self.parts, self.place).try_for_each(|piece| write!(out, "{piece}"))
    }
}

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
