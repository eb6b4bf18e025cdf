//! One `chat.completion.chunk`, as it is written.

use bytes::BytesMut;
use serde::Serialize;

use super::answer::{Extra, Piece, UsageBody};
use super::calls::{Function, ToolCall};
use super::citations::Annotation;
use super::context::Context;
use super::logprobs::Logprobs;
use crate::text::write_json;

#[derive(Serialize)]
pub(super) struct Chunk<'p> {
    id: &'p str,
    object: &'static str,
    created: i64,
    model: &'p str,
    choices: &'p [Choice<'p>],
    #[serde(skip_serializing_if = "Counts::is_unasked")]
    usage: Counts,
}

impl<'p> Chunk<'p> {
    pub(super) fn of(context: &'p Context, choices: &'p [Choice<'p>], usage: Counts) -> Self {
        Self {
            id: &context.id,
            object: "chat.completion.chunk",
            created: context.created,
            model: &context.model,
            choices,
            usage,
        }
    }
}

/// What a chunk says of usage: nothing unless it was asked for, null before the last.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Counts {
    Unasked,
    Later,
    Known(UsageBody),
}

impl Counts {
    fn is_unasked(&self) -> bool {
        matches!(self, Self::Unasked)
    }
}

#[derive(Serialize)]
pub(super) struct Choice<'p> {
    pub(super) index: u32,
    pub(super) delta: Delta<'p>,
    pub(super) logprobs: Option<Logprobs<'p>>,
    pub(super) finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
pub(super) struct Delta<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) content: Option<Piece<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_content: Option<Piece<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool_calls: Option<[ToolCall<'p>; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) function_call: Option<Function<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) images: Option<[Piece<'p>; 1]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) annotations: Vec<Annotation>,
    #[serde(skip_serializing_if = "Extra::is_empty")]
    pub(super) extra_content: Extra<'p>,
}

/// Appends a value as one event.
pub(super) fn event(value: &impl Serialize, out: &mut BytesMut) {
    out.extend_from_slice(b"data: ");
    write_json(out, value);
    out.extend_from_slice(b"\n\n");
}
