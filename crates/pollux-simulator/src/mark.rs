//! Opaque texts that only this simulator gives out, each for one project.
//!
//! A mark says itself whose it is, so that nothing has to be remembered:
//! base64 of `kind:project:name:number:noise`, where the noise follows from
//! the rest and so betrays any change.

use base64::Engine as _;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;

use crate::answer::hash;

/// What Google takes in place of a signature that nobody has.
const SENTINEL: &str = "skip_thought_signature_validator";

/// Words of noise; a real signature is no shorter.
const NOISE: u64 = 12;

/// Reads base64 with or without its padding.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// What a mark is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A thought signature.
    Signature,
    /// A token that continues an answer.
    Continuation,
}

/// A mark that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) project: String,
    pub(crate) number: u64,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Self::Signature => "sig",
            Self::Continuation => "cont",
        }
    }
}

/// Makes a mark.
pub(crate) fn make(kind: Kind, project: &str, name: &str, number: u64) -> String {
    let head = format!("{}:{project}:{name}:{number}", kind.word());
    BASE64_STANDARD.encode(format!("{head}:{}", noise(&head)))
}

/// Reads a mark of this simulator in either alphabet; absent for anything else.
pub(crate) fn read(kind: Kind, text: &str) -> Option<Mark> {
    let text = String::from_utf8(decode(text)?).ok()?;
    let (head, betrayer) = text.rsplit_once(':')?;
    if noise(head) != betrayer {
        return None;
    }
    let (rest, number) = head.rsplit_once(':')?;
    let mut words = rest.splitn(3, ':');
    (words.next() == Some(kind.word())).then_some(())?;
    Some(Mark { project: words.next()?.to_owned(), number: number.parse().ok()? })
}

/// Whether a signature is the one that stands for none, as it is or in base64.
pub(crate) fn is_sentinel(signature: &str) -> bool {
    signature == SENTINEL || decode(signature).is_some_and(|bytes| bytes == SENTINEL.as_bytes())
}

fn decode(text: &str) -> Option<Vec<u8>> {
    LENIENT.decode(text.replace('-', "+").replace('_', "/")).ok()
}

fn noise(head: &str) -> String {
    let seed = hash(head.as_bytes());
    let word = |at: u64| format!("{:016x}", hash(&seed.wrapping_add(at).to_be_bytes()));
    (0..NOISE).map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_whose_it_is() {
        let text = make(Kind::Signature, "p1", "default_api:look", 7);
        let mark = Mark { project: "p1".to_owned(), number: 7 };
        assert_eq!(read(Kind::Signature, &text), Some(mark.clone()));
        let url_safe = text.replace('+', "-").replace('/', "_");
        assert_eq!(read(Kind::Signature, url_safe.trim_end_matches('=')), Some(mark));
        assert_eq!(read(Kind::Continuation, &text), None);
    }

    #[test]
    fn a_mark_that_was_changed_is_none() {
        let text = make(Kind::Signature, "p1", "look", 7);
        assert_eq!(read(Kind::Signature, &format!("{text}{text}")), None);
        assert_eq!(read(Kind::Signature, &text[..text.len() - 8]), None);
        assert_eq!(read(Kind::Signature, &text[4..]), None);
        for other in ["", "QUJD", "sig:p1:look:7:0", "c2lnOnAxOmxvb2s6Nzow", "%"] {
            assert_eq!(read(Kind::Signature, other), None, "{other}");
        }
    }

    #[test]
    fn the_sentinel_is_known_plain_and_in_base64() {
        assert!(is_sentinel(SENTINEL));
        assert!(is_sentinel("c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="));
        assert!(!is_sentinel("skip_thought_signature_validator2"));
    }
}
