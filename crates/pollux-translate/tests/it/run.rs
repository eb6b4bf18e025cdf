//! The chat face as the gateway drives it.

use bytes::{Bytes, BytesMut};
use pollux_translate::error::{ApiError, Status, TranslateError};
use pollux_translate::gemini::error::ErrorBody;
use pollux_translate::gemini::response::Response;
use pollux_translate::openai::chat::{
    self, Context, Known, Policy, Request, Stream, Translated, Wanted,
};
use pollux_translate::sse;
use pollux_translate::stream::{Source, StreamTranslator};

/// A request that asks for nothing special.
pub(crate) const PLAIN: &[u8] =
    br#"{"model":"gemini-3-flash","messages":[{"role":"user","content":"Hi"}]}"#;

/// Translates a request as a server without special wishes does.
pub(crate) fn translate<'r>(
    request: &'r Request<'_>,
    known: &'r Known,
) -> Result<Translated<'r>, TranslateError> {
    translate_by(request, &Policy::default(), known)
}

/// Translates a request as `policy` says.
pub(crate) fn translate_by<'r>(
    request: &'r Request<'_>,
    policy: &Policy,
    known: &'r Known,
) -> Result<Translated<'r>, TranslateError> {
    let wanted = if policy.suffixes {
        Wanted::parse(request.model(), |_| false)
    } else {
        Wanted::plain(request.model())
    };
    chat::to_gemini(request, &wanted, policy, known)
}

pub(crate) fn context(request: &Request<'_>, translated: &Translated<'_>) -> Context {
    Context::of(request, translated, "chatcmpl-1".to_owned(), 1_700_000_000)
}

/// What the answer to the plain request repeats.
pub(crate) fn plain() -> Context {
    let (request, known) = (Request::parse(PLAIN).unwrap(), Known::default());
    context(&request, &translate(&request, &known).unwrap())
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
            Ok(response) if response.error.is_none() => {
                stream.event(Source::default(), &response, &mut out);
            }
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
