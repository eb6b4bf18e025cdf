//! What whole answers and stream events have in common.
//!
//! | Gemini's part | becomes |
//! | --- | --- |
//! | text | `content` |
//! | executable code, its result | fenced text in `content` |
//! | thought | `reasoning_content` |
//! | inline media, file | an entry of `images`, as a `data:` URL or the file's URI |
//! | a thought's own media, function calls (none without tools) | nothing |

use std::fmt;

use serde::{Serialize, Serializer};

use crate::gemini::content::{Blob, Part};
use crate::usage::Usage;

/// What one part means to the client.
#[derive(Clone, Copy)]
pub(super) enum Piece<'p> {
    Text(&'p str),
    Code { language: &'p str, code: &'p str },
    Output(&'p str),
    Thought(&'p str),
    Media(&'p Blob<'p>),
    File(&'p str),
}

impl<'p> Piece<'p> {
    /// Reads a part; `None` for one that brings nothing to a client.
    pub(super) fn of(part: &'p Part<'p>) -> Option<Self> {
        if part.is_thought() {
            return part.text.as_ref().map(|text| Self::Thought(text));
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
            return Some(Self::Media(blob));
        }
        part.file_data.as_ref().map(|file| Self::File(&file.file_uri))
    }

    /// Returns where the piece belongs.
    pub(super) fn place(self) -> Place {
        match self {
            Self::Text(_) | Self::Code { .. } | Self::Output(_) => Place::Content,
            Self::Thought(_) => Place::Reasoning,
            Self::Media(_) | Self::File(_) => Place::Images,
        }
    }
}

/// The field of a message that a piece belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Content,
    Reasoning,
    Images,
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
            Self::Media(blob) => {
                write!(out, "data:{};base64,{}", blob.mime_type.as_str(), blob.data.as_str())
            }
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
        let image_url = Url { url: Shown(*self) };
        Image { r#type: "image_url", image_url }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct Image<'p> {
    r#type: &'static str,
    image_url: Url<'p>,
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
