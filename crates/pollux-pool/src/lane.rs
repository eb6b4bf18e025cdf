//! One model's view of the pool: which keys are ready, which cool down, and whose turn it is.
//!
//! Ready keys are kept apart from cooling ones, so that choosing costs the
//! same whether the rest of the pool cools down or not. What is held against
//! a project is found when one of its keys is chosen, which is then put aside.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use crate::balance::{Candidates, Record, Rotation, Scales, Strategy};
use crate::brake::Brake;
use crate::entry::Entry;
use crate::health::Cooldown;
use crate::key::Tier;
use crate::latency::Latency;
use crate::project::Place;
use crate::quota::{Account, Amount};
use crate::rate::Rate;
use crate::rng::Rng;
use crate::time::{Moment, Timestamp};

/// A key's place in its pool; those of free keys come before those of paid ones.
pub(crate) type Slot = usize;

/// See the module.
///
/// A slot is in `ready` if its key is open and nothing is known to be held against it, in
/// `waking` if its key is open and what is held against it ends, and else in neither.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    /// In ascending order.
    ready: Vec<Slot>,
    /// The first to be ready comes first.
    waking: BTreeSet<(Timestamp, Slot)>,
    /// When those in `waking` are ready.
    wakes: HashMap<Slot, Timestamp>,
    /// What is held against keys for this model; a streak outlives its cooldown.
    cooldowns: BTreeMap<Slot, Cooldown>,
    pub(crate) accounts: HashMap<Place, Account>,
    pub(crate) records: HashMap<Slot, Record>,
    rotations: [Rotation; 2],
    pub(crate) brake: Brake,
    /// Of whole answers, and of the first bytes of streams.
    pub(crate) latencies: [Latency; 2],
    /// Requests a second.
    pub(crate) rate: Rate,
}

/// What a choice is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// The slots of the tier.
    pub(crate) slots: &'a Range<Slot>,
    pub(crate) tier: Tier,
    pub(crate) tried: &'a [Slot],
    pub(crate) cost: Amount,
    pub(crate) when: Moment,
    pub(crate) keys: &'a [Entry],
    /// The largest weight of any key.
    pub(crate) heaviest: u32,
}

impl Lane {
    /// Makes a lane in which every key of `open`, in ascending order, is ready.
    pub(crate) fn new(strategy: Strategy, open: impl Iterator<Item = Slot>) -> Self {
        Self {
            ready: open.collect(),
            waking: BTreeSet::new(),
            wakes: HashMap::new(),
            cooldowns: BTreeMap::new(),
            accounts: HashMap::new(),
            records: HashMap::new(),
            rotations: [Rotation::new(strategy), Rotation::new(strategy)],
            brake: Brake::default(),
            latencies: [Latency::default(), Latency::default()],
            rate: Rate::default(),
        }
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
        while let Some(&(until, slot)) = self.waking.first()
            && until <= now
        {
            self.waking.pop_first();
            self.wakes.remove(&slot);
            self.make_ready(slot);
        }
    }

    /// Returns when the first cooling key among `slots` is ready again.
    pub(crate) fn soonest(&self, slots: &Range<Slot>) -> Option<Timestamp> {
        let found = self.waking.iter().find(|(_, slot)| slots.contains(slot));
        found.map(|&(until, _)| until)
    }

    /// Returns how many keys are ready, and how many cool down.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.ready.len(), self.waking.len())
    }

    /// Returns whether any key among `slots` is ready, tried or not.
    pub(crate) fn has_ready(&self, slots: &Range<Slot>) -> bool {
        !self.ready_in(slots).is_empty()
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
            wish.slots.contains(&slot) && self.is_ready(slot) && !self.sets_aside(slot, wish)
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
        let Self { ready, rotations, records, accounts, .. } = self;
        let candidates = Candidates { ready: within(ready, wish.slots), tried: passed };
        let rotation = rotations.get_mut(usize::from(wish.tier == Tier::Paid))?;
        let Wish { keys, heaviest, when, .. } = *wish;
        let mut scales = Weighing { keys, records, accounts, heaviest, when };
        rotation.choose(candidates, &mut scales, rng)
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

    fn ready_in(&self, slots: &Range<Slot>) -> &[Slot] {
        within(&self.ready, slots)
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
        self.waking.insert((until, slot));
        self.wakes.insert(slot, until);
    }

    fn take_out(&mut self, slot: Slot) {
        if let Some(until) = self.wakes.remove(&slot) {
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

fn within<'a>(ready: &'a [Slot], slots: &Range<Slot>) -> &'a [Slot] {
    let from = ready.partition_point(|&slot| slot < slots.start);
    let to = ready.partition_point(|&slot| slot < slots.end);
    ready.get(from..to).unwrap_or_default()
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

    fn cost(&mut self, slot: Slot) -> f32 {
        let Some(entry) = self.keys.get(slot) else { return 1.0 };
        let record = self.records.get(&slot).copied().unwrap_or_default();
        let account = self.accounts.get_mut(&entry.place);
        let head_room = account.map_or(1.0, |account| account.head_room(self.when)).max(0.02);
        let weight = u16::try_from(self.weight(slot)).map_or(f32::from(u16::MAX), f32::from);
        record.cost(entry.in_flight, self.when.now) / (head_room * weight)
    }
}
