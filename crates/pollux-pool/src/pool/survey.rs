//! What a request finds: why each key would or would not be chosen.

use super::{Entry, Pool};
use crate::health::{Cooldown, Health};
use crate::lane::{Lane, Slot};
use crate::lease::Ask;
use crate::survey::{Candidate, MAX_CANDIDATES, Standing, Survey};
use crate::time::Timestamp;

impl Pool {
    /// Returns how the keys stand for a request; looks at few of them, and changes nothing.
    pub fn survey(&self, ask: &Ask<'_>, now: Timestamp) -> Survey {
        let candidates = self.keys.iter().enumerate().take(MAX_CANDIDATES);
        let candidates: Vec<Candidate> = candidates
            .map(|(slot, entry)| Candidate {
                key: entry.key.id,
                standing: self.standing(slot, entry, ask, now),
            })
            .collect();
        let others = self.keys.len() - candidates.len();
        let lane = self.lanes.get(ask.model);
        let (ready, cooling) = lane.map_or((self.keys.len(), 0), Lane::counts);
        Survey { candidates, others, ready, cooling }
    }

    fn standing(&self, slot: Slot, entry: &Entry, ask: &Ask<'_>, now: Timestamp) -> Standing {
        if let Health::Revoked { reason, .. } = entry.health {
            return Standing::Revoked(reason);
        }
        if ask.tried.contains(&entry.key.id) {
            return Standing::Tried;
        }
        if ask.owner.is_some_and(|owner| !entry.belongs_to(owner)) {
            return Standing::NotOwner;
        }
        match self.lanes.get(ask.model).and_then(|lane| lane.cooldown(slot)) {
            Some(Cooldown::Exhausted { window, until, .. }) if until > now => {
                Standing::Cooling { window, until }
            }
            Some(Cooldown::Unserved) => Standing::Unserved,
            Some(Cooldown::Exhausted { .. }) | None => Standing::Ready,
        }
    }
}
