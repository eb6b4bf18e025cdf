//! One question to Gemini, before a key has been chosen for it.

use bytes::Bytes;
use http::{HeaderMap, Method};
use pollux_pool::{
    id::ModelName,
    lease::{Form, Owner},
};
use pollux_translate::gemini::{glance::Glance, interaction, response::Facts};

use super::upload::Upload;

/// A request as it goes upstream, less the credential.
#[derive(Debug)]
pub struct Call {
    /// The HTTP method.
    pub method: Method,
    /// Path and query, from the leading slash; never holds a credential.
    pub path_and_query: String,
    /// Headers that go upstream as they are.
    pub headers: HeaderMap,
    /// The body, byte for byte.
    pub body: CallBody,
    /// The model whose quota the call uses.
    pub model: ModelName,
    /// What the answer will look like on the wire.
    pub shape: Shape,
    /// Whose resources the call names; `None` when any key will do.
    pub owner: Option<Owner>,
    /// Who made something in an earlier turn that only they may understand; others will do.
    pub prefer: Option<Owner>,
}

impl Call {
    /// The same call with another body.
    pub(crate) fn with_body(&self, body: impl Into<Bytes>) -> Self {
        Self {
            method: self.method.clone(),
            path_and_query: self.path_and_query.clone(),
            headers: self.headers.clone(),
            body: CallBody::Bytes(body.into()),
            model: self.model.clone(),
            shape: self.shape,
            owner: self.owner.clone(),
            prefer: self.prefer.clone(),
        }
    }
}

/// The body of a call.
#[derive(Debug)]
pub enum CallBody {
    /// All of it: it can be sent again.
    Bytes(Bytes),
    /// One that is still arriving: it can be sent once.
    Stream(Upload),
}

impl CallBody {
    /// The part of it that is at hand.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Stream(_) => &[],
        }
    }

    /// Whether it cannot be sent again.
    pub(crate) fn is_spent(&self) -> bool {
        match self {
            Self::Bytes(_) => false,
            Self::Stream(upload) => upload.is_taken(),
        }
    }
}

impl<T: Into<Bytes>> From<T> for CallBody {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into())
    }
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
    /// One interaction.
    Interaction,
    /// Server-sent events about an interaction.
    InteractionEvents,
    /// Bytes of any kind and length, or a redirect to where they are.
    Download,
}

impl Shape {
    /// Whether the answer arrives in pieces that mean something by themselves.
    pub fn is_stream(self) -> bool {
        match self {
            Self::Events | Self::Array | Self::InteractionEvents | Self::Download => true,
            Self::Document | Self::Whole | Self::Interaction => false,
        }
    }

    /// What the pool compares the time until its answer with.
    pub(super) fn form(self) -> Form {
        match self {
            Self::Whole => Form::Whole,
            Self::Events | Self::Array => Form::Pieces,
            Self::Document | Self::Interaction | Self::InteractionEvents | Self::Download => {
                Form::Other
            }
        }
    }

    /// Whether it is a stream of what a model generates, which can be asked for whole as well.
    pub(crate) fn is_generated_in_pieces(self) -> bool {
        matches!(self, Self::Events | Self::Array)
    }

    /// What a whole answer, or one event, says to the gateway.
    pub(crate) fn facts(self, body: &[u8]) -> Result<Facts, serde_json::Error> {
        match self {
            Self::Interaction | Self::InteractionEvents => Ok(interaction::facts(body)),
            // Its usage is read where it has one; that it lacks content says nothing.
            Self::Document | Self::Download => {
                let usage = Glance::parse(body).ok().and_then(|glance| glance.facts().usage);
                Ok(Facts { usage, has_content: true, ..Facts::default() })
            }
            Self::Whole | Self::Events | Self::Array => Ok(Glance::parse(body)?.facts()),
        }
    }
}
