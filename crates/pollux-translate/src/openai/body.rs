//! A request's fields, taken one by one: an error names its field, and what nobody took is known.
//!
//! A body in JSON and a form are read alike: in a form a number or a flag is its JSON text. An
//! endpoint declares its fields; one that it did not declare cannot be taken.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::form::Form;
use super::number::Number;
use crate::error::TranslateError;
use crate::gemini::path::check_model;
use crate::members::Members;
use crate::text::{Text, read};

/// How much is said of a value that cannot be read, in characters: it may be a whole book.
const MAX_REASON: usize = 300;

/// The fields of one object that nobody has taken yet.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    /// The fields that the endpoint knows, as paths from the body's top.
    known: &'static [&'static str],
    prefix: String,
    rest: Vec<(Text<'a>, Value<'a>)>,
}

#[derive(Clone, Copy, Debug)]
enum Value<'a> {
    Json(&'a RawValue),
    Form(&'a str),
}

impl<'a> Fields<'a> {
    /// Reads a body, which must be a JSON object, for an endpoint that knows the fields `known`.
    pub(super) fn parse(
        body: &'a [u8],
        known: &'static [&'static str],
    ) -> Result<Self, TranslateError> {
        let members = read(body).map_err(|error| {
            TranslateError::whole(if error.is_data() {
                "the body must be a JSON object".to_owned()
            } else {
                format!("the body is not valid JSON: {error}")
            })
        })?;
        Ok(Self::of(known, String::new(), members))
    }

    fn of(known: &'static [&'static str], prefix: String, Members(members): Members<'a>) -> Self {
        let rest = members.into_iter().map(|(name, value)| (name, Value::Json(value))).collect();
        Self { known, prefix, rest }
    }

    /// Reads the text fields of a form, of which the endpoint knows `known`.
    pub(super) fn of_form(form: &'a Form, known: &'static [&'static str]) -> Self {
        let pair = |(name, text): &'a (String, String)| {
            (Text::from(name.as_str()), Value::Form(text.as_str()))
        };
        Self { known, prefix: String::new(), rest: form.texts.iter().map(pair).collect() }
    }

    /// Takes an object of the fields inside this one.
    pub(super) fn object(&mut self, name: &str) -> Result<Option<Self>, TranslateError> {
        let (members, known) = (self.take(name)?, self.known);
        Ok(members.map(|members| Self::of(known, format!("{}{name}.", self.prefix), members)))
    }

    /// Takes a text; an empty field of a form is absent, as browsers send those not filled in.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<Text<'a>>, TranslateError> {
        match self.last(name) {
            Some(Value::Form(text)) => Ok(Some(Text::from(text)).filter(|text| !text.is_empty())),
            Some(Value::Json(raw)) => self.read(name, raw.get()),
            None => Ok(None),
        }
    }

    /// Takes every text of a list in a form, which repeats its name.
    pub(super) fn texts(&mut self, name: &str) -> Vec<&'a str> {
        let mut texts = Vec::new();
        if !self.knows(name) {
            return texts;
        }
        self.rest.retain(|(key, value)| match value {
            Value::Form(text) if key.as_str() == name => {
                texts.push(*text);
                false
            }
            Value::Form(_) | Value::Json(_) => true,
        });
        texts
    }

    /// Takes a number.
    pub(super) fn number(&mut self, name: &str) -> Result<Option<Number<'a>>, TranslateError> {
        self.take(name)
    }

    /// Takes a flag; absent is off.
    pub(super) fn flag(&mut self, name: &str) -> Result<bool, TranslateError> {
        Ok(self.take(name)?.unwrap_or(false))
    }

    /// Takes the model's name, without `models/`.
    pub(super) fn model(&mut self) -> Result<String, TranslateError> {
        let model = self.text("model")?.unwrap_or_default();
        if model.is_empty() {
            return Err(TranslateError::at("model", "a model is required"));
        }
        check_model(&model)?;
        Ok(model.strip_prefix("models/").unwrap_or(&model).to_owned())
    }

    /// Takes a value of any type; null is absent.
    pub(super) fn take<T: Deserialize<'a>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, TranslateError> {
        match self.last(name) {
            Some(Value::Json(raw)) => self.read(name, raw.get()),
            Some(Value::Form("")) | None => Ok(None),
            Some(Value::Form(text)) => self.read(name, text),
        }
    }

    /// Names the fields that nobody took.
    pub(super) fn left(self) -> Vec<String> {
        let prefix = self.prefix;
        let is_set = |value: &Value<'_>| match value {
            Value::Json(raw) => raw.get() != "null",
            Value::Form(_) => true,
        };
        let set = self.rest.into_iter().filter(|(_, value)| is_set(value));
        let mut names: Vec<_> = set.map(|(name, _)| format!("{prefix}{}", name.as_str())).collect();
        names.dedup();
        names
    }

    /// Takes the field out; of several of one name the last stands.
    fn last(&mut self, name: &str) -> Option<Value<'a>> {
        let mut found = None;
        if !self.knows(name) {
            return found;
        }
        self.rest.retain(|(key, value)| {
            let is_it = key.as_str() == name;
            if is_it {
                found = Some(*value);
            }
            !is_it
        });
        found
    }

    fn knows(&self, name: &str) -> bool {
        self.known.iter().any(|known| known.strip_prefix(self.prefix.as_str()) == Some(name))
    }

    fn read<T: Deserialize<'a>>(
        &self,
        name: &str,
        json: &'a str,
    ) -> Result<Option<T>, TranslateError> {
        serde_json::from_str(json).map_err(|error| {
            let field = format!("{}{name}", self.prefix);
            let text = error.to_string();
            let reason = text.split(" at line ").next().unwrap_or_default();
            let reason: String = reason.chars().take(MAX_REASON).collect();
            let message = format!("invalid value for `{field}`: {reason}");
            TranslateError::at(field, message)
        })
    }
}

/// Refuses a flag whose feature is not offered on this path.
pub(super) fn refuse_flag(
    fields: &mut Fields<'_>,
    name: &str,
    why: &str,
) -> Result<(), TranslateError> {
    if fields.flag(name)? { Err(TranslateError::at(name, why)) } else { Ok(()) }
}

/// Says that a text is none of those allowed.
pub(super) fn not_one_of(field: &str, found: &str, allowed: &[&str]) -> TranslateError {
    let found: String = found.chars().take(MAX_REASON).collect();
    let allowed = allowed.join("`, `");
    let message =
        format!("invalid value for `{field}`: expected one of `{allowed}`, found `{found}`");
    TranslateError::at(field, message)
}
