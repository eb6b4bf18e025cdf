//! Transcriptions and translations: a recording to text, with or without times.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | `json`, `text` | a plain answer |
//! | `verbose_json`, `srt`, `vtt` | an answer by a schema: segments with the times that the model gives |
//! | `language`, `prompt` | words in the instruction |
//! | times of words | named in [`Request::ignored`]: Gemini gives none |
//! | `stream` | the text as it comes, in `json` and `text` only |
//! | `diarized_json` | refused |

mod captions;
mod from_gemini;
mod media;
mod request;
mod stream;

pub use from_gemini::Transcript;
pub use request::{Request, Task};
pub use stream::Stream;
