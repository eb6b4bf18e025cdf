//! Leases for requests that only one project can serve, because it owns what they name.

use crate::health::{Cooldown, Health};
use crate::id::ModelName;
use crate::lane::Slot;
use crate::lease::{Ask, Lease, NoKey, Owner};
use crate::time::Timestamp;

use super::{Entry, Pool};

impl Pool {
    /// Gives out a key of the owner's project: the one with the fewest requests under way.
    pub(super) fn lease_owned(
        &mut self,
        ask: &Ask<'_>,
        owner: &Owner,
        now: Timestamp,
    ) -> Result<Lease, NoKey> {
        let of_project: Vec<(Slot, &Entry)> =
            self.keys.iter().enumerate().filter(|(_, entry)| entry.belongs_to(owner)).collect();
        let left = of_project.iter().filter(|(_, entry)| !ask.tried.contains(&entry.key.id));
        let ready = left.filter(|(slot, entry)| self.serves(*slot, entry, ask.model, now));
        if let Some(&(slot, _)) = ready.min_by_key(|(_, entry)| entry.in_flight) {
            return self.give(slot, ask.model, now);
        }
        if of_project.iter().any(|(slot, entry)| self.serves(*slot, entry, ask.model, now)) {
            return Err(NoKey::Tried);
        }
        let soonest =
            of_project.iter().filter_map(|(slot, entry)| self.back_at(*slot, entry, ask.model));
        soonest.min().map_or(Err(NoKey::Empty), |until| Err(NoKey::Cooling { until }))
    }

    fn serves(&self, slot: Slot, entry: &Entry, model: &ModelName, now: Timestamp) -> bool {
        let may_try = match entry.health {
            Health::Active => true,
            Health::Revoked { probe_at, .. } => probe_at <= now,
        };
        may_try && self.held(slot, model).is_none_or(|held| !held.is_on(now))
    }

    /// Returns when a key that only cools down is ready again.
    fn back_at(&self, slot: Slot, entry: &Entry, model: &ModelName) -> Option<Timestamp> {
        match self.held(slot, model) {
            Some(Cooldown::Exhausted { until, .. }) if entry.is_active() => Some(until),
            Some(Cooldown::Exhausted { .. } | Cooldown::Unserved) | None => None,
        }
    }

    fn held(&self, slot: Slot, model: &ModelName) -> Option<Cooldown> {
        self.lanes.get(model).and_then(|lane| lane.cooldown(slot))
    }
}

impl Entry {
    pub(super) fn belongs_to(&self, owner: &Owner) -> bool {
        self.key.id == owner.key || owner.project.is_some() && self.key.project == owner.project
    }
}
