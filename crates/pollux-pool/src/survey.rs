//! Why a key would or would not be chosen: the candidates of one request, for people.

use crate::id::KeyId;
use crate::outcome::{Revocation, Window};
use crate::quota::Dimension;
use crate::time::Timestamp;

/// The most candidates that a survey names one by one.
pub const MAX_CANDIDATES: usize = 32;

/// The keys of a pool as one request found them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// The first of them, [`MAX_CANDIDATES`] at most, in the order of their pool.
    pub candidates: Vec<Candidate>,
    /// How many more there are.
    pub others: usize,
    /// How many of all are ready for the model, as far as was looked at until now.
    pub ready: usize,
    /// How many of all cool down for the model, as far as was looked at until now.
    pub cooling: usize,
}

/// One key as a request found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which key.
    pub key: KeyId,
    /// Whether it could be chosen.
    pub standing: Standing,
}

/// Whether a key could be chosen, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It could.
    Ready,
    /// The request has tried it.
    Tried,
    /// The request may not use keys of its tier, or the day's cap on paid keys is reached.
    OtherTier,
    /// It belongs to another project than the one that owns what the request names.
    NotOwner,
    /// It serves as many requests at a time as it may.
    Busy,
    /// It cools down for this model.
    Cooling {
        /// Over which time the quota counts that Google named.
        window: Window,
        /// Until when.
        until: Timestamp,
    },
    /// A known limit of its project is reached, so that Google need not say so.
    OutOfQuota {
        /// Which one.
        dimension: Dimension,
        /// Until when.
        until: Timestamp,
    },
    /// Its tier does not include the model.
    Unserved,
    /// Google refuses it.
    Revoked(Revocation),
}
