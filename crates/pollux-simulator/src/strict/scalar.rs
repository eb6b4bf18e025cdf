//! Values without fields of their own.

use serde_json::Value;

use super::typed;
use crate::schema::{Enum, Kind};

/// The longest piece of bad base64 that a refusal repeats, in bytes.
const REPEATED: usize = 100;

/// Why a value is refused.
pub(super) enum Complaint {
    /// It is not of its type.
    Value { kind: String, value: Value },
    /// It is a text, but not base64.
    Base64(String),
}

/// Checks a value against a type that has no fields.
pub(super) fn check(kind: Kind, value: &Value) -> Result<(), Complaint> {
    let good = match kind {
        Kind::Text => value.is_string(),
        Kind::Flag => value.is_boolean() || matches!(value.as_str(), Some("true" | "false")),
        Kind::Whole(bits) => is_whole(value, bits),
        Kind::Real => value.is_number() || is_real(value),
        Kind::Bytes => return bytes(value),
        Kind::Duration => value.as_str().is_some_and(is_duration),
        Kind::Timestamp => {
            value.as_str().is_some_and(|text| text.parse::<jiff::Timestamp>().is_ok())
        }
        Kind::Any => true,
        Kind::Struct | Kind::Message(_) => value.is_object(),
        Kind::Enum(names) => is_named(names, value),
    };
    if good {
        return Ok(());
    }
    Err(Complaint::Value { kind: name(kind), value: value.clone() })
}

fn name(kind: Kind) -> String {
    let plain = match kind {
        Kind::Text => "TYPE_STRING",
        Kind::Flag => "TYPE_BOOL",
        Kind::Whole(32) => "TYPE_INT32",
        Kind::Whole(_) => "TYPE_INT64",
        Kind::Real => "TYPE_FLOAT",
        Kind::Bytes => "TYPE_BYTES",
        Kind::Duration => "type.googleapis.com/google.protobuf.Duration",
        Kind::Timestamp => "type.googleapis.com/google.protobuf.Timestamp",
        Kind::Any => "type.googleapis.com/google.protobuf.Value",
        Kind::Struct => "type.googleapis.com/google.protobuf.Struct",
        Kind::Enum(names) => return typed(names.name),
        Kind::Message(message) => return typed(message.name),
    };
    plain.to_owned()
}

/// A whole number that fits, as a number without a fraction or as a text.
fn is_whole(value: &Value, bits: u32) -> bool {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let limit = if bits == 32 { 2_147_483_648.0 } else { 9_223_372_036_854_775_808.0 };
    number.is_some_and(|number: f64| number.fract() == 0.0 && number >= -limit && number < limit)
}

fn is_real(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.parse::<f64>().is_ok())
}

fn is_duration(text: &str) -> bool {
    text.strip_suffix('s').is_some_and(|seconds| seconds.parse::<f64>().is_ok())
}

fn is_named(names: &Enum, value: &Value) -> bool {
    let known = |text: &str| {
        names
            .values
            .iter()
            .any(|name| *name == text || (names.any_case && name.eq_ignore_ascii_case(text)))
    };
    value.is_i64() || value.as_str().is_some_and(known)
}

fn bytes(value: &Value) -> Result<(), Complaint> {
    let Some(text) = value.as_str() else {
        return Err(Complaint::Value { kind: name(Kind::Bytes), value: value.clone() });
    };
    if is_base64(text) {
        return Ok(());
    }
    let shown = text.get(..text.floor_char_boundary(REPEATED)).unwrap_or(text);
    Err(Complaint::Base64(shown.to_owned()))
}

/// Either alphabet, padded or not; a single letter left over is no byte.
fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let letters = body
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_'));
    letters && text.len() - body.len() <= 2 && body.len() % 4 != 1
}
