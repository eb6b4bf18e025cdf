//! What a quota counts, and over which time: read from the id that Google gives it.

use std::fmt;
use std::sync::Arc;

use crate::outcome::Window;

/// The most of an unknown quota's id that is kept, in bytes.
const MAX_NAME: usize = 120;

/// One quota of a project for a model, as far as it can be told from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dimension {
    /// What is counted.
    pub unit: Unit,
    /// Over which time; only minutes and days can be counted along.
    pub window: Window,
}

/// What a quota counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Tokens of the prompt.
    InputTokens,
    /// Tokens of prompt and answer together.
    Tokens,
    /// Something that the pool does not count; the id of the quota.
    Other(Arc<str>),
}

impl Dimension {
    /// Requests per minute.
    pub const RPM: Self = Self { unit: Unit::Requests, window: Window::Minute };
    /// Tokens of prompts per minute.
    pub const TPM: Self = Self { unit: Unit::InputTokens, window: Window::Minute };
    /// Requests per day.
    pub const RPD: Self = Self { unit: Unit::Requests, window: Window::Day };

    /// Reads a `quotaId`, and its `quotaMetric` where the id alone does not tell what it counts.
    ///
    /// Ids look like `GenerateRequestsPerMinutePerProjectPerModel-FreeTier`; section 9.1 of the
    /// wire reference has those that were seen.
    pub fn parse(quota_id: &str, metric: &str) -> Self {
        let (id, metric) = (letters(quota_id), letters(metric));
        let window = if id.contains("perday") || id.contains("daily") {
            Window::Day
        } else if id.contains("perminute") {
            Window::Minute
        } else {
            Window::Unknown
        };
        let unit = unit_of(&id).or_else(|| unit_of(&metric)).unwrap_or_else(|| {
            let name = quota_id.char_indices().map(|(at, c)| at + c.len_utf8());
            let end = name.take_while(|&end| end <= MAX_NAME).last().unwrap_or(0);
            Unit::Other(Arc::from(quota_id.get(..end).unwrap_or_default()))
        });
        Self { unit, window }
    }
}

fn unit_of(name: &str) -> Option<Unit> {
    // A limit on what runs or waits at a time is not a limit on a rate.
    if name.contains("concurrent") || name.contains("enqueued") {
        None
    } else if name.contains("inputtoken") {
        Some(Unit::InputTokens)
    } else if name.contains("token") {
        Some(Unit::Tokens)
    } else {
        name.contains("request").then_some(Unit::Requests)
    }
}

fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

impl Unit {
    /// Returns the stable word for it, as rows and JSON carry it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Requests => "requests",
            Self::InputTokens => "input_tokens",
            Self::Tokens => "tokens",
            Self::Other(name) => name,
        }
    }

    /// Reads what [`as_str`](Self::as_str) wrote.
    pub fn from_word(word: &str) -> Self {
        match word {
            "requests" => Self::Requests,
            "input_tokens" => Self::InputTokens,
            "tokens" => Self::Tokens,
            name => Self::Other(Arc::from(name)),
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} per {}", self.unit.as_str().replace('_', " "), self.window)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(id: &str, metric: &str, want: &str) {
        assert_eq!(Dimension::parse(id, metric).to_string(), want);
    }

    #[test]
    fn ids_that_google_gave_are_read() {
        check("GenerateRequestsPerMinutePerProjectPerModel-FreeTier", "", "requests per minute");
        check("GenerateRequestsPerDayPerProjectPerModel-FreeTier", "", "requests per day");
        check(
            "GenerateContentInputTokensPerModelPerMinute-FreeTier",
            "",
            "input tokens per minute",
        );
        check("GenerateContentInputTokensPerModelPerDay-FreeTier", "", "input tokens per day");
        check("GenerateContentPaidTierInputTokensPerModelPerMinute", "", "input tokens per minute");
        check("GenerateContent request limit per minute for a region", "", "requests per minute");
    }

    #[test]
    fn the_metric_helps_where_the_id_does_not_say() {
        let metric = "generativelanguage.googleapis.com/generate_content_free_tier_requests";
        check("FreeTierPerDay", metric, "requests per day");
        check("", metric, "requests per unknown");
    }

    #[test]
    fn what_is_not_a_rate_keeps_its_name() {
        check("ImagesPerMinutePerProject", "", "ImagesPerMinutePerProject per minute");
        check("ConcurrentRequestsPerProject", "", "ConcurrentRequestsPerProject per unknown");
        let long = Dimension::parse(&"\u{e9}".repeat(100), "");
        assert_eq!(long.unit.as_str().len(), MAX_NAME);
        for word in ["requests", "input_tokens", "tokens", "ImagesPerDay"] {
            assert_eq!(Unit::from_word(word).as_str(), word);
        }
    }
}
