//! Lists of owned collections: a pool has many projects, and each has members of its own.
//!
//! They are walked one after the other. The token that a client gets says where it is: whose
//! pages it reads, and which of them is next.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use http::request;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use pollux_pool::{
    id::{KeyId, ModelName},
    lease::Owner,
};
use pollux_translate::{error::ApiError, gemini::page::Page};

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
    let owners = bindings::owners(gateway.shared(), user.pool, &asked.target.collection).await?;
    let place = Place::read(&asked.query)?;
    let first = owners.iter().position(|owner| place.as_ref().is_none_or(|it| it.key <= owner.key));
    let mut left = owners.iter().skip(first.unwrap_or(owners.len())).peekable();
    let mut token = place.as_ref().map(|it| it.token.as_str()).unwrap_or_default();
    loop {
        let owner = left.next();
        // A page of an owner who is gone meanwhile is not a page of the next one.
        let of_owner =
            place.as_ref().is_none_or(|it| owner.is_none_or(|owner| owner.key == it.key));
        let call = call(asked, head, if of_owner { token } else { "" }, owner);
        token = "";
        let next = left.peek().map(|owner| owner.key);
        match gateway.send(&call, user).await {
            // The list does not end where one project cannot be asked.
            Err(failure) if failure.error.http == 503 && next.is_some() => {
                tracing::warn!("a list leaves a project out: {}", failure.error.message);
            }
            Err(failure) => return Err(failure),
            Ok(sent) => {
                if let Some(learned) = Learned::from(gateway, user.pool, asked, &sent) {
                    learned.keep(gateway, user.pool).await;
                }
                if let Some(sent) = page(sent, &asked.target.collection, next) {
                    return Ok(respond::passed(gateway, sent));
                }
            }
        }
    }
}

/// The answer with the token of what comes after it; `None` when it is empty and others are left.
fn page(mut sent: Sent, collection: &str, next: Option<KeyId>) -> Option<Sent> {
    let key = sent.settlement.key();
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

fn call(asked: &Asked<'_>, head: &request::Parts, token: &str, owner: Option<&Owner>) -> Call {
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
        owner: owner.cloned(),
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
            ApiError {
                param,
                ..Failure::new(pollux_translate::error::Status::InvalidArgument, message).error
            }
            .into()
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

    #[test]
    fn a_token_of_somebody_else_is_refused_by_its_name() {
        for token in ["abc", "bW9kZWxzOjI", "%00"] {
            let failure = Place::read(&format!("pageToken={token}")).unwrap_err();
            assert_eq!((failure.error.http, failure.error.param.as_deref()), (400, Some(TOKEN)));
        }
        assert_eq!(Place::read("pageSize=2&pageToken=").unwrap(), None);
    }
}
