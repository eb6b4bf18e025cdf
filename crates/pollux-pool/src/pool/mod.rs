//! The pool: gives out leases on keys and learns from what comes back.
//!
//! [`Pool::lease`] chooses, [`Pool::report`] says what the answer taught as
//! soon as it is known, [`Pool::settle`] ends the use. What a report does to
//! the key's health is in `learn`; what survives a restart, and what a status
//! page sees, in `record`.

mod check;
mod learn;
mod owned;
mod record;
mod survey;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::balance::Strategy;
use crate::health::Health;
use crate::id::{KeyId, ModelName};
use crate::key::Key;
use crate::lane::{Lane, Slot};
use crate::lease::{Ask, Lease, NoKey, Spend};
use crate::rng::Rng;
use crate::time::Timestamp;

/// The most models that the pool keeps apart; clients can make up names.
const MAX_LANES: usize = 128;
/// The first pause between tries of a revoked key; nobody else has it while it is tried.
const FIRST_PROBE: Duration = Duration::from_mins(5);

/// How a pool behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// How it chooses among ready keys.
    pub strategy: Strategy,
}

/// Keys that serve one set of clients, and what is known about them.
#[derive(Debug)]
pub struct Pool {
    settings: Settings,
    keys: Vec<Entry>,
    slots: HashMap<KeyId, Slot>,
    lanes: HashMap<ModelName, Lane>,
    /// Revoked keys by the moment from which one request may try them.
    probes: BTreeSet<(Timestamp, Slot)>,
    rng: Rng,
    generation: u64,
}

/// A key and what is known about it apart from any model.
#[derive(Clone, Debug)]
struct Entry {
    key: Key,
    health: Health,
    in_flight: u32,
    served: u64,
}

impl Entry {
    fn new(key: Key) -> Self {
        Self { key, health: Health::Active, in_flight: 0, served: 0 }
    }

    const fn is_active(&self) -> bool {
        matches!(self.health, Health::Active)
    }
}

impl Pool {
    /// Makes a pool of healthy keys; `seed` decides every random choice it will make.
    ///
    /// Of several keys with the same id the last one counts.
    pub fn new(settings: Settings, keys: Vec<Key>, seed: u64) -> Self {
        let mut pool = Self {
            settings,
            keys: Vec::new(),
            slots: HashMap::new(),
            lanes: HashMap::new(),
            probes: BTreeSet::new(),
            rng: Rng::new(seed),
            generation: 0,
        };
        pool.configure(settings, keys);
        pool
    }

    /// Changes the settings and the keys.
    ///
    /// Keys that stay keep their health and their requests under way; whose turn it is starts over.
    pub fn configure(&mut self, settings: Settings, keys: Vec<Key>) {
        let mut known: HashMap<KeyId, Entry> =
            self.keys.drain(..).map(|entry| (entry.key.id, entry)).collect();
        let before = std::mem::take(&mut self.slots);
        for key in keys {
            if let Some(entry) = self.entry_of(key.id) {
                entry.key = key;
                continue;
            }
            self.slots.insert(key.id, self.keys.len());
            self.keys.push(match known.remove(&key.id) {
                Some(entry) => Entry { key, ..entry },
                None => Entry::new(key),
            });
        }
        self.settings = settings;
        self.follow_slots(&before);
    }

    /// Gives out a key for one attempt.
    pub fn lease(&mut self, ask: &Ask<'_>, now: Timestamp) -> Result<Lease, NoKey> {
        self.open_lane(ask.model, now);
        if let Some(owner) = ask.owner {
            return self.lease_owned(ask, owner, now);
        }
        let is_stopped = |lane: &Lane| lane.brake.stops(now).is_some();
        let best = ask.prefer.filter(|_| !self.lanes.get(ask.model).is_some_and(is_stopped));
        if let Some(lease) = best.and_then(|best| self.lease_owned(ask, best, now).ok()) {
            return Ok(lease);
        }
        let tried: Vec<Slot> =
            ask.tried.iter().filter_map(|key| self.slots.get(key).copied()).collect();
        let probe = self.due_probe(ask.model, &tried, now);
        let Some(lane) = self.lanes.get_mut(ask.model) else { return Err(NoKey::Empty) };
        lane.wake(now);
        let (ready, soonest) = (lane.has_ready(), lane.soonest());
        if !ready && soonest.is_none() && probe.is_none() {
            return Err(NoKey::Empty);
        }
        if let Some(until) = lane.brake.stops(now) {
            return Err(NoKey::Cooling { until });
        }
        // Another key can still save a request whose first attempt is spent on a revoked one.
        let early = probe.filter(|_| ready && tried.is_empty());
        let weights = &self.keys;
        let weight = |slot: Slot| weights.get(slot).map_or(1, |entry| entry.key.weight);
        let chosen = early.or_else(|| lane.choose(&tried, weight, &mut self.rng)).or(probe);
        match (chosen, soonest) {
            (Some(slot), _) => self.give(slot, ask.model, now),
            (None, _) if ready => Err(NoKey::Tried),
            (None, Some(until)) => Err(NoKey::Cooling { until }),
            (None, None) => Err(NoKey::Tried),
        }
    }

