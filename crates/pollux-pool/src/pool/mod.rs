//! The pool: gives out leases on keys and learns from what comes back.
//!
//! [`Pool::lease`] chooses, [`Pool::report`] says what the answer taught as
//! soon as it is known, [`Pool::settle`] ends the use. The rooms below say how:
//! `choose` for requests that any key may serve, `owned` for those of one project, `learn` for
//! reports, `join` for what becomes known of projects, `check` for keys outside of requests,
//! `record` for what survives a restart, `show` for people, `turn` for their history.

mod check;
mod choose;
mod join;
mod learn;
mod owned;
mod record;
mod show;
mod turn;

use std::collections::BTreeSet;
use std::time::Duration;

use foldhash::HashMap;

use crate::balance::Strategy;
use crate::entry::Entry;
use crate::generations::Generations;
use crate::health::Health;
use crate::id::{KeyId, ModelName};
use crate::key::{Key, Tier};
use crate::lane::Lane;
use crate::lease::{Ask, Lease, NoKey, Spend};
use crate::place::Place;
use crate::place::Slot;
use crate::project::Projects;
use crate::quota::{Account, Amount, Limits};
use crate::rng::Rng;
use crate::time::{Moment, Timestamp, next_pacific_midnight};

pub use record::QuotaRecord;
pub use show::{Forecast, QuotaView};
pub use turn::{Stance, Turn};

/// The most models that the pool keeps apart; clients can make up names.
const MAX_LANES: usize = 128;
/// The first pause between tries of a revoked key; nobody else has it while it is tried.
const FIRST_PROBE: Duration = Duration::from_mins(5);
/// How many conversations each of two generations remembers.
const CONVERSATIONS: usize = 16_384;

/// How a pool behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How it chooses among ready keys.
    pub strategy: Strategy,
    /// What its projects may use, where Google has not said so.
    pub limits: Limits,
    /// Whether conversations stay with the project that served them before.
    pub affinity: bool,
    /// How many requests a key serves at a time; 0 is any number.
    pub max_concurrency: u32,
    /// How many requests a day paid keys serve; any number without one.
    pub paid_cap: Option<u64>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            strategy: Strategy::default(),
            limits: Limits::default(),
            affinity: true,
            max_concurrency: 0,
            paid_cap: None,
        }
    }
}

/// Keys that serve one set of clients, and what is known about them.
#[derive(Debug)]
pub struct Pool {
    settings: Settings,
    /// Free keys first, each tier in the order in which its keys were given.
    keys: Vec<Entry>,
    /// The slots in the order in which all keys were given.
    order: Vec<Slot>,
    slots: HashMap<KeyId, Slot>,
    first_paid: Slot,
    heaviest: u32,
    projects: Projects,
    lanes: HashMap<ModelName, Lane>,
    /// Revoked keys by the moment from which one request may try them.
    probes: BTreeSet<(Timestamp, Slot)>,
    /// Which key served a conversation last.
    conversations: Generations<u64, KeyId>,
    /// How many requests paid keys served today.
    paid: (Timestamp, u64),
    in_flight: usize,
    /// How many keys serve as many requests as they may.
    busy: usize,
    /// Accounts that have changed since they were last taken to be written down.
    unsaved: Vec<(ModelName, Place)>,
    when: Moment,
    rng: Rng,
    generation: u64,
    /// Whether something was learned that must not be lost.
    urgent: bool,
    turns: Vec<Turn>,
}

