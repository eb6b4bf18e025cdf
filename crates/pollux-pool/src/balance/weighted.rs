//! Any candidate, as likely as its weight.

use super::{Candidates, Scales};
use crate::place::Slot;
use crate::rng::Rng;

/// How often a guess is made before every candidate is looked at.
const GUESSES: usize = 8;

/// A guess that is taken as often as its weight says is fair; so is the way with the whole sum.
pub(super) fn choose(
    candidates: Candidates<'_>,
    scales: &impl Scales,
    rng: &mut Rng,
) -> Option<Slot> {
    let heaviest = scales.heaviest().max(1);
    for _ in 0..GUESSES {
        let slot = candidates.any(rng)?;
        if rng.below(heaviest as usize) < scales.weight(slot) as usize {
            return Some(slot);
        }
    }
    let weight = |slot| u64::from(scales.weight(slot));
    let total: u64 = candidates.iter().map(weight).sum();
    let mut point = rng.below(usize::try_from(total).unwrap_or(usize::MAX)) as u64;
    candidates.iter().find(|&slot| match point.checked_sub(weight(slot)) {
        Some(left) => {
            point = left;
            false
        }
        None => true,
    })
}
