//! An event as pieces: each text that can be cut, and what stays whole, in their order.
//!
//! The last piece of an event is the event itself, less what went before; the others are events of
//! their own, which say whose they are and nothing else.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;
use unicode_segmentation::UnicodeSegmentation as _;

use crate::text::{Text, json};

/// An event that goes out.
#[derive(Debug)]
pub(super) enum Piece {
    /// As it is.
    Whole(Bytes),
    /// In one or several events, which carry a text.
    Text(Said),
}

/// A text, and the events that carry it.
#[derive(Debug)]
pub(super) struct Said {
    text: String,
    /// Where the part of it begins that has not gone out.
    at: usize,
    /// What is around the text in the event that brings the last of it.
    last: (Bytes, Bytes),
    /// What is around it in those before.
    early: (Bytes, Bytes),
    /// The text as it is written, while nothing of it went out or came in.
    written: Option<Bytes>,
    is_open: bool,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Event<'a> {
    #[serde(borrow)]
    candidates: Vec<Candidate<'a>>,
    #[serde(borrow)]
    model_version: Option<&'a RawValue>,
    #[serde(borrow)]
    response_id: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(borrow)]
    content: Option<Content<'a>>,
    #[serde(borrow)]
    finish_reason: Option<&'a RawValue>,
    #[serde(borrow)]
    index: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Content<'a> {
    #[serde(borrow)]
    parts: Option<&'a RawValue>,
    #[serde(borrow)]
    role: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Part<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
    thought: Option<bool>,
    #[serde(borrow)]
    thought_signature: Option<&'a RawValue>,
}

/// Takes an event apart; one without a text that can be cut is one piece.
pub(super) fn pieces(event: &Bytes) -> Vec<Piece> {
    apart(event).unwrap_or_else(|| vec![Piece::Whole(event.clone())])
}

fn apart(event: &Bytes) -> Option<Vec<Piece>> {
    let text = std::str::from_utf8(event).ok()?;
    let read: Event<'_> = serde_json::from_str(text).ok()?;
    let [candidate] = read.candidates.as_slice() else { return None };
    let list = candidate.content.as_ref()?.parts?.get();
    let parts: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    let spoken: Vec<_> = parts.iter().map(|part| spoken(part.get())).collect();
    if spoken.iter().all(Option::is_none) {
        return None;
    }
    let early = read.around();
    let is_open =
        candidate.finish_reason.is_none() && candidate.index.is_none_or(|index| index.get() == "0");
    let count = parts.len();
    let pieces = parts.iter().zip(spoken).enumerate().map(|(number, (part, spoken))| {
        let part = part.get();
        let around = if number + 1 < count {
            (early.part.0.clone(), early.part.1.clone())
        } else if count == 1 {
            let (before, after) = around(text, part);
            (slice(event, before), slice(event, after))
        } else {
            let (before, after) = around(text, list);
            (joined(&[before, "["]), joined(&["]", after]))
        };
        match spoken {
            None => Piece::Whole(enclosed(&around, part.as_bytes())),
            Some(spoken) => spoken.within(part, &around, &early, is_open),
        }
    });
    Some(pieces.collect())
}

/// What is around a part, and around a text, in an event that brings nothing else.
struct Early {
    part: (Bytes, Bytes),
    text: (Bytes, Bytes),
}

impl Event<'_> {
    fn around(&self) -> Early {
        let candidate = self.candidates.first();
        let role = candidate.and_then(|it| it.content.as_ref()).and_then(|it| it.role);
        let index = candidate.and_then(|it| it.index);
        let member = |name: &str, value: Option<&RawValue>| {
            value.map_or_else(String::new, |value| format!(",\"{name}\":{}", value.get()))
        };
        let before = "{\"candidates\":[{\"content\":{\"parts\":[";
        let after = format!(
            "]{}}}{}}}]{}{}}}",
            member("role", role),
            member("index", index),
            member("modelVersion", self.model_version),
            member("responseId", self.response_id),
        );
        Early {
            part: (joined(&[before]), joined(&[&after])),
            text: (joined(&[before, "{\"text\":"]), joined(&["}", &after])),
        }
    }
}

