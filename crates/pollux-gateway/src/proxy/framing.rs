//! Cuts a streaming answer into its events, whichever way Gemini frames them.

use bytes::Bytes;
use pollux_translate::{
    array,
    error::ApiError,
    gemini::{self, interaction, response::Facts},
    sse,
};

use super::{call::Shape, upstream::UpstreamError};

/// A decoder for one answer.
#[derive(Debug)]
pub(crate) struct Framing {
    shape: Shape,
    decoder: Decoder,
}

#[derive(Debug)]
enum Decoder {
    Events(sse::Decoder),
    Array(array::Decoder),
}

impl Framing {
    pub(crate) fn of(shape: Shape) -> Self {
        let decoder = match shape {
            Shape::Array => Decoder::Array(array::Decoder::default()),
            Shape::Events
            | Shape::InteractionEvents
            | Shape::Document
            | Shape::Whole
            | Shape::Interaction
            | Shape::Download => Decoder::Events(sse::Decoder::default()),
        };
        Self { shape, decoder }
    }

    pub(crate) fn push(&mut self, bytes: Bytes) {
        match &mut self.decoder {
            Decoder::Events(decoder) => decoder.push(bytes),
            Decoder::Array(decoder) => decoder.push(bytes),
        }
    }

    /// The next whole event.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        match &mut self.decoder {
            Decoder::Events(decoder) => {
                decoder.next_event().map(|event| event.map(|event| event.data)).map_err(too_long)
            }
            Decoder::Array(decoder) => decoder.next_event().map_err(too_long),
        }
    }

    /// The last event, where the end of the stream stands for its end.
    pub(crate) fn finish(&mut self) -> Result<Option<Bytes>, UpstreamError> {
        match &mut self.decoder {
            Decoder::Events(decoder) => {
                decoder.finish().map(|event| event.map(|event| event.data)).map_err(too_long)
            }
            Decoder::Array(decoder) => decoder.finish().map_err(too_long),
        }
    }

    /// How many of the bytes pushed so far belong to an event that is not whole yet.
    pub(crate) fn pending(&self) -> usize {
        match &self.decoder {
            Decoder::Events(decoder) => decoder.pending(),
            Decoder::Array(decoder) => decoder.pending(),
        }
    }

    /// What the answer looks like.
    pub(crate) fn shape(&self) -> Shape {
        self.shape
    }

    /// What an event says to the gateway.
    pub(crate) fn facts(&self, event: &[u8]) -> Result<Facts, serde_json::Error> {
        self.shape.facts(event)
    }

    /// The bytes that tell a native client of `error` after its stream has begun.
    pub(crate) fn error(&self, error: &ApiError) -> Bytes {
        if self.shape == Shape::InteractionEvents {
            return interaction::error_event(error).into();
        }
        let (before, after): (&[u8], &[u8]) = match self.decoder {
            Decoder::Events(_) => (b"data: ", b"\r\n\r\n"),
            Decoder::Array(_) => (b",\r\n", b"\n]"),
        };
        [before, &gemini::error::encode_line(error), after].concat().into()
    }
}

fn too_long(_: sse::EventTooLong) -> UpstreamError {
    UpstreamError::TooLarge(sse::MAX_EVENT)
}
