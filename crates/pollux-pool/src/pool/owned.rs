//! Leases for requests that only one project can serve, because it owns what they name.

use super::{Pool, cost_of};
use crate::entry::Entry;
use crate::health::{Cooldown, Health};
use crate::key::Tier;
use crate::lease::{Ask, Lease, NoKey, Owner};
use crate::place::Slot;
use crate::project::Project;
use crate::time::Timestamp;

/// How a key of the project stands.
enum Standing {
    Free(u32, Slot),
    Tried,
    Busy,
    Until(Timestamp),
    Never,
}

impl Pool {
    /// Gives out a key of the owner's project: the one with the fewest requests under way.
    pub(super) fn lease_owned(&mut self, ask: &Ask<'_>, owner: &Owner) -> Result<Lease, NoKey> {
        let (mut best, mut soonest, mut tried, mut busy) = (None, None, false, false);
        for slot in self.owned_by(owner) {
            match self.owned_standing(slot, ask) {
                Standing::Free(load, slot) => {
                    best = best.into_iter().chain([(load, slot)]).min();
                }
                Standing::Tried => tried = true,
                Standing::Busy => busy = true,
                Standing::Until(until) => {
                    soonest = soonest.into_iter().chain([until]).min();
                }
                Standing::Never => {}
            }
        }
        match (best, soonest) {
            (Some((_, slot)), _) => self.give(slot, ask),
            (None, _) if tried => Err(NoKey::Tried),
            (None, _) if busy => Err(NoKey::Busy),
            (None, Some(until)) => Err(NoKey::Cooling { until }),
            (None, None) => Err(NoKey::Empty),
        }
    }

    fn owned_by(&self, owner: &Owner) -> Vec<Slot> {
        let maker = self.slots.get(&owner.key).copied();
        let named = owner.project.clone().map(Project::Named);
        let named = named.and_then(|project| self.projects.find(&project));
        // What Google calls the maker's project counts as much as what its owner calls it.
        let of_maker = maker.and_then(|slot| self.keys.get(slot)).map(|entry| entry.place);
        let place = named.or(of_maker);
        let mut slots = place.map_or(&[][..], |place| self.projects.members(place)).to_vec();
        slots.extend(maker.filter(|slot| !slots.contains(slot)));
        slots
    }

    fn owned_standing(&mut self, slot: Slot, ask: &Ask<'_>) -> Standing {
        let (when, cost) = (self.when, cost_of(ask));
        let Some(entry) = self.keys.get(slot) else { return Standing::Never };
        if !may_try(entry, when.now) || !ask.tiers.admit(entry.key.tier) {
            return Standing::Never;
        }
        if entry.key.tier == Tier::Paid && self.is_capped() {
            return Standing::Until(when.day_ends);
        }
        let Some(lane) = self.lanes.get_mut(ask.model) else { return Standing::Never };
        let account = lane.accounts.get_mut(&entry.place);
        let blocked = account.and_then(|account| account.blocked(cost, when));
        let held = lane.cooldown(slot).filter(|held| held.is_on(when.now));
        let until = match (held.map(|held| until(&held)), blocked.map(|it| it.until)) {
            (None, None) if ask.tried.contains(&entry.key.id) => return Standing::Tried,
            (None, None) if entry.is_busy(self.settings.max_concurrency) => return Standing::Busy,
            (None, None) => return Standing::Free(entry.in_flight, slot),
            (Some(until), None) | (None, Some(until)) => until,
            (Some(one), Some(other)) => one.zip(other).map(|(one, other)| one.max(other)),
        };
        until.filter(|_| entry.is_active()).map_or(Standing::Never, Standing::Until)
    }
}

fn may_try(entry: &Entry, now: Timestamp) -> bool {
    match entry.health {
        Health::Active => true,
        Health::Revoked { probe_at, .. } => probe_at <= now,
    }
}

fn until(cooldown: &Cooldown) -> Option<Timestamp> {
    match *cooldown {
        Cooldown::Exhausted { until, .. } => Some(until),
        Cooldown::Unserved => None,
    }
}
