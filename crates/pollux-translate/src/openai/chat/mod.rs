//! Chat completions: requests to Gemini, answers and streams from it.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | tools, functions, structured output, audio, files, image URLs other than `data:` | refused by name |
//! | a field without meaning for Gemini, or unknown | named in [`Request::ignored`] |
//! | null | the same as absent |

mod answer;
mod context;
pub(super) mod fields;
pub(super) mod finish;
mod from_gemini;
mod logprobs;
mod message;
mod request;
mod stream;
mod to_gemini;

pub use context::Context;
pub use from_gemini::from_gemini;
pub use message::{ContentPart, ImageUrl, Message, MessageContent, Role};
pub use request::Request;
pub use stream::Stream;
pub use to_gemini::to_gemini;
