//! The right to use one key once, and why it may be refused.

use crate::id::{KeyId, ModelName, ProjectName};
use crate::key::Tier;
use crate::quota::Amount;
use crate::time::Timestamp;
use crate::word::words;

/// What a request needs of a key.
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// The model it is for.
    pub model: &'a ModelName,
    /// Keys that this request has tried, which are passed over.
    pub tried: &'a [KeyId],
    /// Whose resources the request names; no other project can serve it.
    pub owner: Option<&'a Owner>,
    /// Whose keys would serve it best, for what they made in an earlier turn; others will do.
    pub prefer: Option<&'a Owner>,
    /// The conversation it belongs to.
    pub affinity: Option<Affinity>,
    /// Which tiers may serve it.
    pub tiers: Tiers,
    /// About how many tokens its prompt has.
    pub input_tokens: u64,
    /// Whether the answer comes in pieces, of which the first one ends the attempt.
    pub stream: bool,
}

impl<'a> Ask<'a> {
    /// Asks for any key that serves `model`.
    pub const fn of(model: &'a ModelName) -> Self {
        Self {
            model,
            tried: &[],
            owner: None,
            prefer: None,
            affinity: None,
            tiers: Tiers::Any,
            input_tokens: 0,
            stream: false,
        }
    }
}

/// A conversation, whose requests are cheapest where its beginning is cached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Affinity {
    /// A number that all requests of the conversation share.
    pub hash: u64,
    /// Whether to go where the conversation went before; else this request only founds it.
    pub follow: bool,
}

words! {
    /// Which tiers may serve a request.
    #[derive(Default)]
    Tiers {
        /// Free keys, and paid ones when no free one can.
        #[default]
        Any = "any",
        /// Free keys alone.
        FreeOnly = "free",
        /// Paid keys alone, for what Google must not learn from.
        NoFreeTier = "no-free-tier",
    }
}

impl Tiers {
    /// Returns whether keys of `tier` may serve.
    pub const fn admit(self, tier: Tier) -> bool {
        match self {
            Self::Any => true,
            Self::FreeOnly => matches!(tier, Tier::Free),
            Self::NoFreeTier => matches!(tier, Tier::Paid),
        }
    }
}

/// What a lease really cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spend {
    /// Requests; none when Google refused it for want of quota, or it was never sent.
    pub requests: u64,
    /// Tokens of the prompt.
    pub input_tokens: u64,
    /// Tokens of prompt and answer together.
    pub tokens: u64,
}

/// The project that made a resource, known by the key that it was made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The key that made it.
    pub key: KeyId,
    /// The key's project at that time, of which any key will do.
    pub project: Option<ProjectName>,
}

/// One use of one key; ends with [`Pool::settle`](crate::pool::Pool::settle).
#[must_use = "a lease that is not settled counts as in flight for ever"]
#[derive(Debug)]
pub struct Lease {
    pub(crate) key: KeyId,
    pub(crate) model: ModelName,
    pub(crate) at: Timestamp,
    pub(crate) reserved: Amount,
    pub(crate) stream: bool,
}

impl Lease {
    /// Returns the key to use.
    pub const fn key(&self) -> KeyId {
        self.key
    }

    /// Returns the model it is for.
    pub const fn model(&self) -> &ModelName {
        &self.model
    }

    /// Returns when it was given.
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}

/// No key can take the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoKey {
    /// Every usable key is cooling down for this model, or the whole pool is.
    #[error("every key is cooling down")]
    Cooling {
        /// When the first of them is ready again.
        until: Timestamp,
    },
    /// Every usable key serves as many requests at a time as it may.
    #[error("every key is busy")]
    Busy,
    /// Some keys are ready, but this request has tried them all.
    #[error("every ready key has been tried")]
    Tried,
    /// No key could ever serve this: there is none, or all are revoked or lack the model.
    #[error("no key can serve this model")]
    Empty,
}
