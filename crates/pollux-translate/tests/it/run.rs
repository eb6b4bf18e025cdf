//! The chat face as the gateway drives it.

use bytes::{Bytes, BytesMut};
use pollux_translate::error::{ApiError, Status};
use pollux_translate::gemini::error::ErrorBody;
use pollux_translate::gemini::response::Response;
use pollux_translate::openai::chat::{Context, Request, Stream};
use pollux_translate::sse;
use pollux_translate::stream::StreamTranslator;

/// A request that asks for nothing special.
pub(crate) const PLAIN: &[u8] =
    br#"{"model":"gemini-3-flash","messages":[{"role":"user","content":"Hi"}]}"#;

pub(crate) fn context(request: &Request<'_>) -> Context {
    Context::of(request, "chatcmpl-1".to_owned(), 1_700_000_000)
}

/// Cuts a stream of bytes into the data of its events.
pub(crate) fn events<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Bytes> {
    let mut decoder = sse::Decoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event().unwrap() {
            events.push(event.data);
        }
    }
    while let Some(event) = decoder.finish().unwrap() {
        events.push(event.data);
    }
    events
}

/// Translates a whole stream; an error event or one that cannot be read breaks it.
pub(crate) fn stream<'a>(context: Context, events: impl IntoIterator<Item = &'a [u8]>) -> BytesMut {
    let mut stream = Stream::new(context);
    let mut out = BytesMut::new();
    for event in events {
        match Response::parse(event) {
            Ok(response) if response.error.is_none() => stream.event(&response, &mut out),
            Ok(_) | Err(_) => {
                let unreadable = || ApiError::new(Status::Internal, "unreadable event");
                let body = ErrorBody::parse(event);
                let error = body.as_ref().map_or_else(unreadable, ApiError::from);
                stream.fail(&error, &mut out);
                return out;
            }
        }
    }
    stream.finish(&mut out);
    out
}
