//! Answers that are too long for one request: each but the last names the next one.

use super::Prompt;
use crate::mark::{self, Kind};
use crate::models::Model;

/// One request's share of a text.
#[derive(Debug)]
pub(super) struct Hop {
    pub(super) text: String,
    /// What the next request must bring; absent on the last.
    pub(super) token: Option<String>,
}

impl Hop {
    /// The share of `text` that is due, where the prompt divides it and the model can.
    pub(super) fn of(prompt: &Prompt, model: &Model, project: &str, text: &str) -> Option<Self> {
        let count = prompt.line("continue: ")?.trim().parse::<u64>().ok()?;
        if !model.continues() || count == 0 {
            return None;
        }
        let mark = prompt.token.as_deref().and_then(|text| mark::read(Kind::Continuation, text));
        let at = mark.map_or(0, |mark| mark.number).min(count - 1);
        let edge = |at: u64| {
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            let bytes = usize::try_from(length * at / count).unwrap_or(usize::MAX);
            text.floor_char_boundary(bytes)
        };
        let share = text.get(edge(at)..edge(at + 1)).unwrap_or_default();
        let next = at + 1;
        let token = || mark::make(Kind::Continuation, project, model.id, next);
        Some(Self { text: share.to_owned(), token: (next < count).then(token) })
    }
}
