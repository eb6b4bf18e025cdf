//! One after the other, in the order in which the keys were given.

use super::Candidates;
use crate::place::Slot;

/// The place after the key that went last.
#[derive(Clone, Debug, Default)]
pub(crate) struct RoundRobin {
    next: Slot,
}

impl RoundRobin {
    pub(super) fn choose(&mut self, candidates: Candidates<'_>) -> Option<Slot> {
        let slot = candidates.first_from(self.next)?;
        self.next = slot.saturating_add(1);
        Some(slot)
    }
}
