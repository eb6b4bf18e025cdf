//! The wire types of Gemini, OpenAI and Anthropic, and the pure translations between them.
//!
//! Every upstream is Gemini, so [`gemini`] is the hub: each other dialect translates to its
//! request and from its response. Nothing here waits, reads a clock or touches a socket.

pub mod anthropic;
pub mod array;
pub mod compact;
pub mod error;
mod feed;
pub mod gemini;
pub mod media;
mod members;
pub mod model;
mod nesting;
pub mod openai;
pub mod pacing;
mod schema;
pub mod sse;
pub mod stream;
pub mod text;
pub mod usage;
