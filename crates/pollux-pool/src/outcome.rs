//! What an answer from Gemini says about the key that asked for it.
//!
//! The set is closed: whoever adds an outcome is shown every place that has
//! to decide what it means. How an answer becomes one of these is not decided here.

use std::time::Duration;

use crate::id::ProjectName;
use crate::quota::Violation;
use crate::word::words;

/// What one attempt taught, and what it said besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lesson {
    /// What it means for the key.
    pub outcome: Outcome,
    /// The quotas that it named as used up.
    pub violations: Vec<Violation>,
    /// The project that it named as the key's.
    pub project: Option<ProjectName>,
}

impl From<Outcome> for Lesson {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, violations: Vec::new(), project: None }
    }
}

/// What one attempt means for its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The key served the request.
    Success,
    /// The key, or its whole project, may not be used.
    Revoked {
        /// Why Google refuses it.
        reason: Revocation,
        /// Whether its project is meant.
        scope: Scope,
    },
    /// A quota of the key's project for this model is used up (429).
    Exhausted {
        /// Over which time the quota counts.
        window: Window,
        /// How long to wait, where the answer says so.
        retry_after: Option<Duration>,
    },
    /// The project's tier does not include the model at all (429 with a limit of 0).
    Unserved,
    /// The request names a file or cached content of another project.
    NotOwner,
    /// The request itself is at fault; any key would get the same answer.
    Rejected,
    /// Google does not serve the place that the request came from.
    Blocked,
    /// No usable answer: an error of the server or the network, or none in time.
    Unavailable,
    /// A whole answer without any content and without a reason.
    Empty,
}

/// How far a revocation reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// This key alone.
    Key,
    /// Every key of the same Google project.
    Project,
}

words! {
    /// Over which time a quota counts.
    Window {
        /// A minute.
        Minute = "minute",
        /// A day that ends at midnight in Los Angeles.
        Day = "day",
        /// The answer did not say.
        Unknown = "unknown",
    }
}

words! {
    /// Why Google refuses a key.
    Revocation {
        /// Not a key, or not one any more (400 `API_KEY_INVALID`).
        Invalid = "invalid",
        /// Past its end; fresh keys are called so too, for minutes.
        Expired = "expired",
        /// Not accepted as a credential (401).
        Unauthenticated = "unauthenticated",
        /// Reported as leaked (403).
        Leaked = "leaked",
        /// Suspended (403 `CONSUMER_SUSPENDED`).
        Suspended = "suspended",
        /// The project was denied access (403).
        ProjectDenied = "project_denied",
        /// The Gemini API is not switched on in the project (403 `SERVICE_DISABLED`).
        ServiceDisabled = "service_disabled",
        /// The key is restricted to other services, addresses or referrers (403).
        Restricted = "restricted",
        /// The project has no working billing account (403 `BILLING_DISABLED`).
        BillingDisabled = "billing_disabled",
        /// The account is limited, as a finish reason says.
        AccountLimited = "account_limited",
    }
}

impl Revocation {
    /// Returns a sentence for health pages: what is wrong and what the owner can do.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Invalid => "Google does not know this key; check that it was copied whole.",
            Self::Expired => "Google says the key has expired; renew it in AI Studio.",
            Self::Unauthenticated => "Google does not accept this text as an API key.",
            Self::Leaked => "Google was told that this key leaked; make a new one.",
            Self::Suspended => "Google suspended this key's project; its owner must appeal.",
            Self::ProjectDenied => "Google denied this key's project access; contact its support.",
            Self::ServiceDisabled => {
                "The Gemini API is not switched on in this key's project; enable it there."
            }
            Self::Restricted => {
                "The key is restricted to other services, addresses or referrers; lift that."
            }
            Self::BillingDisabled => "This key's project has no working billing account.",
            Self::AccountLimited => "Google limited the account that this key belongs to.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back_as_what_it_stands_for() {
        for &reason in Revocation::ALL {
            assert_eq!(reason.as_str().parse(), Ok(reason));
            assert!(reason.sentence().ends_with('.'), "{reason}");
        }
        for &window in Window::ALL {
            assert_eq!(window.as_str().parse(), Ok(window));
        }
    }

    #[test]
    fn an_unknown_word_is_answered_with_the_known_ones() {
        let error = "hour".parse::<Window>().unwrap_err();
        assert_eq!(error.to_string(), "`hour` is not one of minute, day, unknown");
    }
}
