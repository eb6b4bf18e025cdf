//! Gemini's own wire format: the hub that every other dialect translates to and from.

pub mod content;
pub mod duration;
pub mod error;
pub mod family;
pub mod finish;
pub mod glance;
pub mod grounding;
pub mod interaction;
pub mod logprobs;
pub mod model;
pub mod opening;
pub mod page;
pub mod path;
mod proto;
pub mod reference;
pub mod request;
pub mod response;
pub mod safety;
pub mod signature;
pub mod steady;
pub mod thinking;
pub mod tool;
