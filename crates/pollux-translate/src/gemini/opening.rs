//! How a conversation begins, by which its later turns are known, and about how long its prompt is.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What precedes the bytes of a picture, a sound or a file inside a request.
const DATA: &[u8] = b"\"data\"";
/// What precedes the most tokens that a model may say, as the dialects of Gemini's API write it.
const OUTPUT_LIMITS: [&[u8]; 2] = [b"\"maxOutputTokens\"", b"\"max_output_tokens\""];
/// Strings up to this length are text, whatever they are called.
const SHORT: usize = 512;
/// What a picture counts, and a tile of a larger one (section 8 of the wire reference has no more).
const MEDIA_TOKENS: u64 = 258;
/// Bytes of text that make a token, as Google's documentation has it for English.
const TOKEN_BYTES: usize = 4;

/// The beginning of a conversation: what stays the same in each of its requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Stands for the instruction, the tools and the first content.
    pub hash: u64,
    /// How many contents the request has; more than one when it goes on with a conversation.
    pub contents: usize,
    /// How many bytes the beginning has.
    pub bytes: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Wire<'a> {
    #[serde(borrow, rename = "systemInstruction", alias = "system_instruction")]
    instruction: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    #[serde(borrow)]
    contents: Vec<&'a RawValue>,
}

/// Reads how the conversation of a `generateContent` body begins; nothing when it has no contents.
pub fn opening(body: &[u8]) -> Option<Opening> {
    let wire: Wire<'_> = serde_json::from_slice(body).ok()?;
    let first = wire.contents.first()?;
    let parts =
        [wire.instruction, wire.tools, Some(*first)].map(|raw| raw.map_or("", RawValue::get));
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    let bytes = parts.iter().map(|part| part.len()).sum();
    Some(Opening { hash: hasher.finish(), contents: wire.contents.len(), bytes })
}

/// Returns about how many tokens the prompt in a request has.
///
/// A guess to reserve quota by until Gemini counts: text by its bytes, media by the piece.
pub fn prompt_tokens(body: &[u8]) -> u64 {
    let finder = Finder::new(DATA);
    let (mut text, mut media, mut rest) = (body.len(), 0, body);
    while let Some(at) = finder.find(rest) {
        rest = rest.get(at + DATA.len()..).unwrap_or_default();
        let value = rest.trim_ascii_start().strip_prefix(b":").map(<[u8]>::trim_ascii_start);
        let Some(value) = value.and_then(|value| value.strip_prefix(b"\"")) else { continue };
        // Base64 has neither quotes nor backslashes but before a slash.
        let length = memchr::memchr(b'"', value).unwrap_or(value.len());
        if length > SHORT {
            text = text.saturating_sub(length);
            media += MEDIA_TOKENS;
        }
        rest = value.get(length..).unwrap_or_default();
    }
    u64::try_from(text / TOKEN_BYTES).unwrap_or(u64::MAX).saturating_add(media)
}

/// Returns the most tokens that a request lets the model say, where it names a number of them.
///
/// Of several numbers the largest counts: one may be in what is no setting.
pub fn most_output_tokens(body: &[u8]) -> Option<u64> {
    let named = OUTPUT_LIMITS.iter().flat_map(|name| {
        let finder = Finder::new(*name);
        let places: Vec<usize> = finder.find_iter(body).map(|at| at + name.len()).collect();
        places.into_iter().filter_map(|at| {
            let value = body.get(at..)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
            let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
            std::str::from_utf8(value.get(..digits)?).ok()?.parse().ok()
        })
    });
    named.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(body: &str) -> Option<(u64, usize)> {
        opening(body.as_bytes()).map(|opening| (opening.hash, opening.contents))
    }

    #[test]
    fn later_turns_of_a_conversation_begin_alike() {
        let first = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"tools":[1]}"#;
        let later = r#"{"tools":[1],"contents":[{"role":"user","parts":[{"text":"hi"}]},
            {"role":"model","parts":[]},{"role":"user","parts":[]}],"generationConfig":{}}"#;
        let (one, other) = (hash(first).unwrap(), hash(later).unwrap());
        assert_eq!((one.0, one.1, other.1), (other.0, 1, 3));
        for different in [
            r#"{"contents":[{"role":"user","parts":[{"text":"ho"}]}],"tools":[1]}"#,
            r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"tools":[2]}"#,
            r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"tools":[1],
                "systemInstruction":{"parts":[]}}"#,
        ] {
            assert_ne!(hash(different).unwrap().0, one.0, "{different}");
        }
    }

    #[test]
    fn what_has_no_beginning_has_none() {
        for body in ["", "{}", r#"{"contents":[]}"#, r#"{"contents":5}"#, "[1]"] {
            assert_eq!(hash(body), None, "{body}");
        }
    }

    #[test]
    fn the_most_that_may_be_said_is_found_where_it_is_a_number() {
        for (body, want) in [
            (r#"{"generationConfig":{"maxOutputTokens" : 512}}"#, Some(512)),
            (r#"{"generation_config":{"max_output_tokens":64,"temperature":1}}"#, Some(64)),
            (r#"{"text":"say \"maxOutputTokens\":9","maxOutputTokens":5}"#, Some(5)),
            (r#"{"properties":{"maxOutputTokens":{"type":"integer"}}}"#, None),
            (r#"{"maxOutputTokens":-1}"#, None),
            (r#"{"maxOutputTokens":"#, None),
            ("", None),
        ] {
            assert_eq!(most_output_tokens(body.as_bytes()), want, "{body}");
        }
    }

    #[test]
    fn a_prompt_is_weighed_by_its_text_and_its_pictures() {
        let text = "word ".repeat(80);
        assert_eq!(prompt_tokens(format!(r#"{{"text":"{text}"}}"#).as_bytes()), 102);
        let picture = "iVBORw0KGgo".repeat(10_000);
        let body = format!(r#"{{"inlineData":{{"data" : "{picture}"}},"text":"{text}"}}"#);
        let tokens = prompt_tokens(body.as_bytes());
        assert!((360..380).contains(&tokens), "{tokens}");
        assert_eq!(prompt_tokens(br#"{"data":"short","data":5,"data":""#), 8);
    }
}
