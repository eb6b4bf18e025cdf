//! One model's view of the pool: which keys are ready, which cool down, and whose turn it is.
//!
//! Ready keys are kept apart from cooling ones, so that choosing costs the
//! same whether the rest of the pool cools down or not. What is held against
//! a project is found when one of its keys is chosen, which is then put aside.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use foldhash::HashMap;

use crate::balance::{Candidates, Record, Rotation, Scales, Strategy};
use crate::brake::Brake;
use crate::entry::Entry;
use crate::health::Cooldown;
use crate::key::Tier;
use crate::latency::Latency;
use crate::lease::Form;
use crate::place::{Place, Slot};
use crate::quota::{Account, Amount, Limit};
use crate::rate::Rate;
use crate::rng::Rng;
use crate::time::{Moment, Timestamp};

/// See the module.
///
/// A slot is in `ready` if its key is open and nothing is known to be held against it, in
/// `waking` if its key is open and what is held against it ends, and else in neither.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// In ascending order.
    ready: Vec<Slot>,
    /// Where the slots of paid keys begin.
    first_paid: Slot,
    /// Of each tier; the first to be ready comes first.
    waking: [BTreeSet<(Timestamp, Slot)>; 2],
    /// When those in `waking` are ready.
    wakes: HashMap<Slot, Timestamp>,
    /// What is held against keys for this model; a streak outlives its cooldown.
    cooldowns: BTreeMap<Slot, Cooldown>,
    pub(crate) accounts: HashMap<Place, Account>,
    /// What settings let projects of each tier use.
    limits: [Arc<[Limit]>; 2],
    pub(crate) records: HashMap<Slot, Record>,
    rotations: [Rotation; 2],
    pub(crate) brake: Brake,
    /// Of each form of answers.
    pub(crate) latencies: [Latency; 3],
    /// Requests a second.
    pub(crate) rate: Rate,
}

/// What a choice is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    pub(crate) tier: Tier,
    pub(crate) tried: &'a [Slot],
    pub(crate) cost: Amount,
    pub(crate) when: Moment,
    pub(crate) keys: &'a [Entry],
    /// The largest weight of any key.
    pub(crate) heaviest: u32,
}

impl Tier {
    /// Returns its place where there is one for each tier.
    const fn index(self) -> usize {
        match self {
            Self::Free => 0,
            Self::Paid => 1,
        }
    }
}

impl Lane {
    /// Makes a lane in which every key of `open`, in ascending order, is ready.
    pub(crate) fn new(
        strategy: Strategy,
        limits: [Arc<[Limit]>; 2],
        first_paid: Slot,
        open: impl Iterator<Item = Slot>,
    ) -> Self {
        Self {
            ready: open.collect(),
            first_paid,
            waking: Default::default(),
            wakes: HashMap::default(),
            cooldowns: BTreeMap::new(),
            accounts: HashMap::default(),
            limits,
            records: HashMap::default(),
            rotations: [Rotation::new(strategy), Rotation::new(strategy)],
            brake: Brake::default(),
            latencies: Default::default(),
            rate: Rate::default(),
        }
    }

    /// Returns the account of a project of `tier`, and opens it if need be.
    pub(crate) fn account(&mut self, place: Place, tier: Tier) -> &mut Account {
        let given = given(&self.limits, tier);
        self.accounts.entry(place).or_insert_with(|| Account::new(given))
    }

    /// Takes over the account of a project of `tier` from a lane with other limits.
    pub(crate) fn adopt(&mut self, place: Place, tier: Tier, mut account: Account) {
        account.configure(given(&self.limits, tier));
        account.changed = true;
        self.accounts.insert(place, account);
    }

    /// Returns what is held against a key itself, be it on or not.
    pub(crate) fn cooldown(&self, slot: Slot) -> Option<Cooldown> {
        self.cooldowns.get(&slot).copied()
    }

