//! From a path and a query to what is wanted.

use std::borrow::Cow;

use super::owned::Want;
use crate::models::Method;

/// What a request is for.
#[derive(Debug, PartialEq)]
pub(super) enum Route {
    /// A method of a model.
    Call { version: &'static str, model: String, method: Method },
    /// The list of models.
    List { version: &'static str },
    /// One model.
    Read { version: &'static str, model: String },
    /// What belongs to a project.
    Owned(Want),
    /// The simulator's own interface, by the path after its prefix.
    Control(String),
    /// Nothing that exists.
    Unknown,
}

const CONTROL: &str = "/_simulator/";

impl Route {
    /// Reads a method and a path; `%3A` and the like count as what they spell.
    pub(super) fn read(method: &http::Method, path: &str) -> Self {
        let path = decode(path);
        if let Some(rest) = path.strip_prefix(CONTROL) {
            return Self::Control(rest.to_owned());
        }
        if let Some(want) = Want::read(method, &path) {
            return Self::Owned(want);
        }
        Self::google(method, &path).unwrap_or(Self::Unknown)
    }

    fn google(method: &http::Method, path: &str) -> Option<Self> {
        let (version, rest) = path.strip_prefix('/')?.split_once('/')?;
        let version = ["v1beta", "v1", "v1alpha"].into_iter().find(|known| *known == version)?;
        let rest = rest.strip_prefix("models")?;
        if rest.is_empty() {
            return (method == http::Method::GET).then_some(Self::List { version });
        }
        let name = rest.strip_prefix('/')?;
        if method == http::Method::GET {
            return Some(Self::Read { version, model: name.to_owned() });
        }
        let (model, called) = name.rsplit_once(':').filter(|_| method == http::Method::POST)?;
        let method = Method::read(called)?;
        Some(Self::Call { version, model: model.to_owned(), method })
    }
}

/// The value of a query parameter.
pub(super) fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.into_iter().find(|(key, _)| decode(key) == name).map(|(_, value)| decode(value))
}

/// A query without one of its parameters.
pub(super) fn without(query: &str, name: &str) -> String {
    let is_other = |pair: &&str| pair.split('=').next().is_none_or(|key| decode(key) != name);
    query.split('&').filter(is_other).collect::<Vec<_>>().join("&")
}

/// Decodes `%XX`; what is not UTF-8 then stays as it was.
fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, after @ ..] => {
                hex(*high).zip(hex(*low)).map(|(high, low)| (high << 4 | low, after))
            }
            _ => None,
        };
        let (byte, after) = escaped.unwrap_or((*first, tail));
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}
