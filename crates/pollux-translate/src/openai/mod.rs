//! OpenAI's wire format and its translation to and from Gemini's.

pub mod audio;
mod body;
pub mod chat;
pub mod completions;
pub mod embeddings;
pub mod error;
mod finish;
pub mod form;
pub mod images;
mod input;
pub mod model;
mod number;
pub(crate) mod object;
