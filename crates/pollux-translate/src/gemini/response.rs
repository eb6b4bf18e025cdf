//! The body of an answer, whole or one event of a stream.
//!
//! Unknown fields and unknown names of enums never make reading fail, and what a translation does
//! not need stays unread.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content::{Content, Part};
use super::finish::FinishReason;
use super::logprobs::LogprobsResult;
use super::proto::{count, index, many};
use crate::text::Text;
use crate::usage::Usage;

pub use super::glance::Glance;

/// A `GenerateContentResponse`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Response<'a> {
    /// The answers; none when the prompt was blocked, and on events that carry usage alone.
    #[serde(borrow, deserialize_with = "many")]
    pub candidates: Vec<Candidate<'a>>,
    /// What Google thinks of the prompt.
    #[serde(borrow)]
    pub prompt_feedback: Option<PromptFeedback<'a>>,
    /// What was used so far; cumulative in a stream.
    pub usage_metadata: Option<UsageMetadata>,
    /// The model that answered.
    #[serde(borrow)]
    pub model_version: Option<Text<'a>>,
    /// Google's name for the answer.
    #[serde(borrow)]
    pub response_id: Option<Text<'a>>,
    /// An error in place of an answer, as Google sends it on an open stream.
    #[serde(borrow)]
    pub error: Option<&'a RawValue>,
}

/// One of the answers.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Candidate<'a> {
    /// What the model said; may be absent or empty.
    #[serde(borrow)]
    pub content: Option<Content<'a>>,
    /// Why the model stopped; only on the last event of a stream.
    pub finish_reason: Option<FinishReason>,
    /// More about the reason, in words.
    #[serde(borrow)]
    pub finish_message: Option<Text<'a>>,
    /// The answer's number; absent when it is 0.
    #[serde(deserialize_with = "index")]
    pub index: Option<u32>,
    /// Log probabilities, when they were asked for.
    #[serde(borrow)]
    pub logprobs_result: Option<LogprobsResult<'a>>,
    /// Where the answer's facts come from.
    #[serde(borrow)]
    pub grounding_metadata: Option<&'a RawValue>,
    /// The pages that were read because the prompt names them.
    #[serde(borrow)]
    pub url_context_metadata: Option<&'a RawValue>,
    /// What the answer cites.
    #[serde(borrow)]
    pub citation_metadata: Option<&'a RawValue>,
    /// What asks for the rest of an answer that ended with `CONTINUATION`.
    #[serde(borrow)]
    pub continuation_token: Option<Text<'a>>,
}

/// What Google thinks of the prompt.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PromptFeedback<'a> {
    /// Why the prompt was blocked; absent when it was not.
    #[serde(borrow)]
    pub block_reason: Option<Text<'a>>,
    /// More about that, in words.
    #[serde(borrow)]
    pub block_reason_message: Option<Text<'a>>,
}

/// Token counts as Google writes them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct UsageMetadata {
    /// Tokens of the prompt, cached ones included.
    #[serde(deserialize_with = "count")]
    pub prompt_token_count: Option<u64>,
    /// Tokens of the prompt that came from a cache.
    #[serde(deserialize_with = "count")]
    pub cached_content_token_count: Option<u64>,
    /// Tokens of the answers, thoughts excluded.
    #[serde(deserialize_with = "count", alias = "responseTokenCount")]
    pub candidates_token_count: Option<u64>,
    /// Tokens of the thoughts.
    #[serde(deserialize_with = "count")]
    pub thoughts_token_count: Option<u64>,
    /// Tokens that built-in tools added to the prompt.
    #[serde(deserialize_with = "count")]
    pub tool_use_prompt_token_count: Option<u64>,
    /// The sum of all of them.
    #[serde(deserialize_with = "count")]
    pub total_token_count: Option<u64>,
}

impl UsageMetadata {
    /// Returns the counts of an answer that came in two pieces: the prompt is the same.
    fn continued(first: Option<Self>, rest: Option<Self>) -> Option<Self> {
        let (Some(first), Some(rest)) = (first, rest) else { return first.or(rest) };
        let sum = |one: Option<u64>, other: Option<u64>| match (one, other) {
            (Some(one), Some(other)) => Some(one.saturating_add(other)),
            (one, other) => one.or(other),
        };
        Some(Self {
            candidates_token_count: sum(first.candidates_token_count, rest.candidates_token_count),
            thoughts_token_count: sum(first.thoughts_token_count, rest.thoughts_token_count),
            total_token_count: None,
            ..first
        })
    }
}

