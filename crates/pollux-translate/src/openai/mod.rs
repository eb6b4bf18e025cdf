//! OpenAI's wire format and its translation to and from Gemini's.

pub mod chat;
pub mod error;
pub mod model;
pub(crate) mod object;
