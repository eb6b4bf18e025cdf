//! Passwords of people: Argon2id, slow on purpose and large in memory.
//!
//! Tokens and sessions are 256 random bits, which nobody guesses: a plain digest of them is enough,
//! and it does not depend on the master key.

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cipher::hex;
use crate::secret::Secret;

/// A password cannot be hashed: the system has no randomness, or the text is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password cannot be hashed")]
pub struct Unhashable;

/// So many characters keep a password from being guessed.
pub const LEAST: usize = 12;
/// Secrets that other gateways ship with, and everyone knows.
const KNOWN_DEFAULTS: &[&str] = &["admin-key", "gandalf", "ajielu", "sk-123456", "changeme"];
/// How another one begins and ends, which is not repeated here.
const LONG_DEFAULT: (&str, &str) = ("7b18e5", "458d");
/// What one of them takes as a password, with the number of the month behind it.
const OF_THE_MONTH: &str = "admin-";

/// Says whether a text is a secret that everyone knows.
pub fn is_known_default(text: &str) -> bool {
    let (beginning, end) = LONG_DEFAULT;
    let month = text.strip_prefix(OF_THE_MONTH).and_then(|month| month.parse::<u32>().ok());
    KNOWN_DEFAULTS.contains(&text)
        || text.starts_with(beginning) && text.ends_with(end)
        || month.is_some_and(|month| (1..=12).contains(&month))
}

/// Says whether a password is too short, what everyone knows not counted.
pub fn is_easy(password: &str) -> bool {
    if is_known_default(password) {
        return true;
    }
    let rest = Zeroizing::new(password.to_lowercase());
    let rest =
        KNOWN_DEFAULTS.iter().fold(rest, |rest, known| Zeroizing::new(rest.replace(known, "")));
    rest.chars().count() < LEAST
}

/// Hashes a password: Argon2id with 19 MiB, two passes and a random salt, as a PHC string.
pub fn hash(password: &Secret) -> Result<String, Unhashable> {
    let hash = Argon2::default().hash_password(password.expose().as_bytes());
    hash.map(|hash| hash.to_string()).map_err(|_| Unhashable)
}

/// Says whether this is the password that was hashed; it takes as long when it is not.
pub fn is_right(password: &Secret, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    Argon2::default().verify_password(password.expose().as_bytes(), &hash).is_ok()
}

/// Returns what a random token is found by: its SHA-256, in hexadecimal digits.
pub fn digest(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_that_was_hashed_is_right() {
        let hash = hash(&Secret::new("correct horse")).unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(is_right(&Secret::new("correct horse"), &hash));
        assert!(!is_right(&Secret::new("correct horsf"), &hash));
        assert!(!is_right(&Secret::new(""), &hash));
        assert!(!is_right(&Secret::new("correct horse"), ""));
    }

    #[test]
    fn what_everyone_knows_makes_no_password_longer() {
        let long = "7b18e5-and-so-on-458d";
        for easy in ["", "short", "12345678901", "ChangeMeChangeMe", "admin-key-of-mine", long] {
            assert!(is_easy(easy), "{easy}");
        }
        for fine in
            ["123456789012", "gandalf and the white horse", "\u{43a}\u{43b}\u{44e}abcdefghi"]
        {
            assert!(!is_easy(fine), "{fine}");
        }
        assert!(is_known_default("gandalf") && !is_known_default("gandalf2"));
        assert!(is_known_default("admin-12") && !is_known_default("admin-13"));
    }
}
