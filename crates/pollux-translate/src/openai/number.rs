//! Numbers that are checked when they are read and passed on as they were written.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::error::TranslateError;
use crate::openai::object::leaf;

/// A number, kept as the client wrote it so that 0.1 stays 0.1.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number<'a>(pub(super) &'a RawValue);

leaf!(Number<'_>);

impl<'a> Number<'a> {
    /// Refuses a number outside `low..=high`.
    pub(super) fn within(
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
    pub(super) fn whole(
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