impl Pool {
    /// Makes a pool of healthy keys; `seed` decides every random choice it will make.
    ///
    /// Of several keys with the same id the last one counts.
    pub fn new(settings: Settings, keys: Vec<Key>, seed: u64) -> Self {
        let mut pool = Self {
            settings: settings.clone(),
            keys: Vec::new(),
            order: Vec::new(),
            slots: HashMap::default(),
            first_paid: 0,
            heaviest: 1,
            projects: Projects::default(),
            lanes: HashMap::default(),
            probes: BTreeSet::new(),
            conversations: Generations::new(CONVERSATIONS, |_, _| 1),
            paid: (Timestamp::default(), 0),
            in_flight: 0,
            busy: 0,
            unsaved: Vec::new(),
            when: Moment::default(),
            rng: Rng::new(seed),
            generation: 0,
            urgent: false,
            turns: Vec::new(),
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
        let given = distinct(keys);
        let ids: Vec<KeyId> = given.iter().map(|key| key.id).collect();
        let (free, paid): (Vec<Key>, Vec<Key>) =
            given.into_iter().partition(|key| key.tier == Tier::Free);
        self.first_paid = free.len();
        self.heaviest = free.iter().chain(&paid).map(|key| key.weight).max().unwrap_or(1).max(1);
        for key in free.into_iter().chain(paid) {
            self.slots.insert(key.id, self.keys.len());
            self.keys.push(match known.remove(&key.id) {
                Some(entry) => Entry { key, ..entry },
                None => Entry::new(key),
            });
        }
        self.order = ids.iter().filter_map(|id| self.slots.get(id).copied()).collect();
        self.settings = settings;
        self.recount();
        self.follow_slots(&before);
    }

    /// Gives out a key for one attempt.
    pub fn lease(&mut self, ask: &Ask<'_>, now: Timestamp) -> Result<Lease, NoKey> {
        self.when = self.when.at(now);
        self.open_lane(ask.model);
        match ask.owner {
            Some(owner) => self.lease_owned(ask, owner),
            None => self.lease_any(ask),
        }
    }

    /// Ends the use of a key, with what it really cost.
    #[expect(clippy::needless_pass_by_value, reason = "a lease is settled once")]
    pub fn settle(&mut self, lease: Lease, spend: Spend, now: Timestamp) {
        self.when = self.when.at(now);
        let Some(&slot) = self.slots.get(&lease.key) else { return };
        self.in_flight = self.in_flight.saturating_sub(1);
        self.change(slot, |entry| entry.in_flight = entry.in_flight.saturating_sub(1));
        let Spend { requests, input_tokens, tokens } = spend;
        let real = Amount { requests, input_tokens, tokens };
        let when = self.when;
        self.with_account(&lease.model, slot, |account| {
            account.settle(lease.at, lease.reserved, real, when);
        });
        let is_paid = self.keys.get(slot).is_some_and(|entry| entry.key.tier == Tier::Paid);
        if is_paid && requests == 0 && next_pacific_midnight(lease.at) == when.day_ends {
            self.paid = (when.day_ends, self.paid_today().saturating_sub(1));
        }
    }

    /// Gives the key at `slot` to a request.
    fn give(&mut self, slot: Slot, ask: &Ask<'_>) -> Result<Lease, NoKey> {
        let when = self.when;
        let Some(entry) = self.keys.get(slot) else { return Err(NoKey::Empty) };
        let (key, health, tier) = (entry.key.id, entry.health, entry.key.tier);
        self.in_flight += 1;
        self.change(slot, |entry| entry.in_flight = entry.in_flight.saturating_add(1));
        if let Health::Revoked { reason, since, streak, .. } = health {
            let probe_at = when.now + FIRST_PROBE;
            self.set_health(slot, Health::Revoked { reason, since, probe_at, streak });
        }
        if let Some(lane) = self.lanes.get_mut(ask.model) {
            lane.brake.leased(when.now);
            lane.rate.note(when.now);
            lane.records.entry(slot).or_default().take(when.day_ends);
        }
        let reserved = cost_of(ask);
        self.with_account(ask.model, slot, |account| account.take(reserved, when));
        if tier == Tier::Paid {
            self.paid = (when.day_ends, self.paid_today() + 1);
        }
        if let Some(affinity) = ask.affinity.filter(|_| self.settings.affinity) {
            self.conversations.put(affinity.hash, key);
        }
        let (model, at, form) = (ask.model.clone(), when.now, ask.form);
        Ok(Lease { key, model, at, reserved, form })
    }

    fn paid_today(&self) -> u64 {
        let (day_ends, count) = self.paid;
        if day_ends == self.when.day_ends { count } else { 0 }
    }

    /// Changes the account of a key's project for a model, opening it if need be.
    fn with_account(&mut self, model: &ModelName, slot: Slot, work: impl FnOnce(&mut Account)) {
        let Some(entry) = self.keys.get(slot) else { return };
        let Some(lane) = self.lanes.get_mut(model) else { return };
        let place = entry.place;
        let account = lane.account(place, entry.key.tier);
        let was_saved = !account.changed;
        work(account);
        if was_saved && account.changed {
            self.unsaved.push((model.clone(), place));
        }
    }

    fn open_lane(&mut self, model: &ModelName) {
        if self.lanes.contains_key(model) {
            return;
        }
        let now = self.when.now;
        if self.lanes.len() >= MAX_LANES {
            self.lanes.retain(|_, lane| lane.holds_anything(now));
        }
        if self.lanes.len() >= MAX_LANES
            && let Some(any) = self.lanes.keys().next().cloned()
        {
            self.lanes.remove(&any);
        }
        self.lanes.insert(model.clone(), self.fresh_lane(model));
    }

    fn fresh_lane(&self, model: &ModelName) -> Lane {
        let Settings { strategy, limits, max_concurrency: limit, .. } = &self.settings;
        let limit = *limit;
        let limits = [Tier::Free, Tier::Paid].map(|tier| limits.of(model.as_str(), tier));
        let open = self.keys.iter().enumerate().filter(|(_, entry)| entry.is_open(limit));
        Lane::new(*strategy, limits, self.first_paid, open.map(|(slot, _)| slot))
    }

    fn recount(&mut self) {
        let limit = self.settings.max_concurrency;
        self.busy = self.keys.iter().filter(|entry| entry.is_busy(limit)).count();
        self.in_flight = self.keys.iter().map(|entry| entry.in_flight as usize).sum();
    }

    /// Changes what is known of a key, and its place in every lane with it.
    fn change(&mut self, slot: Slot, work: impl FnOnce(&mut Entry)) {
        let limit = self.settings.max_concurrency;
        let Some(entry) = self.keys.get_mut(slot) else { return };
        let (was_open, was_busy) = (entry.is_open(limit), entry.is_busy(limit));
        work(entry);
        let (open, busy) = (entry.is_open(limit), entry.is_busy(limit));
        self.busy = (self.busy + usize::from(busy)).saturating_sub(usize::from(was_busy));
        if was_open != open {
            self.lanes.values_mut().for_each(|lane| lane.set_open(slot, open));
        }
    }

    fn set_health(&mut self, slot: Slot, health: Health) {
        let Some(entry) = self.keys.get(slot) else { return };
        if let Some(probe) = probe_of((slot, entry)) {
            self.probes.remove(&probe);
        }
        self.change(slot, |entry| entry.health = health);
        self.probes.extend(self.keys.get(slot).and_then(|entry| probe_of((slot, entry))));
    }

    fn is_open(&self, slot: Slot) -> bool {
        self.keys.get(slot).is_some_and(|entry| entry.is_open(self.settings.max_concurrency))
    }
}

/// Returns each key once, where it is named first, as it is named last.
fn distinct(keys: Vec<Key>) -> Vec<Key> {
    let mut places: HashMap<KeyId, usize> = HashMap::default();
    let mut distinct: Vec<Key> = Vec::new();
    for key in keys {
        let place = *places.entry(key.id).or_insert(distinct.len());
        match distinct.get_mut(place) {
            Some(same) => *same = key,
            None => distinct.push(key),
        }
    }
    distinct
}

const fn cost_of(ask: &Ask<'_>) -> Amount {
    Amount { requests: 1, input_tokens: ask.input_tokens, tokens: ask.input_tokens }
}

fn probe_of((slot, entry): (Slot, &Entry)) -> Option<(Timestamp, Slot)> {
    match entry.health {
        Health::Active => None,
        Health::Revoked { probe_at, .. } => Some((probe_at, slot)),
    }
}

#[cfg(test)]
mod tests;
