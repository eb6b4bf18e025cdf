//! Smooth weighted round robin: shares are exact and the heavy keys' turns are spread out.
//!
//! At every choice each candidate earns its weight, the richest goes and pays
//! what all of them earned. A key that sits out neither earns nor pays, so the
//! others keep their shares among themselves. Looks at every ready key.

use super::{Candidates, Scales};
use crate::place::Slot;

/// What each key has earned and not yet paid, by slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Smooth {
    credits: Vec<i64>,
}

impl Smooth {
    pub(super) fn choose(
        &mut self,
        candidates: Candidates<'_>,
        scales: &impl Scales,
    ) -> Option<Slot> {
        let mut total = 0;
        let mut richest: Option<(i64, Slot)> = None;
        for slot in candidates.iter() {
            let earned = i64::from(scales.weight(slot));
            total += earned;
            let credit = self.credit(slot)?;
            *credit += earned;
            if richest.is_none_or(|(most, _)| *credit > most) {
                richest = Some((*credit, slot));
            }
        }
        let (_, slot) = richest?;
        *self.credit(slot)? -= total;
        Some(slot)
    }

    fn credit(&mut self, slot: Slot) -> Option<&mut i64> {
        if self.credits.len() <= slot {
            self.credits.resize(slot + 1, 0);
        }
        self.credits.get_mut(slot)
    }
}
