//! Why a request got no answer, in terms that every face can put into its own dialect.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use pollux_pool::lease::Tiers;
use pollux_translate::error::{ApiError, Status, TranslateError};

/// A request that is answered with an error.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What the client is told; scrubbed of every secret.
    pub error: ApiError,
    /// Google's own body, scrubbed, for the face that speaks its dialect.
    pub original: Option<Box<Original>>,
    /// How many attempts were made upstream.
    pub attempts: u32,
}

/// An error body as Google sent it, scrubbed.
#[derive(Clone, Debug)]
pub struct Original {
    /// The headers that came with it.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

impl Failure {
    /// A failure that Pollux itself decided on.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self::with_http(status.http(), status, message)
    }

    /// A failure whose HTTP status says more than its canonical status does.
    pub fn with_http(http: u16, status: Status, message: impl Into<String>) -> Self {
        let error = ApiError {
            http,
            status,
            message: message.into(),
            param: None,
            code: None,
            retry_after: None,
        };
        Self { error, original: None, attempts: 0 }
    }

    /// The request carried no credential.
    pub fn no_credential() -> Self {
        Self::new(
            Status::Unauthenticated,
            "no access key was sent: put it in `Authorization: Bearer KEY`, `x-api-key` or `x-goog-api-key`",
        )
    }

    /// The credential is not known here.
    pub fn unknown_credential() -> Self {
        Self::new(Status::Unauthenticated, "the access key is not valid for this server")
    }

    /// Nothing is served at this path.
    pub fn no_route(method: &http::Method, path: &str) -> Self {
        Self::new(Status::NotFound, format!("nothing is served at {method} {path}"))
    }

    /// The path exists, but not for this method.
    pub fn wrong_method(method: &http::Method, path: &str) -> Self {
        Self::with_http(405, Status::InvalidArgument, format!("{path} does not take {method}"))
    }

    /// The body is larger than `limit` bytes.
    pub fn too_large(limit: impl std::fmt::Display) -> Self {
        Self::with_http(
            413,
            Status::InvalidArgument,
            format!("the request body is larger than the {limit} bytes this server takes"),
        )
    }

    /// What the request becomes upstream is larger than Google takes.
    pub fn too_large_upstream(size: usize, limit: usize) -> Self {
        Self::with_http(
            413,
            Status::InvalidArgument,
            format!(
                "the files make a request of {size} bytes, and Google takes {limit}; \
                 send smaller or more compressed ones"
            ),
        )
    }

    /// The client was too slow in sending its body.
    pub fn slow_body() -> Self {
        Self::with_http(408, Status::DeadlineExceeded, "the request body did not arrive in time")
    }

    /// The client broke off while sending its body.
    pub fn broken_body() -> Self {
        Self::new(Status::InvalidArgument, "the request body could not be read to its end")
    }

    /// No key of the pool could ever serve the request.
    pub fn no_usable_key(model: &str) -> Self {
        Self::new(
            Status::Unavailable,
            format!(
                "no key in the pool can serve {model}: each is revoked, or the model is not available to it"
            ),
        )
    }

    /// No key of the tiers that the client asked for could ever serve the request.
    pub fn no_tier(model: &str, tiers: Tiers) -> Self {
        Self::new(
            Status::Unavailable,
            format!(
                "no key that `x-pollux-tier: {tiers}` admits can serve this request for {model}; \
                 leave the header out, or add such a key"
            ),
        )
    }

    /// No key of the project that owns what the request names could serve it.
    pub fn no_owner() -> Self {
        Self::new(
            Status::Unavailable,
            "what the request names belongs to a project of which no key is usable now; \
             bring its key back, or create it anew",
        )
    }

    /// The request names what belongs to several projects, of which each can serve only its own.
    pub fn several_owners(one: &str, other: &str) -> Self {
        Self::new(
            Status::InvalidArgument,
            format!(
                "{one} and {other} belong to different projects, and one request can only name what \
                 belongs to one: create one of them again in a request that names the other, \
                 or send both inline"
            ),
        )
    }

    /// Whose the named resources are could not be looked up.
    pub fn no_look_up() -> Self {
        Self::new(
            Status::Unavailable,
            "whose the named resources are could not be looked up; send the request again",
        )
    }

    /// Google refused each key that was tried.
    pub fn keys_refused(model: &str) -> Self {
        Self::new(
            Status::Unavailable,
            format!(
                "Google refused the keys that were tried for {model}; others may serve it when asked again"
            ),
        )
    }

    /// Every key is cooling down, the first one for `wait` more.
    pub fn all_cooling(model: &str, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let mut failure = Self::new(
            Status::ResourceExhausted,
            format!("every key is out of quota for {model}; the first is back in {seconds} s"),
        );
        failure.error.retry_after = Some(wait);
        failure
    }

    /// The server is stopping.
    pub fn stopping() -> Self {
        Self::new(Status::Unavailable, "the server is shutting down; send the request again")
    }
}

impl From<TranslateError> for Failure {
    fn from(error: TranslateError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self { error, original: None, attempts: 0 }
    }
}
