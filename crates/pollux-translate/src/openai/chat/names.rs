//! Names of functions, which Gemini wants short and plain, there and back.
//!
//! A name that Gemini takes stays as it is. Any other is written with `_` in place of what it may not
//! hold, cut short, and made unique by a fingerprint of the whole name: always the same one, so that
//! a call in the history meets its declaration.

use std::borrow::Cow;
use std::collections::HashMap;

/// The longest name that every model takes, in characters.
const MAX: usize = 64;
/// How many of them are the fingerprint with its `_`.
const TAIL: usize = 9;

/// The client's names of those functions that go by another one upstream.
#[derive(Clone, Debug, Default)]
pub(super) struct Names(HashMap<String, String>);

impl Names {
    /// Returns the name that goes upstream, and remembers what it stands for.
    pub(super) fn upstream<'n>(&mut self, name: &'n str) -> Cow<'n, str> {
        let upstream = upstream(name);
        if let Cow::Owned(made) = &upstream {
            self.0.insert(made.clone(), name.to_owned());
        }
        upstream
    }

    /// Returns the client's name of a function.
    pub(super) fn client<'n>(&'n self, name: &'n str) -> &'n str {
        self.0.get(name).map_or(name, String::as_str)
    }
}

fn upstream(name: &str) -> Cow<'_, str> {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    if name.len() <= MAX && name.starts_with(starts) && name.chars().all(goes_on) {
        return Cow::Borrowed(name);
    }
    let plain = name.chars().map(|c| if goes_on(c) { c } else { '_' });
    let lead = if name.starts_with(starts) { "" } else { "_" };
    let cut: String = lead.chars().chain(plain).take(MAX - TAIL).collect();
    Cow::Owned(format!("{cut}_{:08x}", fingerprint(name)))
}

/// FNV-1a, 32 bits: stable over versions and machines.
fn fingerprint(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_name_stays() {
        let mut names = Names::default();
        for name in ["get_weather", "_x", "a.b:c-d", "x".repeat(64).as_str()] {
            assert_eq!(names.upstream(name), name);
            assert_eq!(names.client(name), name);
        }
        assert!(names.0.is_empty());
    }

    #[test]
    fn any_other_name_comes_back_from_one_that_gemini_takes() {
        let long = format!("mcp__{}", "server_tool".repeat(20));
        let mut names = Names::default();
        let strange =
            ["1st", "get weather", "\u{5929}\u{6c17}", "a/b", long.as_str(), "a b", "a_b ", ""];
        let made: Vec<String> =
            strange.iter().map(|name| names.upstream(name).into_owned()).collect();
        for (name, made) in strange.iter().zip(&made) {
            assert!(made.len() <= MAX && upstream(made) == *made, "{made}");
            assert_eq!(names.client(made), *name);
            assert_eq!(upstream(name), *made);
        }
        let mut unique = made.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), made.len());
    }
}
