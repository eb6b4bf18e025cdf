//! From Gemini's stream to `text_completion` events.
//!
//! Finish reasons wait for the end of the stream: one that breaks is not a clean stop.

use bytes::BytesMut;

use super::from_gemini::{Choice, Completion, UsageBody, texts};
use super::request::Context;
use crate::error::ApiError;
use crate::gemini::response::{Candidate, Response};
use crate::openai::error;
use crate::openai::finish;
use crate::stream::{Source, StreamTranslator};
use crate::text::write_event;
use crate::usage::Usage;

/// A stream of one prompt's completions in the making.
#[derive(Debug)]
pub struct Stream {
    context: Context,
    choices: Vec<(i64, &'static str)>,
    usage: Option<Usage>,
}

impl Stream {
    /// Begins a stream.
    pub fn new(context: Context) -> Self {
        Self { context, choices: Vec::new(), usage: None }
    }

    fn candidate(&mut self, candidate: &Candidate<'_>, out: &mut BytesMut) {
        let index = i64::from(candidate.index.unwrap_or(0));
        let at = self.begin(index, out);
        for text in texts(candidate).filter(|text| !text.is_empty()) {
            self.piece(index, text, None, out);
        }
        let progress = candidate.finish_reason.as_ref().zip(self.choices.get_mut(at));
        if let Some((reason, (_, finish_reason))) = progress {
            *finish_reason = finish::reason(Some(reason));
        }
    }

    /// Notes a choice that is new, repeats the prompt if that is wanted, and returns its place.
    fn begin(&mut self, index: i64, out: &mut BytesMut) -> usize {
        if let Some(at) = self.choices.iter().position(|(known, _)| *known == index) {
            return at;
        }
        self.choices.push((index, finish::STOP));
        let echo = self.context.echoes.first().filter(|echo| !echo.is_empty());
        if let Some(echo) = echo {
            self.piece(index, echo, None, out);
        }
        self.choices.len() - 1
    }

    fn piece(
        &self,
        index: i64,
        text: &str,
        finish_reason: Option<&'static str>,
        out: &mut BytesMut,
    ) {
        let text = text.to_owned();
        let choice = Choice { text, index, logprobs: (), finish_reason };
        write_event(out, &Completion::of(&self.context, vec![choice], None));
    }
}

impl StreamTranslator for Stream {
    fn event(&mut self, _: Source, response: &Response<'_>, out: &mut BytesMut) {
        self.usage = response.usage().or(self.usage);
        for candidate in &response.candidates {
            self.candidate(candidate, out);
        }
        if response.is_blocked() {
            self.begin(0, out);
            for (_, finish_reason) in &mut self.choices {
                *finish_reason = finish::CONTENT_FILTER;
            }
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if self.choices.is_empty() {
            self.begin(0, out);
        }
        for (index, finish_reason) in &self.choices {
            self.piece(*index, "", Some(finish_reason), out);
        }
        if let Some(usage) = self.usage.filter(|_| self.context.include_usage) {
            let mut body = UsageBody::default();
            body.add(usage);
            write_event(out, &Completion::of(&self.context, Vec::new(), Some(body)));
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        write_event(out, &error::envelope(error));
    }
}
