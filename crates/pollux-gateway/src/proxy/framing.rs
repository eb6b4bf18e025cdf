//! Cuts a streaming answer into its events, whichever way Gemini frames them.

use bytes::Bytes;
use pollux_translate::{array, sse};

use super::{call::Shape, upstream::UpstreamError};

/// A decoder for one answer.
#[derive(Debug)]
pub(crate) enum Framing {
    Events(sse::Decoder),
    Array(array::Decoder),
}

impl Framing {
    pub(crate) fn of(shape: Shape) -> Self {
        match shape {
            Shape::Array => Self::Array(array::Decoder::default()),
            Shape::Events | Shape::Document | Shape::Whole => Self::Events(sse::Decoder::default()),
        }
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        match self {
            Self::Events(decoder) => decoder.push(bytes),
            Self::Array(decoder) => decoder.push(bytes),
        }
    }

    /// The next whole event.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        match self {
            Self::Events(decoder) => {
                decoder.next_event().map(|event| event.map(|event| event.data)).map_err(too_long)
            }
            Self::Array(decoder) => decoder.next_event().map_err(too_long),
        }
    }

    /// The last event, where the end of the stream stands for its end.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        match self {
            Self::Events(decoder) => {
                decoder.finish().map(|event| event.map(|event| event.data)).map_err(too_long)
            }
            Self::Array(decoder) => decoder.finish().map_err(too_long),
        }
    }

    /// How many of the bytes pushed so far belong to an event that is not whole yet.
    pub(crate) fn pending(&self) -> usize {
        match self {
            Self::Events(decoder) => decoder.pending(),
            Self::Array(decoder) => decoder.pending(),
        }
    }

    /// The bytes that tell a native client of `error` after its stream has begun.
    pub(crate) fn error(&self, error: &[u8]) -> Bytes {
        let (before, after): (&[u8], &[u8]) = match self {
            Self::Events(_) => (b"data: ", b"\r\n\r\n"),
            Self::Array(_) => (b",\r\n", b"\n]"),
        };
        [before, error, after].concat().into()
    }
}

fn too_long(_: sse::EventTooLong) -> UpstreamError {
    UpstreamError::TooLarge(sse::MAX_EVENT)
}
