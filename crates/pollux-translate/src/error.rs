//! Errors before they are put into a dialect.

use std::time::Duration;

/// Google's canonical error codes, as in `google.rpc.Code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The request itself is wrong.
    InvalidArgument,
    /// The system is not in the state the request needs.
    FailedPrecondition,
    /// A value is past its valid range.
    OutOfRange,
    /// The credential is missing or not accepted.
    Unauthenticated,
    /// The caller may not do this.
    PermissionDenied,
    /// The named thing does not exist.
    NotFound,
    /// The thing to create exists already.
    AlreadyExists,
    /// A conflict with another request.
    Aborted,
    /// A quota or rate is used up.
    ResourceExhausted,
    /// The caller went away.
    Cancelled,
    /// Data is lost or corrupt.
    DataLoss,
    /// Nothing is known about the cause.
    Unknown,
    /// A fault inside the service.
    Internal,
    /// The operation is not offered.
    Unimplemented,
    /// The service cannot take the request now.
    Unavailable,
    /// Time ran out.
    DeadlineExceeded,
}

impl Status {
    const ALL: [Self; 16] = [
        Self::InvalidArgument,
        Self::FailedPrecondition,
        Self::OutOfRange,
        Self::Unauthenticated,
        Self::PermissionDenied,
        Self::NotFound,
        Self::AlreadyExists,
        Self::Aborted,
        Self::ResourceExhausted,
        Self::Cancelled,
        Self::DataLoss,
        Self::Unknown,
        Self::Internal,
        Self::Unimplemented,
        Self::Unavailable,
        Self::DeadlineExceeded,
    ];

    /// Returns the name on the wire, for example `INVALID_ARGUMENT`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "INVALID_ARGUMENT",
            Self::FailedPrecondition => "FAILED_PRECONDITION",
            Self::OutOfRange => "OUT_OF_RANGE",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::PermissionDenied => "PERMISSION_DENIED",
            Self::NotFound => "NOT_FOUND",
            Self::AlreadyExists => "ALREADY_EXISTS",
            Self::Aborted => "ABORTED",
            Self::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Self::Cancelled => "CANCELLED",
            Self::DataLoss => "DATA_LOSS",
            Self::Unknown => "UNKNOWN",
            Self::Internal => "INTERNAL",
            Self::Unimplemented => "UNIMPLEMENTED",
            Self::Unavailable => "UNAVAILABLE",
            Self::DeadlineExceeded => "DEADLINE_EXCEEDED",
        }
    }

    /// Reads a name on the wire; `None` when Google does not define it.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }

    /// Returns the HTTP status Google sends with this code.
    pub fn http(self) -> u16 {
        match self {
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Cancelled => 499,
            Self::DataLoss | Self::Unknown | Self::Internal => 500,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }

    /// Returns the code that fits an HTTP status best; `Unknown` for anything but 4xx and 5xx.
    pub fn from_http(http: u16) -> Self {
        match http {
            401 => Self::Unauthenticated,
            403 => Self::PermissionDenied,
            404 => Self::NotFound,
            408 | 504 => Self::DeadlineExceeded,
            409 => Self::Aborted,
            429 => Self::ResourceExhausted,
            499 => Self::Cancelled,
            501 => Self::Unimplemented,
            502 | 503 | 529 => Self::Unavailable,
            400..=498 => Self::InvalidArgument,
            500..=599 => Self::Internal,
            _ => Self::Unknown,
        }
    }
}

/// An error on its way to a client, before it takes a dialect's shape.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// The HTTP status of the answer.
    pub http: u16,
    /// The canonical code.
    pub status: Status,
    /// What the client's user reads.
    pub message: String,
    /// The request field at fault, if one is.
    pub param: Option<String>,
    /// A machine-readable code that overrides the one the dialect derives from the status.
    pub code: Option<&'static str>,
    /// How long to wait before another attempt, if that is known.
    pub retry_after: Option<Duration>,
}

impl ApiError {
    /// Makes an error with the HTTP status that goes with `status`.
    pub fn new(status: Status, message: impl Into<String>) -> Self {
        Self {
            http: status.http(),
            status,
            message: message.into(),
            param: None,
            code: None,
            retry_after: None,
        }
    }
}

/// A request that cannot be translated, in the words of the client's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TranslateError {
    /// What is wrong and what is allowed.
    pub message: String,
    /// The field at fault, for example `messages[0].content`; absent when it is the whole body.
    pub param: Option<String>,
}

impl TranslateError {
    /// Makes an error about one field.
    pub fn at(param: impl Into<String>, message: impl Into<String>) -> Self {
        Self { message: message.into(), param: Some(param.into()) }
    }

    /// Makes an error about the request as a whole.
    pub fn whole(message: impl Into<String>) -> Self {
        Self { message: message.into(), param: None }
    }
}

impl From<TranslateError> for ApiError {
    fn from(error: TranslateError) -> Self {
        let TranslateError { message, param } = error;
        Self { param, ..Self::new(Status::InvalidArgument, message) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_reads_back_its_own_name() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        assert_eq!(Status::parse("BUSY"), None);
    }

    #[test]
    fn an_http_status_maps_to_a_code_of_the_same_class() {
        for http in 400..600 {
            let class = Status::from_http(http).http() / 100;
            assert!(class == http / 100 || http == 408, "{http}");
        }
        assert_eq!(Status::from_http(413), Status::InvalidArgument);
    }
}
