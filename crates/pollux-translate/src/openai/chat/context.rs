//! What an answer repeats from its request.

use super::request::Request;

/// What an answer needs beside Gemini's response.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) include_usage: bool,
}

impl Context {
    /// Notes what the answer to `request` repeats; `id` begins with `chatcmpl-`, `created` is in
    /// Unix seconds.
    pub fn of(request: &Request<'_>, id: String, created: i64) -> Self {
        let model = request.model().to_owned();
        Self { id, created, model, include_usage: request.include_usage }
    }
}
