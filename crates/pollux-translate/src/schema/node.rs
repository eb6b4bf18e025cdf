//! A JSON value whose objects keep the order of their fields, and whose numbers stay as written.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::members::Members;
use crate::text::Text;

#[derive(Clone, Debug)]
pub(super) enum Node<'a> {
    Object(Vec<(Text<'a>, Self)>),
    List(Vec<Self>),
    /// A string, number, boolean or null, as JSON.
    Leaf(Text<'a>),
}

impl<'a> Node<'a> {
    /// Reads a value; its depth is what the JSON parser allowed already.
    pub(super) fn read(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let Members(fields) = serde_json::from_str(text).ok()?;
                let read = |(key, raw)| Some((key, Self::read(raw)?));
                Self::Object(fields.into_iter().map(read).collect::<Option<_>>()?)
            }
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::List(items.into_iter().map(Self::read).collect::<Option<_>>()?)
            }
            _ => Self::Leaf(text.into()),
        })
    }

    /// Makes a string.
    pub(super) fn string(text: &str) -> Self {
        Self::Leaf(String::from_utf8(crate::text::json(&text)).unwrap_or_default().into())
    }

    pub(super) fn write(&self) -> Option<Box<RawValue>> {
        RawValue::from_string(serde_json::to_string(self).ok()?).ok()
    }

    pub(super) fn is_string(&self) -> bool {
        matches!(self, Self::Leaf(text) if text.starts_with('"'))
    }

    /// Returns the text of a string.
    pub(super) fn as_text(&self) -> Option<Text<'_>> {
        match self {
            Self::Leaf(text) => serde_json::from_str(text.as_str()).ok(),
            Self::Object(_) | Self::List(_) => None,
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(fields) => {
                fields.iter().find(|(key, _)| key.as_str() == name).map(|(_, value)| value)
            }
            Self::List(_) | Self::Leaf(_) => None,
        }
    }
}

impl Serialize for Node<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Leaf(text) => {
                // It was valid when it was read.
                let raw = serde_json::from_str::<&RawValue>(text.as_str());
                raw.map_err(serde::ser::Error::custom)?.serialize(serializer)
            }
        }
    }
}
