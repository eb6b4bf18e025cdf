//! Why a request got no answer, in terms that every face can put into its own dialect.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use pollux_pool::{
    lease::Tiers,
    limit::{Refused, Subject, Unit},
};
use pollux_translate::error::{ApiError, Status, TranslateError};

/// So many models are named to who may ask only some.
const MAX_NAMED: usize = 10;

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
        let seconds = whole_seconds(wait);
        let mut failure = Self::new(
            Status::ResourceExhausted,
            format!("every key is out of quota for {model}; the first is back in {seconds} s"),
        );
        failure.error.retry_after = Some(wait);
        failure
    }

    /// The access key is good no more: another took its place, or its time is over.
    pub fn key_over(why: &str) -> Self {
        Self::new(
            Status::Unauthenticated,
            format!("this access key {why}; ask whoever runs this server for another one"),
        )
    }

    /// The user may not do this.
    pub fn not_allowed(why: impl Into<String>) -> Self {
        Self::new(Status::PermissionDenied, why)
    }

    /// The user may ask other models only.
    pub fn model_not_allowed(model: &str, allowed: &[String]) -> Self {
        let some = allowed.iter().take(MAX_NAMED).map(String::as_str).collect::<Vec<_>>();
        let more = if allowed.len() > some.len() { ", ..." } else { "" };
        let allowed = some.join(", ");
        let message = format!(
            "this access key may not ask {model}; the models it may ask are: {allowed}{more}"
        );
        let mut failure = Self::not_allowed(message);
        failure.error.param = Some("model".to_owned());
        failure
    }

    /// A limit is reached; there is room again after `wait`, or never by itself.
    pub fn limit_reached(refused: &Refused, wait: Option<Duration>) -> Self {
        let Refused { subject, rule, cost, left, until: _ } = *refused;
        let who = match subject {
            Subject::User(_) => "this access key",
            Subject::Pool(_) => "all users of this pool together",
        };
        let counted = rule.what.counted().filter(|(unit, _)| *unit != Unit::Requests);
        let measured = counted.map(|(unit, _)| {
            let (cost, left) = (unit.amount(cost), unit.amount(left));
            format!(", of which {left} are left; this request may take {cost}")
        });
        let measured = measured.unwrap_or_default();
        let advice = match wait {
            Some(wait) => format!("try again in {} s", whole_seconds(wait)),
            None if cost <= rule.value => "ask whoever runs this server for more".to_owned(),
            None => "so much is never left: ask for less, such as fewer output tokens".to_owned(),
        };
        let message = format!("{who} may use {rule}{measured}; {advice}");
        let mut failure = Self::new(Status::ResourceExhausted, message);
        failure.error.retry_after = wait;
        // Clients of OpenAI's dialect do not try again after this word.
        failure.error.code = wait.is_none().then_some("insufficient_quota");
        failure
    }

    /// The server is stopping.
    pub fn stopping() -> Self {
        Self::new(Status::Unavailable, "the server is shutting down; send the request again")
    }
}

/// The seconds of a wait, rounded up: who comes too early is refused again.
pub(crate) fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
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
