//! Leases for requests that any key may serve: by conversation, by tier, by strategy.

use std::time::Duration;

use super::{Pool, cost_of};
use crate::id::ModelName;
use crate::key::Tier;
use crate::lane::Wish;
use crate::lease::{Ask, Form, Lease, NoKey, Tiers};
use crate::place::Slot;
use crate::time::Timestamp;

/// So many requests under way make no key overloaded.
const IDLE: usize = 4;
/// How many keys of a project are looked at for a conversation.
const LOOKS: usize = 8;

impl Pool {
    pub(super) fn lease_any(&mut self, ask: &Ask<'_>) -> Result<Lease, NoKey> {
        let now = self.when.now;
        let Some(lane) = self.lanes.get_mut(ask.model) else { return Err(NoKey::Empty) };
        lane.wake(now);
        let stop = lane.brake.stops(now);
        if stop.is_none() {
            if let Some(lease) = ask.prefer.and_then(|it| self.lease_owned(ask, it).ok()) {
                return Ok(lease);
            }
            if let Some(slot) = self.followed(ask) {
                return self.give(slot, ask);
            }
        }
        let tried: Vec<Slot> =
            ask.tried.iter().filter_map(|key| self.slots.get(key).copied()).collect();
        let probe = self.due_probe(ask, &tried);
        let tiers = self.tiers(ask.tiers);
        let no_key = self.refusal(ask, tiers);
        if no_key == NoKey::Empty && probe.is_none() {
            return Err(NoKey::Empty);
        }
        if let Some(until) = stop {
            return Err(NoKey::Cooling { until });
        }
        // Another key can still save a request whose first attempt is spent on a revoked one.
        let early = probe.filter(|_| no_key == NoKey::Tried && tried.is_empty());
        let chosen = early.or_else(|| self.pick(ask, tiers, &tried)).or(probe);
        match chosen {
            Some(slot) => self.give(slot, ask),
            None => Err(self.refusal(ask, tiers)),
        }
    }

    /// Chooses by the strategy; the tiers in their order.
    fn pick(&mut self, ask: &Ask<'_>, tiers: &[Tier], tried: &[Slot]) -> Option<Slot> {
        let (when, cost) = (self.when, cost_of(ask));
        let Self { lanes, keys, rng, heaviest, .. } = self;
        let lane = lanes.get_mut(ask.model)?;
        tiers.iter().find_map(|&tier| {
            let wish = Wish { tier, tried, cost, when, keys, heaviest: *heaviest };
            lane.choose(&wish, rng)
        })
    }

    /// Returns the tiers that may serve a request now.
    fn tiers(&self, tiers: Tiers) -> &'static [Tier] {
        match tiers {
            Tiers::Any if self.is_capped() => &[Tier::Free],
            Tiers::Any => &[Tier::Free, Tier::Paid],
            Tiers::FreeOnly => &[Tier::Free],
            Tiers::NoFreeTier if self.is_capped() => &[],
            Tiers::NoFreeTier => &[Tier::Paid],
        }
    }

    pub(super) fn is_capped(&self) -> bool {
        self.settings.paid_cap.is_some_and(|cap| self.paid_today() >= cap)
    }

    /// Returns what keeps requests for `model` from keys of `tiers` now, for one that gives up.
    pub fn outlook(&mut self, model: &ModelName, tiers: Tiers, now: Timestamp) -> NoKey {
        self.when = self.when.at(now);
        let ask = Ask { tiers, ..Ask::of(model) };
        let stop = self.lanes.get(model).and_then(|lane| lane.brake.stops(now));
        match (stop, self.refusal(&ask, self.tiers(ask.tiers))) {
            (Some(until), _) => NoKey::Cooling { until },
            (None, NoKey::Tried) => NoKey::Busy,
            (None, no_key @ (NoKey::Cooling { .. } | NoKey::Busy | NoKey::Empty)) => no_key,
        }
    }

    /// Returns how long an answer has to be waited for before it is worth asking a second key.
    ///
    /// Nineteen of twenty answers were faster; nothing is said while there were few of them.
    pub fn hedge_after(&mut self, model: &ModelName, form: Form) -> Option<Duration> {
        self.lanes.get_mut(model)?.latency(form).quantile(0.95)
    }

    /// Returns why there is no key, if there is none: [`NoKey::Tried`] while some are ready.
    fn refusal(&self, ask: &Ask<'_>, tiers: &[Tier]) -> NoKey {
        let Some(lane) = self.lanes.get(ask.model) else { return NoKey::Empty };
        let has_ready = tiers.iter().any(|&tier| lane.has_ready(tier));
        if self.busy > 0 && (!ask.tried.is_empty() || !has_ready) {
            return NoKey::Busy;
        }
        if has_ready {
            return NoKey::Tried;
        }
        let cap = (self.is_capped() && ask.tiers != Tiers::FreeOnly)
            .then_some(Tier::Paid)
            .filter(|&paid| lane.has_ready(paid) || lane.soonest(paid).is_some())
            .map(|_| self.when.day_ends);
        let soonest = tiers.iter().filter_map(|&tier| lane.soonest(tier));
        soonest.chain(cap).min().map_or(NoKey::Empty, |until| NoKey::Cooling { until })
    }

    /// Returns a key of the project that served the conversation before, if it has room.
    fn followed(&mut self, ask: &Ask<'_>) -> Option<Slot> {
        let affinity = ask.affinity.filter(|it| it.follow && self.settings.affinity)?;
        let key = self.conversations.get(&affinity.hash)?;
        let slot = *self.slots.get(&key)?;
        let place = self.keys.get(slot)?.place;
        let (when, cost, bound) = (self.when, cost_of(ask), self.bound(ask));
        let tiers = self.tiers(ask.tiers);
        let lane = self.lanes.get_mut(ask.model)?;
        let others = self.projects.members(place).iter().copied().filter(|&it| it != slot);
        std::iter::once(slot).chain(others.take(LOOKS)).find(|&slot| {
            let Some(entry) = self.keys.get(slot) else { return false };
            tiers.contains(&entry.key.tier)
                && !ask.tried.contains(&entry.key.id)
                && entry.in_flight as usize <= bound
                && lane.is_ready(slot)
                && !lane.is_blocked(slot, place, cost, when)
        })
    }

    /// Returns how many requests under way a conversation puts up with: twice what is usual.
    fn bound(&self, ask: &Ask<'_>) -> usize {
        let ready = self.lanes.get(ask.model).map_or(0, |lane| lane.counts().0);
        (2 * (self.in_flight + 1) / ready.max(1)).max(IDLE)
    }

    /// Finds a revoked key that may be tried and has nothing else against it for this model.
    fn due_probe(&self, ask: &Ask<'_>, tried: &[Slot]) -> Option<Slot> {
        let now: Timestamp = self.when.now;
        self.probes.first().filter(|(probe_at, _)| *probe_at <= now)?;
        let lane = self.lanes.get(ask.model)?;
        let tiers = self.tiers(ask.tiers);
        let free = |slot: &Slot| {
            let place = self.keys.get(*slot).map(|entry| entry.place);
            let account = place.and_then(|place| lane.accounts.get(&place));
            let held = account.and_then(crate::quota::Account::held);
            !tried.contains(slot)
                && tiers.contains(&lane.tier_of(*slot))
                && lane.cooldown(*slot).is_none_or(|held| !held.is_on(now))
                && held.is_none_or(|held| !held.is_on(now))
        };
        let due = self.probes.iter().take_while(|&&(probe_at, _)| probe_at <= now);
        due.map(|&(_, slot)| slot).find(free)
    }
}
