//! Which headers cross the gateway. A credential never does.

use http::{HeaderMap, HeaderName, header};

/// Request headers that go upstream beside `x-goog-*`.
static UPWARD: [HeaderName; 4] =
    [header::CONTENT_TYPE, header::ACCEPT, header::ACCEPT_LANGUAGE, header::USER_AGENT];

/// `x-goog-*` headers that are credentials, or speak of whose they are.
const CREDENTIALS: &[&str] =
    &["x-goog-api-key", "x-goog-user-project", "x-goog-iam-authorization-token"];

/// Response headers that belong to one connection, to Google's host, or to what the gateway says itself.
static HELD_BACK: [HeaderName; 13] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::CONTENT_LENGTH,
    header::ALT_SVC,
    header::SET_COOKIE,
    header::STRICT_TRANSPORT_SECURITY,
    HeaderName::from_static("x-request-id"),
];

/// What of a client's headers goes upstream with a native call.
pub fn upward(from: &HeaderMap) -> HeaderMap {
    let passes = |name: &HeaderName| {
        UPWARD.contains(name)
            || name == "x-server-timeout"
            || name.as_str().starts_with("x-goog-") && !CREDENTIALS.contains(&name.as_str())
    };
    from.iter()
        .filter(|(name, _)| passes(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// What of Google's headers goes to the client of the native face.
pub fn downward(from: HeaderMap) -> HeaderMap {
    let mut headers = from;
    for name in &HELD_BACK {
        headers.remove(name);
    }
    let cors: Vec<HeaderName> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("access-control-"))
        .cloned()
        .collect();
    for name in cors {
        headers.remove(name);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn no_credential_of_the_client_goes_upstream() {
        let sent = upward(&headers(&[
            ("authorization", "Bearer a"),
            ("x-api-key", "a"),
            ("api-key", "a"),
            ("x-goog-api-key", "a"),
            ("x-goog-user-project", "a"),
            ("cookie", "a"),
        ]));
        assert!(sent.is_empty(), "{sent:?}");
    }

    #[test]
    fn what_google_reads_goes_upstream() {
        let all = headers(&[
            ("content-type", "application/json"),
            ("x-goog-api-client", "google-genai-sdk/3"),
            ("x-server-timeout", "30"),
        ]);
        assert_eq!(upward(&all), all);
    }

    #[test]
    fn what_belongs_to_google_alone_stays_behind() {
        let sent = downward(headers(&[
            ("content-type", "application/json"),
            ("alt-svc", "h3"),
            ("access-control-allow-origin", "x"),
            ("transfer-encoding", "chunked"),
        ]));
        assert_eq!(sent, headers(&[("content-type", "application/json")]));
    }
}
