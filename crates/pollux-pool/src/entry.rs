//! A key in its pool, and what is known about it apart from any model.

use crate::health::Health;
use crate::id::ProjectName;
use crate::key::Key;
use crate::lease::Owner;
use crate::place::Place;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    /// Where its project is.
    pub(crate) place: Place,
    /// What Google calls its project, once it did.
    pub(crate) consumer: Option<ProjectName>,
    pub(crate) health: Health,
    pub(crate) in_flight: u32,
    pub(crate) served: u64,
}

impl Entry {
    pub(crate) const fn new(key: Key) -> Self {
        let (health, consumer) = (Health::Active, None);
        Self { key, place: 0, consumer, health, in_flight: 0, served: 0 }
    }

    pub(crate) const fn is_active(&self) -> bool {
        matches!(self.health, Health::Active)
    }

    /// Returns whether it serves as many requests as it may; a limit of 0 is none.
    pub(crate) const fn is_busy(&self, limit: u32) -> bool {
        limit > 0 && self.in_flight >= limit
    }

    /// Returns whether it could serve a request for a model that it is ready for.
    pub(crate) const fn is_open(&self, limit: u32) -> bool {
        self.is_active() && !self.is_busy(limit)
    }

    pub(crate) fn belongs_to(&self, owner: &Owner) -> bool {
        self.key.id == owner.key || owner.project.is_some() && self.key.project == owner.project
    }
}
