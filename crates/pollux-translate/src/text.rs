//! Text that borrows from the JSON it was read from, and the one way JSON is written.

use std::borrow::Cow;
use std::ops::Deref;

use bytes::{BufMut, BytesMut};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON string, borrowed from the input unless it holds escapes.
///
/// `Option<Cow<str>>` always copies when it is read; `Option<Text>` does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Text<'_> {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// A JSON value as it was written: borrowed from the input, or made here.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Json<'a> {
    /// As it came.
    Borrowed(&'a RawValue),
    /// Written by us.
    Owned(Box<RawValue>),
}

impl Json<'_> {
    /// Returns the text.
    pub fn get(&self) -> &str {
        match self {
            Self::Borrowed(raw) => raw.get(),
            Self::Owned(raw) => raw.get(),
        }
    }
}

impl Default for Json<'_> {
    fn default() -> Self {
        Self::Owned(Box::default())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Json<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Self::Borrowed)
    }
}

/// Returns JSON text without the space between its values.
pub(crate) fn compact(json: &str) -> Cow<'_, str> {
    if !json.contains(['\n', ' ']) {
        return Cow::Borrowed(json);
    }
    let (mut in_string, mut escaped) = (false, false);
    let kept = json.chars().filter(|&c| {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            return true;
        }
        in_string = c == '"';
        !c.is_ascii_whitespace()
    });
    Cow::Owned(kept.collect())
}

/// A JSON value that goes out without the space between its parts, so that it fits on one line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Compact<'a>(pub(crate) &'a RawValue);

impl Serialize for Compact<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !self.0.get().contains('\n') {
            return self.0.serialize(serializer);
        }
        let text = compact(self.0.get()).into_owned();
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

/// Appends `value` as JSON; appends nothing if it cannot be written, which our types never cause.
pub(crate) fn write_json(out: &mut BytesMut, value: &impl Serialize) {
    let start = out.len();
    if serde_json::to_writer((&mut *out).writer(), value).is_err() {
        out.truncate(start);
    }
}

/// Appends `value` as the data of one event.
pub(crate) fn write_event(out: &mut BytesMut, value: &impl Serialize) {
    out.extend_from_slice(b"data: ");
    write_json(out, value);
    out.extend_from_slice(b"\n\n");
}

/// Returns `value` as JSON; empty if it cannot be written, which our types never cause.
pub(crate) fn json(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_text_without_escapes_is_not_copied() {
        let plain: Option<Text<'_>> = serde_json::from_str(r#""plain""#).unwrap();
        let escaped: Option<Text<'_>> = serde_json::from_str(r#""a\nb""#).unwrap();
        assert!(matches!(plain, Some(Text(Cow::Borrowed("plain")))));
        assert!(matches!(escaped, Some(Text(Cow::Owned(text))) if text == "a\nb"));
    }
}
