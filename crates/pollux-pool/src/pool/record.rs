//! What survives a restart, and what a status page sees.

use std::collections::BTreeMap;

use super::learn::is_long;
use super::{Entry, Pool};
use crate::health::{Checkpoint, Cooldown, Health, KeyView};
use crate::id::ModelName;
use crate::lane::Slot;
use crate::time::Timestamp;

impl Pool {
    /// Returns a number that changes when [`checkpoint`](Self::checkpoint) may have something new.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns what is held against keys for longer than a minute from `now`, by key.
    pub fn checkpoint(&self, now: Timestamp) -> Vec<Checkpoint> {
        let mut cooldowns = self.cooldowns(|cooldown| is_long(cooldown, now));
        let keys = self.keys.iter().enumerate().map(|(slot, entry)| Checkpoint {
            key: entry.key.id,
            health: entry.health,
            cooldowns: cooldowns.remove(&slot).unwrap_or_default(),
        });
        keys.filter(|kept| kept.health != Health::Active || !kept.cooldowns.is_empty()).collect()
    }

    /// Takes back what an earlier pool held against keys.
    ///
    /// What is over by `now`, or is of keys that are gone, is dropped.
    pub fn restore(&mut self, checkpoints: Vec<Checkpoint>, now: Timestamp) {
        for Checkpoint { key, health, cooldowns } in checkpoints {
            let Some(&slot) = self.slots.get(&key) else { continue };
            self.set_health(slot, health);
            let active = self.is_active(slot);
            for (model, cooldown) in cooldowns.into_iter().filter(|(_, held)| held.is_on(now)) {
                self.open_lane(&model, now);
                if let Some(lane) = self.lanes.get_mut(&model) {
                    lane.hold(slot, Some(cooldown), active);
                }
            }
        }
    }

    /// Returns every key, in the order in which they were given.
    pub fn view(&self, now: Timestamp) -> impl Iterator<Item = KeyView> {
        let mut cooldowns = self.cooldowns(|cooldown| cooldown.is_on(now));
        self.keys.iter().enumerate().map(move |(slot, entry)| {
            let Entry { key, health, in_flight, served } = entry;
            KeyView {
                id: key.id,
                weight: key.weight.max(1),
                health: *health,
                cooldowns: cooldowns.remove(&slot).unwrap_or_default(),
                in_flight: *in_flight,
                served: *served,
            }
        })
    }

    pub(super) fn changed(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }

    fn cooldowns(
        &self,
        keep: impl Fn(Cooldown) -> bool,
    ) -> BTreeMap<Slot, Vec<(ModelName, Cooldown)>> {
        let mut found: BTreeMap<Slot, Vec<_>> = BTreeMap::new();
        for (model, lane) in &self.lanes {
            for (slot, cooldown) in lane.cooldowns().filter(|&(_, cooldown)| keep(cooldown)) {
                found.entry(slot).or_default().push((model.clone(), cooldown));
            }
        }
        for held in found.values_mut() {
            held.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        found
    }
}
