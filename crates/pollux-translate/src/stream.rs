//! The seam between a stream of Gemini events and a client's dialect.

use bytes::BytesMut;

use crate::error::ApiError;
use crate::gemini::response::Response;

/// Turns Gemini's streamed events into a client's, appending whole encoded events to a buffer.
///
/// A stream ends with exactly one of [`finish`](Self::finish) and [`fail`](Self::fail).
pub trait StreamTranslator: Send {
    /// Appends what one upstream event means to the client; may be nothing.
    fn event(&mut self, response: &Response<'_>, out: &mut BytesMut);

    /// Appends the end of a stream that the upstream ended properly.
    fn finish(&mut self, out: &mut BytesMut);

    /// Appends the dialect's error event, after which the stream never looks like a clean stop.
    fn fail(&mut self, error: &ApiError, out: &mut BytesMut);
}
