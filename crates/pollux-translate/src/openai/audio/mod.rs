//! Sound: text to speech, and speech to text.

pub mod speech;
pub mod transcription;