    /// Returns everything that is held against keys themselves.
    pub(crate) fn cooldowns(&self) -> impl Iterator<Item = (Slot, Cooldown)> {
        self.cooldowns.iter().map(|(&slot, &cooldown)| (slot, cooldown))
    }

    /// Makes the keys ready that have cooled down.
    pub(crate) fn wake(&mut self, now: Timestamp) {
        for tier in 0..self.waking.len() {
            while let Some(waking) = self.waking.get_mut(tier)
                && let Some(&(until, slot)) = waking.first()
                && until <= now
            {
                waking.pop_first();
                self.wakes.remove(&slot);
                self.make_ready(slot);
            }
        }
    }

    /// Returns how long answers of a form take.
    pub(crate) const fn latency(&mut self, form: Form) -> &mut Latency {
        let [whole, pieces, other] = &mut self.latencies;
        match form {
            Form::Whole => whole,
            Form::Pieces => pieces,
            Form::Other => other,
        }
    }

    /// Returns when the first cooling key of a tier is ready again.
    pub(crate) fn soonest(&self, tier: Tier) -> Option<Timestamp> {
        self.waking.get(tier.index()).and_then(BTreeSet::first).map(|&(until, _)| until)
    }

    /// Returns how many keys are ready, and how many cool down.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.ready.len(), self.wakes.len())
    }

    /// Returns whether any key of a tier is ready, tried or not.
    pub(crate) fn has_ready(&self, tier: Tier) -> bool {
        !self.ready_of(tier).is_empty()
    }

    /// Returns whether this very key is ready, as far as is known.
    pub(crate) fn is_ready(&self, slot: Slot) -> bool {
        self.ready.binary_search(&slot).is_ok()
    }

    /// Chooses a ready key that is not among the tried ones and whose project has quota left.
    ///
    /// Keys that have none are put aside until they do.
    pub(crate) fn choose(&mut self, wish: &Wish<'_>, rng: &mut Rng) -> Option<Slot> {
        // What a request has tried may be out of quota since, and then it is worth waiting for.
        let mut passed: Vec<Slot> = wish.tried.to_vec();
        passed.retain(|&slot| {
            self.tier_of(slot) == wish.tier && self.is_ready(slot) && !self.sets_aside(slot, wish)
        });
        passed.sort_unstable();
        passed.dedup();
        loop {
            let slot = self.next(wish, &passed, rng)?;
            if !self.sets_aside(slot, wish) {
                return Some(slot);
            }
        }
    }

    fn sets_aside(&mut self, slot: Slot, wish: &Wish<'_>) -> bool {
        let Some(entry) = wish.keys.get(slot) else { return false };
        self.is_blocked(slot, entry.place, wish.cost, wish.when)
    }

    /// Returns whether a project has no quota left, and puts the key that asks aside if so.
    pub(crate) fn is_blocked(
        &mut self,
        slot: Slot,
        place: Place,
        cost: Amount,
        when: Moment,
    ) -> bool {
        let account = self.accounts.get_mut(&place);
        let Some(blocked) = account.and_then(|account| account.blocked(cost, when)) else {
            return false;
        };
        self.take_out(slot);
        if let Some(until) = blocked.until {
            self.sleep(slot, until);
        }
        true
    }

    fn next(&mut self, wish: &Wish<'_>, passed: &[Slot], rng: &mut Rng) -> Option<Slot> {
        let Self { ready, rotations, records, accounts, first_paid, .. } = self;
        let candidates = Candidates { ready: part(ready, *first_paid, wish.tier), tried: passed };
        let rotation = rotations.get_mut(wish.tier.index())?;
        let Wish { keys, heaviest, when, .. } = *wish;
        let mut scales = Weighing { keys, records, accounts, heaviest, when };
        rotation.choose(candidates, !wish.tried.is_empty(), &mut scales, rng)
    }

    /// Holds `cooldown`, or nothing, against a key and puts it where it belongs.
    pub(crate) fn hold(&mut self, slot: Slot, cooldown: Option<Cooldown>, open: bool) {
        match cooldown {
            Some(cooldown) => self.cooldowns.insert(slot, cooldown),
            None => self.cooldowns.remove(&slot),
        };
        self.set_open(slot, open);
    }

    /// Lets a key be chosen again as far as is known, or takes it out of this lane.
    pub(crate) fn set_open(&mut self, slot: Slot, open: bool) {
        self.take_out(slot);
        if open {
            self.put_in(slot);
        }
    }

    /// Returns whether forgetting the lane would lose more than whose turn it is.
    pub(crate) fn holds_anything(&self, now: Timestamp) -> bool {
        self.brake.is_on()
            || self.cooldowns.values().any(|cooldown| cooldown.is_on(now))
            || self.accounts.values().any(|account| account.holds_anything(now))
    }

    /// Returns who pays for a key.
    pub(crate) const fn tier_of(&self, slot: Slot) -> Tier {
        if slot < self.first_paid { Tier::Free } else { Tier::Paid }
    }

    fn ready_of(&self, tier: Tier) -> &[Slot] {
        part(&self.ready, self.first_paid, tier)
    }

    /// A cooldown that is over sits in `waking` until the next [`wake`](Self::wake).
    fn put_in(&mut self, slot: Slot) {
        match self.cooldowns.get(&slot) {
            Some(&Cooldown::Exhausted { until, .. }) => self.sleep(slot, until),
            Some(Cooldown::Unserved) => {}
            None => self.make_ready(slot),
        }
    }

    fn sleep(&mut self, slot: Slot, until: Timestamp) {
        let tier = self.tier_of(slot).index();
        if let Some(waking) = self.waking.get_mut(tier) {
            waking.insert((until, slot));
            self.wakes.insert(slot, until);
        }
    }

    fn take_out(&mut self, slot: Slot) {
        let tier = self.tier_of(slot).index();
        if let Some(until) = self.wakes.remove(&slot)
            && let Some(waking) = self.waking.get_mut(tier)
        {
            waking.remove(&(until, slot));
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

fn given([free, paid]: &[Arc<[Limit]>; 2], tier: Tier) -> Arc<[Limit]> {
    Arc::clone(match tier {
        Tier::Free => free,
        Tier::Paid => paid,
    })
}

fn part(ready: &[Slot], first_paid: Slot, tier: Tier) -> &[Slot] {
    let (free, paid) = ready.split_at(ready.partition_point(|&slot| slot < first_paid));
    match tier {
        Tier::Free => free,
        Tier::Paid => paid,
    }
}

/// The lane as its strategy weighs it.
struct Weighing<'a> {
    keys: &'a [Entry],
    records: &'a HashMap<Slot, Record>,
    accounts: &'a mut HashMap<Place, Account>,
    heaviest: u32,
    when: Moment,
}

impl Scales for Weighing<'_> {
    fn weight(&self, slot: Slot) -> u32 {
        self.keys.get(slot).map_or(1, |entry| entry.key.weight.max(1))
    }

    fn heaviest(&self) -> u32 {
        self.heaviest
    }

    fn used(&self, slot: Slot) -> u32 {
        self.records.get(&slot).map_or(0, |record| record.used(self.when.day_ends))
    }

    fn is_failing(&self, slot: Slot) -> bool {
        self.records.get(&slot).is_some_and(|record| record.is_failing(self.when.now))
    }

    fn cost(&mut self, slot: Slot) -> f32 {
        let Some(entry) = self.keys.get(slot) else { return 1.0 };
        let record = self.records.get(&slot).copied().unwrap_or_default();
        let account = self.accounts.get_mut(&entry.place);
        let head_room = account.map_or(1.0, |account| account.head_room(self.when)).max(0.02);
        let weight = u16::try_from(self.weight(slot)).map_or(f32::from(u16::MAX), f32::from);
        record.cost(entry.in_flight, self.when.now) / (head_room * weight)
    }
}
