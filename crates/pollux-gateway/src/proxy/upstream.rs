//! The seam to Gemini: a call and a secret go out, a head and a streaming body come back.

use std::fmt;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use http_body_util::combinators::UnsyncBoxBody;
use pollux_store::secret::Secret;

use super::call::Call;
use crate::{
    egress::Egress,
    fetch::guard::{Guard, Target},
};

/// The body of an upstream answer; dropping it ends the upstream call.
pub type UpstreamBody = UnsyncBoxBody<Bytes, UpstreamError>;

/// Sends calls to Gemini; an edge implements it on its platform's HTTP client.
pub trait Upstream: fmt::Debug + Send + Sync {
    /// Sends `call` with `secret` as its only credential and resolves at the head of the answer.
    ///
    /// It goes by `via` and by no other way; a proxy that cannot be used is
    /// [`UpstreamError::Connect`], and so is a Gemini that cannot be reached through it.
    fn send<'a>(
        &'a self,
        call: &'a Call,
        secret: &'a Secret,
        via: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>>;

    /// Asks for a file elsewhere, without any credential, and resolves at the head of the answer.
    ///
    /// Dials only addresses that `guard` admits for `target`, and follows no redirect.
    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        guard: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>>;
}

/// The upstream could not be reached or did not finish its answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// No connection could be made.
    #[error("cannot connect to the upstream: {0}")]
    Connect(String),
    /// It cannot be put on the wire; nothing was sent.
    #[error("{0} cannot be sent")]
    Unsendable(&'static str),
    /// Nothing arrived for longer than the configured time.
    #[error("the upstream was silent for too long")]
    Timeout,
    /// The connection broke before the answer was complete.
    #[error("the upstream connection broke: {0}")]
    Broken(String),
    /// The answer is larger than the gateway holds in memory.
    #[error("the upstream answer is larger than {0} bytes")]
    TooLarge(usize),
}
