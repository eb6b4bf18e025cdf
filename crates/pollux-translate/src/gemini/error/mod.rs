//! Google's error bodies, read in all the wrappings they come in, and written for native clients.

mod detail;
mod quota;
#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::duration;
use crate::error::{ApiError, Status};

pub use detail::{Detail, FieldViolation, Link, QuotaViolation};
pub use quota::Quota;

/// How deep an error may be wrapped in lists, objects and strings.
const MAX_WRAPPING: usize = 6;

/// An error as Google describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorBody {
    /// The HTTP status the body names, or that its status implies; 0 when it says neither.
    pub code: u16,
    /// The canonical code, if the body names one that is known.
    pub status: Option<Status>,
    /// The status as written, or the string code of the Interactions API; empty when absent.
    pub status_text: String,
    /// What went wrong, in words.
    pub message: String,
    /// The details, in order.
    pub details: Vec<Detail>,
}

impl ErrorBody {
    /// Reads an error; `None` when the body holds none, as HTML and empty bodies do.
    ///
    /// A list yields its first element, and a message that is itself an error body is unwrapped.
    pub fn parse(body: &[u8]) -> Option<Self> {
        dig(&serde_json::from_slice(body).ok()?, MAX_WRAPPING)
    }

    /// Returns the first `ErrorInfo` reason, for example `API_KEY_INVALID`.
    pub fn reason(&self) -> Option<&str> {
        self.details.iter().find_map(Detail::reason)
    }

    /// Returns the violated quotas, in order.
    pub fn quota_violations(&self) -> impl Iterator<Item = &QuotaViolation> {
        self.details.iter().flat_map(Detail::quota_violations)
    }

    /// Returns the delay that `RetryInfo` asks for; Google rounds it down to whole seconds.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.details.iter().find_map(Detail::retry_delay)
    }

    /// Returns the delay in the message's `Please retry in 48.93s`, which is exact.
    pub fn message_delay(&self) -> Option<Duration> {
        let message = self.message.to_ascii_lowercase();
        let (_, after) = message.split_once("retry in ")?;
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '.');
        let word = after.get(..end.unwrap_or(after.len()))?;
        duration::parse(word.trim_end_matches('.'))
    }

    /// Returns the error for a client, for an answer that came with the HTTP status `http`.
    pub fn to_api_error(&self, http: u16) -> ApiError {
        let status = self.status.unwrap_or_else(|| Status::from_http(http));
        ApiError {
            http,
            retry_after: self.message_delay().or_else(|| self.retry_delay()),
            ..ApiError::new(status, self.message.clone())
        }
    }
}

impl From<&ErrorBody> for ApiError {
    /// Takes the HTTP status from the body; 500 when it names none that is an error.
    fn from(body: &ErrorBody) -> Self {
        let http = if (400..600).contains(&body.code) { body.code } else { 500 };
        body.to_api_error(http)
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    message: &'a str,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<detail::Wire<'a>>,
}

/// Writes an error as Google does, over several lines; the wait goes out as `RetryInfo`.
pub fn encode(error: &ApiError) -> Vec<u8> {
    let mut encoded = serde_json::to_vec_pretty(&envelope(error)).unwrap_or_default();
    encoded.push(b'\n');
    encoded
}

/// Writes an error on one line, as the data of an event.
pub fn encode_line(error: &ApiError) -> Vec<u8> {
    serde_json::to_vec(&envelope(error)).unwrap_or_default()
}

fn envelope(error: &ApiError) -> Envelope<'_> {
    let field = error.param.as_deref().map(|field| detail::Wire::field(field, &error.message));
    Envelope {
        error: Body {
            code: error.http,
            message: &error.message,
            status: error.status.as_str(),
            details: field.into_iter().chain(error.retry_after.map(detail::Wire::retry)).collect(),
        },
    }
}

fn dig(value: &Value, depth: usize) -> Option<ErrorBody> {
    let depth = depth.checked_sub(1)?;
    if let Some(list) = value.as_array() {
        return dig(list.first()?, depth);
    }
    if let Some(text) = value.as_str() {
        return dig(&serde_json::from_str(text).ok()?, depth);
    }
    if let Some(inner) = value.get("error") {
        return dig(inner, depth).or_else(|| plain(inner));
    }
    let message = value.get("message").and_then(Value::as_str);
    if let Some(inner) = message.and_then(|text| serde_json::from_str(text).ok())
        && let Some(body) = dig(&inner, depth)
    {
        return Some(body);
    }
    let code = value.get("code").or_else(|| value.get("status"))?;
    (message.is_some() || code.is_u64()).then(|| body(value))
}

/// Reads an `error` that is only a text.
fn plain(value: &Value) -> Option<ErrorBody> {
    let message = value.as_str().filter(|text| !text.is_empty())?.to_owned();
    Some(ErrorBody { message, ..ErrorBody::default() })
}

fn body(value: &Value) -> ErrorBody {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let string_code = text("code").filter(|code| code.parse::<u16>().is_err());
    let status_text = text("status").or(string_code).unwrap_or_default();
    let status = Status::parse(status_text).or_else(|| string_code.and_then(interactions_status));
    let number = value.get("code").and_then(|code| {
        code.as_u64().or_else(|| code.as_str().and_then(|text| text.parse().ok()))
    });
    let code = number.and_then(|number| u16::try_from(number).ok());
    let details = value.get("details").and_then(Value::as_array);
    ErrorBody {
        code: code.unwrap_or_else(|| status.map_or(0, Status::http)),
        status,
        status_text: status_text.to_owned(),
        message: text("message").unwrap_or_default().to_owned(),
        details: details.into_iter().flatten().map(Detail::read).collect(),
    }
}

/// Maps the string codes of the Interactions API, as far as they are known.
fn interactions_status(code: &str) -> Option<Status> {
    match code {
        "invalid_request" | "invalid_argument" => Some(Status::InvalidArgument),
        "authentication_error" | "unauthenticated" => Some(Status::Unauthenticated),
        "permission_denied" => Some(Status::PermissionDenied),
        "not_found" => Some(Status::NotFound),
        "rate_limit_exceeded" | "resource_exhausted" => Some(Status::ResourceExhausted),
        "cancelled" => Some(Status::Cancelled),
        "internal" | "internal_error" => Some(Status::Internal),
        "unavailable" | "overloaded" => Some(Status::Unavailable),
        "deadline_exceeded" => Some(Status::DeadlineExceeded),
        _ => None,
    }
}
