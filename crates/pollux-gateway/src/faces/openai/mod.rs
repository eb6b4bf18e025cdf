//! The OpenAI face.

mod ask;
pub(crate) mod audio;
pub(crate) mod chat;
pub(crate) mod completed;
pub(crate) mod completions;
pub(crate) mod embeddings;
pub(crate) mod images;
mod multipart;
