//! Generated answers on the wire, with fields in Google's order.

use serde::Serialize;
use serde_json::Value;

use super::evidence::{Grounding, Pages};

/// A whole answer, or one chunk of a stream.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Generated<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) candidates: Vec<Candidate<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) prompt_feedback: Option<PromptFeedback>,
    pub(crate) usage_metadata: Usage<'a>,
    pub(crate) model_version: &'a str,
    pub(crate) response_id: &'a str,
}

/// One way the model answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Candidate<'a> {
    pub(crate) content: Content<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finish_reason: Option<&'static str>,
    pub(crate) index: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) finish_message: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) grounding_metadata: Option<&'a Grounding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url_context_metadata: Option<&'a Pages>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) continuation_token: Option<&'a str>,
}

/// A model's turn; without parts it is an empty object.
#[derive(Debug, Serialize)]
pub(crate) struct Content<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Part<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
}

impl<'a> From<Vec<Part<'a>>> for Content<'a> {
    fn from(parts: Vec<Part<'a>>) -> Self {
        Self { role: (!parts.is_empty()).then_some("model"), parts }
    }
}

/// One part of a turn.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Part<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thought: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inline_data: Option<&'a Blob>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) function_call: Option<FunctionCall<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) executable_code: Option<ExecutableCode<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) code_execution_result: Option<CodeResult<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thought_signature: Option<&'a str>,
}

impl<'a> Part<'a> {
    /// A text, signed or not.
    pub(crate) fn text(text: &'a str, signature: Option<&'a str>) -> Self {
        Self { text: Some(text), thought_signature: signature, ..Self::default() }
    }

    /// A picture or a sound.
    pub(crate) fn medium(blob: &'a Blob) -> Self {
        Self { inline_data: Some(blob), ..Self::default() }
    }

    /// A summary of thoughts.
    pub(crate) fn thought(text: &'a str) -> Self {
        Self { text: Some(text), thought: Some(true), ..Self::default() }
    }
}

/// A picture or a sound in base64.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Blob {
    pub(crate) mime_type: &'static str,
    pub(crate) data: String,
}

/// A function the model wants called.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct FunctionCall<'a> {
    pub(crate) name: &'a str,
    pub(crate) args: &'a Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
}

/// Code that the model wrote and Google ran.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ExecutableCode<'a> {
    pub(crate) language: &'static str,
    pub(crate) code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
}

/// What that code printed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CodeResult<'a> {
    pub(crate) outcome: &'static str,
    pub(crate) output: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<&'a str>,
}

/// Why a prompt was not answered.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PromptFeedback {
    pub(crate) block_reason: &'static str,
}

/// What a request has used so far; in a stream every chunk carries the sum.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Usage<'a> {
    pub(crate) prompt_token_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) candidates_token_count: Option<u64>,
    pub(crate) total_token_count: u64,
    pub(crate) prompt_tokens_details: &'a [ModalityCount],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_use_prompt_token_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tool_use_prompt_tokens_details: Option<[ModalityCount; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thoughts_token_count: Option<u64>,
    pub(crate) service_tier: &'static str,
}

impl<'a> Usage<'a> {
    /// Sums up; counts of zero are left out, as Google does.
    pub(crate) fn of(details: &'a [ModalityCount], candidates: u64, thoughts: u64) -> Self {
        let prompt = details.iter().map(|detail| detail.token_count).sum::<u64>();
        Self {
            prompt_token_count: prompt,
            candidates_token_count: (candidates > 0).then_some(candidates),
            total_token_count: prompt + candidates + thoughts,
            prompt_tokens_details: details,
            tool_use_prompt_token_count: None,
            tool_use_prompt_tokens_details: None,
            thoughts_token_count: (thoughts > 0).then_some(thoughts),
            service_tier: "standard",
        }
    }

    /// Adds the tokens of what Google's own tools brought.
    pub(crate) fn with_tools(mut self, tokens: u64) -> Self {
        if tokens > 0 {
            self.total_token_count += tokens;
            self.tool_use_prompt_token_count = Some(tokens);
            self.tool_use_prompt_tokens_details =
                Some([ModalityCount { modality: "TEXT", token_count: tokens }]);
        }
        self
    }
}

/// Tokens of one modality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ModalityCount {
    pub(crate) modality: &'static str,
    pub(crate) token_count: u64,
}
