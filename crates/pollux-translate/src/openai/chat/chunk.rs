//! The `chat.completion.chunk` events of a stream, as they are written.

use bytes::BytesMut;
use serde::Serialize;

use super::answer::{Extra, Piece, UsageBody};
use super::calls::{Function, ToolCall};
use super::citations::Annotation;
use super::context::Context;
use super::logprobs::Logprobs;
use crate::text::{json, write_json};
use crate::usage::Usage;

/// Writes the chunks of one stream, which are alike up to their choices.
#[derive(Debug)]
pub(super) struct Chunks {
    /// What each event begins with.
    head: Vec<u8>,
    /// Whether usage was asked for: then it is null before the last chunk.
    include_usage: bool,
}

#[derive(Serialize)]
struct Head<'p> {
    id: &'p str,
    object: &'static str,
    created: i64,
    model: &'p str,
}

impl Chunks {
    pub(super) fn of(context: &Context) -> Self {
        let object = "chat.completion.chunk";
        let Context { id, created, model, include_usage, .. } = context;
        let common = json(&Head { id, object, created: *created, model });
        let fields = common.strip_suffix(b"}").unwrap_or_default();
        let head = [b"data: ", fields, b",\"choices\":"].concat();
        Self { head, include_usage: *include_usage }
    }

    /// Appends the chunk that tells of one choice.
    pub(super) fn choice(&self, choice: Choice<'_>, out: &mut BytesMut) {
        out.extend_from_slice(&self.head);
        write_json(out, &[choice]);
        out.extend_from_slice(if self.include_usage { b",\"usage\":null}\n\n" } else { b"}\n\n" });
    }

    /// Appends the last chunk, if usage was asked for and is known.
    pub(super) fn usage(&self, usage: Option<Usage>, out: &mut BytesMut) {
        let Some(usage) = usage.filter(|_| self.include_usage) else { return };
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b"[],\"usage\":");
        write_json(out, &UsageBody::from(usage));
        out.extend_from_slice(b"}\n\n");
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
