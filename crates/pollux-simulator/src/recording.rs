//! Recorded exchanges, answered again byte for byte.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::RecordingError;

/// The answer of a recorded exchange.
///
/// A recorded `sse` or `text` is sent as it is; a recorded `body` is JSON and
/// is sent as it stands in the recording. Headers that describe the recorded
/// transport are left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Deserialize)]
struct Exchange {
    response: Answer,
}

#[derive(Deserialize)]
struct Answer {
    status: u16,
    #[serde(default)]
    headers: Option<std::collections::BTreeMap<String, String>>,
    body: Option<Box<RawValue>>,
    sse: Option<String>,
    text: Option<String>,
}

/// Headers that belong to the recorded connection, not to the answer.
const TRANSPORT: [&str; 6] =
    ["content-encoding", "content-length", "transfer-encoding", "connection", "date", "keep-alive"];

impl Recording {
    /// Reads one exchange: `{"response": {"status", "headers", "body" | "sse" | "text"}}`.
    pub fn read(json: &[u8]) -> Result<Self, RecordingError> {
        let Exchange { response } = serde_json::from_slice(json)?;
        let body = match (response.sse, response.text, response.body) {
            (Some(text), _, _) | (None, Some(text), _) => Bytes::from(text),
            (None, None, Some(body)) => Bytes::from(String::from(Box::<str>::from(body))),
            (None, None, None) => return Err(RecordingError::Bodiless),
        };
        let mut headers = HeaderMap::new();
        for (name, value) in response.headers.unwrap_or_default() {
            let name = HeaderName::try_from(name).map_err(http::Error::from)?;
            if TRANSPORT.contains(&name.as_str()) {
                continue;
            }
            headers.insert(name, HeaderValue::try_from(value).map_err(http::Error::from)?);
        }
        let status = StatusCode::from_u16(response.status).map_err(http::Error::from)?;
        Ok(Self { status, headers, body })
    }

    /// The body as it will be sent.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}
