//! The OpenAI face.

pub(crate) mod chat;
