//! Addresses in headers: those that Google hands out lead back here, and where they lead is checked.

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header, request};

use crate::{auth, catalog::Settings};

/// Google's own host, which answers name whatever address Gemini is reached by.
const GOOGLE: &str = "generativelanguage.googleapis.com";

const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Where the client reaches this server, without a slash at its end; `None` when nobody says.
pub(super) fn here(head: &request::Parts, settings: &Settings) -> Option<String> {
    if let Some(url) = &settings.public_url {
        return Some(url.to_string().trim_end_matches('/').to_owned());
    }
    let headers = &head.headers;
    let scheme = match first(headers, &FORWARDED_PROTO) {
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
        Some(_) | None => "http",
    };
    let host = first(headers, &FORWARDED_HOST)
        .or_else(|| first(headers, &header::HOST))
        .or_else(|| head.uri.authority().map(http::uri::Authority::as_str))?;
    let prefix = first(headers, &FORWARDED_PREFIX).unwrap_or_default().trim_matches('/');
    let slash = if prefix.is_empty() { "" } else { "/" };
    let address: Uri = format!("{scheme}://{host}{slash}{prefix}").parse().ok()?;
    Some(address.to_string().trim_end_matches('/').to_owned())
}

/// The path and query of an address on the upstream's own host, or on Google's; no other counts.
pub(super) fn path_upstream(address: &str, base: &Uri) -> Option<String> {
    let parsed: Uri = address.parse().ok()?;
    if let Some(authority) = parsed.authority() {
        let is_base = Some(authority) == base.authority() && parsed.scheme() == base.scheme();
        let is_google = authority == GOOGLE && parsed.scheme_str() == Some("https");
        if !is_base && !is_google {
            return None;
        }
    }
    path_of(address, base)
}

/// The path and query of an address, below the path of `base`, without credentials.
fn path_of(address: &str, base: &Uri) -> Option<String> {
    let address: Uri = address.parse().ok()?;
    let path = address.path();
    let prefix = base.path().trim_end_matches('/');
    let path = path.strip_prefix(prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    let query = auth::query_without_credentials(&address);
    let is_plain = path.starts_with('/') && !path.starts_with("//");
    let mark = if query.is_empty() { "" } else { "?" };
    is_plain.then(|| format!("{path}{mark}{query}"))
}

/// Makes a header that holds an address of the upstream lead to `here`, whatever the upstream calls
/// itself; one that is no address is dropped.
pub(super) fn lead_here(headers: &mut HeaderMap, name: &HeaderName, here: &str, base: &Uri) {
    let Some(address) = headers.get(name).and_then(|value| value.to_str().ok()) else { return };
    let path = path_of(address, base);
    let moved = path.and_then(|path| HeaderValue::from_str(&format!("{here}{path}")).ok());
    match moved {
        Some(moved) => drop(headers.insert(name, moved)),
        None => drop(headers.remove(name)),
    }
}

/// The first of the values that proxies have put one after the other.
fn first<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let value = headers.get(name)?.to_str().ok()?;
    Some(value.split(',').next().unwrap_or_default().trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn leads(base: &str, address: &str, want: Option<&str>) {
        assert_eq!(path_upstream(address, &base.parse().unwrap()).as_deref(), want, "{address}");
    }

    #[test]
    fn only_the_upstream_and_google_are_led_to() {
        let base = "http://127.0.0.1:9090";
        leads(base, "http://127.0.0.1:9090/upload/x?upload_id=1", Some("/upload/x?upload_id=1"));
        leads(base, "https://generativelanguage.googleapis.com/download/x", Some("/download/x"));
        leads(base, "/download/v1/files/x?alt=media", Some("/download/v1/files/x?alt=media"));
        leads(base, "/x?key=secret&alt=media", Some("/x?alt=media"));
        leads("http://h/gemini/", "http://h/gemini/upload/x", Some("/upload/x"));
        for elsewhere in [
            "https://evil.example/download/x",
            "http://127.0.0.1:9091/download/x",
            "https://127.0.0.1:9090/download/x",
            "http://generativelanguage.googleapis.com/download/x",
            "https://generativelanguage.googleapis.com.evil.example/x",
            "https://generativelanguage.googleapis.com@evil.example/x",
            "https://generativelanguage.googleapis.com:444/x",
            "//evil.example/x",
            "file:///etc/passwd",
            "",
        ] {
            leads(base, elsewhere, None);
        }
    }

    #[track_caller]
    fn is_here(headers: &[(&'static str, &'static str)], public: Option<&str>, want: Option<&str>) {
        let mut request = http::Request::new(());
        for (name, value) in headers {
            request.headers_mut().insert(*name, HeaderValue::from_static(value));
        }
        let public_url = public.map(|url| url.parse().unwrap());
        let settings = Settings { public_url, ..Settings::default() };
        assert_eq!(here(&request.into_parts().0, &settings).as_deref(), want);
    }

    #[test]
    fn the_address_of_this_server_is_the_one_that_the_client_used() {
        let host = ("host", "pollux.test:8080");
        let forwarded = [
            host,
            ("x-forwarded-proto", "https, http"),
            ("x-forwarded-host", "ai.example, inner"),
            ("x-forwarded-prefix", "/pollux/"),
        ];
        is_here(&[host], None, Some("http://pollux.test:8080"));
        is_here(&forwarded, None, Some("https://ai.example/pollux"));
        is_here(&forwarded, Some("https://set.example/p/"), Some("https://set.example/p"));
        is_here(&[host, ("x-forwarded-host", "a b")], None, None);
        is_here(&[], None, None);
    }
}
