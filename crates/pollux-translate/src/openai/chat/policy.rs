//! What a server decides about chats, and what it knows beside a request.

use std::collections::HashMap;
use std::sync::Arc;

use crate::gemini::family::is_like;
use crate::gemini::thinking::Effort;
use crate::media::Media;

/// How a server treats chats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Where the model's thoughts go.
    pub thoughts: Thoughts,
    /// Whether summaries of thoughts are asked for; `None`: when the request speaks of thinking.
    pub include_thoughts: Option<bool>,
    /// How much models think when the request does not say; `None` leaves it to them.
    pub effort: Option<Effort>,
    /// The same for single models, whose names may hold `*`; the first that fits counts.
    pub efforts: Vec<(String, Effort)>,
    /// How often an answer that ended at the model's own limit is continued.
    pub continuations: u32,
    /// Whether the end of a model's name may ask for something.
    pub suffixes: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            thoughts: Thoughts::Field,
            include_thoughts: None,
            effort: None,
            efforts: Vec::new(),
            continuations: 0,
            suffixes: true,
        }
    }
}

impl Policy {
    /// Returns how much a model is to think when the request does not say.
    pub(super) fn effort(&self, model: &str) -> Option<Effort> {
        let own = self.efforts.iter().find(|(pattern, _)| is_like(model, pattern));
        own.map(|(_, effort)| *effort).or(self.effort)
    }
}

/// Where the model's thoughts go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Thoughts {
    /// Into `reasoning_content`.
    #[default]
    Field,
    /// Into `content`, between `<think>` and `</think>`.
    Tags,
    /// Nowhere.
    Hidden,
}

/// What was looked up for a request before it is translated.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Thought signatures by the id of the call that they belong to.
    pub signatures: HashMap<String, Arc<str>>,
    /// Media by their URL.
    pub media: HashMap<String, Media>,
}
