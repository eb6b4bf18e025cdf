//! Vectors made from a text, the same on every machine.

use super::hash;

/// The length of every full vector.
const FULL: usize = 3_072;

/// The vector of a text, cut to `dimensions`; only the full one has length 1,
/// as with Google's first embedding model.
pub(crate) fn vector(text: &str, dimensions: Option<usize>) -> Vec<f32> {
    let mut state = hash(text.as_bytes()) | 1;
    let full: Vec<f32> = (0..FULL).map(|_| next(&mut state)).collect();
    let length = full.iter().map(|value| value * value).sum::<f32>().sqrt();
    let wanted = dimensions.unwrap_or(FULL).clamp(1, FULL);
    full.into_iter().take(wanted).map(|value| value / length).collect()
}

/// The next number of a xorshift generator, between -1 and 1.
fn next(state: &mut u64) -> f32 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    let [high, low, ..] = state.to_be_bytes();
    f32::from(i16::from_be_bytes([high, low])) / 32_768.0
}
