//! What goes back over HTTP: status, kind of content, pieces, timing.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, SERVER, VARY};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use super::body::{Ending, Pieces};
use crate::Recording;
use crate::refusal::Refusal;

/// The form in which a client wants a method answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object.
    Whole,
    /// Events.
    Events,
    /// A JSON array in pieces.
    Array,
}

/// An answer, ready to be sent.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: StatusCode,
    headers: HeaderMap,
    pub(super) pieces: Vec<Bytes>,
    pub(super) first_byte: Duration,
    pub(super) pause: Duration,
    pub(super) ending: Ending,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=UTF-8");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=UTF-8");

impl Reply {
    /// 200 in pieces.
    pub(super) fn pieces(form: Form, pieces: Vec<Bytes>) -> Self {
        Self::new(StatusCode::OK, form, pieces)
    }

    /// 200 with one JSON object.
    pub(super) fn whole(body: Vec<u8>) -> Self {
        Self::new(StatusCode::OK, Form::Whole, vec![body.into()])
    }

    /// A refusal before the first byte. Recorded ones keep the content type of
    /// the stream they replace, and an array wraps them.
    pub(super) fn refusal(refusal: &Refusal, form: Form) -> Self {
        let status = StatusCode::from_u16(refusal.code()).unwrap_or(StatusCode::BAD_REQUEST);
        let body = match form {
            Form::Whole | Form::Events => refusal.whole(),
            Form::Array => refusal.in_array(),
        };
        let mut reply = Self::new(status, form, vec![body.into()]);
        reply.headers.remove(CONTENT_DISPOSITION);
        reply
    }

    /// A page for people.
    pub(super) fn html(status: StatusCode, body: &'static str) -> Self {
        let mut reply = Self::new(status, Form::Whole, vec![Bytes::from_static(body.as_bytes())]);
        reply.headers = HeaderMap::from_iter([(CONTENT_TYPE, HTML)]);
        reply
    }

    /// A status of the simulator's own interface, with or without JSON.
    pub(super) fn control(status: StatusCode, body: Vec<u8>) -> Self {
        let mut reply = Self::new(status, Form::Whole, vec![body.into()]);
        reply.headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
        reply
    }

    /// Bytes of any kind.
    pub(super) fn bytes(status: StatusCode, kind: &str, bytes: Bytes) -> Self {
        let pieces = if bytes.is_empty() { Vec::new() } else { vec![bytes] };
        Self::new(status, Form::Whole, pieces).header("content-type", kind)
    }

    /// The same with a header; one whose value cannot be sent is left out.
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }

    /// A recorded answer.
    pub(super) fn recorded(recording: &Recording) -> Self {
        Self {
            headers: recording.headers.clone(),
            ..Self::new(recording.status, Form::Whole, vec![recording.body.clone()])
        }
    }

    fn new(status: StatusCode, form: Form, pieces: Vec<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(10);
        headers.insert(CONTENT_TYPE, if form == Form::Events { EVENTS } else { JSON });
        if form == Form::Events {
            headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
        }
        headers.extend(ALWAYS.map(|(name, value)| (name, HeaderValue::from_static(value))));
        Self {
            status,
            headers,
            pieces,
            first_byte: Duration::ZERO,
            pause: Duration::ZERO,
            ending: Ending::Complete,
        }
    }

    /// The response, whose body reports to nobody yet.
    pub(super) fn into_response(self) -> Response<Pieces> {
        let mut response = Response::new(Pieces::new(self.pieces, self.pause, self.ending));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// Headers of every answer since mid-2026.
const ALWAYS: [(HeaderName, &str); 7] = [
    (HeaderName::from_static("x-gemini-service-tier"), "standard"),
    (VARY, "Origin, X-Origin, Referer"),
    (SERVER, "scaffolding on HTTPServer2"),
    (HeaderName::from_static("x-xss-protection"), "0"),
    (HeaderName::from_static("x-frame-options"), "SAMEORIGIN"),
    (HeaderName::from_static("x-content-type-options"), "nosniff"),
    (HeaderName::from_static("server-timing"), "gfet4t7; dur=1"),
];
