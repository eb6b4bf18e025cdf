//! Text that borrows from the JSON it was read from, and the one way JSON is read and written.

use std::borrow::Cow;
use std::io::{self, Write};
use std::ops::Deref;

use bytes::BytesMut;
use memchr::memchr2;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::ser::Formatter;
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
    if memchr2(b'\n', b' ', json.as_bytes()).is_none() {
        return Cow::Borrowed(json);
    }
    let mut kept = String::with_capacity(json.len());
    let mut in_string = false;
    for piece in json.split_inclusive('"') {
        if in_string {
            kept.push_str(piece);
            let text = piece.strip_suffix('"').unwrap_or(piece);
            let backslashes = text.len() - text.trim_end_matches('\\').len();
            in_string = backslashes % 2 == 1;
        } else {
            kept.extend(piece.split_ascii_whitespace());
            in_string = piece.ends_with('"');
        }
    }
    Cow::Owned(kept)
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

/// Reads JSON; that it is UTF-8 is seen once for all of it, not again for each string.
pub(crate) fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, serde_json::Error> {
    match std::str::from_utf8(body) {
        Ok(text) => serde_json::from_str(text),
        Err(_) => serde_json::from_slice(body),
    }
}

/// Appends `value` as JSON; appends nothing if it cannot be written, which our types never cause.
pub(crate) fn write_json(out: &mut BytesMut, value: &(impl Serialize + ?Sized)) {
    let start = out.len();
    if write(Buffer(out), value).is_err() {
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
    sized_json(value, 128)
}

/// The same for what will be about `size` bytes long, so that a large body is not moved as it grows.
pub(crate) fn sized_json(value: &impl Serialize, size: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(size);
    match write(&mut out, value) {
        Ok(()) => out,
        Err(_) => Vec::new(),
    }
}

fn write(out: impl Write, value: &(impl Serialize + ?Sized)) -> Result<(), serde_json::Error> {
    value.serialize(&mut serde_json::Serializer::with_formatter(out, Verbatim))
}

/// Serialises base64, which as a rule needs no escapes: large media are looked over at the speed
/// of memory and written in one piece. Only what is written here understands it.
pub(crate) fn base64<S: Serializer>(text: &Text<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    if is_plain(text) {
        serializer.serialize_bytes(text.as_bytes())
    } else {
        text.serialize(serializer)
    }
}

/// Returns whether nothing in a text needs an escape; pieces let the compiler compare many at once.
fn is_plain(text: &str) -> bool {
    let escapes = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    let mut pieces = text.as_bytes().chunks(256);
    pieces.all(|piece| !piece.iter().fold(false, |any, &byte| any | escapes(byte)))
}

/// Compact JSON in which bytes are a string that needs no escapes.
struct Verbatim;

impl Formatter for Verbatim {
    fn write_byte_array<W: Write + ?Sized>(&mut self, out: &mut W, bytes: &[u8]) -> io::Result<()> {
        self.begin_string(out)?;
        out.write_all(bytes)?;
        self.end_string(out)
    }
}

/// A buffer that grows as it is written to, without the detours of `BufMut::writer`.
struct Buffer<'o>(&'o mut BytesMut);

impl Write for Buffer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
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

    #[test]
    fn only_space_between_values_is_left_out() {
        for (json, want) in [
            (r#"{"a":[1,2]}"#, r#"{"a":[1,2]}"#),
            ("{ \"a b\" : [1,\n\t2 ],\r\n\"c\": {} }", r#"{"a b":[1,2],"c":{}}"#),
            (r#"{"a\" b": "c \\", "d": "\\\" e" }"#, r#"{"a\" b":"c \\","d":"\\\" e"}"#),
            (" \" \" ", "\" \""),
        ] {
            assert_eq!(compact(json), want);
        }
    }

    #[derive(Serialize)]
    struct Medium<'a> {
        #[serde(serialize_with = "base64")]
        data: Text<'a>,
    }

    #[test]
    fn base64_is_a_string_whatever_is_in_it() {
        let plain = "+/Az09-_=".repeat(100);
        for text in [plain.as_str(), "", "a\"b", "a\\b", "a\u{1f}b", "\u{e9}"] {
            for long in [text.to_owned(), format!("{plain}{text}")] {
                let want = serde_json::to_string(&long).unwrap();
                let got = json(&Medium { data: long.into() });
                assert_eq!(String::from_utf8(got).unwrap(), format!("{{\"data\":{want}}}"));
            }
        }
    }
}
