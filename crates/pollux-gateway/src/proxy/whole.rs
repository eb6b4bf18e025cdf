//! Streams that are made of a whole answer, where clients are to have no other.
//!
//! To the rest of the gateway such an answer is a stream of one event. While it is waited
//! for, the client may already have its status: [`Late`] is the body of that time.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, ready},
};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http::{HeaderValue, header};
use http_body::Body;
use pollux_translate::{compact::compact, gemini::response::Facts};

use super::{
    body::Polled,
    call::Shape,
    commit::{AnswerBody, Opened},
    framing::Framing,
    send::Sent,
};

const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");

/// A body that is not there yet.
pub(crate) enum Late<B> {
    Awaited(BoxFuture<'static, B>),
    Here(B),
}

impl<B> Body for Late<B>
where
    B: Body<Data = Bytes, Error = Infallible> + Unpin,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        if let Self::Awaited(awaited) = &mut *self {
            let body = ready!(awaited.as_mut().poll(cx));
            *self = Self::Here(body);
        }
        match &mut *self {
            Self::Here(body) => Pin::new(body).poll_frame(cx),
            Self::Awaited(_) => std::task::Poll::Pending,
        }
    }
}

impl<B: fmt::Debug> fmt::Debug for Late<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Awaited(_) => f.write_str("Awaited"),
            Self::Here(body) => f.debug_tuple("Here").field(body).finish(),
        }
    }
}

/// A whole answer as a stream whose one event has been read; its raw bytes are not needed.
pub(crate) fn opened(body: Bytes, facts: Facts) -> Opened {
    let framing = Framing::of(Shape::Events);
    Opened { raw: BytesMut::new(), events: vec![body], framing, rest: None, facts }
}

/// A whole answer as Gemini would have sent it in a stream of `shape`; others stay as they are.
pub(crate) fn framed(mut sent: Sent, shape: Shape) -> Sent {
    sent.answer.body = match sent.answer.body {
        AnswerBody::Whole { body, facts } => {
            let mut raw = BytesMut::with_capacity(body.len());
            if shape == Shape::Array {
                raw.extend_from_slice(b"[");
                raw.extend_from_slice(body.trim_ascii());
                raw.extend_from_slice(b"\n]");
            } else {
                raw.extend_from_slice(b"data: ");
                raw.extend_from_slice(&compact(&body));
                raw.extend_from_slice(b"\r\n\r\n");
                sent.answer.headers.insert(header::CONTENT_TYPE, EVENTS);
            }
            let framing = Framing::of(shape);
            AnswerBody::Stream(Box::new(Opened { raw, framing, ..opened(body, facts) }))
        }
        body @ (AnswerBody::Stream(_) | AnswerBody::Bytes(_)) => body,
    };
    sent
}
