//! A look at an answer that copies nothing: what the native face needs beside the bytes it relays.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::finish::FinishReason;
use super::proto::{Presence, many};
use super::response::{Facts, PromptFeedback, UsageMetadata};
use crate::text::{Text, read};
use crate::usage::Usage;

/// An answer or event of which only the facts are read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Glance<'a> {
    #[serde(deserialize_with = "many")]
    candidates: Vec<Candidate>,
    #[serde(borrow)]
    prompt_feedback: Option<PromptFeedback<'a>>,
    usage_metadata: Option<UsageMetadata>,
    error: Presence,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<FinishReason>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Content {
    parts: Parts,
}

/// Whether any of the parts carries anything.
#[derive(Clone, Copy, Debug, Default)]
struct Parts(bool);

/// Whether one part does.
#[derive(Clone, Copy, Debug)]
struct PartPresence(bool);

impl<'a> Glance<'a> {
    /// Reads a whole body or the data of one event; a list yields its first element.
    pub fn parse(body: &'a [u8]) -> Result<Self, serde_json::Error> {
        object(body)
    }

    /// Returns the first finish reason among the answers.
    pub fn finish_reason(&self) -> Option<&FinishReason> {
        self.candidates.iter().find_map(|candidate| candidate.finish_reason.as_ref())
    }

    /// Returns whether the prompt was blocked.
    pub fn is_blocked(&self) -> bool {
        self.prompt_feedback.as_ref().is_some_and(|feedback| feedback.reason().is_some())
    }

    /// Returns whether any part of any answer carries anything.
    pub fn has_content(&self) -> bool {
        self.candidates.iter().filter_map(|one| one.content.as_ref()).any(|it| it.parts.0)
    }

    /// Returns what the gateway needs to know.
    pub fn facts(&self) -> Facts {
        Facts {
            usage: self.usage_metadata.as_ref().map(Usage::from),
            finish: self.finish_reason().cloned(),
            blocked: self.is_blocked(),
            has_content: self.has_content(),
            error: self.error.0,
        }
    }
}

/// Reads an object, or the first element of a list; an empty list reads as an empty object.
pub(super) fn object<'a, T: Deserialize<'a> + Default>(
    body: &'a [u8],
) -> Result<T, serde_json::Error> {
    if body.trim_ascii_start().starts_with(b"[") {
        let list: Vec<T> = read(body)?;
        return Ok(list.into_iter().next().unwrap_or_default());
    }
    read(body)
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartsVisitor;

        impl<'de> Visitor<'de> for PartsVisitor {
            type Value = Parts;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a list of parts")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut any = false;
                while let Some(PartPresence(present)) = seq.next_element()? {
                    any |= present;
                }
                Ok(Parts(any))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                part_presence(map).map(|PartPresence(present)| Parts(present))
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
                Ok(Parts(false))
            }
        }

        deserializer.deserialize_any(PartsVisitor)
    }
}

impl<'de> Deserialize<'de> for PartPresence {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PartVisitor;

        impl<'de> Visitor<'de> for PartVisitor {
            type Value = PartPresence;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a part")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                part_presence(map)
            }
        }

        deserializer.deserialize_map(PartVisitor)
    }
}

fn part_presence<'de, A: MapAccess<'de>>(mut map: A) -> Result<PartPresence, A::Error> {
    let mut any = false;
    while let Some(Text(key)) = map.next_key()? {
        let Presence(present) = map.next_value()?;
        any |= present && key != "thought";
    }
    Ok(PartPresence(any))
}