    /// Ends the use of a key.
    #[expect(clippy::needless_pass_by_value, reason = "a lease is settled once")]
    pub fn settle(&mut self, lease: Lease, _spend: Spend, _now: Timestamp) {
        if let Some(entry) = self.entry_of(lease.key) {
            entry.in_flight = entry.in_flight.saturating_sub(1);
        }
    }

    fn give(&mut self, slot: Slot, model: &ModelName, now: Timestamp) -> Result<Lease, NoKey> {
        let Some(entry) = self.keys.get_mut(slot) else { return Err(NoKey::Empty) };
        entry.in_flight = entry.in_flight.saturating_add(1);
        let key = entry.key.id;
        if let Health::Revoked { reason, since, streak, .. } = entry.health {
            let probe_at = now + FIRST_PROBE;
            self.set_health(slot, Health::Revoked { reason, since, probe_at, streak });
        }
        if let Some(lane) = self.lanes.get_mut(model) {
            lane.brake.leased(now);
        }
        Ok(Lease { key, model: model.clone(), at: now })
    }

    /// Finds a revoked key that may be tried and has nothing else against it for this model.
    fn due_probe(&self, model: &ModelName, tried: &[Slot], now: Timestamp) -> Option<Slot> {
        let lane = self.lanes.get(model)?;
        let free = |slot: &Slot| {
            !tried.contains(slot) && lane.cooldown(*slot).is_none_or(|held| !held.is_on(now))
        };
        let due = self.probes.iter().take_while(|&&(probe_at, _)| probe_at <= now);
        due.map(|&(_, slot)| slot).find(free)
    }

    fn open_lane(&mut self, model: &ModelName, now: Timestamp) {
        if self.lanes.contains_key(model) {
            return;
        }
        if self.lanes.len() >= MAX_LANES {
            self.lanes.retain(|_, lane| lane.holds_anything(now));
        }
        if self.lanes.len() >= MAX_LANES
            && let Some(any) = self.lanes.keys().next().cloned()
        {
            self.lanes.remove(&any);
        }
        self.lanes.insert(model.clone(), self.fresh_lane());
    }

    fn fresh_lane(&self) -> Lane {
        let active = self.keys.iter().enumerate().filter(|(_, entry)| entry.is_active());
        Lane::new(self.settings.strategy, active.map(|(slot, _)| slot))
    }

    /// Carries over what is filed by slot, now that keys may have other slots than `before`.
    fn follow_slots(&mut self, before: &HashMap<KeyId, Slot>) {
        let moved: HashMap<Slot, Slot> = before
            .iter()
            .filter_map(|(key, &old)| self.slots.get(key).map(|&new| (old, new)))
            .collect();
        for (model, old) in std::mem::take(&mut self.lanes) {
            let mut lane = self.fresh_lane();
            for (slot, cooldown) in old.cooldowns() {
                if let Some(&slot) = moved.get(&slot) {
                    lane.hold(slot, Some(cooldown), self.is_active(slot));
                }
            }
            lane.brake = old.brake;
            lane.brake.follow(&moved);
            self.lanes.insert(model, lane);
        }
        self.probes = self.keys.iter().enumerate().filter_map(probe_of).collect();
    }

    /// Changes a key's health, and its place in every lane with it.
    fn set_health(&mut self, slot: Slot, health: Health) {
        let Some(entry) = self.keys.get_mut(slot) else { return };
        let was_active = entry.is_active();
        if let Some(probe) = probe_of((slot, entry)) {
            self.probes.remove(&probe);
        }
        entry.health = health;
        self.probes.extend(probe_of((slot, entry)));
        let active = entry.is_active();
        if was_active != active {
            self.lanes.values_mut().for_each(|lane| lane.set_active(slot, active));
        }
    }

    fn is_active(&self, slot: Slot) -> bool {
        self.keys.get(slot).is_some_and(Entry::is_active)
    }

    fn entry_of(&mut self, key: KeyId) -> Option<&mut Entry> {
        let slot = *self.slots.get(&key)?;
        self.keys.get_mut(slot)
    }
}

fn probe_of((slot, entry): (Slot, &Entry)) -> Option<(Timestamp, Slot)> {
    match entry.health {
        Health::Active => None,
        Health::Revoked { probe_at, .. } => Some((probe_at, slot)),
    }
}

#[cfg(test)]
mod tests;
