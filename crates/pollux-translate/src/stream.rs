//! The seam between a stream of Gemini events and a client's dialect.

use bytes::BytesMut;

use crate::error::ApiError;
use crate::gemini::response::Response;

/// Turns Gemini's streamed events into a client's, appending whole encoded events to a buffer.
///
/// A stream ends with exactly one of [`finish`](Self::finish) and [`fail`](Self::fail).
pub trait StreamTranslator: Send {
    /// Appends what one upstream event means to the client; may be nothing.
    fn event(&mut self, source: Source, response: &Response<'_>, out: &mut BytesMut);

    /// Appends the end of a stream that the upstream ended properly.
    fn finish(&mut self, out: &mut BytesMut);

    /// Appends the dialect's error event, after which the stream never looks like a clean stop.
    fn fail(&mut self, error: &ApiError, out: &mut BytesMut);

    /// Takes the signatures of the calls that were told since the last time.
    fn signed(&mut self) -> Vec<SignedCall> {
        Vec::new()
    }
}

/// Which of the upstream answers that make up one stream an event belongs to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The client's answer: 0 unless several were asked for.
    pub answer: u32,
    /// The piece of that answer: 0 unless Gemini gave it in several.
    pub hop: u32,
}

/// A signature to be kept under the id of the call that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCall {
    /// The id that the client knows the call by.
    pub call_id: String,
    /// The signature in base64.
    pub signature: String,
    /// Which of the client's answers the call is in.
    pub answer: usize,
}
