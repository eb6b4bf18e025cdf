//! Gemini's own wire format: the hub that every other dialect translates to and from.

pub mod content;
pub mod duration;
pub mod error;
pub mod finish;
pub mod glance;
pub mod logprobs;
pub mod model;
pub mod path;
mod proto;
pub mod request;
pub mod response;
pub mod signature;
