//! What an answer repeats from its request.

use std::collections::BTreeSet;

use super::names::Names;
use super::policy::Thoughts;
use super::request::Request;
use super::to_gemini::Translated;

/// What an answer needs beside Gemini's response.
#[derive(Clone, Debug)]
pub struct Context {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) model: String,
    pub(super) include_usage: bool,
    pub(super) told: Told,
}

/// What the translation of the request told about its answer.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// Functions that go by another name upstream.
    pub(super) names: Names,
    /// The names of custom tools.
    pub(super) custom: BTreeSet<String>,
    /// Whether the answer may cite what it found.
    pub(super) cites: bool,
    /// Whether the client takes only one call at a time.
    pub(super) one_call: bool,
    /// Whether calls are told the old way, as `function_call`.
    pub(super) old_calls: bool,
    /// Where thoughts go.
    pub(super) thoughts: Thoughts,
}

impl Context {
    /// Notes what the answer to `request` repeats; `id` begins with `chatcmpl-`, `created` is in
    /// Unix seconds.
    pub fn of(
        request: &Request<'_>,
        translated: &Translated<'_>,
        id: String,
        created: i64,
    ) -> Self {
        Self {
            id,
            created,
            model: request.model().to_owned(),
            include_usage: request.includes_usage(),
            told: translated.told.clone(),
        }
    }

    /// Names the `number`th call of the answer that Gemini gave no id.
    pub(super) fn call_id(&self, number: usize) -> String {
        let unique = self.id.strip_prefix("chatcmpl-").unwrap_or(&self.id);
        let unique: String = unique.chars().take(24).collect();
        format!("call_{unique}{number}")
    }
}
