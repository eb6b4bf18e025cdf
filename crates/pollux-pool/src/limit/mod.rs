//! What users and pools may still spend: requests, tokens and money, over a minute, a day or ever.
//!
//! A request is admitted, reserves what it may cost as soon as that is known, and settles with what
//! it did cost. No window is ever fuller than its limit, unless a request cost more than it reserved.

mod account;
mod limiter;
mod permit;
mod rule;

use std::fmt;
use std::str::FromStr;

use crate::id::{PoolId, UserId};
use crate::quota::Amount;

pub use account::Spending;
pub use limiter::Limiter;
pub use permit::{Permit, Refused, Standing};
pub use rule::{Limits, Period, Rule, Unit, What};

/// Whose spending is limited; reads `user-3` or `pool-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// One user.
    User(UserId),
    /// All users of a pool together.
    Pool(PoolId),
}

/// What a request spends, or may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Requests.
    pub requests: u64,
    /// Tokens of the prompts.
    pub input_tokens: u64,
    /// Tokens of prompts and answers together.
    pub tokens: u64,
    /// Millionths of a dollar.
    pub money: u64,
}

/// A text that names neither a user nor a pool.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a user such as user-3 nor a pool such as pool-1")]
pub struct NotASubject(String);

impl Cost {
    /// Returns both together.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_add(other.requests),
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            tokens: self.tokens.saturating_add(other.tokens),
            money: self.money.saturating_add(other.money),
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            requests: self.requests.saturating_sub(other.requests),
            input_tokens: self.input_tokens.saturating_sub(other.input_tokens),
            tokens: self.tokens.saturating_sub(other.tokens),
            money: self.money.saturating_sub(other.money),
        }
    }

    /// Returns as much of it as is in `most` too.
    fn within(self, most: Self) -> Self {
        Self {
            requests: self.requests.min(most.requests),
            input_tokens: self.input_tokens.min(most.input_tokens),
            tokens: self.tokens.min(most.tokens),
            money: self.money.min(most.money),
        }
    }

    const fn of(self, unit: Unit) -> u64 {
        match unit {
            Unit::Requests => self.requests,
            Unit::InputTokens => self.input_tokens,
            Unit::Tokens => self.tokens,
            Unit::Money => self.money,
        }
    }

    /// Returns what of it is counted by the minute.
    const fn amount(self) -> Amount {
        let Self { requests, input_tokens, tokens, money: _ } = self;
        Amount { requests, input_tokens, tokens }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(user) => user.fmt(f),
            Self::Pool(pool) => pool.fmt(f),
        }
    }
}

impl FromStr for Subject {
    type Err = NotASubject;

    fn from_str(text: &str) -> Result<Self, NotASubject> {
        let found = match text.split_once('-') {
            Some(("user", id)) => id.parse().ok().map(|id| Self::User(UserId(id))),
            Some(("pool", id)) => id.parse().ok().map(|id| Self::Pool(PoolId(id))),
            Some(_) | None => None,
        };
        found.ok_or_else(|| NotASubject(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back() {
        for subject in [Subject::User(UserId(3)), Subject::Pool(PoolId(1))] {
            assert_eq!(subject.to_string().parse(), Ok(subject));
        }
        for text in ["", "3", "user", "user-", "key-3", "pool-x"] {
            assert!(text.parse::<Subject>().is_err(), "{text}");
        }
    }
}
