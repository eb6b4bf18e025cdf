//! The right to be served, why it may be refused, and how a limit stands.

use super::{Cost, Rule, Subject, What};
use crate::time::Timestamp;

/// What one request holds of its subjects' limits; ends with [`Limiter::settle`](super::Limiter::settle).
#[must_use = "a permit that is not settled counts as a request under way for ever"]
#[derive(Debug)]
pub struct Permit {
    /// Whose limits, and by which number each is known to be still the same one.
    pub(super) subjects: Vec<(Subject, u64)>,
    /// What it was admitted with, and each reservation after that.
    pub(super) holds: Vec<Hold>,
}

/// Something that was reserved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hold {
    pub(super) at: Timestamp,
    /// The end of the day on which it was.
    pub(super) day_ends: Timestamp,
    pub(super) cost: Cost,
}

/// A limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{subject} may use {rule}")]
pub struct Refused {
    /// Whose.
    pub subject: Subject,
    /// Which one.
    pub rule: Rule,
    /// How much of it the request would have taken.
    pub cost: u64,
    /// How much of it there was.
    pub left: u64,
    /// When the request can be made again; never by itself without one.
    pub until: Option<Timestamp>,
}

/// How one limit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The limit.
    pub rule: Rule,
    /// How much of it is used, reservations included; more than there is when a request cost more
    /// than it had reserved, or the limit was lowered.
    pub used: u64,
    /// When all of it will be there again; never where it is for ever, or at one time.
    pub resets: Option<Timestamp>,
}

impl Standing {
    /// Returns what it bounds.
    pub const fn what(&self) -> What {
        self.rule.what
    }

    /// Returns how much of it is left.
    pub const fn remaining(&self) -> u64 {
        self.rule.value.saturating_sub(self.used)
    }
}
