//! What the model says: chosen from the request alone, so that the same
//! request is always answered alike.
//!
//! A prompt whose last user text contains `say: TEXT` is answered with exactly
//! `TEXT`; lines `call: NAME {JSON}` in it call the declared functions of those
//! names, and lines that begin with `then ` are for when these have answered;
//! any other prompt is echoed in a sentence, or in JSON if the request asks for
//! `application/json`, by its schema if it gives one. A picture or a sound is
//! made where one is asked for, unless `say: ` dictates text.

mod embedding;
mod evidence;
mod hop;
mod instance;
mod medium;
mod prompt;
mod speech;
mod step;
mod stream;
mod wire;

pub(crate) use self::embedding::vector;
pub(crate) use self::prompt::{
    BUILT_IN, Modality, Prompt, embedded_text, field, is_camel, list, prompt_tokens, whole,
};
pub(crate) use self::speech::Speech;
pub(crate) use self::step::{is_model, prompt_at};
pub(crate) use self::stream::chunks;
pub(crate) use self::wire::{Generated, ModalityCount};

/// Tokens of a text: about four bytes each.
pub(crate) fn tokens(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX).div_ceil(4)
}

/// A number made from bytes, the same on every machine (64-bit FNV-1a).
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The longest start of `text` within `bytes` that cuts no character.
fn start_of(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}