/// The text of a part that can be cut: one of the answer, which says something.
struct Spoken<'a> {
    written: &'a str,
    text: String,
    is_signed: bool,
}

fn spoken(part: &str) -> Option<Spoken<'_>> {
    let Part { text, thought, thought_signature } = serde_json::from_str(part).ok()?;
    let written = text?.get();
    let Text(text) = serde_json::from_str(written).ok()?;
    let is_answer = thought != Some(true) && !text.is_empty();
    let is_signed = thought_signature.is_some();
    is_answer.then(|| Spoken { written, text: text.into_owned(), is_signed })
}

impl Spoken<'_> {
    fn within(
        self,
        part: &str,
        (before, after): &(Bytes, Bytes),
        early: &Early,
        is_open: bool,
    ) -> Piece {
        let (head, tail) = around(part, self.written);
        let last = ([before, head.as_bytes()].concat(), [tail.as_bytes(), after].concat());
        Piece::Text(Said {
            text: self.text,
            at: 0,
            last: (last.0.into(), last.1.into()),
            early: early.text.clone(),
            written: Some(Bytes::copy_from_slice(self.written.as_bytes())),
            is_open: is_open && !self.is_signed,
        })
    }
}

impl Piece {
    /// The characters of its text.
    pub(super) fn characters(&self) -> usize {
        match self {
            Self::Whole(_) => 0,
            Self::Text(said) => said.text.chars().count(),
        }
    }

    /// The bytes that it holds.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Whole(event) => event.len(),
            Self::Text(said) => said.text.len() + said.last.0.len() + said.last.1.len(),
        }
    }
}

impl Said {
    /// What has not gone out.
    pub(super) fn left(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether the text may go on in the next event, with nothing between them.
    pub(super) fn is_open(&self) -> bool {
        self.is_open
    }

    pub(super) fn last_grapheme(&self) -> &str {
        self.left().graphemes(true).next_back().unwrap_or_default()
    }

    pub(super) fn add(&mut self, more: &str) {
        if !more.is_empty() {
            self.text.push_str(more);
            self.written = None;
        }
    }

    /// Leaves out the next `bytes`, and returns them.
    pub(super) fn skip(&mut self, bytes: usize) -> &str {
        let begin = self.at;
        if bytes > 0 {
            self.at += bytes;
            self.written = None;
        }
        self.text.get(begin..self.at).unwrap_or_default()
    }

    /// The event that brings the next `bytes` of the text.
    pub(super) fn give(&mut self, bytes: usize) -> Bytes {
        let early = self.early.clone();
        enclosed(&early, &json(&self.skip(bytes)))
    }

    /// The event that brings the rest.
    pub(super) fn rest(self) -> Bytes {
        match &self.written {
            Some(written) => enclosed(&self.last, written),
            None => enclosed(&self.last, &json(&self.left())),
        }
    }
}

fn enclosed((before, after): &(Bytes, Bytes), inside: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(before.len() + inside.len() + after.len());
    for piece in [before.as_ref(), inside, after.as_ref()] {
        out.extend_from_slice(piece);
    }
    out.freeze()
}

fn joined(pieces: &[&str]) -> Bytes {
    pieces.concat().into()
}

/// The part of an event that `text`, a slice of it, is.
fn slice(event: &Bytes, text: &str) -> Bytes {
    if text.is_empty() { Bytes::new() } else { event.slice_ref(text.as_bytes()) }
}

/// A text before and after a slice of itself.
fn around<'a>(text: &'a str, part: &str) -> (&'a str, &'a str) {
    let begin = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
    let before = text.get(..begin).unwrap_or_default();
    (before, text.get(begin + part.len()..).unwrap_or_default())
}
