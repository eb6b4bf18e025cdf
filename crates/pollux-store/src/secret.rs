//! The one type that holds a secret.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Of shorter secrets nothing is ever shown.
const LONG_ENOUGH: usize = 12;
/// How many characters at the end may be shown.
const SHOWN: usize = 4;
/// What access keys are made of.
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// How many of these carry 256 random bits.
const LETTERS: usize = 43;

/// A key or password; overwritten in memory when the last clone is dropped.
///
/// It cannot be displayed or serialised, and shows only its end in debug output.
#[derive(Clone)]
pub struct Secret(Arc<Zeroizing<String>>);

impl Secret {
    /// Takes the secret in.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(Arc::new(Zeroizing::new(secret.into())))
    }

    /// Returns the secret itself, to be sent or sealed and nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Returns the last 4 characters, and nothing of a secret of fewer than 12.
    pub fn last4(&self) -> &str {
        let secret = self.expose();
        let length = secret.chars().count();
        if length < LONG_ENOUGH {
            return "";
        }
        secret.char_indices().nth(length - SHOWN).map_or("", |(start, _)| secret.split_at(start).1)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret(..{})", self.last4())
    }
}

/// Makes an access key: `sk-` and 43 letters and digits that carry 256 random bits.
///
/// Fails only where the system has no randomness to give.
pub fn generate_access_key() -> Result<Secret, getrandom::Error> {
    generate("sk-")
}

/// Returns whether a text looks like an access key that was made here.
pub fn is_like_an_access_key(text: &str) -> bool {
    let end = text.bytes().rev().take(LETTERS);
    text.starts_with("sk-")
        && text.len() >= "sk-".len() + LETTERS
        && end.into_iter().all(|byte| byte.is_ascii_alphanumeric())
}

/// Makes a secret of this beginning, and 43 letters and digits that carry 256 random bits.
///
/// Fails only where the system has no randomness to give.
pub fn generate(beginning: &str) -> Result<Secret, getrandom::Error> {
    let length = beginning.len() + LETTERS;
    let mut key = Zeroizing::new(String::with_capacity(length));
    key.push_str(beginning);
    let mut bytes = Zeroizing::new([0_u8; 64]);
    while key.len() < length {
        getrandom::fill(bytes.as_mut_slice())?;
        for byte in bytes.iter() {
            if let Some(letter) = letter(*byte)
                && key.len() < length
            {
                key.push(letter);
            }
        }
    }
    Ok(Secret(Arc::new(key)))
}

/// Returns the letter for a random byte; bytes that would make some letters likelier give none.
fn letter(byte: u8) -> Option<char> {
    let place = usize::from(byte);
    let even = place < 256 / ALPHABET.len() * ALPHABET.len();
    even.then(|| ALPHABET.get(place % ALPHABET.len()).copied().map(char::from)).flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[track_caller]
    fn check(secret: &str, shown: &str) {
        let secret = Secret::new(secret);
        assert_eq!(secret.last4(), shown);
        assert_eq!(format!("{secret:?}"), format!("Secret(..{shown})"));
    }

    #[test]
    fn only_the_end_of_a_long_secret_shows() {
        check("AIzaSyA-0123456789-wxyz", "wxyz");
        check("0123456789ab", "89ab");
        check("0123456789a", "");
        check("", "");
        let word = "\u{43a}\u{43b}\u{44e}\u{447}";
        check(&word.repeat(3), word);
    }

    #[test]
    fn access_keys_are_long_and_never_the_same() {
        let keys: BTreeSet<String> =
            (0..100).map(|_| generate_access_key().unwrap().expose().to_owned()).collect();
        assert_eq!(keys.len(), 100);
        assert!(keys.iter().all(|key| is_like_an_access_key(key)));
        assert!(!is_like_an_access_key("sk-key-of-somebody-else-that-is-quite-long-and-more"));
        assert!(!is_like_an_access_key("AIzaSyA-0123456789-wxyz"));
        for key in &keys {
            let letters = key.strip_prefix("sk-").unwrap();
            assert_eq!(letters.len(), 43);
            assert!(letters.chars().all(|letter| letter.is_ascii_alphanumeric()));
        }
        let used: BTreeSet<char> = keys.iter().flat_map(|key| key.chars().skip(3)).collect();
        assert_eq!(used.len(), 62);
    }
}
