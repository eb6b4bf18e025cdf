//! How resources look: objects, moments, and pages of a list.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::json;
use crate::refusal::Refusal;
use crate::server::reply::Reply;
use crate::server::route::parameter;

/// Members on a page when the caller does not say.
const PAGE: usize = 10;

/// An object with these members.
pub(super) fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Adds members that a request gave, under the names that it gave them.
pub(super) fn with(mut view: Value, given: &Value, names: &[&str]) -> Value {
    if let (Some(view), Some(given)) = (view.as_object_mut(), given.as_object()) {
        let kept = given.iter().filter(|(name, _)| names.contains(&name.as_str()));
        view.extend(kept.map(|(name, value)| (name.clone(), value.clone())));
    }
    view
}

/// A moment, so many seconds after another one, as Google writes it.
pub(super) fn moment(now: i64, seconds: i64) -> Value {
    let micros = now.saturating_add(seconds.saturating_mul(1_000_000));
    Timestamp::from_microsecond(micros).unwrap_or_default().to_string().into()
}

/// One object as an answer.
pub(super) fn whole(view: &Value) -> Reply {
    Reply::whole(json::pretty(view))
}

/// What a deletion and the like are answered with.
pub(super) fn empty() -> Reply {
    whole(&Value::Object(Map::new()))
}

/// One page of members, in the list called `field`.
pub(super) fn page(members: Vec<Value>, query: &str, field: &str) -> Result<Reply, Refusal> {
    let size = match parameter(query, "pageSize").map(|size| size.parse::<usize>()) {
        None | Some(Ok(0)) => PAGE,
        Some(Ok(size)) => size,
        Some(Err(_)) => return Err(refuse("page_size")),
    };
    let start = match parameter(query, "pageToken").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => start_of(&token, field).ok_or_else(|| refuse("page_token"))?,
    };
    let all = members.len();
    let some: Vec<_> = members.into_iter().skip(start).take(size).collect();
    let next = start.saturating_add(size);
    let mut answer = Map::new();
    if !some.is_empty() {
        answer.insert(field.to_owned(), some.into());
    }
    if next < all {
        let token = BASE64_URL_SAFE_NO_PAD.encode(format!("{field}:{next}"));
        answer.insert("nextPageToken".to_owned(), token.into());
    }
    Ok(whole(&Value::Object(answer)))
}

fn start_of(token: &str, field: &str) -> Option<usize> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).ok()?;
    std::str::from_utf8(&bytes).ok()?.strip_prefix(field)?.strip_prefix(':')?.parse().ok()
}

fn refuse(name: &str) -> Refusal {
    Refusal::argument(format!("* ListRequest.{name}: {name} is not valid.\n"))
}
