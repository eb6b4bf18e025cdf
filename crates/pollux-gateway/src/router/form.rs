//! Requests that two servers in a row could read in two ways: they are refused, not guessed at.
//!
//! What is no HTTP at all never comes here. Behind a proxy that reads such a request differently,
//! the rest of it would be taken for the next one, from somebody else.

use http::{HeaderMap, HeaderValue, Method, Request, Version, header, uri::Authority};
use pollux_translate::error::Status;

use crate::failure::Failure;

/// Methods that mean something here; all others are in other letters, or for other servers.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PATCH,
    Method::PUT,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
];

/// # Errors
/// 400 for a request whose length or host is not plain, 417 for an expectation that nobody meets,
/// 405 for a method that nobody knows.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Failure> {
    if !METHODS.contains(request.method()) {
        return Err(Failure::wrong_method(request.method(), request.uri().path()));
    }
    check_length(request.headers())?;
    check_host(request)?;
    let mut expected = request.headers().get_all(header::EXPECT).iter();
    if expected.any(|it| !it.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        let message = "`expect` takes 100-continue and nothing else";
        return Err(Failure::with_http(417, Status::InvalidArgument, message));
    }
    Ok(())
}

fn check_length(headers: &HeaderMap) -> Result<(), Failure> {
    let mut encodings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let Some(encoding) = encodings.next() else { return Ok(()) };
    if !encoding.as_bytes().eq_ignore_ascii_case(b"chunked") || encodings.next().is_some() {
        return Err(refused("`transfer-encoding` takes the one word chunked, once"));
    }
    if headers.contains_key(header::CONTENT_LENGTH) {
        return Err(refused("a request has `transfer-encoding` or `content-length`, not both"));
    }
    Ok(())
}

fn check_host<B>(request: &Request<B>) -> Result<(), Failure> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (host, again) = (hosts.next(), hosts.next());
    if again.is_some() {
        return Err(refused("a request has one `host`"));
    }
    let Some(host) = host else {
        // Other versions need none, or say it elsewhere.
        let is_needed = request.version() == Version::HTTP_11;
        return if is_needed { Err(refused("a request has a `host`")) } else { Ok(()) };
    };
    let Some(host) = authority(host) else {
        return Err(refused("`host` takes a name and perhaps a port"));
    };
    match request.uri().authority() {
        Some(other) if !other.as_str().eq_ignore_ascii_case(host.as_str()) => {
            Err(refused("`host` and the address that is asked for are not the same"))
        }
        Some(_) | None => Ok(()),
    }
}

fn authority(host: &HeaderValue) -> Option<Authority> {
    let host: Authority = host.to_str().ok()?.parse().ok()?;
    (!host.as_str().contains('@')).then_some(host)
}

fn refused(message: &str) -> Failure {
    Failure::new(Status::InvalidArgument, message)
}
