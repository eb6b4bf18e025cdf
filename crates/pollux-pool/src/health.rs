//! What the pool holds against its keys, as values that can be shown, stored and restored.

use crate::id::{KeyId, ModelName, ProjectName};
use crate::key::Tier;
use crate::outcome::{Revocation, Window};
use crate::project::Project;
use crate::time::Timestamp;

/// Whether a key may be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing is held against it.
    Active,
    /// Google refuses it.
    Revoked {
        /// Why.
        reason: Revocation,
        /// When it was refused first.
        since: Timestamp,
        /// From when on one request may try it again.
        probe_at: Timestamp,
        /// How many times in a row it was refused, at least 1.
        streak: u32,
    },
}

/// Why a key may not be used for one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cooldown {
    /// A quota was used up.
    Exhausted {
        /// Over which time it counts.
        window: Window,
        /// When the key is ready again.
        until: Timestamp,
        /// How many times in a row the answer did not say which quota; 0 when it did.
        streak: u32,
    },
    /// The key's tier does not include the model; never over by itself.
    Unserved,
}

impl Cooldown {
    /// Returns when it is over; the end of time for one that is not over by itself.
    pub(crate) fn end(&self) -> Timestamp {
        match *self {
            Self::Exhausted { until, .. } => until,
            Self::Unserved => Timestamp::from_micros(i64::MAX),
        }
    }

    /// Returns whether the key may not be used at `now`.
    pub fn is_on(&self, now: Timestamp) -> bool {
        match *self {
            Self::Exhausted { until, .. } => until > now,
            Self::Unserved => true,
        }
    }
}

/// What is worth keeping about one key over a restart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which key.
    pub key: KeyId,
    /// Whether it is revoked.
    pub health: Health,
    /// The models it may not be used for, in the order of their names.
    pub cooldowns: Vec<(ModelName, Cooldown)>,
    /// What Google calls its project, once it did.
    pub consumer: Option<ProjectName>,
}

/// One key as a status page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyView {
    /// Which key.
    pub id: KeyId,
    /// Its weight, at least 1.
    pub weight: u32,
    /// Who pays for its requests.
    pub tier: Tier,
    /// Whose quota it shares.
    pub project: Option<Project>,
    /// Whether it may be used at all.
    pub health: Health,
    /// The models it may not be used for now, in the order of their names.
    pub cooldowns: Vec<(ModelName, Cooldown)>,
    /// Requests under way.
    pub in_flight: u32,
    /// Requests it served since the pool was made.
    pub served: u64,
}
