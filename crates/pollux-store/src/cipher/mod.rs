//! Sealing secrets for the database, and the keyed hash by which they are found again.
//!
//! XChaCha20-Poly1305 with a random nonce; a sealed value names the place it
//! belongs to as associated data, so that it opens nowhere else. Every key is
//! derived from one master key: HMAC-SHA256 of a label, as in HKDF-Expand.

pub mod parcel;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::secret::Secret;

/// Sealed values are this byte, the master key's id, the nonce, and the ciphertext with its tag.
const VERSION: u8 = 1;
const KEY_ID: usize = 4;
const NONCE: usize = 24;

/// The key from which all others are derived: 256 bits.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// Makes a random one.
    pub fn generate() -> Result<Self, CipherError> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Reads one: 64 hexadecimal digits, or 32 bytes in either base64, padded or not.
    pub fn from_text(text: &str) -> Result<Self, CipherError> {
        let text = text.trim();
        let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
        let decoded = engines.iter().map(|engine| engine.decode(text).ok());
        let key = std::iter::once(unhex(text)).chain(decoded).flatten().map(Zeroizing::new);
        let mut key = key.filter_map(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
        key.next().map(|key| Self(Zeroizing::new(key))).ok_or(CipherError::NotAMasterKey)
    }

    /// Writes it as 64 hexadecimal digits.
    pub fn to_text(&self) -> Secret {
        Secret::new(hex(self.0.as_slice()))
    }

    fn derive(&self, label: &str) -> Result<Zeroizing<[u8; 32]>, CipherError> {
        let mut mac = keyed(self.0.as_slice())?;
        mac.update(label.as_bytes());
        mac.update(&[1]);
        Ok(Zeroizing::new(mac.finalize().into_bytes().into()))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(..)")
    }
}

/// A keyed hash of a secret, by which it is looked up without being known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// Reads the 64 hexadecimal digits that [`Display`](fmt::Display) writes, and nothing else.
    pub fn from_text(text: &str) -> Option<Self> {
        unhex(text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

/// Where a sealed value belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) row: i64,
    pub(crate) column: &'static str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.table, self.row, self.column)
    }
}

/// Seals, opens and fingerprints secrets under one master key; cloned where it is needed.
#[derive(Clone)]
pub struct Cipher {
    id: [u8; KEY_ID],
    seal: XChaCha20Poly1305,
    fingerprint: Hmac<Sha256>,
}

impl Cipher {
    /// Derives what is needed from a master key.
    pub fn new(master: &MasterKey) -> Result<Self, CipherError> {
        let seal = master.derive("pollux seal v1")?;
        let seal = XChaCha20Poly1305::new_from_slice(seal.as_slice());
        let [a, b, c, d, ..] = *master.derive("pollux key id v1")?;
        Ok(Self {
            id: [a, b, c, d],
            seal: seal.map_err(|_| CipherError::NotAMasterKey)?,
            fingerprint: keyed(master.derive("pollux fingerprint v1")?.as_slice())?,
        })
    }

    /// Says whether it is of the same master key.
    pub fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Returns the keyed hash of a secret: HMAC-SHA256.
    pub fn fingerprint(&self, secret: &[u8]) -> Fingerprint {
        let mut mac = self.fingerprint.clone();
        mac.update(secret);
        Fingerprint(mac.finalize().into_bytes().into())
    }

    /// Seals a secret for one place, as text.
    pub(crate) fn seal(&self, secret: &Secret, place: Place) -> Result<String, CipherError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce)?;
        let aad = place.to_string();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: aad.as_bytes() };
        let sealed = self.seal.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| CipherError::Sealed { place: aad })?;
        let bytes = [&[VERSION], self.id.as_slice(), &nonce, &sealed].concat();
        Ok(STANDARD_NO_PAD.encode(bytes))
    }

    /// Opens what was sealed for this place under this master key.
    pub(crate) fn open(&self, sealed: &str, place: Place) -> Result<Secret, CipherError> {
        let aad = place.to_string();
        let broken = || CipherError::Sealed { place: aad.clone() };
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| broken())?;
        let (header, rest) = bytes.split_at_checked(1 + KEY_ID).ok_or_else(broken)?;
        if header.first() != Some(&VERSION) {
            return Err(broken());
        }
        if !header.ends_with(&self.id) {
            return Err(CipherError::OtherKey);
        }
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let payload = Payload { msg: sealed, aad: aad.as_bytes() };
        let secret = self.seal.decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
        String::from_utf8(secret).map(Secret::new).map_err(|_| broken())
    }
}

impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cipher({})", hex(&self.id))
    }
}

/// Why a secret could not be sealed or opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// The text is no master key.
    #[error("a master key is 32 bytes, as 64 hexadecimal digits or in base64")]
    NotAMasterKey,
    /// Sealed under another master key.
    #[error("sealed under another master key")]
    OtherKey,
    /// Changed, cut, or moved here from another place.
    #[error("the sealed value at {place} was changed or belongs elsewhere")]
    Sealed {
        /// Its table, row and column.
        place: String,
    },
    /// Changed, cut, or sealed under another passphrase.
    #[error("this is not whole, or was sealed under another passphrase")]
    Parcel,
    /// The system has no randomness to give.
    #[error("no randomness: {0}")]
    Randomness(#[from] getrandom::Error),
}

fn keyed(key: &[u8]) -> Result<Hmac<Sha256>, CipherError> {
    Hmac::new_from_slice(key).map_err(|_| CipherError::NotAMasterKey)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).ok());
    pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()).collect()
}

#[cfg(test)]
mod tests;
