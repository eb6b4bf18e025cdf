//! Completions, the endpoint that chat replaced: a prompt becomes a user's turn.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | several prompts | a call each, their choices in order; one prompt only in a stream |
//! | no `max_tokens` | no limit, where OpenAI stops after 16 tokens: thoughts count too and would use them up |
//! | `echo` | the prompt before each text |
//! | `best_of` | named in [`Request::ignored`] |
//! | `suffix`, `logprobs`, tokens in place of text | refused |

mod from_gemini;
mod request;
mod stream;

pub use from_gemini::from_gemini;
pub use request::{Context, Request};
pub use stream::Stream;
