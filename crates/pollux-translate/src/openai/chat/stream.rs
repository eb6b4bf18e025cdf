//! From Gemini's stream to `chat.completion.chunk` events.
//!
//! Each part becomes a delta of its own, so text is never merged or cut again. Finish reasons wait
//! for the end of the stream: a stream that breaks after one was seen is still not a clean stop.

use std::fmt::Write as _;

use bytes::BytesMut;

use super::answer::{Extra, Piece, Place, blocked, withheld};
use super::calls::{Calls, function};
use super::chunk::{Choice, Chunks, Delta};
use super::citations::annotations;
use super::context::Context;
use super::from_gemini::{CLOSE, OPEN};
use super::logprobs::Logprobs;
use super::policy::Thoughts;
use crate::error::ApiError;
use crate::gemini::response::{Candidate, Response};
use crate::openai::error;
use crate::openai::finish;
use crate::stream::{SignedCall, Source, StreamTranslator};
use crate::text::write_event;
use crate::usage::Usage;

/// A chat stream in the making.
#[derive(Debug)]
pub struct Stream {
    context: Context,
    chunks: Chunks,
    choices: Vec<Progress>,
    calls: Calls,
    /// What was used so far, by source: within one it is cumulative.
    usage: Vec<(Source, Usage)>,
}

/// How far one choice has come.
#[derive(Debug)]
struct Progress {
    index: u32,
    finish_reason: &'static str,
    /// How many calls were told.
    calls: usize,
    /// Whether the content is inside a tag for thoughts.
    inside: bool,
    /// Whether anything but thoughts was told.
    spoke: bool,
    /// All content, where citations will point into it.
    content: String,
}

impl Stream {
    /// Begins a stream.
    pub fn new(context: Context) -> Self {
        Self {
            chunks: Chunks::of(&context),
            context,
            choices: Vec::new(),
            calls: Calls::default(),
            usage: Vec::new(),
        }
    }

    fn candidate(&mut self, answer: u32, candidate: &Candidate<'_>, out: &mut BytesMut) {
        let index = answer + candidate.index.unwrap_or(0);
        let at = self.begin(index, out);
        let mut logprobs = candidate.logprobs_result.as_ref().map(Logprobs::from);
        for piece in candidate.parts().iter().filter_map(Piece::of) {
            self.piece(at, piece, &mut logprobs, out);
        }
        if logprobs.is_some() {
            let delta = Delta::default();
            self.chunks.choice(Choice { index, delta, logprobs, finish_reason: None }, out);
        }
        self.sources(at, candidate, out);
        self.ending(at, candidate, out);
    }

    fn piece(
        &mut self,
        at: usize,
        piece: Piece<'_>,
        logprobs: &mut Option<Logprobs<'_>>,
        out: &mut BytesMut,
    ) {
        if let Piece::Text("") | Piece::Thought("") = piece {
            return;
        }
        match (piece.place(), self.context.told.thoughts) {
            (Place::Thoughts, Thoughts::Hidden) => {}
            (Place::Thoughts, Thoughts::Field) => {
                self.delta(
                    at,
                    Delta { reasoning_content: Some(piece), ..Delta::default() },
                    None,
                    out,
                );
            }
            (Place::Thoughts, Thoughts::Tags) => {
                self.turn(at, true, out);
                self.say(at, piece, None, out);
            }
            (Place::Content, _) => {
                self.turn(at, false, out);
                self.say(at, piece, logprobs.take(), out);
            }
            (Place::Images, _) => {
                self.spoke(at);
                self.delta(at, Delta { images: Some([piece]), ..Delta::default() }, None, out);
            }
            (Place::Calls, _) => self.call(at, piece, out),
        }
    }

    fn call(&mut self, at: usize, piece: Piece<'_>, out: &mut BytesMut) {
        let Piece::Call(call, signature) = piece else { return };
        let Some(progress) = self.choices.get_mut(at) else { return };
        let (index, number) = (progress.index, progress.calls);
        let told = &self.context.told;
        if told.one_call && number > 0 {
            return;
        }
        progress.calls += 1;
        let delta = if told.old_calls {
            Delta { function_call: Some(function(call, &self.context)), ..Delta::default() }
        } else {
            let call = self.calls.call(call, signature, Some(number), &self.context);
            Delta { tool_calls: Some([call]), ..Delta::default() }
        };
        let choice = Choice { index, delta, logprobs: None, finish_reason: None };
        self.chunks.choice(choice, out);
    }

    /// Opens or closes the tag for thoughts.
    fn turn(&mut self, at: usize, inside: bool, out: &mut BytesMut) {
        let Some(progress) = self.choices.get_mut(at) else { return };
        if std::mem::replace(&mut progress.inside, inside) != inside {
            self.say(at, Piece::Text(if inside { OPEN } else { CLOSE }), None, out);
        }
    }

