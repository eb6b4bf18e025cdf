//! Errors in Anthropic's shape.

use serde::Serialize;

use crate::error::ApiError;
use crate::text::json;

/// Writes an error as Anthropic does: `{"type":"error","error":{..},"request_id":".."}`.
pub fn encode(error: &ApiError, request_id: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        r#type: &'static str,
        error: Body<'a>,
        request_id: &'a str,
    }

    #[derive(Serialize)]
    struct Body<'a> {
        r#type: &'static str,
        message: &'a str,
    }

    let body = Body { r#type: kind(error.http), message: &error.message };
    json(&Envelope { r#type: "error", error: body, request_id })
}

/// Returns the error type that Anthropic's clients expect with an HTTP status.
fn kind(http: u16) -> &'static str {
    match http {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        408 | 504 => "timeout_error",
        503 | 529 => "overloaded_error",
        400..=499 => "invalid_request_error",
        _ => "api_error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Status;

    #[track_caller]
    fn check(status: Status, kind: &str) {
        let encoded = encode(&ApiError::new(status, "no"), "req_1");
        let want = format!(
            r#"{{"type":"error","error":{{"type":"{kind}","message":"no"}},"request_id":"req_1"}}"#
        );
        assert_eq!(String::from_utf8(encoded).unwrap(), want);
    }

    #[test]
    fn each_status_has_the_type_that_clients_expect() {
        check(Status::InvalidArgument, "invalid_request_error");
        check(Status::Unauthenticated, "authentication_error");
        check(Status::PermissionDenied, "permission_error");
        check(Status::NotFound, "not_found_error");
        check(Status::ResourceExhausted, "rate_limit_error");
        check(Status::DeadlineExceeded, "timeout_error");
        check(Status::Unavailable, "overloaded_error");
        check(Status::Internal, "api_error");
    }
}
