//! The request schema as data: message, fields, types.
//!
//! Names are those of Google's schema; a body may also spell them in camel
//! case. The tables say what is accepted, not what a model does with it.

mod config;
mod content;
mod request;
mod tool;

pub(crate) use self::request::{BATCH_EMBED, COUNT, EMBED, GENERATE};
use crate::answer::is_camel;

/// A message and its fields.
#[derive(Debug)]
pub(crate) struct Message {
    /// Its name in `google.ai.generativelanguage.v1beta`.
    pub(crate) name: &'static str,
    pub(crate) fields: &'static [Field],
    /// Fields of which at most one may be set.
    pub(crate) oneof: &'static [&'static str],
}

/// A field of a message.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) label: Label,
}

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Label {
    /// At most once.
    One,
    /// As a list, or as a single value standing for a list of one.
    Many,
    /// As an object from texts to values.
    Map,
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Text,
    Flag,
    /// A whole number of so many bits, as a number or a text.
    Whole(u32),
    Real,
    /// Base64, either alphabet, padded or not.
    Bytes,
    /// Seconds with an `s`.
    Duration,
    Timestamp,
    /// Any JSON.
    Any,
    /// Any JSON object.
    Struct,
    Enum(&'static Enum),
    Message(&'static Message),
}

/// An enumeration, by its names or by any number.
#[derive(Debug)]
pub(crate) struct Enum {
    pub(crate) name: &'static str,
    pub(crate) values: &'static [&'static str],
    /// Whether lower case is accepted as well.
    pub(crate) any_case: bool,
}

impl Message {
    const fn new(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, fields, oneof: &[] }
    }

    /// The field that a key of a body means.
    pub(crate) fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == key || is_camel(key, field.name))
    }
}

const fn one(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, label: Label::One }
}

const fn many(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, label: Label::Many }
}

const fn map(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, label: Label::Map }
}
