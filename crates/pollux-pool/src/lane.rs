//! One model's view of the pool: which keys are ready, which cool down, and whose turn it is.
//!
//! Ready keys are kept apart from cooling ones, so that choosing costs the
//! same whether the rest of the pool cools down or not.

use std::collections::{BTreeMap, BTreeSet};

use crate::balance::{Candidates, Rotation, Strategy};
use crate::brake::Brake;
use crate::health::Cooldown;
use crate::rng::Rng;
use crate::time::Timestamp;

/// A key's place in its pool.
pub(crate) type Slot = usize;

/// See the module.
///
/// A slot is in `ready` if its key is active and no cooldown is on, in
/// `waking` if its key is active and its cooldown ends, and else in neither.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// In ascending order.
    ready: Vec<Slot>,
    /// The first to be ready comes first.
    waking: BTreeSet<(Timestamp, Slot)>,
    /// What is held against keys for this model; a streak outlives its cooldown.
    cooldowns: BTreeMap<Slot, Cooldown>,
    rotation: Rotation,
    pub(crate) brake: Brake,
}

impl Lane {
    /// Makes a lane in which every key of `active`, in ascending order, is ready.
    pub(crate) fn new(strategy: Strategy, active: impl Iterator<Item = Slot>) -> Self {
        Self {
            ready: active.collect(),
            waking: BTreeSet::new(),
            cooldowns: BTreeMap::new(),
            rotation: Rotation::new(strategy),
            brake: Brake::default(),
        }
    }

    /// Returns what is held against a key, be it on or not.
    pub(crate) fn cooldown(&self, slot: Slot) -> Option<Cooldown> {
        self.cooldowns.get(&slot).copied()
    }

    /// Returns everything that is held against keys.
    pub(crate) fn cooldowns(&self) -> impl Iterator<Item = (Slot, Cooldown)> {
        self.cooldowns.iter().map(|(&slot, &cooldown)| (slot, cooldown))
    }

    /// Makes the keys ready whose cooldowns are over.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        while let Some(&(until, slot)) = self.waking.first()
            && until <= now
        {
            self.waking.pop_first();
            self.make_ready(slot);
        }
    }

    /// Returns when the first cooling key is ready again.
    pub(crate) fn soonest(&self) -> Option<Timestamp> {
        self.waking.first().map(|&(until, _)| until)
    }

    /// Returns how many keys are ready, and how many cool down.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.ready.len(), self.waking.len())
    }

    /// Returns whether any key is ready, tried or not.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Chooses a ready key that is not among `tried`.
    pub(crate) fn choose(
        &mut self,
        tried: &[Slot],
        weight: impl Fn(Slot) -> u32,
        rng: &mut Rng,
    ) -> Option<Slot> {
        let mut passed: Vec<Slot> =
            tried.iter().copied().filter(|&slot| self.is_ready(slot)).collect();
        passed.sort_unstable();
        passed.dedup();
        self.rotation.choose(Candidates { ready: &self.ready, tried: &passed }, weight, rng)
    }

    /// Holds `cooldown`, or nothing, against a key and puts it where it belongs.
    pub(crate) fn hold(&mut self, slot: Slot, cooldown: Option<Cooldown>, active: bool) {
        self.take_out(slot);
        match cooldown {
            Some(cooldown) => self.cooldowns.insert(slot, cooldown),
            None => self.cooldowns.remove(&slot),
        };
        if active {
            self.put_in(slot);
        }
    }

    /// Takes part in a key's return, or takes it out of this lane while it is revoked.
    pub(crate) fn set_active(&mut self, slot: Slot, active: bool) {
        self.take_out(slot);
        if active {
            self.put_in(slot);
        }
    }

    /// Returns whether forgetting the lane would lose more than whose turn it is.
    pub(crate) fn holds_anything(&self, now: Timestamp) -> bool {
        self.brake.is_on() || self.cooldowns.values().any(|cooldown| cooldown.is_on(now))
    }

    fn is_ready(&self, slot: Slot) -> bool {
        self.ready.binary_search(&slot).is_ok()
    }

    /// A cooldown that is over sits in `waking` until the next [`wake`](Self::wake).
    fn put_in(&mut self, slot: Slot) {
        match self.cooldowns.get(&slot) {
            Some(&Cooldown::Exhausted { until, .. }) => {
                self.waking.insert((until, slot));
            }
            Some(Cooldown::Unserved) => {}
            None => self.make_ready(slot),
        }
    }

    fn take_out(&mut self, slot: Slot) {
        if let Some(&Cooldown::Exhausted { until, .. }) = self.cooldowns.get(&slot) {
            self.waking.remove(&(until, slot));
        }
        if let Ok(place) = self.ready.binary_search(&slot) {
            self.ready.remove(place);
        }
    }

    fn make_ready(&mut self, slot: Slot) {
        if let Err(place) = self.ready.binary_search(&slot) {
            self.ready.insert(place, slot);
        }
    }
}
