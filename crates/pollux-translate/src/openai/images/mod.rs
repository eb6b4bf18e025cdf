//! Pictures: made from a prompt, or from pictures and a prompt, by Gemini's image models.
//!
//! | asked for | becomes |
//! | --- | --- |
//! | `n` | so many calls of the same body, since image models give one picture each |
//! | `size` | the nearest `aspectRatio`, and `imageSize` by the longer side; see [`size`] |
//! | `quality` `high` or `hd` | 2K, where `size` gives no pixels |
//! | `mask` | one more picture, and a sentence that says it is the mask |
//! | `response_format` `url` | a `data:` URL, since nothing is kept here |
//! | `output_format` | what Gemini made; named in [`Pictures::ignored`] if that is something else |
//! | `stream`, `partial_images` | refused |

mod from_gemini;
mod request;
mod size;

pub use from_gemini::Pictures;
pub use request::Request;
