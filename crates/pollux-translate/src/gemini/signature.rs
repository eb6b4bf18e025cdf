//! Thought signatures, as far as Pollux makes up for missing ones.

/// What Google takes in place of a signature that nobody has any more (section 5.4 of the wire
/// reference): `skip_thought_signature_validator` in base64.
pub const SENTINEL: &str = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I=";
