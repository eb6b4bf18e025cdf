//! Thought signatures: what stands in for one, and how a refused request is mended.
//!
//! Gemini 3 and later refuse a turn whose first function call lacks its
//! signature, and one whose signature is not theirs. A request is mended in
//! place: no byte changes but the signatures.

use serde_json::value::RawValue;

use super::content::MODEL;
use super::error::ErrorBody;
use crate::members::Members;
use crate::text::Text;

/// What Gemini takes in place of a signature that nobody has.
pub const SENTINEL: &str = "skip_thought_signature_validator";
/// The same in base64, as libraries send it that take signatures for bytes.
const SENTINEL_BASE64: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";

/// Returns whether Gemini refused a request for a signature that is missing, foreign or broken.
///
/// What the message quotes are a client's words, which do not count.
pub fn is_signature_error(error: &ErrorBody) -> bool {
    let own: String = error.message.split('"').step_by(2).collect();
    let own = own.to_ascii_lowercase();
    let names_it = |after: &str| {
        let mut skipped = after.chars();
        skipped.next();
        after.starts_with("signature") || skipped.as_str().starts_with("signature")
    };
    matches!(error.code, 0 | 400) && own.split("thought").skip(1).any(names_it)
}

/// Returns the request with the sentinel in place of every signature, and with one on the first
/// function call of each of the model's turns; nothing if that is how it is already.
pub fn with_sentinels(body: &[u8]) -> Option<Vec<u8>> {
    let mut edits = Vec::new();
    let mut called = false;
    for content in named(&members(body)?, "contents", "contents").flat_map(elements) {
        let Some(content) = members(content.get().as_bytes()) else { continue };
        let is_model = named(&content, "role", "role").any(|role| is_text(role, MODEL));
        // Turns of the model that follow each other count as one.
        called &= is_model;
        for part in named(&content, "parts", "parts").flat_map(elements) {
            let is_first = is_model && !called;
            let is_call = mend(part, is_first, &mut edits).unwrap_or(false);
            called |= is_model && is_call;
        }
    }
    (!edits.is_empty()).then(|| apply(body, &edits))
}

/// A text that takes the place of another one, which may be empty.
#[derive(Debug)]
struct Edit<'a> {
    /// A piece of the body itself.
    place: &'a str,
    text: String,
}

/// Notes what has to change in a part; returns whether it is a call that needs a signature.
fn mend<'a>(part: &'a RawValue, is_first: bool, edits: &mut Vec<Edit<'a>>) -> Option<bool> {
    let fields = members(part.get().as_bytes())?;
    let is_call = named(&fields, "functionCall", "function_call").any(|call| call.get() != "null");
    let needs_one = is_first && is_call;
    let mut signed = false;
    for signature in named(&fields, "thoughtSignature", "thought_signature") {
        let Ok(Text(text)) = serde_json::from_str(signature.get()) else { continue };
        let is_sentinel = text == SENTINEL || text == SENTINEL_BASE64;
        signed |= is_sentinel;
        if !is_sentinel && (needs_one || !text.is_empty()) {
            edits.push(Edit { place: signature.get(), text: format!("\"{SENTINEL}\"") });
            signed = true;
        }
    }
    if needs_one && !signed {
        let inside = part.get().get(1..1)?;
        edits.push(Edit { place: inside, text: format!("\"thoughtSignature\":\"{SENTINEL}\",") });
    }
    Some(is_call)
}

/// Writes the body anew with its edits, which are in the order of their places.
fn apply(body: &[u8], edits: &[Edit<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + edits.len() * 64);
    let mut copied = 0;
    for Edit { place, text } in edits {
        let begin = place.as_ptr().addr() - body.as_ptr().addr();
        out.extend_from_slice(body.get(copied..begin).unwrap_or_default());
        out.extend_from_slice(text.as_bytes());
        copied = begin + place.len();
    }
    out.extend_from_slice(body.get(copied..).unwrap_or_default());
    out
}

fn members(object: &[u8]) -> Option<Members<'_>> {
    serde_json::from_slice(object).ok()
}

/// The values under a name, in either spelling.
fn named<'a>(
    Members(members): &Members<'a>,
    camel: &str,
    snake: &str,
) -> impl Iterator<Item = &'a RawValue> {
    let is_it = move |(name, _): &&(Text<'a>, &'a RawValue)| {
        name.as_str() == camel || name.as_str() == snake
    };
    members.iter().filter(is_it).map(|(_, value)| *value)
}

/// The elements of a list; a single value counts as a list of one.
fn elements(list: &RawValue) -> Vec<&RawValue> {
    serde_json::from_str(list.get()).unwrap_or_else(|_| vec![list])
}

fn is_text(value: &RawValue, want: &str) -> bool {
    serde_json::from_str::<Text<'_>>(value.get()).is_ok_and(|text| text.as_str() == want)
}

#[cfg(test)]
mod tests;
