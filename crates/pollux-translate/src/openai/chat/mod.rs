//! Chat completions: requests to Gemini, answers and streams from it.
//!
//! A request is read ([`Request`]), the model's name is taken apart ([`Wanted`]), what the gateway
//! knows beside it is looked up ([`Known`]), and [`to_gemini()`] makes Gemini's request of it all. A
//! field without meaning for Gemini, or an unknown one, is named in [`Translated::ignored`]; null is
//! the same as absent.

mod answer;
mod calls;
mod chunk;
mod citations;
mod context;
mod format;
mod from_gemini;
mod google;
mod logprobs;
mod media;
mod message;
mod names;
mod offer;
mod policy;
mod request;
mod stream;
mod suffix;
mod thinking;
mod to_gemini;
mod tool;
mod turns;

pub use context::Context;
pub use from_gemini::{Completion, from_gemini};
pub use media::Remote;
pub use policy::{Known, Policy, Thoughts};
pub use request::Request;
pub use stream::Stream;
pub use suffix::Wanted;
pub use to_gemini::{Translated, to_gemini};
