//! Gemini keys as people write them: `key1:10, key2` and one to a line.

use pollux_store::secret::Secret;

/// The largest weight.
pub const MAX_WEIGHT: u32 = 1_000_000;

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAKey {
    /// It holds what no key does.
    #[error("a key is visible ASCII without spaces and commas")]
    Text,
    /// The digits behind its last colon are no weight.
    #[error("a weight is a number from 1 to {MAX_WEIGHT}")]
    Weight,
}

/// The keys of a list, by commas, spaces or lines, each with its weight where it has one.
pub fn keys(list: &str) -> impl Iterator<Item = Result<(Secret, Option<u32>), NotAKey>> {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries.filter(|entry| !entry.is_empty()).map(key)
}

/// One key; only digits behind the last colon are a weight, since a key may hold colons of its own.
///
/// # Errors
/// When the text is none.
pub fn key(entry: &str) -> Result<(Secret, Option<u32>), NotAKey> {
    let is_digits =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (key, digits) = match entry.trim().rsplit_once(':') {
        Some((key, digits)) if !key.is_empty() && is_digits(digits) => (key, Some(digits)),
        Some(_) | None => (entry.trim(), None),
    };
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b',') {
        return Err(NotAKey::Text);
    }
    let weight = digits.map(|digits| {
        let weight = digits.parse().ok().filter(|weight| (1..=MAX_WEIGHT).contains(weight));
        weight.ok_or(NotAKey::Weight)
    });
    Ok((Secret::new(key), weight.transpose()?))
}
