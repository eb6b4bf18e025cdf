//! The candidate that was used least today; of several, any.

use super::{Candidates, Scales};
use crate::place::Slot;
use crate::rng::Rng;

/// Looks at every candidate.
pub(super) fn choose(
    candidates: Candidates<'_>,
    scales: &impl Scales,
    rng: &mut Rng,
) -> Option<Slot> {
    let least = candidates.iter().map(|slot| scales.used(slot)).min()?;
    // From a random place on: they are not all asked in the same order every day.
    let start = candidates.any(rng)?;
    let fits = |slot: &Slot| scales.used(*slot) == least;
    let after = candidates.iter().filter(|&slot| slot >= start).find(fits);
    after.or_else(|| candidates.iter().find(fits))
}
