//! From Gemini's stream to `transcript.text` events.
//!
//! An answer that was withheld ends in an error, though some of it may have been told.

use bytes::BytesMut;
use serde::Serialize;

use super::from_gemini::{UsageBody, withheld};
use crate::error::ApiError;
use crate::gemini::response::{Candidate, Response};
use crate::openai::error;
use crate::stream::{Source, StreamTranslator};
use crate::text::write_event;
use crate::usage::Usage;

/// A transcript in the making.
#[derive(Debug, Default)]
pub struct Stream {
    text: String,
    usage: Option<Usage>,
    refusal: Option<ApiError>,
}

#[derive(Serialize)]
struct Delta<'p> {
    r#type: &'static str,
    delta: &'p str,
}

#[derive(Serialize)]
struct Done<'p> {
    r#type: &'static str,
    text: &'p str,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageBody>,
}

impl StreamTranslator for Stream {
    fn event(&mut self, _: Source, response: &Response<'_>, out: &mut BytesMut) {
        self.usage = response.usage().or(self.usage);
        let parts = response.candidates.iter().take(1).flat_map(Candidate::parts);
        let said = parts.filter(|part| !part.is_thought()).filter_map(|part| part.text.as_deref());
        for delta in said.filter(|text| !text.is_empty()) {
            self.text.push_str(delta);
            write_event(out, &Delta { r#type: "transcript.text.delta", delta });
        }
        if self.refusal.is_none() {
            self.refusal = withheld(response);
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if let Some(refusal) = self.refusal.take() {
            return self.fail(&refusal, out);
        }
        let usage = self.usage.map(UsageBody::of);
        write_event(out, &Done { r#type: "transcript.text.done", text: &self.text, usage });
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        write_event(out, &error::envelope(error));
    }
}
