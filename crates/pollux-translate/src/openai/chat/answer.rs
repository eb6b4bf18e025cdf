//! What whole answers and stream events have in common.
//!
//! | Gemini's part | becomes |
//! | --- | --- |
//! | text | `content` |
//! | executable code, its result | fenced text in `content` |
//! | thought | `reasoning_content`, `content` between tags, or nothing, as the server says |
//! | inline media, file | an entry of `images`, as a `data:` URL or the file's URI |
//! | function call | an entry of `tool_calls` |
//! | a signature | `extra_content.google.thought_signature` of the call, the image or the message |
//! | what Google's own tools did, a thought's own media | nothing |

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::gemini::content::{Blob, FunctionCall, Part};
use crate::gemini::response::Candidate;
use crate::text::Compact;
use crate::usage::Usage;

/// What one part means to the client.
#[derive(Clone, Copy)]
pub(super) enum Piece<'p> {
    Text(&'p str),
    Code { language: &'p str, code: &'p str },
    Output(&'p str),
    Thought(&'p str),
    Media(&'p Blob<'p>, Option<&'p str>),
    File(&'p str),
    Call(&'p FunctionCall<'p>, Option<&'p str>),
}

impl<'p> Piece<'p> {
    /// Reads a part; `None` for one that brings nothing to a client.
    pub(super) fn of(part: &'p Part<'p>) -> Option<Self> {
        if part.is_thought() {
            return part.text.as_ref().map(|text| Self::Thought(text));
        }
        if let Some(call) = &part.function_call {
            return Some(Self::Call(call, signature(part)));
        }
        if let Some(text) = &part.text {
            return Some(Self::Text(text));
        }
        if let Some(code) = &part.executable_code {
            return Some(Self::Code { language: &code.language, code: &code.code });
        }
        if let Some(result) = &part.code_execution_result {
            return Some(Self::Output(result.output.as_deref().unwrap_or(&result.outcome)));
        }
        if let Some(blob) = &part.inline_data {
            return Some(Self::Media(blob, signature(part)));
        }
        part.file_data.as_ref().map(|file| Self::File(&file.file_uri))
    }

    /// Returns where the piece belongs.
    pub(super) fn place(self) -> Place {
        match self {
            Self::Text(_) | Self::Code { .. } | Self::Output(_) => Place::Content,
            Self::Thought(_) => Place::Thoughts,
            Self::Media(..) | Self::File(_) => Place::Images,
            Self::Call(..) => Place::Calls,
        }
    }
}

fn signature<'p>(part: &'p Part<'p>) -> Option<&'p str> {
    part.thought_signature.as_deref().filter(|signature| !signature.is_empty())
}

/// The field of a message that a piece belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    Thoughts,
    Images,
    Calls,
}

impl fmt::Display for Piece<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) | Self::Thought(text) | Self::File(text) => out.write_str(text),
            Self::Code { language, code } => {
                let language = language.to_ascii_lowercase();
                write!(out, "\n```{language}\n{}\n```\n", code.trim_end_matches('\n'))
            }
            Self::Output(output) => {
                write!(out, "\n```\n{}\n```\n", output.trim_end_matches('\n'))
            }
            Self::Media(blob, _) => {
                write!(out, "data:{};base64,{}", blob.mime_type.as_str(), blob.data.as_str())
            }
            Self::Call(call, _) => out.write_str(&call.name),
        }
    }
}

/// Text is written as a string, media as an entry of `images`.
impl Serialize for Piece<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Text(text) | Self::Thought(text) = self {
            return serializer.serialize_str(text);
        }
        if self.place() != Place::Images {
            return serializer.collect_str(self);
        }
        let signature = if let Self::Media(_, signature) = self { *signature } else { None };
        Picture {
            r#type: "image_url",
            image_url: Url { url: Shown(*self) },
            extra_content: Extra::signature(signature),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct Picture<'p> {
    r#type: &'static str,
    image_url: Url<'p>,
    #[serde(skip_serializing_if = "Extra::is_empty")]
    extra_content: Extra<'p>,
}

#[derive(Serialize)]
struct Url<'p> {
    url: Shown<'p>,
}

/// A piece as a JSON string, whatever it is.
struct Shown<'p>(Piece<'p>);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// `extra_content`: what only Google's dialect has a field for.
#[derive(Clone, Copy, Default, Serialize)]
pub(super) struct Extra<'p> {
    google: GoogleExtra<'p>,
}

#[derive(Clone, Copy, Default, Serialize)]
struct GoogleExtra<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    thought_signature: Option<&'p str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    grounding_metadata: Option<Compact<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url_context_metadata: Option<Compact<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    citation_metadata: Option<Compact<'p>>,
}

impl<'p> Extra<'p> {
    /// Tells of a signature alone.
    pub(super) fn signature(thought_signature: Option<&'p str>) -> Self {
        Self { google: GoogleExtra { thought_signature, ..GoogleExtra::default() } }
    }

    /// Tells what concerns a whole message: the signature of its text, and its sources.
    pub(super) fn of(candidate: &'p Candidate<'p>) -> Self {
        let text = |part: &&Part<'_>| {
            !part.is_thought() && matches!(Piece::of(part), Some(Piece::Text(_)))
        };
        let mut signed = candidate.parts().iter().filter(text).filter_map(signature);
        Self {
            google: GoogleExtra {
                thought_signature: signed.next_back(),
                grounding_metadata: told(candidate.grounding_metadata),
                url_context_metadata: told(candidate.url_context_metadata),
                citation_metadata: told(candidate.citation_metadata),
            },
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        let GoogleExtra {
            thought_signature,
            grounding_metadata,
            url_context_metadata,
            citation_metadata,
        } = self.google;
        thought_signature.is_none()
            && grounding_metadata.is_none()
            && url_context_metadata.is_none()
            && citation_metadata.is_none()
    }
}

fn told(raw: Option<&RawValue>) -> Option<Compact<'_>> {
    raw.filter(|raw| !matches!(raw.get(), "{}" | "null")).map(Compact)
}

/// Token counts in OpenAI's words.
#[derive(Serialize)]
pub(super) struct UsageBody {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptDetails,
    completion_tokens_details: CompletionDetails,
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: u64,
}

#[derive(Serialize)]
struct CompletionDetails {
    reasoning_tokens: u64,
}

impl From<Usage> for UsageBody {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.input(),
            completion_tokens: usage.generated(),
            total_tokens: usage.input().saturating_add(usage.generated()),
            prompt_tokens_details: PromptDetails { cached_tokens: usage.cached },
            completion_tokens_details: CompletionDetails { reasoning_tokens: usage.thoughts },
        }
    }
}

/// Returns what a client reads when Google blocked the prompt.
pub(super) fn blocked(reason: &str) -> String {
    format!("Gemini blocked the prompt: {reason}")
}

/// Returns what a client reads when Google withheld the answer.
pub(super) fn withheld(candidate: &Candidate<'_>) -> String {
    let reason = candidate.finish_reason.as_ref().map_or("", |reason| reason.as_str());
    match candidate.finish_message.as_deref().filter(|message| !message.is_empty()) {
        Some(message) => format!("Gemini withheld the answer: {reason}. {message}"),
        None => format!("Gemini withheld the answer: {reason}"),
    }
}
