//! What an admin sends: JSON that has the fields it should and no others, and typed queries.

use axum::extract::Query;
use http::Uri;
use pollux_translate::error::Status;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::missing;
use crate::{app::Gateway, faces::respond::Incoming, failure::Failure, scrub::without_values};

/// Reads a body.
///
/// # Errors
/// 400 that names the field and what it takes, and those of reading a body at all.
pub(crate) async fn json<T: DeserializeOwned>(
    gateway: &Gateway,
    body: axum::body::Body,
) -> Result<T, Failure> {
    let body = gateway.body(body).await?;
    let body = if body.is_empty() { b"{}" } else { &body[..] };
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." { "the body".to_owned() } else { format!("`{path}`") };
        refused(&path, format!("{place}: {}", without_values(&error.inner().to_string())))
    })?;
    reader.end().map_err(|error| refused("", format!("the body: {error}")))?;
    Ok(value)
}

/// What is to become of a field: it stays where it is absent, and `null` takes it away.
#[derive(Clone, Debug, Default)]
pub(super) enum Field<T> {
    #[default]
    Same,
    Gone,
    New(T),
}

impl<T> Field<T> {
    /// The value that there is then.
    pub(super) fn over(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Same => old,
            Self::Gone => None,
            Self::New(value) => Some(value),
        }
    }

    pub(super) const fn is_same(&self) -> bool {
        matches!(self, Self::Same)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(reader)?.map_or(Self::Gone, Self::New))
    }
}

/// Reads a query.
///
/// # Errors
/// 400 that names the parameter and what it takes.
pub(crate) fn query<T: DeserializeOwned>(uri: &Uri) -> Result<T, Failure> {
    let read = Query::<T>::try_from_uri(uri);
    read.map(|Query(read)| read).map_err(|error| {
        let text = error.body_text();
        let (_, problem) = text.split_once(": ").unwrap_or(("", &text));
        refused("", format!("the query: {problem}"))
    })
}

/// The number in a path that stands behind `collection`.
///
/// # Errors
/// 404 when there is none: nothing has such a name.
pub(crate) fn id(incoming: &Incoming, collection: &str) -> Result<i64, Failure> {
    let mut segments = incoming.head.uri.path().split('/');
    let name = segments.find(|it| *it == collection).and_then(|_| segments.next());
    let name = name.unwrap_or_default();
    name.parse().map_err(|_| missing(collection.trim_end_matches('s'), name))
}

/// 400 for a field, in words that say what it takes.
pub(crate) fn refused(param: &str, message: impl Into<String>) -> Failure {
    let mut failure = Failure::new(Status::InvalidArgument, message);
    failure.error.param = Some(param.to_owned()).filter(|param| !param.is_empty());
    failure
}

/// A name for people: something, not too much of it, and on one line.
///
/// # Errors
/// 400 for anything else.
pub(crate) fn name(field: &str, text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if text.is_empty() || text.len() > 100 || text.chars().any(char::is_control) {
        return Err(refused(field, format!("`{field}` takes 1 to 100 bytes on one line")));
    }
    Ok(text.to_owned())
}

/// A text of several lines, or none.
///
/// # Errors
/// 400 when it is longer than `most` bytes.
pub(crate) fn text(field: &str, text: &str, most: usize) -> Result<String, Failure> {
    if text.len() > most || text.contains('\0') {
        return Err(refused(field, format!("`{field}` takes {most} bytes at most")));
    }
    Ok(text.trim().to_owned())
}

/// Names that stand in a list of up to `most`.
///
/// # Errors
/// 400 when one of them is no name, or there are more.
pub(super) fn names(field: &str, list: &[String], most: usize) -> Result<Vec<String>, Failure> {
    if list.len() > most {
        return Err(refused(field, format!("`{field}` takes {most} at most")));
    }
    list.iter().map(|item| name(field, item)).collect()
}

/// How many of a list are asked for, from 1 to 1000.
///
/// # Errors
/// 400 for any other number.
pub(super) fn limit(limit: Option<u32>) -> Result<u32, Failure> {
    match limit.unwrap_or(100) {
        limit @ 1..=1000 => Ok(limit),
        _ => Err(refused("limit", "`limit` takes a number from 1 to 1000")),
    }
}

/// A page's size where none is asked for, and the largest.
const PAGE: usize = 100;
const MAX_PAGE: usize = 1000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// From 1.
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// Reads the parameters `page` and `page_size`.
    ///
    /// # Errors
    /// 400 when they are out of range.
    pub(crate) fn of(number: Option<usize>, size: Option<usize>) -> Result<Self, Failure> {
        let (number, size) = (number.unwrap_or(1), size.unwrap_or(PAGE));
        if !(1..=1_000_000).contains(&number) {
            return Err(refused("page", "`page` takes a number from 1 to 1000000"));
        }
        if !(1..=MAX_PAGE).contains(&size) {
            return Err(refused("page_size", "`page_size` takes a number from 1 to 1000"));
        }
        Ok(Self { number, size })
    }

    /// The part of `all`.
    pub(crate) fn cut<T>(self, all: Vec<T>) -> impl Iterator<Item = T> {
        all.into_iter().skip((self.number - 1) * self.size).take(self.size)
    }
}

/// A parameter's text; none when it is absent or empty.
pub(super) fn given(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.is_empty())
}
