//! Lists of owned collections: a pool has many projects, and each has members of its own.
//!
//! They are walked one after the other. The token that a client gets says where it is: whose
//! pages it reads, and which of them is next.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::request;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use pollux_pool::{
    health::Health,
    id::{KeyId, ModelName},
    lease::Owner,
};
use pollux_translate::{
    error::{ApiError, Status},
    gemini::page::Page,
};

use super::{owned::Learned, target::Asked};
use crate::{
    app::Gateway,
    bindings,
    catalog::User,
    faces::respond::{self, Answered},
    failure::Failure,
    models::LISTING,
    proxy::{
        call::{Call, Shape},
        commit::AnswerBody,
        headers,
        send::Sent,
    },
};

const TOKEN: &str = "pageToken";
/// What a token begins with, before it is encoded.
const MARK: &str = "pollux";

/// Where a client is in a list.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    /// By this key the owner is known whose pages are read.
    key: KeyId,
    /// Google's own token; empty for the first page.
    token: String,
}

/// One page of the members that all owners have in a collection.
pub(super) async fn list(
    gateway: &Gateway,
    user: &User,
    head: &request::Parts,
    asked: &Asked<'_>,
) -> Answered {
    let shared = gateway.shared();
    let place = Place::read(&asked.query)?;
    let owners = bindings::owners(shared, user.pool, &asked.target.collection).await?;
    let here = place.as_ref().map(|it| shared.catalog.load().owner(user.pool, it.key));
    let mut left = rest(owners, place, here).into_iter().peekable();
    loop {
        let (owner, token) = left.next().unzip();
        let next = left.peek().map(|(owner, _)| owner.key);
        let call = call(asked, head, &token.unwrap_or_default(), owner.clone());
        match gateway.send(&call, user).await {
            // The list does not end where a project is closed to this server.
            Err(failure) if next.is_some() && is_out(gateway, user, owner.as_ref()) => {
                tracing::warn!("a list leaves a project out: {}", failure.error.message);
            }
            Err(failure) => return Err(failure),
            Ok(sent) => {
                if let Some(learned) = Learned::from(gateway, user.pool, asked, &sent) {
                    learned.keep(gateway, user.pool).await;
                }
                let key = owner.map_or(sent.settlement.key(), |owner| owner.key);
                if let Some(sent) = page(sent, &asked.target.collection, key, next) {
                    return Ok(respond::passed(gateway, sent));
                }
            }
        }
    }
}

/// Whose pages are still to be read, and from where on.
fn rest(owners: Vec<Owner>, place: Option<Place>, here: Option<Owner>) -> Vec<(Owner, String)> {
    let (Some(Place { key, token }), Some(here)) = (place, here) else {
        return owners.into_iter().map(|owner| (owner, String::new())).collect();
    };
    let is_known = owners.iter().any(|owner| owner.key == key);
    let first = (is_known || !token.is_empty()).then_some((here, token));
    let later = owners.into_iter().filter(|owner| owner.key > key);
    first.into_iter().chain(later.map(|owner| (owner, String::new()))).collect()
}

/// Whether the key by which an owner is known is gone, or no good any more.
fn is_out(gateway: &Gateway, user: &User, owner: Option<&Owner>) -> bool {
    let Some(owner) = owner else { return false };
    let keys = gateway.shared().ledger.view(user.pool);
    let key = keys.iter().find(|key| key.id == owner.key);
    key.is_none_or(|key| matches!(key.health, Health::Revoked { .. }))
}

/// The answer with the token of what comes after it; `None` when it is empty and others are left.
fn page(mut sent: Sent, collection: &str, key: KeyId, next: Option<KeyId>) -> Option<Sent> {
    let AnswerBody::Whole { body, .. } = &mut sent.answer.body else { return Some(sent) };
    let changed = {
        let Ok(page) = Page::parse(body, collection) else { return Some(sent) };
        let place = match (page.next(), next) {
            (Some(token), _) => Place { key, token: token.to_owned() },
            (None, Some(_)) if page.is_empty() => {
                sent.settlement.pass_on();
                return None;
            }
            (None, Some(key)) => Place { key, token: String::new() },
            (None, None) => return Some(sent),
        };
        page.with_next(Some(&place.write()))
    };
    *body = changed.into();
    Some(sent)
}

