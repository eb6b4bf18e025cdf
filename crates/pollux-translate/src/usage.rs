//! What a request has used, in Gemini's terms.

use crate::gemini::response::UsageMetadata;

/// Token counts of one answer; a count Google did not report is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens of the prompt, those from a cache included.
    pub prompt: u64,
    /// Tokens of the prompt that came from a cache.
    pub cached: u64,
    /// Tokens that built-in tools added to the prompt.
    pub tool_prompt: u64,
    /// Tokens of the answer, thoughts excluded.
    pub output: u64,
    /// Tokens of the model's thoughts.
    pub thoughts: u64,
    /// What Google says the total is, else the sum of prompt, tool prompt, output and thoughts.
    pub total: u64,
}

impl Usage {
    /// Adds up what several answers used, as far as that is known.
    pub fn sum(one: Option<Self>, other: Option<Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (one, other) else { return one.or(other) };
        Some(Self {
            prompt: one.prompt.saturating_add(other.prompt),
            cached: one.cached.saturating_add(other.cached),
            tool_prompt: one.tool_prompt.saturating_add(other.tool_prompt),
            output: one.output.saturating_add(other.output),
            thoughts: one.thoughts.saturating_add(other.thoughts),
            total: one.total.saturating_add(other.total),
        })
    }

    /// Returns all tokens that went in: the prompt and what tools added to it.
    pub fn input(&self) -> u64 {
        self.prompt.saturating_add(self.tool_prompt)
    }

    /// Returns all tokens that came out: the answer and the thoughts.
    pub fn generated(&self) -> u64 {
        self.output.saturating_add(self.thoughts)
    }

    /// Sets the total to what Google says it is, else to the sum.
    pub(crate) fn with_total(self, said: Option<u64>) -> Self {
        let sum = self.input().saturating_add(self.generated());
        Self { total: said.unwrap_or(sum), ..self }
    }
}

impl From<&UsageMetadata> for Usage {
    fn from(wire: &UsageMetadata) -> Self {
        let counts = Self {
            prompt: wire.prompt_token_count.unwrap_or(0),
            cached: wire.cached_content_token_count.unwrap_or(0),
            tool_prompt: wire.tool_use_prompt_token_count.unwrap_or(0),
            output: wire.candidates_token_count.unwrap_or(0),
            thoughts: wire.thoughts_token_count.unwrap_or(0),
            total: 0,
        };
        counts.with_total(wire.total_token_count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_the_sum_when_google_does_not_say_it() {
        let wire = UsageMetadata {
            prompt_token_count: Some(132),
            candidates_token_count: Some(65),
            thoughts_token_count: Some(149),
            tool_use_prompt_token_count: Some(1387),
            ..UsageMetadata::default()
        };
        assert_eq!(Usage::from(&wire).total, 1733);
        let said = UsageMetadata { total_token_count: Some(9), ..wire };
        assert_eq!(Usage::from(&said).total, 9);
    }
}
