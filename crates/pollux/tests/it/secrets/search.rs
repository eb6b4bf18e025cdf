//! Finds secrets in whatever left the program, in whatever form they may stand there.

use std::{borrow::Cow, fmt::Write as _};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::{
    Engine as _,
    alphabet::{self, Alphabet},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};

/// So many bytes of a secret, one after the other, are too much of it.
const PIECE: usize = 14;
/// Texts are in texts: JSON in a string of JSON, a URL in the query of a URL.
const DEEPEST: usize = 3;

/// Secrets, each by a name that may be shown.
pub(super) struct Searcher {
    patterns: AhoCorasick,
    /// Whose each pattern is, and in which form.
    of: Vec<(String, String)>,
}

impl Searcher {
    pub(super) fn new<'a>(secrets: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let (mut of, mut patterns) = (Vec::new(), Vec::new());
        for (name, secret) in secrets {
            assert!(secret.len() >= PIECE, "{name} is too short to be told from other things");
            for (form, pattern) in forms(secret) {
                of.push((name.to_owned(), form));
                patterns.push(pattern);
            }
        }
        let patterns = AhoCorasick::builder().match_kind(MatchKind::Standard).build(&patterns);
        Self { patterns: patterns.unwrap(), of }
    }

    /// The secrets that stand somewhere in `bytes`, each once, with their form.
    pub(super) fn find(&self, bytes: &[u8]) -> Vec<(&str, String)> {
        let mut found: Vec<(&str, String)> = Vec::new();
        for (reading, text) in readings(bytes) {
            for hit in self.patterns.find_overlapping_iter(text.as_ref()) {
                let (name, form) = &self.of[hit.pattern().as_usize()];
                if found.iter().all(|(known, _)| known != name) {
                    found.push((name, format!("{form}{reading}")));
                }
            }
        }
        found
    }
}

fn forms(secret: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut forms = Vec::new();
    // A piece at every step of half of its length: whatever is half longer holds one.
    let last = secret.len() - PIECE;
    for start in (0..last).step_by(PIECE / 2).chain([last]) {
        let piece = &secret[start..start + PIECE];
        forms.push((format!("plain from {start}"), piece.to_vec()));
        let hex = hexadecimal(piece);
        forms.push(("hexadecimal, large".to_owned(), hex.to_uppercase().into()));
        forms.push(("hexadecimal".to_owned(), hex.into()));
        for (name, alphabet) in [("", &alphabet::STANDARD), (" for URLs", &alphabet::URL_SAFE)] {
            for shift in 0..3 {
                let form = format!("base64{name}, {shift} bytes on");
                forms.push((form, base64_within(piece, alphabet, shift)));
            }
        }
    }
    forms
}

/// The characters that `secret` alone decides when `shift` bytes stand before it.
fn base64_within(secret: &[u8], alphabet: &Alphabet, shift: usize) -> Vec<u8> {
    let text = [&[0; 3][..shift], secret].concat();
    let encoded = GeneralPurpose::new(alphabet, NO_PAD).encode(&text);
    let (first, last) = ((shift * 8).div_ceil(6), text.len() * 8 / 6);
    encoded.as_bytes()[first..last].to_vec()
}

/// The bytes as they are, and with escapes undone as often as there are any.
fn readings(bytes: &[u8]) -> Vec<(String, Cow<'_, [u8]>)> {
    let mut readings = vec![(String::new(), Cow::Borrowed(bytes))];
    for (name, undo) in [("JSON", unescaped as fn(&[u8]) -> Vec<u8>), ("percent", decoded)] {
        let mut text = undo(bytes);
        let mut before = bytes.to_vec();
        for depth in 1..=DEEPEST {
            if text == before {
                break;
            }
            let deeper = undo(&text);
            readings.push((format!(", {name} escaped {depth} times"), text.clone().into()));
            (before, text) = (text, deeper);
        }
    }
    readings
}

/// Without the backslashes of JSON and of Rust's `Debug`.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let number = |digits: &[u8], length| hex(digits, length).and_then(|it| it.try_into().ok());
        let (byte, length) = match (first, after) {
            (b'\\', [b'u', digits @ ..]) => (number(digits, 4), 6),
            (b'\\', [b'x', digits @ ..]) => (number(digits, 2), 4),
            (b'\\', [escaped @ (b'"' | b'\\' | b'/' | b'\''), ..]) => (Some(*escaped), 2),
            _ => (None, 1),
        };
        plain.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &rest[length..] } else { after };
    }
    plain
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let [first, after @ ..] = rest {
        let byte = hex(after, 2).filter(|_| *first == b'%').and_then(|it| it.try_into().ok());
        plain.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &after[2..] } else { after };
    }
    plain
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn hex(text: &[u8], digits: usize) -> Option<u32> {
    let text = std::str::from_utf8(text.get(..digits)?).ok()?;
    let is_hex = text.bytes().all(|it| it.is_ascii_hexdigit());
    is_hex.then(|| u32::from_str_radix(text, 16).unwrap())
}

const SECRET: &str = "AQ.kJ8/x\"Q2+m\\Zr7~pT4";

#[track_caller]
fn check(what: &str, text: &[u8], want: bool) {
    let decoy = "another/secret+of-the=test".as_bytes();
    let searcher = Searcher::new([("decoy", decoy), ("secret", SECRET.as_bytes())]);
    let around = [b"\x00\xffbefore ".as_slice(), text, b" after\x00"].concat();
    let found = searcher.find(&around);
    let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, if want { &["secret"][..] } else { &[] }, "{what}: {found:?}");
}

#[test]
fn a_secret_is_found_in_every_form() {
    let bytes = SECRET.as_bytes();
    let all = |form: fn(u8) -> String| bytes.iter().map(|byte| form(*byte)).collect::<String>();
    let json = serde_json::to_string(SECRET).unwrap();
    let special = SECRET.replace('/', "%2F").replace('+', "%2b").replace('"', "%22");
    for (what, text) in [
        ("plain", SECRET.to_owned()),
        ("most of it", SECRET[..20].to_owned()),
        ("the end of it", SECRET[2..].to_owned()),
        ("hexadecimal", hexadecimal(bytes)),
        ("large hexadecimal", hexadecimal(bytes).to_uppercase()),
        ("percent", all(|byte| format!("%{byte:02X}"))),
        ("percent, what is special", special.clone()),
        ("percent twice", special.replace('%', "%25")),
        ("JSON", json.clone()),
        ("JSON in JSON", serde_json::to_string(&json).unwrap()),
        ("JSON with slashes", json.replace('/', "\\/")),
        ("JSON with numbers", all(|byte| format!("\\u{byte:04x}"))),
        ("Debug", format!("{SECRET:?}")),
    ] {
        check(what, text.as_bytes(), true);
    }
}

#[test]
fn a_secret_is_found_in_base64_wherever_it_begins() {
    for alphabet in [alphabet::STANDARD, alphabet::URL_SAFE] {
        let engine = GeneralPurpose::new(&alphabet, NO_PAD);
        for before in ["", "u", "us", "use", "user:"] {
            for after in ["", ".", "..", "..."] {
                let text = engine.encode(format!("{before}{SECRET}{after}"));
                check(&format!("{before}{after}"), text.as_bytes(), true);
            }
        }
    }
}

#[test]
fn what_is_no_secret_is_not_found() {
    for text in ["", "AQ.kJ8", "kJ8/x\"Q2", "\\u00", "%4", "\\", "AQ.kJ8/x\"Q2 + m\\Zr7~pT4"] {
        check(text, text.as_bytes(), false);
    }
}
