//! From Gemini's stream to `chat.completion.chunk` events.
//!
//! Each part becomes a delta of its own, so text is never merged or cut again. Finish reasons wait
//! for the end of the stream: a stream that breaks after one was seen is still not a clean stop.

use bytes::BytesMut;
use serde::Serialize;

use super::answer::{Piece, Place, UsageBody, blocked};
use super::context::Context;
use super::finish;
use super::logprobs::Logprobs;
use crate::error::ApiError;
use crate::gemini::response::{Candidate, Response};
use crate::openai::error;
use crate::stream::StreamTranslator;
use crate::text::write_json;
use crate::usage::Usage;

/// A chat stream in the making.
#[derive(Debug)]
pub struct Stream {
    context: Context,
    choices: Vec<Progress>,
    usage: Option<Usage>,
}

/// How far one choice has come.
#[derive(Debug)]
struct Progress {
    index: u32,
    finish_reason: &'static str,
}

impl Stream {
    /// Begins a stream.
    pub fn new(context: Context) -> Self {
        Self { context, choices: Vec::new(), usage: None }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>, out: &mut BytesMut) {
        let index = candidate.index.unwrap_or(0);
        let at = self.begin(index, out);
        let mut logprobs = candidate.logprobs_result.as_ref().map(Logprobs::from);
        for piece in candidate.parts().iter().filter_map(Piece::of) {
            let Some(delta) = Delta::of(piece) else { continue };
            let logprobs = if delta.content.is_some() { logprobs.take() } else { None };
            self.choice(Choice { index, delta, logprobs, finish_reason: None }, out);
        }
        if logprobs.is_some() {
            let delta = Delta::default();
            self.choice(Choice { index, delta, logprobs, finish_reason: None }, out);
        }
        let progress = candidate.finish_reason.as_ref().zip(self.choices.get_mut(at));
        if let Some((reason, progress)) = progress {
            progress.finish_reason = finish::reason(Some(reason));
        }
    }

    /// Announces a choice that is new and returns its place in the list.
    fn begin(&mut self, index: u32, out: &mut BytesMut) -> usize {
        if let Some(at) = self.choices.iter().position(|choice| choice.index == index) {
            return at;
        }
        self.choices.push(Progress { index, finish_reason: finish::STOP });
        let delta =
            Delta { role: Some("assistant"), content: Some(Piece::Text("")), ..Delta::default() };
        self.choice(Choice { index, delta, logprobs: None, finish_reason: None }, out);
        self.choices.len() - 1
    }

    /// Notes that Google blocked the prompt; all that was said so far stands.
    fn blocked(&mut self, reason: &str, out: &mut BytesMut) {
        if self.choices.is_empty() {
            self.begin(0, out);
            let delta = Delta { refusal: Some(blocked(reason)), ..Delta::default() };
            self.choice(Choice { index: 0, delta, logprobs: None, finish_reason: None }, out);
        }
        for progress in &mut self.choices {
            progress.finish_reason = finish::CONTENT_FILTER;
        }
    }

    fn choice(&self, choice: Choice<'_>, out: &mut BytesMut) {
        let usage = if self.context.include_usage { Counts::Later } else { Counts::Unasked };
        self.chunk(&[choice], usage, out);
    }

    fn chunk(&self, choices: &[Choice<'_>], usage: Counts, out: &mut BytesMut) {
        let chunk = Chunk {
            id: &self.context.id,
            object: "chat.completion.chunk",
            created: self.context.created,
            model: &self.context.model,
            choices,
            usage,
        };
        event(&chunk, out);
    }
}

impl StreamTranslator for Stream {
    fn event(&mut self, response: &Response<'_>, out: &mut BytesMut) {
        self.usage = response.usage().or(self.usage);
        for candidate in &response.candidates {
            self.candidate(candidate, out);
        }
        if let Some(reason) = response.block_reason() {
            self.blocked(reason, out);
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if self.choices.is_empty() {
            self.begin(0, out);
        }
        for &Progress { index, finish_reason } in &self.choices {
            let finish_reason = Some(finish_reason);
            let delta = Delta::default();
            self.choice(Choice { index, delta, logprobs: None, finish_reason }, out);
        }
        if let Some(usage) = self.usage.filter(|_| self.context.include_usage) {
            self.chunk(&[], Counts::Known(usage.into()), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        event(&error::envelope(error), out);
    }
}

#[derive(Serialize)]
struct Chunk<'p> {
    id: &'p str,
    object: &'static str,
    created: i64,
    model: &'p str,
    choices: &'p [Choice<'p>],
    #[serde(skip_serializing_if = "Counts::is_unasked")]
    usage: Counts,
}

/// What a chunk says of usage: nothing unless it was asked for, null before the last.
#[derive(Serialize)]
#[serde(untagged)]
enum Counts {
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
struct Choice<'p> {
    index: u32,
    delta: Delta<'p>,
    logprobs: Option<Logprobs<'p>>,
    finish_reason: Option<&'static str>,
}

#[derive(Default, Serialize)]
struct Delta<'p> {
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Piece<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_content: Option<Piece<'p>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<[Piece<'p>; 1]>,
}

impl<'p> Delta<'p> {
    /// Returns the piece as a delta; `None` for empty text, which says nothing.
    fn of(piece: Piece<'p>) -> Option<Self> {
        if let Piece::Text("") | Piece::Thought("") = piece {
            return None;
        }
        Some(match piece.place() {
            Place::Content => Self { content: Some(piece), ..Self::default() },
            Place::Reasoning => Self { reasoning_content: Some(piece), ..Self::default() },
            Place::Images => Self { images: Some([piece]), ..Self::default() },
        })
    }
}

fn event(value: &impl Serialize, out: &mut BytesMut) {
    out.extend_from_slice(b"data: ");
    write_json(out, value);
    out.extend_from_slice(b"\n\n");
}