/// What the gateway needs to know of an answer or event, whichever way it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// What was used so far.
    pub usage: Option<Usage>,
    /// The first finish reason among the answers.
    pub finish: Option<FinishReason>,
    /// Whether the prompt was blocked.
    pub blocked: bool,
    /// Whether any part carries anything: text, a thought, a call, media, a signature.
    pub has_content: bool,
    /// Whether an error stands in place of an answer.
    pub error: bool,
}

impl Facts {
    /// Adds what a later event of the same stream says: its usage and its reason stand.
    pub fn merge(&mut self, later: &Self) {
        self.usage = later.usage.or(self.usage);
        if later.finish.is_some() {
            self.finish.clone_from(&later.finish);
        }
        self.blocked |= later.blocked;
        self.has_content |= later.has_content;
        self.error |= later.error;
    }
}

impl<'a> Response<'a> {
    /// Reads a whole body or the data of one event; a list yields its first element.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        super::glance::object(body)
    }

    /// Returns what asks for the rest of the answer, when there is a rest.
    pub fn continuation(&self) -> Option<&str> {
        let candidate = self.candidates.first()?;
        let goes_on = candidate.finish_reason == Some(FinishReason::Continuation);
        candidate.continuation_token.as_deref().filter(|token| goes_on && !token.is_empty())
    }

    /// Adds the rest of the answer: its parts, its end, and what it used beyond the same prompt.
    pub fn continue_with(&mut self, rest: Self) {
        let prompt = self.usage_metadata;
        self.usage_metadata = UsageMetadata::continued(prompt, rest.usage_metadata);
        let Some(later) = rest.candidates.into_iter().next() else { return };
        let Some(first) = self.candidates.first_mut() else { return };
        let parts = later.content.map(|content| content.parts).unwrap_or_default();
        first.content.get_or_insert_with(Content::default).parts.extend(parts);
        first.finish_reason = later.finish_reason;
        first.finish_message = later.finish_message.or(first.finish_message.take());
        first.grounding_metadata = later.grounding_metadata.or(first.grounding_metadata);
        first.citation_metadata = later.citation_metadata.or(first.citation_metadata);
        first.continuation_token = later.continuation_token;
    }

    /// Returns the first finish reason among the answers.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.candidates.iter().find_map(|candidate| candidate.finish_reason.as_ref())
    }

    /// Returns why the prompt was blocked, if it was.
    pub fn block_reason(&self) -> Option<&str> {
        self.prompt_feedback.as_ref().and_then(PromptFeedback::reason)
    }

    /// Returns whether the prompt was blocked.
    pub fn is_blocked(&self) -> bool {
        self.block_reason().is_some()
    }

    /// Returns whether any part of any answer carries anything.
    pub fn has_content(&self) -> bool {
        self.candidates.iter().flat_map(Candidate::parts).any(Part::has_content)
    }

    /// Returns what the counts say, if there are any.
    pub fn usage(&self) -> Option<Usage> {
        self.usage_metadata.as_ref().map(Usage::from)
    }

    /// Returns what the gateway needs to know.
    pub fn facts(&self) -> Facts {
        Facts {
            usage: self.usage(),
            finish: self.finish_reason().cloned(),
            blocked: self.is_blocked(),
            has_content: self.has_content(),
            error: self.error.is_some(),
        }
    }
}

impl<'a> Candidate<'a> {
    /// Returns the parts; none when there is no content.
    pub fn parts(&self) -> &[Part<'a>] {
        self.content.as_ref().map(|content| content.parts.as_slice()).unwrap_or_default()
    }
}

impl PromptFeedback<'_> {
    /// Returns why the prompt was blocked; the proto default says that it was not.
    pub fn reason(&self) -> Option<&str> {
        let reason = self.block_reason.as_ref()?.as_str();
        (reason != "BLOCK_REASON_UNSPECIFIED").then_some(reason)
    }
}
