//! What a key does to the requests that carry it.

use std::sync::Arc;
use std::time::Duration;

use crate::Recording;

/// One way to answer.
///
/// Behaviours that concern the key itself ([`Self::concerns_key`]) apply to
/// every method and precede the reading of the body, as Google's own checks
/// do; those that shape a generated answer leave `countTokens` and embeddings
/// alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Behaviour {
    /// Answers as asked.
    #[default]
    Ok,
    /// 400 `API_KEY_INVALID`.
    Invalid,
    /// 400 `API_KEY_INVALID`, worded as an expired key.
    Expired,
    /// 403 `CONSUMER_SUSPENDED`, with the whole key in three places.
    Suspended,
    /// 403, the key was reported as leaked.
    Leaked,
    /// 401 `ACCESS_TOKEN_TYPE_UNSUPPORTED`.
    Unauthenticated,
    /// 403 `SERVICE_DISABLED`, with the project's number.
    ServiceDisabled,
    /// 403, the project has been denied access.
    ProjectDenied,
    /// 400 `FAILED_PRECONDITION`, the location is not supported.
    Location,
    /// Answers until a quota of the key's project is used up, then 429.
    Quota(Quota),
    /// 429 with `limit: 0`: the model is not on the project's tier.
    ZeroLimit,
    /// 429 without details.
    Bare429,
    /// 503, the model is in high demand.
    Overloaded,
    /// 503, the service is unavailable.
    Unavailable,
    /// 500.
    Internal,
    /// 499 `CANCELLED`.
    Cancelled,
    /// 504 `DEADLINE_EXCEEDED`.
    Deadline,
    /// 502 with an HTML page.
    Html502,
    /// Answers as asked, late.
    Slow {
        /// How long the first byte takes.
        first_byte: Duration,
        /// How long each later chunk of a stream takes.
        chunk: Duration,
    },
    /// Takes the request and never answers.
    Silent,
    /// Closes the connection before the answer is complete.
    Cut {
        /// Chunks sent before; `None` closes before the status line.
        after: Option<usize>,
    },
    /// Sends an error event on the 200 that has begun.
    ErrorMidstream {
        /// Chunks sent before.
        after: usize,
    },
    /// Sends an error without `data:` framing on the 200 that has begun.
    PlainErrorMidstream {
        /// Chunks sent before.
        after: usize,
    },
    /// Ends without a finish reason.
    NoFinish,
    /// 200 without a single part and without a finish reason.
    Empty,
    /// 200 without a single part, finished as if all were well.
    EmptyStop,
    /// 200 with the finish reason of a limited account.
    AccountLimited,
    /// 200 whose prompt was blocked.
    BlockedPrompt,
    /// 200 stopped for safety, without content.
    Safety,
    /// A recorded answer, byte for byte.
    Replay(Arc<Recording>),
    /// 403, a file of another project.
    FileNotOwned,
    /// 400, a corrupted thought signature.
    BadSignature,
}

impl Behaviour {
    /// Its name in the compact form, the log and the summary.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Invalid => "invalid",
            Self::Expired => "expired",
            Self::Suspended => "suspended",
            Self::Leaked => "leaked",
            Self::Unauthenticated => "unauthenticated",
            Self::ServiceDisabled => "service_disabled",
            Self::ProjectDenied => "project_denied",
            Self::Location => "location",
            Self::Quota(_) => "quota",
            Self::ZeroLimit => "zero_limit",
            Self::Bare429 => "bare_429",
            Self::Overloaded => "overloaded",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Cancelled => "cancelled",
            Self::Deadline => "deadline",
            Self::Html502 => "html_502",
            Self::Slow { .. } => "slow",
            Self::Silent => "silent",
            Self::Cut { .. } => "cut",
            Self::ErrorMidstream { .. } => "error_midstream",
            Self::PlainErrorMidstream { .. } => "plain_error_midstream",
            Self::NoFinish => "no_finish",
            Self::Empty => "empty",
            Self::EmptyStop => "empty_stop",
            Self::AccountLimited => "account_limited",
            Self::BlockedPrompt => "blocked_prompt",
            Self::Safety => "safety",
            Self::Replay(_) => "replay",
            Self::FileNotOwned => "file_not_owned",
            Self::BadSignature => "bad_signature",
        }
    }

    /// Whether it is about the key or its project, whatever the request says.
    pub fn concerns_key(&self) -> bool {
        matches!(
            self,
            Self::Invalid
                | Self::Expired
                | Self::Suspended
                | Self::Leaked
                | Self::Unauthenticated
                | Self::ServiceDisabled
                | Self::ProjectDenied
                | Self::Location
        )
    }

    /// The first of every behaviour without settings, by name.
    pub(super) fn plain(name: &str) -> Option<Self> {
        PLAIN.iter().find(|behaviour| behaviour.name() == name).cloned()
    }

    /// Does it for `times` requests, before the next step.
    pub fn times(self, times: u32) -> Step {
        Step { behaviour: self, times: Some(times) }
    }
}

/// Every behaviour that takes no settings in the compact form.
pub(super) const PLAIN: [Behaviour; 26] = [
    Behaviour::Ok,
    Behaviour::Invalid,
    Behaviour::Expired,
    Behaviour::Suspended,
    Behaviour::Leaked,
    Behaviour::Unauthenticated,
    Behaviour::ServiceDisabled,
    Behaviour::ProjectDenied,
    Behaviour::Location,
    Behaviour::ZeroLimit,
    Behaviour::Bare429,
    Behaviour::Overloaded,
    Behaviour::Unavailable,
    Behaviour::Internal,
    Behaviour::Cancelled,
    Behaviour::Deadline,
    Behaviour::Html502,
    Behaviour::Silent,
    Behaviour::NoFinish,
    Behaviour::Empty,
    Behaviour::EmptyStop,
    Behaviour::AccountLimited,
    Behaviour::BlockedPrompt,
    Behaviour::Safety,
    Behaviour::FileNotOwned,
    Behaviour::BadSignature,
];

/// The limits of a project for every model, each absent when unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota {
    /// Requests within any 60 seconds.
    pub requests_per_minute: Option<u64>,
    /// Input tokens within any 60 seconds.
    pub input_tokens_per_minute: Option<u64>,
    /// Requests between two midnights in Los Angeles.
    pub requests_per_day: Option<u64>,
    /// Whose quota names the refusal carries.
    pub tier: Tier,
    /// Whether the refusal tells the project's number, as that of a consumer.
    pub tells_consumer: bool,
}

/// The billing tier of a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tier {
    /// Without billing.
    #[default]
    Free,
    /// With billing.
    Paid,
}

/// A behaviour and how long it lasts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Step {
    /// What to do.
    pub behaviour: Behaviour,
    /// For how many requests; `None` is for good.
    pub times: Option<u32>,
}

/// What a key does, in order; after the last step it answers as asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steps(pub Vec<Step>);

impl From<Behaviour> for Steps {
    fn from(behaviour: Behaviour) -> Self {
        Self(vec![Step { behaviour, times: None }])
    }
}

impl From<Step> for Steps {
    fn from(step: Step) -> Self {
        Self(vec![step])
    }
}

impl From<Vec<Step>> for Steps {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl<const N: usize> From<[Step; N]> for Steps {
    fn from(steps: [Step; N]) -> Self {
        Self(steps.into())
    }
}
