//! Reads a body as strictly as Google's proto3 JSON reader.
//!
//! Unknown names, wrong shapes, impossible enum names and bad base64 are
//! refused with Google's texts; everything found is reported at once.

mod model;
mod rules;
mod scalar;
mod signature;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

pub(crate) use self::model::check as check_model;
pub(crate) use self::rules::{check as check_meaning, check_batch};
use crate::refusal::FieldViolation;
use crate::schema::{Field, Kind, Label, Message};

/// Everything in `body` that is not in the schema of `message`.
pub(crate) fn check_shape(message: &'static Message, body: &Value) -> Vec<FieldViolation> {
    let mut reader = Reader { path: String::new(), found: Vec::new() };
    match body {
        Value::Object(fields) => reader.message(message, fields),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            reader.unknown("", "Root element must be a message.");
        }
    }
    reader.found
}

struct Reader {
    /// Where it reads, in the schema's names.
    path: String,
    found: Vec<FieldViolation>,
}

impl Reader {
    fn message(&mut self, message: &'static Message, fields: &Map<String, Value>) {
        let mut set: Option<&str> = None;
        for (key, value) in fields {
            let Some(field) = message.field(key) else {
                self.unknown(key, "Cannot find field.");
                continue;
            };
            if value.is_null() {
                continue;
            }
            if message.oneof.contains(&field.name) && set.replace(field.name).is_some() {
                self.twice(key);
            }
            self.field(field, key, value);
        }
    }

    fn field(&mut self, field: &'static Field, key: &str, value: &Value) {
        match (field.label, value) {
            (Label::Many, Value::Array(members)) => {
                for (at, member) in members.iter().enumerate() {
                    self.within(&format!("{}[{at}]", field.name), |reader| {
                        reader.value(field.kind, member);
                    });
                }
            }
            (Label::Map, Value::Object(members)) => {
                for (at, member) in members.values().enumerate() {
                    self.within(&format!("{}[{at}].value", field.name), |reader| {
                        reader.value(field.kind, member);
                    });
                }
            }
            (Label::Map, _) => self.unknown(key, "Proto field is a map, expected an object."),
            (Label::One, Value::Array(_)) if !matches!(field.kind, Kind::Any) => {
                self.unknown(key, "Proto field is not repeating, cannot start list.");
            }
            (Label::One | Label::Many, _) => {
                self.within(field.name, |reader| reader.value(field.kind, value));
            }
        }
    }

    fn value(&mut self, kind: Kind, value: &Value) {
        match (kind, value) {
            (Kind::Message(message), Value::Object(fields)) => self.message(message, fields),
            (Kind::Message(message), _) => self.invalid(&typed(message.name), value),
            (kind, value) => {
                if let Err(complaint) = scalar::check(kind, value) {
                    self.complain(complaint);
                }
            }
        }
    }

    fn within(&mut self, step: &str, read: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        read(self);
        self.path.truncate(length);
    }

    fn unknown(&mut self, key: &str, why: &str) {
        let at = match self.path.as_str() {
            "" => String::new(),
            path => format!(" at '{path}'"),
        };
        self.push(format!("Invalid JSON payload received. Unknown name \"{key}\"{at}: {why}"));
    }

    fn twice(&mut self, key: &str) {
        self.push(format!(
            "Invalid value at '{}' (oneof), oneof field 'data' is already set. Cannot set '{key}'",
            self.path
        ));
    }

    fn invalid(&mut self, kind: &str, value: &Value) {
        self.push(format!("Invalid value at '{}' ({kind}), {value}", self.path));
    }

    fn complain(&mut self, complaint: scalar::Complaint) {
        match complaint {
            scalar::Complaint::Value { kind, value } => self.invalid(&kind, &value),
            scalar::Complaint::Base64(text) => self.push(format!(
                "Invalid value at '{}' (TYPE_BYTES), Base64 decoding failed for \"{text}\"",
                self.path
            )),
        }
    }

    fn push(&mut self, description: String) {
        let field = (!self.path.is_empty()).then(|| self.path.clone());
        self.found.push(FieldViolation { field, description });
    }
}

/// A type's full name.
fn typed(name: &str) -> String {
    format!("type.googleapis.com/google.ai.generativelanguage.v1beta.{name}")
}
