//! Speech: a text that one of Gemini's voices reads.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | `voice` | a voice of Google's by its own name, or the one that stands for OpenAI's; see [`voice`] |
//! | `instructions` | words before the text |
//! | `response_format` | `wav` (also when absent) or `pcm`: what Gemini gives, with or without a header |
//! | `speed` other than 1 | named in [`Request::ignored`] |
//! | `stream_format` `sse` | events of samples, in `pcm` only: a WAV file begins with its length |

mod from_gemini;
mod request;
mod stream;
mod voice;

pub use from_gemini::Sound;
pub use request::Request;
pub use stream::Stream;
