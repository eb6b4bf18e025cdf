//! Field values that are checked when they are read and passed on as they were written.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::TranslateError;
use crate::text::Text;

/// A number, kept as the client wrote it so that 0.1 stays 0.1.
#[derive(Clone, Copy, Debug)]
pub(in crate::openai) struct Number<'a>(pub(in crate::openai) &'a RawValue);

impl<'a> Number<'a> {
    /// Refuses a number outside `low..=high`.
    pub(in crate::openai) fn within(
        self,
        field: &str,
        low: f64,
        high: f64,
    ) -> Result<&'a RawValue, TranslateError> {
        match self.0.get().parse::<f64>() {
            Ok(value) if (low..=high).contains(&value) => Ok(self.0),
            Ok(_) | Err(_) => Err(TranslateError::at(
                field,
                format!(
                    "invalid value for `{field}`: expected a number from {low} to {high}, found {}",
                    self.0.get()
                ),
            )),
        }
    }

    /// Refuses a number that is not whole or lies outside `low..=high`.
    pub(in crate::openai) fn whole(
        self,
        field: &str,
        low: i64,
        high: i64,
    ) -> Result<(&'a RawValue, i64), TranslateError> {
        let upper = if high == i64::MAX { "up".to_owned() } else { format!("to {high}") };
        match self.0.get().parse::<i64>() {
            Ok(value) if (low..=high).contains(&value) => Ok((self.0, value)),
            Ok(_) | Err(_) => Err(TranslateError::at(
                field,
                format!(
                    "invalid value for `{field}`: expected an integer from {low} {upper}, found {}",
                    self.0.get()
                ),
            )),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Number<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        let found = match raw.get().as_bytes().first() {
            Some(b'"') => "a string",
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') | None => "null",
            Some(_) => return Ok(Self(raw)),
        };
        Err(D::Error::custom(format!("expected a number, found {found}")))
    }
}

/// One text or a list of them.
#[derive(Clone, Debug, Default)]
pub(in crate::openai) struct Texts<'a>(pub(in crate::openai) Vec<Text<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Texts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;

        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a string or a list of strings")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Texts(vec![Text(Cow::Borrowed(text))]))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Texts(vec![Text(Cow::Owned(text.to_owned()))]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element()? {
                    texts.push(text);
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_any(TextsVisitor)
    }
}
