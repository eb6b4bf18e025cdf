//! Which of the ready keys goes next: one strategy per pool, one rotation per model and tier.
//!
//! Quota belongs to a project and a model, so every model has a rotation of
//! its own; two models that alternate do not each get half of the keys.

mod adaptive;
mod least_used;
mod round_robin;
mod smooth;
mod weighted;

use crate::place::Slot;
use crate::rng::Rng;
use crate::word::words;

pub(crate) use adaptive::Record;
use round_robin::RoundRobin;
use smooth::Smooth;

words! {
    /// How a pool chooses among the keys that are ready.
    #[derive(Default)]
    Strategy {
        /// The better one of two at random: fast, successful, idle, with quota left.
        #[default]
        Adaptive = "adaptive",
        /// One after the other.
        RoundRobin = "round_robin",
        /// In proportion to their weights, evenly spread.
        WeightedRoundRobin = "weighted_round_robin",
        /// Any, as likely as its weight.
        WeightedRandom = "weighted_random",
        /// Any, each as likely.
        Random = "random",
        /// The one that was used least today.
        LeastUsed = "least_used",
    }
}

/// What strategies weigh keys by.
pub(crate) trait Scales {
    /// Returns how often a key should go, compared with others; at least 1.
    fn weight(&self, slot: Slot) -> u32;

    /// Returns the largest weight that any key has.
    fn heaviest(&self) -> u32;

    /// Returns how often a key was used today.
    fn used(&self, slot: Slot) -> u32;

    /// Returns whether a key failed more often than not lately.
    fn is_failing(&self, slot: Slot) -> bool;

    /// Returns what a request with this key is expected to cost, in no unit; more than nothing.
    fn cost(&mut self, slot: Slot) -> f32;
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

    fn len(self) -> usize {
        self.ready.len().saturating_sub(self.tried.len())
    }

    /// Returns the first candidate at or after `start`, and else the first of all.
    fn first_from(self, start: Slot) -> Option<Slot> {
        let split = self.ready.partition_point(|&slot| slot < start);
        let (before, from) = self.ready.split_at(split);
        from.iter().chain(before).copied().find(|slot| !self.tried.contains(slot))
    }

    fn any(self, rng: &mut Rng) -> Option<Slot> {
        self.at(rng.below(self.len()))
    }

    /// Returns the candidate with so many before it.
    fn at(self, mut place: usize) -> Option<Slot> {
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
    Adaptive,
    RoundRobin(RoundRobin),
    Smooth(Smooth),
    WeightedRandom,
    Random,
    LeastUsed,
}

impl Rotation {
    pub(crate) fn new(strategy: Strategy) -> Self {
        match strategy {
            Strategy::Adaptive => Self::Adaptive,
            Strategy::RoundRobin => Self::RoundRobin(RoundRobin::default()),
            Strategy::WeightedRoundRobin => Self::Smooth(Smooth::default()),
            Strategy::WeightedRandom => Self::WeightedRandom,
            Strategy::Random => Self::Random,
            Strategy::LeastUsed => Self::LeastUsed,
        }
    }

    /// Chooses one of the candidates, and nothing only if there are none.
    ///
    /// A request that has failed before does not go to a failing key for the sake of shares.
    pub(crate) fn choose(
        &mut self,
        candidates: Candidates<'_>,
        is_retry: bool,
        scales: &mut impl Scales,
        rng: &mut Rng,
    ) -> Option<Slot> {
        let slot = self.next(candidates, scales, rng)?;
        if is_retry && scales.is_failing(slot) {
            return adaptive::choose(candidates, scales, rng);
        }
        Some(slot)
    }

    fn next(
        &mut self,
        candidates: Candidates<'_>,
        scales: &mut impl Scales,
        rng: &mut Rng,
    ) -> Option<Slot> {
        match self {
            Self::Adaptive => adaptive::choose(candidates, scales, rng),
            Self::RoundRobin(turn) => turn.choose(candidates),
            Self::Smooth(turn) => turn.choose(candidates, scales),
            Self::WeightedRandom => weighted::choose(candidates, scales, rng),
            Self::Random => candidates.any(rng),
            Self::LeastUsed => least_used::choose(candidates, scales, rng),
        }
    }
}

#[cfg(test)]
mod tests;
