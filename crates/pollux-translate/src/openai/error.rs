//! Errors in OpenAI's shape.

use serde::Serialize;

use crate::error::ApiError;
use crate::text::json;

/// The error object that a body or a stream's error event carries.
#[derive(Serialize)]
pub(super) struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    message: &'a str,
    r#type: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

/// Writes an error as OpenAI does: `{"error":{"message","type","param","code"}}`.
pub fn encode(error: &ApiError) -> Vec<u8> {
    json(&envelope(error))
}

pub(super) fn envelope(error: &ApiError) -> Envelope<'_> {
    let (kind, code) = kind_and_code(error);
    Envelope {
        error: Body {
            message: &error.message,
            r#type: kind,
            param: error.param.as_deref(),
            code: error.code.or(code),
        },
    }
}

/// Returns the type and code that OpenAI's clients expect with an HTTP status.
fn kind_and_code(error: &ApiError) -> (&'static str, Option<&'static str>) {
    match error.http {
        401 => ("authentication_error", Some("invalid_api_key")),
        403 => ("permission_error", None),
        404 if is_about_model(error) => ("invalid_request_error", Some("model_not_found")),
        413 => ("invalid_request_error", Some("request_too_large")),
        429 => ("rate_limit_error", Some("rate_limit_exceeded")),
        400..=499 => ("invalid_request_error", None),
        _ => ("server_error", None),
    }
}

fn is_about_model(error: &ApiError) -> bool {
    error.param.as_deref() == Some("model") || error.message.contains("models/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Status, TranslateError};

    #[track_caller]
    fn check(error: &ApiError, want: &str) {
        assert_eq!(String::from_utf8(encode(error)).unwrap(), want);
    }

    #[test]
    fn each_status_has_the_type_and_code_that_clients_expect() {
        for (status, rest) in [
            (Status::InvalidArgument, r#""invalid_request_error","param":null,"code":null"#),
            (
                Status::Unauthenticated,
                r#""authentication_error","param":null,"code":"invalid_api_key""#,
            ),
            (Status::PermissionDenied, r#""permission_error","param":null,"code":null"#),
            (Status::NotFound, r#""invalid_request_error","param":null,"code":null"#),
            (
                Status::ResourceExhausted,
                r#""rate_limit_error","param":null,"code":"rate_limit_exceeded""#,
            ),
            (Status::Unavailable, r#""server_error","param":null,"code":null"#),
        ] {
            let want = format!(r#"{{"error":{{"message":"no","type":{rest}}}}}"#);
            check(&ApiError::new(status, "no"), &want);
        }
    }

    #[test]
    fn a_missing_model_is_told_from_a_missing_path() {
        let message = "models/x is not found for API version v1beta";
        let error = ApiError::new(Status::NotFound, message);
        let rest = r#""type":"invalid_request_error","param":null,"code":"model_not_found""#;
        check(&error, &format!(r#"{{"error":{{"message":"{message}",{rest}}}}}"#));
    }

    #[test]
    fn a_field_at_fault_and_a_code_of_its_own_are_kept() {
        let mut error = ApiError::from(TranslateError::at("n", "too small"));
        error.code = Some("integer_below_min_value");
        let rest = r#""param":"n","code":"integer_below_min_value""#;
        let want = format!(
            r#"{{"error":{{"message":"too small","type":"invalid_request_error",{rest}}}}}"#
        );
        check(&error, &want);
    }
}
