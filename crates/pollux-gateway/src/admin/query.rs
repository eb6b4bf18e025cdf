//! What a list is asked for: each parameter once, known, and in its range.

use std::ops::RangeInclusive;

use http::Uri;
use percent_encoding::percent_decode_str;
use pollux_translate::error::Status;

use crate::{auth, failure::Failure};

/// A page's size where none is asked for, and the largest.
const PAGE: usize = 100;
const MAX_PAGE: usize = 1000;

/// Which part of a list is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// From 1.
    pub(super) number: usize,
    pub(super) size: usize,
}

impl Page {
    /// The part of `all`.
    pub(super) fn of<T>(self, all: Vec<T>) -> impl Iterator<Item = T> {
        all.into_iter().skip((self.number - 1) * self.size).take(self.size)
    }
}

/// The parameters of a query, decoded.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads the query of `uri`, which may have the parameters `known`.
    ///
    /// # Errors
    /// 400 for any other parameter.
    pub(super) fn read(uri: &Uri, known: &[&str]) -> Result<Self, Failure> {
        let mut read = Vec::new();
        for (name, value) in auth::parameters(uri) {
            if !known.contains(&name) {
                let message =
                    format!("there is no parameter `{name}` here; there are {}", known.join(", "));
                return Err(refused(name, message));
            }
            let value = value.replace('+', " ");
            let value = percent_decode_str(&value).decode_utf8_lossy().into_owned();
            read.push((name.to_owned(), value));
        }
        Ok(Self(read))
    }

    /// A parameter's text; none when it is absent or empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// A number in `range`; none when it is absent.
    ///
    /// # Errors
    /// 400 for anything else.
    pub(super) fn number<T>(
        &self,
        name: &str,
        range: RangeInclusive<T>,
    ) -> Result<Option<T>, Failure>
    where
        T: std::str::FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse().ok().filter(|number| range.contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(refused(
                name,
                format!(
                    "`{name}` is `{text}`, and takes a number from {} to {}",
                    range.start(),
                    range.end()
                ),
            )),
        }
    }

    /// The parameters `page` and `page_size`.
    ///
    /// # Errors
    /// 400 when they are out of range.
    pub(super) fn page(&self) -> Result<Page, Failure> {
        let number = self.number("page", 1..=1_000_000)?.unwrap_or(1);
        let size = self.number("page_size", 1..=MAX_PAGE)?.unwrap_or(PAGE);
        Ok(Page { number, size })
    }

    /// One of a few words; none when it is absent.
    ///
    /// # Errors
    /// 400 for any other.
    pub(super) fn word<T: Copy>(
        &self,
        name: &str,
        words: &[(&str, T)],
    ) -> Result<Option<T>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Ok(Some(*value));
        }
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let message = format!("`{name}` is `{text}`, and takes one of {}", known.join(", "));
        Err(refused(name, message))
    }
}

fn refused(name: &str, message: String) -> Failure {
    let mut failure = Failure::new(Status::InvalidArgument, message);
    failure.error.param = Some(name.to_owned());
    failure
}
