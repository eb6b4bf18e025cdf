//! From Gemini's whole answers to a `text_completion`.

use serde::Serialize;

use super::request::Context;
use crate::error::{ApiError, Status};
use crate::gemini::response::{Candidate, Response};
use crate::openai::finish;
use crate::text::json;
use crate::usage::Usage;

/// Puts the answers to all of a request's prompts together, in order.
///
/// A blocked prompt has one choice without text, which ends with `content_filter`.
pub fn from_gemini<'b>(
    context: &Context,
    bodies: impl IntoIterator<Item = &'b [u8]>,
) -> Result<Vec<u8>, ApiError> {
    let mut choices = Vec::new();
    let mut usage: Option<UsageBody> = None;
    let mut first = 0;
    for (body, echo) in bodies.into_iter().zip(&context.echoes) {
        let response = Response::parse(body).map_err(|_| {
            ApiError::new(Status::Internal, "the upstream sent something that is not an answer")
        })?;
        for candidate in &response.candidates {
            choices.push(choice(first, echo, candidate));
        }
        if response.candidates.is_empty() {
            let is_blocked = response.is_blocked();
            let finish_reason =
                Some(if is_blocked { finish::CONTENT_FILTER } else { finish::STOP });
            choices.push(Choice { text: echo.clone(), index: first, logprobs: (), finish_reason });
        }
        if let Some(more) = response.usage() {
            usage.get_or_insert_default().add(more);
        }
        first += context.choices_per_prompt;
    }
    Ok(json(&Completion::of(context, choices, usage)))
}

fn choice(first: i64, echo: &str, candidate: &Candidate<'_>) -> Choice {
    let mut text = echo.to_owned();
    text.extend(texts(candidate));
    let index = first + i64::from(candidate.index.unwrap_or(0));
    let finish_reason = Some(finish::reason(candidate.finish_reason.as_ref()));
    Choice { text, index, logprobs: (), finish_reason }
}

/// The texts that a candidate says, its thoughts left out.
pub(super) fn texts<'c>(candidate: &'c Candidate<'_>) -> impl Iterator<Item = &'c str> {
    let said = candidate.parts().iter().filter(|part| !part.is_thought());
    said.filter_map(|part| part.text.as_deref())
}

/// A whole answer or one event of a stream.
#[derive(Serialize)]
pub(super) struct Completion<'c> {
    id: &'c str,
    object: &'static str,
    created: i64,
    model: &'c str,
    choices: Vec<Choice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

impl<'c> Completion<'c> {
    pub(super) fn of(context: &'c Context, choices: Vec<Choice>, usage: Option<UsageBody>) -> Self {
        let Context { id, created, model, .. } = context;
        Self { id, object: "text_completion", created: *created, model, choices, usage }
    }
}

#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) text: String,
    pub(super) index: i64,
    pub(super) logprobs: (),
    pub(super) finish_reason: Option<&'static str>,
}

/// Token counts in OpenAI's words.
#[derive(Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
pub(super) struct UsageBody {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
}

impl UsageBody {
    pub(super) fn add(&mut self, usage: Usage) {
        self.prompt_tokens += usage.input();
        self.completion_tokens += usage.generated();
        self.total_tokens += usage.input() + usage.generated();
    }
}
