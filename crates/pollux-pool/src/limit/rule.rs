//! Limits as people set them: what is bounded, over which time, and by how much.

use std::fmt;

use crate::word::words;

words! {
    /// What a limit bounds.
    #[derive(PartialOrd, Ord)]
    What {
        /// Requests in any minute.
        RequestsPerMinute = "requests/minute",
        /// Requests on one day.
        RequestsPerDay = "requests/day",
        /// Requests at all.
        RequestsEver = "requests/ever",
        /// Tokens of prompts in any minute.
        InputTokensPerMinute = "input_tokens/minute",
        /// Tokens of prompts on one day.
        InputTokensPerDay = "input_tokens/day",
        /// Tokens of prompts at all.
        InputTokensEver = "input_tokens/ever",
        /// Tokens of prompts and answers in any minute.
        TokensPerMinute = "tokens/minute",
        /// Tokens of prompts and answers on one day.
        TokensPerDay = "tokens/day",
        /// Tokens of prompts and answers at all.
        TokensEver = "tokens/ever",
        /// Millionths of a dollar on one day.
        MoneyPerDay = "money/day",
        /// Millionths of a dollar at all.
        MoneyEver = "money/ever",
        /// Requests at a time.
        Concurrency = "concurrency",
    }
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Tokens of the prompts.
    InputTokens,
    /// Tokens of prompts and answers together.
    Tokens,
    /// Millionths of a dollar.
    Money,
}

/// Over which time a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// The last 60 seconds.
    Minute,
    /// Until the next midnight in Los Angeles, as Google's quotas do.
    Day,
    /// All the time.
    Ever,
}

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    /// What it bounds.
    pub what: What,
    /// The most there may be; money in millionths of a dollar.
    pub value: u64,
}

/// The limits of one subject, at most one of a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits(Vec<Rule>);

impl What {
    /// Returns every kind of limit there is.
    pub const fn all() -> &'static [Self] {
        Self::ALL
    }

    /// Returns what is counted, and over which time; nothing for what is at one time.
    pub const fn counted(self) -> Option<(Unit, Period)> {
        Some(match self {
            Self::RequestsPerMinute => (Unit::Requests, Period::Minute),
            Self::RequestsPerDay => (Unit::Requests, Period::Day),
            Self::RequestsEver => (Unit::Requests, Period::Ever),
            Self::InputTokensPerMinute => (Unit::InputTokens, Period::Minute),
            Self::InputTokensPerDay => (Unit::InputTokens, Period::Day),
            Self::InputTokensEver => (Unit::InputTokens, Period::Ever),
            Self::TokensPerMinute => (Unit::Tokens, Period::Minute),
            Self::TokensPerDay => (Unit::Tokens, Period::Day),
            Self::TokensEver => (Unit::Tokens, Period::Ever),
            Self::MoneyPerDay => (Unit::Money, Period::Day),
            Self::MoneyEver => (Unit::Money, Period::Ever),
            Self::Concurrency => return None,
        })
    }

    /// Returns an amount of it in words, such as `60 requests per minute`.
    pub fn sentence(self, value: u64) -> String {
        let Some((unit, period)) = self.counted() else {
            return format!("{value} requests at a time");
        };
        let period = match period {
            Period::Minute => "per minute",
            Period::Day => "per day",
            Period::Ever => "in all",
        };
        format!("{} {period}", unit.amount(value))
    }
}

impl Unit {
    /// Returns an amount in words, such as `60 requests` or `$1.25`.
    pub fn amount(self, value: u64) -> String {
        match self {
            Self::Requests => format!("{value} requests"),
            Self::InputTokens => format!("{value} input tokens"),
            Self::Tokens => format!("{value} tokens"),
            Self::Money => dollars(value),
        }
    }
}

/// Cents are always there, and what is finer where there is something.
fn dollars(millionths: u64) -> String {
    let digits = format!("{:06}", millionths % 1_000_000);
    let (cents, finer) = digits.split_at(2);
    format!("${}.{cents}{}", millionths / 1_000_000, finer.trim_end_matches('0'))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what.sentence(self.value))
    }
}

impl Limits {
    /// Returns the rules, by kind.
    pub fn rules(&self) -> &[Rule] {
        &self.0
    }

    /// Returns whether nothing is limited.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the limit of a kind, if there is one.
    pub fn of(&self, what: What) -> Option<u64> {
        self.0.iter().find(|rule| rule.what == what).map(|rule| rule.value)
    }
}

impl FromIterator<Rule> for Limits {
    /// Takes rules in any order; of several of a kind the last counts.
    fn from_iter<I: IntoIterator<Item = Rule>>(rules: I) -> Self {
        let mut kept: Vec<Rule> = Vec::new();
        for rule in rules {
            match kept.binary_search_by_key(&rule.what, |known| known.what) {
                Ok(at) => kept.splice(at..=at, [rule]).for_each(drop),
                Err(at) => kept.insert(at, rule),
            }
        }
        Self(kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_reads_back() {
        for &what in What::all() {
            assert_eq!(what.as_str().parse(), Ok(what));
        }
        let error = "requests/hour".parse::<What>().unwrap_err();
        assert!(error.to_string().contains("requests/minute"), "{error}");
    }

    #[test]
    fn of_two_limits_of_a_kind_the_last_counts() {
        let rule = |what, value| Rule { what, value };
        let (rpm, ever) = (What::RequestsPerMinute, What::TokensEver);
        let limits: Limits = [rule(ever, 5), rule(rpm, 1), rule(ever, 7)].into_iter().collect();
        assert_eq!(limits.rules(), [rule(rpm, 1), rule(ever, 7)]);
        assert_eq!((limits.of(ever), limits.of(What::Concurrency)), (Some(7), None));
    }

    #[test]
    fn a_limit_can_be_read_by_people() {
        let words = |what: What, value| Rule { what, value }.to_string();
        assert_eq!(words(What::RequestsPerMinute, 60), "60 requests per minute");
        assert_eq!(words(What::InputTokensPerDay, 9), "9 input tokens per day");
        assert_eq!(words(What::MoneyEver, 1_250_000), "$1.25 in all");
        assert_eq!(words(What::MoneyPerDay, 2_000_070), "$2.00007 per day");
        assert_eq!(words(What::Concurrency, 4), "4 requests at a time");
    }
}
