//! Quota belongs to a project, a model and a dimension: what is counted, and what is known of limits.

mod account;
mod dimension;
mod limits;

use crate::time::Timestamp;

pub(crate) use account::Account;
pub use account::{BELIEVED, Balance};
pub use dimension::{Dimension, Unit};
pub use limits::{LimitRule, Limits};

/// A quota that an answer named as used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which one.
    pub dimension: Dimension,
    /// Its limit, where the answer says so.
    pub limit: Option<u64>,
}

/// What was used, or is about to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amount {
    /// Requests.
    pub requests: u64,
    /// Tokens of the prompts.
    pub input_tokens: u64,
    /// Tokens of prompts and answers together.
    pub tokens: u64,
}

impl Amount {
    /// A request of which nothing else is known.
    pub(crate) const ONE: Self = Self { requests: 1, input_tokens: 0, tokens: 0 };

    pub(crate) const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            tokens: self.tokens.saturating_add(other.tokens),
        }
    }

    pub(crate) const fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            input_tokens: self.input_tokens.saturating_sub(other.input_tokens),
            tokens: self.tokens.saturating_sub(other.tokens),
        }
    }
}

/// How much of a dimension a project may use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Of what.
    pub dimension: Dimension,
    /// How much.
    pub value: u64,
    /// Who said so.
    pub source: LimitSource,
}

/// Who named a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitSource {
    /// The settings.
    Setting,
    /// Google, in a refusal.
    Learned {
        /// When.
        at: Timestamp,
    },
}