    fn say(
        &mut self,
        at: usize,
        piece: Piece<'_>,
        logprobs: Option<Logprobs<'_>>,
        out: &mut BytesMut,
    ) {
        self.spoke(at);
        if self.context.told.cites
            && let Some(progress) = self.choices.get_mut(at)
        {
            // Writing to a string cannot fail.
            let _ = write!(progress.content, "{piece}");
        }
        self.delta(at, Delta { content: Some(piece), ..Delta::default() }, logprobs, out);
    }

    fn spoke(&mut self, at: usize) {
        if let Some(progress) = self.choices.get_mut(at) {
            progress.spoke = true;
        }
    }

    /// Tells where the answer comes from, and what only Google's dialect has a field for.
    fn sources(&mut self, at: usize, candidate: &Candidate<'_>, out: &mut BytesMut) {
        let Some(progress) = self.choices.get(at) else { return };
        let annotations = candidate
            .grounding_metadata
            .map(|metadata| annotations(&progress.content, metadata))
            .unwrap_or_default();
        let extra_content = Extra::of(candidate);
        if !annotations.is_empty() || !extra_content.is_empty() {
            self.delta(at, Delta { annotations, extra_content, ..Delta::default() }, None, out);
        }
    }

    fn ending(&mut self, at: usize, candidate: &Candidate<'_>, out: &mut BytesMut) {
        let Some(reason) = &candidate.finish_reason else { return };
        let old = self.context.told.old_calls;
        let Some(progress) = self.choices.get_mut(at) else { return };
        let has_calls = progress.calls > 0;
        progress.finish_reason = finish::of_calls(Some(reason), has_calls, old);
        if progress.finish_reason == finish::CONTENT_FILTER && !progress.spoke && !has_calls {
            let refusal = Some(withheld(candidate));
            self.delta(at, Delta { refusal, ..Delta::default() }, None, out);
        }
    }

    /// Announces a choice that is new and returns its place in the list.
    fn begin(&mut self, index: u32, out: &mut BytesMut) -> usize {
        if let Some(at) = self.choices.iter().position(|choice| choice.index == index) {
            return at;
        }
        self.choices.push(Progress {
            index,
            finish_reason: finish::STOP,
            calls: 0,
            inside: false,
            spoke: false,
            content: String::new(),
        });
        let delta =
            Delta { role: Some("assistant"), content: Some(Piece::Text("")), ..Delta::default() };
        self.chunks.choice(Choice { index, delta, logprobs: None, finish_reason: None }, out);
        self.choices.len() - 1
    }

    /// Notes that Google blocked the prompt; all that was said so far stands.
    fn blocked(&mut self, answer: u32, reason: &str, out: &mut BytesMut) {
        let at = self.begin(answer, out);
        if self.choices.get(at).is_some_and(|progress| !progress.spoke && progress.calls == 0) {
            let delta = Delta { refusal: Some(blocked(reason)), ..Delta::default() };
            self.delta(at, delta, None, out);
        }
        for progress in &mut self.choices {
            progress.finish_reason = finish::CONTENT_FILTER;
        }
    }

    fn delta(
        &self,
        at: usize,
        delta: Delta<'_>,
        logprobs: Option<Logprobs<'_>>,
        out: &mut BytesMut,
    ) {
        let Some(progress) = self.choices.get(at) else { return };
        self.chunks
            .choice(Choice { index: progress.index, delta, logprobs, finish_reason: None }, out);
    }

    fn usage(&self) -> Option<Usage> {
        let all = self.usage.iter().map(|&(source, usage)| {
            // A further piece of an answer has the same prompt.
            let first = source.hop == 0;
            let once = |count| if first { count } else { 0 };
            Usage {
                prompt: once(usage.prompt),
                cached: once(usage.cached),
                tool_prompt: once(usage.tool_prompt),
                ..usage
            }
        });
        all.fold(None, |sum, usage| Usage::sum(sum, Some(usage)))
    }
}

impl StreamTranslator for Stream {
    fn event(&mut self, source: Source, response: &Response<'_>, out: &mut BytesMut) {
        if let Some(usage) = response.usage() {
            match self.usage.iter_mut().find(|(known, _)| *known == source) {
                Some((_, known)) => *known = usage,
                None => self.usage.push((source, usage)),
            }
        }
        for candidate in &response.candidates {
            self.candidate(source.answer, candidate, out);
        }
        if let Some(reason) = response.block_reason() {
            self.blocked(source.answer, reason, out);
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if self.choices.is_empty() {
            self.begin(0, out);
        }
        for at in 0..self.choices.len() {
            self.turn(at, false, out);
        }
        for &Progress { index, finish_reason, .. } in &self.choices {
            let finish_reason = Some(finish_reason);
            let delta = Delta::default();
            self.chunks.choice(Choice { index, delta, logprobs: None, finish_reason }, out);
        }
        self.chunks.usage(self.usage(), out);
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        write_event(out, &error::envelope(error));
    }

    fn signed(&mut self) -> Vec<SignedCall> {
        std::mem::take(&mut self.calls.signed)
    }
}
