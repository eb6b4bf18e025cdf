//! Which of the ready keys goes next: one strategy per pool, one rotation per model.
//!
//! Quota belongs to a project and a model, so every model has a rotation of
//! its own; two models that alternate do not each get half of the keys.

mod round_robin;
mod smooth;

use crate::lane::Slot;
use crate::rng::Rng;
use crate::word::words;

use round_robin::RoundRobin;
use smooth::Smooth;

words! {
    /// How a pool chooses among the keys that are ready.
    #[derive(Default)]
    Strategy {
        /// One after the other.
        #[default]
        RoundRobin = "round_robin",
        /// In proportion to their weights, evenly spread.
        WeightedRoundRobin = "weighted_round_robin",
        /// Any, each as likely.
        Random = "random",
    }
}

/// Keys that may go next: the ready ones, in order, without the tried ones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Candidates<'a> {
    /// In ascending order.
    pub(crate) ready: &'a [Slot],
    /// In ascending order, all of them in `ready`, and few.
    pub(crate) tried: &'a [Slot],
}

impl Candidates<'_> {
    fn iter(self) -> impl Iterator<Item = Slot> {
        self.ready.iter().copied().filter(move |slot| !self.tried.contains(slot))
    }

    /// Returns the first candidate at or after `start`, and else the first of all.
    fn first_from(self, start: Slot) -> Option<Slot> {
        let split = self.ready.partition_point(|&slot| slot < start);
        let (before, from) = self.ready.split_at(split);
        from.iter().chain(before).copied().find(|slot| !self.tried.contains(slot))
    }

    fn any(self, rng: &mut Rng) -> Option<Slot> {
        let mut place = rng.below(self.ready.len().saturating_sub(self.tried.len()));
        for tried in self.tried {
            let taken = self.ready.partition_point(|slot| slot < tried);
            if taken <= place {
                place += 1;
            }
        }
        self.ready.get(place).copied().filter(|slot| !self.tried.contains(slot))
    }
}

/// Where one model's turn has come to.
#[derive(Clone, Debug)]
pub(crate) enum Rotation {
    RoundRobin(RoundRobin),
    Smooth(Smooth),
    Random,
}

impl Rotation {
    pub(crate) fn new(strategy: Strategy) -> Self {
        match strategy {
            Strategy::RoundRobin => Self::RoundRobin(RoundRobin::default()),
            Strategy::WeightedRoundRobin => Self::Smooth(Smooth::default()),
            Strategy::Random => Self::Random,
        }
    }

    /// Chooses one of the candidates, and nothing only if there are none.
    pub(crate) fn choose(
        &mut self,
        candidates: Candidates<'_>,
        weight: impl Fn(Slot) -> u32,
        rng: &mut Rng,
    ) -> Option<Slot> {
        match self {
            Self::RoundRobin(turn) => turn.choose(candidates),
            Self::Smooth(turn) => turn.choose(candidates, weight),
            Self::Random => candidates.any(rng),
        }
    }
}

#[cfg(test)]
mod tests;
