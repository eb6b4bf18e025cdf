//! One question to Gemini, before a key has been chosen for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use pollux_pool::{id::ModelName, lease::Owner};

/// A request as it goes upstream, less the credential.
#[derive(Clone, Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// Path and query, from the leading slash; never holds a credential.
    pub path_and_query: String,
    /// Headers that go upstream as they are.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
    /// The model whose quota the call uses.
    pub model: ModelName,
    /// What the answer will look like on the wire.
    pub shape: Shape,
    /// Whose resources the call names; `None` when any key will do.
    pub owner: Option<Owner>,
}

/// What the body of a successful answer looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One JSON document whose meaning the gateway does not judge.
    Document,
    /// One `GenerateContentResponse`.
    Whole,
    /// Server-sent events, each a `GenerateContentResponse`.
    Events,
    /// A JSON array of `GenerateContentResponse` (streaming without `alt=sse`).
    Array,
}

impl Shape {
    /// Whether the answer arrives in pieces that mean something by themselves.
    pub fn is_stream(self) -> bool {
        matches!(self, Self::Events | Self::Array)
    }
}
