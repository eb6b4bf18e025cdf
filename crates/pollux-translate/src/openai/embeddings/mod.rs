//! Embeddings: a text or a list of texts to Gemini's batches, vectors from them.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | more than 100 inputs | several batches, at most 2048 inputs in all |
//! | `dimensions` | `outputDimensionality`; a vector that is not 3072 long is brought to length 1, as OpenAI's are and Google's first model's are not |
//! | `task_type`, `title`, here or in `extra_body.google` | `taskType`, `title` |
//! | tokens in place of text | refused |

mod from_gemini;
mod request;

pub use from_gemini::from_gemini;
pub use request::Request;
