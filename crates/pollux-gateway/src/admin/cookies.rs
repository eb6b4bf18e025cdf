//! The cookie that a browser is signed in with, and which pages may use it.

use http::{HeaderMap, HeaderValue, Method, Uri, header};
use pollux_store::secret::Secret;
use pollux_translate::error::Status;

use crate::failure::Failure;

/// The name of ours.
pub(crate) const NAME: &str = "pollux_session";
/// The names that consoles of other systems know.
const OTHERS: [&str; 2] = ["session", "auth-key"];

/// Every session that the cookies of a request name, wherever among them it stands.
pub(super) fn sessions(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .filter(|(name, value)| (*name == NAME || OTHERS.contains(name)) && !value.is_empty())
        .map(|(_, value)| value)
}

/// A cookie that scripts cannot read, other sites cannot send, and that ends after `seconds`.
pub(super) fn set(
    name: &str,
    secret: &Secret,
    seconds: u64,
    is_https: bool,
) -> Option<HeaderValue> {
    written(name, secret.expose(), seconds, is_https)
}

/// The same, which takes it away.
pub(super) fn removed(name: &str) -> Option<HeaderValue> {
    written(name, "", 0, false)
}

fn written(name: &str, value: &str, seconds: u64, is_https: bool) -> Option<HeaderValue> {
    let secure = if is_https { "; Secure" } else { "" };
    let text =
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    let mut header = HeaderValue::from_str(&text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// Lets changes by a cookie pass only from pages of this server's own.
///
/// # Errors
/// 403 for those of other sites.
pub(super) fn check_origin(method: &Method, headers: &HeaderMap) -> Result<(), Failure> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let is_own = match text(header::HeaderName::from_static("sec-fetch-site")) {
        Some(site) => matches!(site, "same-origin" | "none"),
        // Programs and old browsers do not say; the latter name their page's origin.
        None => text(header::ORIGIN).is_none_or(|origin| is_host(origin, text(header::HOST))),
    };
    if is_own {
        return Ok(());
    }
    Err(Failure::new(
        Status::PermissionDenied,
        "a page of another site may not change anything here; send an admin token as Bearer instead",
    ))
}

fn is_host(origin: &str, host: Option<&str>) -> bool {
    let origin: Option<Uri> = origin.parse().ok();
    origin.as_ref().and_then(Uri::authority).map(http::uri::Authority::as_str) == host
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    #[test]
    fn a_session_is_found_wherever_its_cookie_stands() {
        let found = |cookies: &'static str| {
            sessions(&headers(&[("cookie", cookies)])).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(found("theme=dark; pollux_session=a; x=y"), ["a"]);
        assert_eq!(found("a=b;auth-key=c; session=d"), ["c", "d"]);
        assert_eq!(found("pollux_session=; xauth-key=c"), Vec::<String>::new());
    }

    #[test]
    fn only_pages_of_the_server_itself_may_change_things() {
        let check = |method: Method, pairs: &[(&'static str, &'static str)]| {
            check_origin(&method, &headers(pairs)).is_ok()
        };
        assert!(check(Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(!check(Method::POST, &[("sec-fetch-site", "cross-site")]));
        assert!(!check(Method::DELETE, &[("sec-fetch-site", "same-site")]));
        assert!(check(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(check(Method::POST, &[("host", "a:1"), ("origin", "http://a:1")]));
        assert!(!check(Method::POST, &[("host", "a:1"), ("origin", "http://b:1")]));
        assert!(!check(Method::POST, &[("host", "a:1"), ("origin", "null")]));
        assert!(check(Method::POST, &[("host", "a:1")]));
    }

    #[test]
    fn the_cookie_is_for_this_server_alone() {
        let cookie = set(NAME, &Secret::new("secret"), 60, true).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "pollux_session=secret; Path=/; HttpOnly; SameSite=Strict; Max-Age=60; Secure"
        );
        assert!(!format!("{cookie:?}").contains("secret"));
    }
}
