//! Texts sealed with a passphrase, to be carried elsewhere: Argon2id makes the key, and
//! XChaCha20-Poly1305 seals.

use argon2::Argon2;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::{CipherError, NONCE};
use crate::secret::Secret;

/// What a parcel begins with; the number says how it is made.
const MARK: &str = "pollux-parcel-1.";
const SALT: usize = 16;

/// Seals a text under a passphrase; slow on purpose, with 19 MiB and two passes.
pub fn seal(passphrase: &Secret, text: &Secret) -> Result<String, CipherError> {
    let (mut salt, mut nonce) = ([0; SALT], [0; NONCE]);
    getrandom::fill(&mut salt)?;
    getrandom::fill(&mut nonce)?;
    let payload = Payload { msg: text.expose().as_bytes(), aad: MARK.as_bytes() };
    let sealed = cipher(passphrase, &salt)?.encrypt(&XNonce::from(nonce), payload);
    let sealed = sealed.map_err(|_| CipherError::Parcel)?;
    let bytes = [&salt[..], &nonce, &sealed].concat();
    Ok(format!("{MARK}{}", STANDARD_NO_PAD.encode(bytes)))
}

/// Opens what was sealed under this passphrase.
pub fn open(passphrase: &Secret, parcel: &str) -> Result<Secret, CipherError> {
    let broken = || CipherError::Parcel;
    let text = parcel.trim().strip_prefix(MARK).ok_or_else(broken)?;
    let bytes = STANDARD_NO_PAD.decode(text).map_err(|_| broken())?;
    let (salt, rest) = bytes.split_first_chunk::<SALT>().ok_or_else(broken)?;
    let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    let payload = Payload { msg: sealed, aad: MARK.as_bytes() };
    let text = cipher(passphrase, salt)?.decrypt(&XNonce::from(*nonce), payload);
    String::from_utf8(text.map_err(|_| broken())?).map(Secret::new).map_err(|_| broken())
}

fn cipher(passphrase: &Secret, salt: &[u8; SALT]) -> Result<XChaCha20Poly1305, CipherError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    let made = Argon2::default().hash_password_into(
        passphrase.expose().as_bytes(),
        salt,
        key.as_mut_slice(),
    );
    made.map_err(|_| CipherError::Parcel)?;
    XChaCha20Poly1305::new_from_slice(key.as_slice()).map_err(|_| CipherError::Parcel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_passphrase_opens_and_nothing_may_be_changed() {
        let [right, wrong, text] =
            ["a long passphrase", "another one", "AQ.a-key"].map(Secret::new);
        let parcel = seal(&right, &text).unwrap();
        assert!(parcel.starts_with(MARK) && !parcel.contains("AQ."), "{parcel}");
        assert_eq!(open(&right, &format!(" {parcel}\n")).unwrap().expose(), "AQ.a-key");
        assert_eq!(open(&wrong, &parcel).unwrap_err(), CipherError::Parcel);
        assert_ne!(seal(&right, &text).unwrap(), parcel);
        let cut = &parcel[..parcel.len() - 1];
        for broken in [cut, "", MARK, "pollux-parcel-1.AAAA", "{}"] {
            assert_eq!(open(&right, broken).unwrap_err(), CipherError::Parcel, "{broken}");
        }
    }
}