fn call(asked: &Asked<'_>, head: &request::Parts, token: &str, owner: Option<Owner>) -> Call {
    let path = head.uri.path();
    let kept = asked.query.split('&').filter(|pair| !pair.is_empty() && !is_token(pair));
    let mut query: Vec<String> = kept.map(str::to_owned).collect();
    if !token.is_empty() {
        query.push(format!("{TOKEN}={}", utf8_percent_encode(token, NON_ALPHANUMERIC)));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    Call {
        method: head.method.clone(),
        path_and_query: format!("{path}{mark}{}", query.join("&")),
        headers: headers::upward(&head.headers),
        body: Vec::new().into(),
        model: ModelName::new(LISTING),
        shape: Shape::Document,
        owner,
        prefer: None,
    }
}

fn is_token(pair: &str) -> bool {
    pair.split('=').next() == Some(TOKEN)
}

impl Place {
    /// Reads the place out of a query; `None` at the beginning of a list.
    fn read(query: &str) -> Result<Option<Self>, Failure> {
        let pair = query.split('&').find(|pair| is_token(pair));
        let text = pair.and_then(|pair| pair.split_once('=')).map_or("", |(_, text)| text);
        let text = percent_decode_str(text).decode_utf8_lossy();
        if text.is_empty() {
            return Ok(None);
        }
        Self::parse(&text).map(Some).ok_or_else(|| {
            let message = "pageToken is none that this server gave: \
                           take nextPageToken from the page before, or leave it out to begin anew";
            let param = Some(TOKEN.to_owned());
            ApiError { param, ..Failure::new(Status::InvalidArgument, message).error }.into()
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (key, token) = text.strip_prefix(MARK)?.strip_prefix(':')?.split_once(':')?;
        Some(Self { key: KeyId(key.parse().ok()?), token: token.to_owned() })
    }

    fn write(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{MARK}:{}:{}", self.key.0, self.token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_whatever_googles_token_holds() {
        for token in ["", "abc", "a:b/c+d=", "\u{e9}"] {
            let place = Place { key: KeyId(7), token: token.to_owned() };
            let query = format!("pageSize=2&pageToken={}", place.write());
            assert_eq!(Place::read(&query).unwrap(), Some(place), "{token}");
        }
    }

    #[track_caller]
    fn walks(owners: &[i64], place: Option<(i64, &str)>, want: &[(i64, &str)]) {
        let owner = |key: i64| Owner { key: KeyId(key), project: None };
        let owners = owners.iter().map(|key| owner(*key)).collect();
        let here = place.map(|(key, _)| owner(key));
        let place = place.map(|(key, token)| Place { key: KeyId(key), token: token.to_owned() });
        let rest = rest(owners, place, here);
        let rest: Vec<_> = rest.iter().map(|(it, token)| (it.key.0, token.as_str())).collect();
        assert_eq!(rest, want);
    }

    #[test]
    fn a_walk_goes_on_where_it_was() {
        walks(&[1, 3, 5], None, &[(1, ""), (3, ""), (5, "")]);
        walks(&[1, 3, 5], Some((3, "t")), &[(3, "t"), (5, "")]);
        walks(&[1, 3, 5], Some((3, "")), &[(3, ""), (5, "")]);
        walks(&[], None, &[]);
        walks(&[], Some((3, "t")), &[(3, "t")]);
    }

    #[test]
    fn a_page_of_an_owner_that_is_gone_is_not_one_of_the_next() {
        walks(&[1, 5], Some((3, "t")), &[(3, "t"), (5, "")]);
        walks(&[1, 5], Some((3, "")), &[(5, "")]);
        walks(&[1], Some((3, "")), &[]);
    }

    #[test]
    fn a_token_of_somebody_else_is_refused_by_its_name() {
        for token in ["abc", "bW9kZWxzOjI", "%00"] {
            let failure = Place::read(&format!("pageToken={token}")).unwrap_err();
            assert_eq!((failure.error.http, failure.error.param.as_deref()), (400, Some(TOKEN)));
        }
        assert_eq!(Place::read("pageSize=2&pageToken=").unwrap(), None);
    }
}
