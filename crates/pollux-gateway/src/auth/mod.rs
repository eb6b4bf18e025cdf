//! Whose request it is: the credential, wherever a client puts it, looked up by its keyed hash, and
//! whether its owner may come in with it.

mod guest;

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderName, Uri, header};
use percent_encoding::percent_decode_str;

use crate::{
    catalog::{Catalog, User},
    failure::Failure,
    shared::Shared,
};

/// Headers that hold nothing but a key.
static KEY_HEADERS: [HeaderName; 3] = [
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];
/// Query parameters that hold a credential; none of them goes upstream.
const CREDENTIALS: &[&str] = &["key", "apikey", "access_token", "oauth_token"];
/// Query parameters that hold an access key.
const KEY_PARAMETERS: &[&str] = &["key", "apikey"];

/// The user behind a request of `client`, as the pool serves him that the request is for.
///
/// # Errors
/// 401 when no credential was sent, none of those sent is known, or its time is over; 403 when the
/// user may not call, or not like this.
pub(crate) fn authenticate(
    shared: &Shared,
    headers: &HeaderMap,
    uri: &Uri,
    client: Option<IpAddr>,
) -> Result<Arc<User>, Failure> {
    let catalog = shared.catalog.load();
    let user = known(shared, &catalog, credentials(headers, uri), client)?;
    guest::in_pool(&catalog, user, headers)
}

/// The same for a request whose `x-goog-api-key` holds something else.
///
/// # Errors
/// The same.
pub(crate) fn authenticate_apart(
    shared: &Shared,
    headers: &HeaderMap,
    client: Option<IpAddr>,
) -> Result<Arc<User>, Failure> {
    let catalog = shared.catalog.load();
    let named = headers.get_all("x-api-key").iter().filter_map(|value| value.to_str().ok());
    let credentials = bearers(headers).chain(named.map(str::trim)).map(Cow::Borrowed);
    let sent = credentials.filter(|credential| !credential.is_empty());
    guest::in_pool(&catalog, known(shared, &catalog, sent, client)?, headers)
}

fn known<'a>(
    shared: &Shared,
    catalog: &Catalog,
    credentials: impl Iterator<Item = Cow<'a, str>>,
    client: Option<IpAddr>,
) -> Result<Arc<User>, Failure> {
    let mut sent = false;
    for credential in credentials {
        sent = true;
        if let Some(access) = catalog.access(&credential) {
            return guest::let_in(access, client, shared.clock.now());
        }
    }
    Err(if sent { Failure::unknown_credential() } else { Failure::no_credential() })
}

/// What a request carries for credentials, when none of that is known here.
pub(crate) fn unknown<'a>(
    shared: &Shared,
    headers: &'a HeaderMap,
    uri: &'a Uri,
) -> Option<Vec<Cow<'a, str>>> {
    let catalog = shared.catalog.load();
    let sent: Vec<_> = credentials(headers, uri).collect();
    let is_known = |credential: &Cow<'_, str>| catalog.access(credential).is_some();
    (!sent.iter().any(is_known)).then_some(sent)
}

/// Whether a request carries no credential at all.
pub(crate) fn is_anonymous(headers: &HeaderMap, uri: &Uri) -> bool {
    credentials(headers, uri).next().is_none()
}

/// Every credential a request carries, the likeliest place first.
fn credentials<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> impl Iterator<Item = Cow<'a, str>> {
    let named = KEY_HEADERS
        .iter()
        .flat_map(|name| headers.get_all(name))
        .filter_map(|value| value.to_str().ok().map(str::trim));
    let query = parameters(uri)
        .filter(|(name, _)| KEY_PARAMETERS.contains(name))
        .map(|(_, value)| percent_decode_str(value).decode_utf8_lossy());
    bearers(headers)
        .chain(named)
        .map(Cow::Borrowed)
        .chain(query)
        .filter(|credential| !credential.is_empty())
}

/// What `Authorization` holds, with or without its scheme.
pub(crate) fn bearers(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::AUTHORIZATION).iter();
    values.filter_map(|value| value.to_str().ok()).map(without_scheme)
}

fn without_scheme(value: &str) -> &str {
    let value = value.trim();
    match value.split_once(' ') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("bearer") => rest.trim(),
        _ if value.eq_ignore_ascii_case("bearer") => "",
        _ => value,
    }
}

/// The query as pairs, still encoded.
pub(crate) fn parameters(uri: &Uri) -> impl Iterator<Item = (&str, &str)> {
    uri.query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// The query without credentials, otherwise byte for byte.
pub(crate) fn query_without_credentials(uri: &Uri) -> String {
    let kept: Vec<&str> = uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .filter(|pair| {
            let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
            let name = percent_decode_str(name).decode_utf8_lossy();
            !CREDENTIALS.contains(&name.as_ref())
        })
        .collect();
    kept.join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], uri: &str, want: &[&str]) {
        let headers: HeaderMap =
            headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let uri: Uri = uri.parse().unwrap();
        assert_eq!(credentials(&headers, &uri).collect::<Vec<_>>(), want);
    }

    #[test]
    fn a_key_is_found_wherever_a_client_puts_it() {
        check(&[("authorization", "Bearer k")], "/", &["k"]);
        check(&[("authorization", "bearer  k ")], "/", &["k"]);
        check(&[("authorization", "k")], "/", &["k"]);
        check(&[("x-api-key", "k")], "/", &["k"]);
        check(&[("api-key", "k")], "/", &["k"]);
        check(&[("x-goog-api-key", "k")], "/", &["k"]);
        check(&[], "/v1?key=k", &["k"]);
        check(&[], "/v1?alt=sse&apikey=k%2B1", &["k+1"]);
    }

    #[test]
    fn an_empty_credential_is_none() {
        check(&[("authorization", "Bearer "), ("x-api-key", "")], "/?key=", &[]);
    }

    #[test]
    fn no_credential_stays_in_the_query() {
        let uri: Uri =
            "/x?alt=sse&key=a&k%65y=b&$alt=json;enum-encoding=int&apikey=c&access_token=d"
                .parse()
                .unwrap();
        assert_eq!(query_without_credentials(&uri), "alt=sse&$alt=json;enum-encoding=int");
    }
}
