//! From Gemini's stream to `speech.audio` events, which carry bare samples.

use bytes::BytesMut;
use serde::Serialize;

use super::from_gemini::{check, silent};
use crate::error::ApiError;
use crate::gemini::response::{Candidate, Response};
use crate::openai::error;
use crate::stream::{Source, StreamTranslator};
use crate::text::write_event;
use crate::usage::Usage;

/// Speech in the making.
#[derive(Debug, Default)]
pub struct Stream {
    has_spoken: bool,
    usage: Usage,
    trouble: Option<ApiError>,
}

#[derive(Serialize)]
struct Delta<'p> {
    r#type: &'static str,
    audio: &'p str,
}

#[derive(Serialize)]
struct Done {
    r#type: &'static str,
    usage: UsageBody,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names on the wire")]
struct UsageBody {
    input_tokens: u64,
    output_tokens: u64,
    total_tokens: u64,
}

impl StreamTranslator for Stream {
    fn event(&mut self, _: Source, response: &Response<'_>, out: &mut BytesMut) {
        self.usage = response.usage().unwrap_or(self.usage);
        let parts = response.candidates.iter().take(1).flat_map(Candidate::parts);
        for blob in parts.filter_map(|part| part.inline_data.as_ref()) {
            match check(blob) {
                Ok(()) => {
                    self.has_spoken = true;
                    write_event(out, &Delta { r#type: "speech.audio.delta", audio: &blob.data });
                }
                Err(error) => self.trouble = Some(error),
            }
        }
        if !self.has_spoken && self.trouble.is_none() && ends(response) {
            self.trouble = Some(silent(response));
        }
    }

    fn finish(&mut self, out: &mut BytesMut) {
        if let Some(trouble) = self.trouble.take() {
            return self.fail(&trouble, out);
        }
        let (input_tokens, output_tokens) = (self.usage.input(), self.usage.generated());
        let total_tokens = input_tokens + output_tokens;
        let usage = UsageBody { input_tokens, output_tokens, total_tokens };
        write_event(out, &Done { r#type: "speech.audio.done", usage });
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        write_event(out, &error::envelope(error));
    }
}

/// Whether nothing is to be expected after this event.
fn ends(response: &Response<'_>) -> bool {
    response.is_blocked() || response.finish_reason().is_some()
}
