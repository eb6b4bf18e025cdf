//! Why a request failed, in one word: what its last attempt taught, or what Pollux refused it for.

use pollux_pool::outcome::Outcome;

use super::record::Record;

/// Why a request, or an attempt, failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Google refused the key.
    Revoked,
    /// A quota was used up.
    Exhausted,
    /// The key's tier does not have the model.
    Unserved,
    /// What the request names is another project's.
    NotOwner,
    /// Google refused the request itself.
    Rejected,
    /// Google does not serve the place that the request came from.
    Blocked,
    /// Google had no answer, or none in time.
    Unavailable,
    /// Google's answer had nothing in it.
    Empty,
    /// The answer broke off after it had begun.
    Cut,
    /// There was no key to ask with.
    NoKey,
    /// The user has used up what is his.
    Limit,
    /// The user may not do this.
    NotAllowed,
    /// There is no such thing here.
    NotFound,
    /// Pollux cannot make anything of the request.
    BadRequest,
    /// It is larger than it may be.
    TooLarge,
    /// It did not arrive in time.
    SlowClient,
    /// The server was stopped meanwhile.
    Stopped,
    /// Something in Pollux is out of order.
    Internal,
}

impl Reason {
    /// The stable word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Exhausted => "exhausted",
            Self::Unserved => "unserved",
            Self::NotOwner => "not_owner",
            Self::Rejected => "rejected",
            Self::Blocked => "blocked",
            Self::Unavailable => "unavailable",
            Self::Empty => "empty",
            Self::Cut => "cut",
            Self::NoKey => "no_key",
            Self::Limit => "limit",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::BadRequest => "bad_request",
            Self::TooLarge => "too_large",
            Self::SlowClient => "slow_client",
            Self::Stopped => "stopped",
            Self::Internal => "internal",
        }
    }

    /// Why an attempt failed; nothing when it did not.
    pub(crate) const fn of(outcome: &Outcome) -> Option<Self> {
        match outcome {
            Outcome::Success => None,
            Outcome::Revoked { .. } => Some(Self::Revoked),
            Outcome::Exhausted { .. } => Some(Self::Exhausted),
            Outcome::Unserved => Some(Self::Unserved),
            Outcome::NotOwner => Some(Self::NotOwner),
            Outcome::Rejected => Some(Self::Rejected),
            Outcome::Blocked => Some(Self::Blocked),
            Outcome::Unavailable => Some(Self::Unavailable),
            Outcome::Empty => Some(Self::Empty),
        }
    }
}

impl Record {
    /// Why the request failed; nothing when it did not.
    pub(crate) fn reason(&self) -> Option<Reason> {
        if !self.has_failed {
            return None;
        }
        let status = self.status.unwrap_or_default();
        match self.attempts.last() {
            Some(last) => match &last.verdict {
                None => Some(Reason::Stopped),
                Some(verdict) => Reason::of(&verdict.outcome)
                    .or_else(|| Some(if status < 400 { Reason::Cut } else { refusal(status) })),
            },
            // Who waits for another's attempts gets its failure.
            None if self.found.is_some() || self.has_joined => match status {
                400 => Some(Reason::Rejected),
                _ => Some(Reason::NoKey),
            },
            None => Some(refusal(status)),
        }
    }
}

/// Why Pollux refused a request for which it did not look for a key, or made nothing of the answer.
const fn refusal(status: u16) -> Reason {
    match status {
        401 | 403 => Reason::NotAllowed,
        404 | 405 => Reason::NotFound,
        408 => Reason::SlowClient,
        413 | 414 | 431 => Reason::TooLarge,
        429 => Reason::Limit,
        400..=499 => Reason::BadRequest,
        503 => Reason::Unavailable,
        _ => Reason::Internal,
    }
}
