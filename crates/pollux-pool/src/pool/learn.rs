//! What an answer changes: one arm per outcome, one function per kind of lesson.
//!
//! Many requests share a key, so an answer may be older than what is known by
//! now. An answer to a lease given before a key was revoked does not bring it
//! back, and answers that arrive while a cooldown is on are of one burst.

use std::time::Duration;

use super::{FIRST_PROBE, Pool};
use crate::brake::Bare;
use crate::health::{Cooldown, Health};
use crate::id::ModelName;
use crate::lease::Lease;
use crate::outcome::{Lesson, Outcome, Revocation, Scope, Window};
use crate::place::Slot;
use crate::quota::{Account, Amount};
use crate::time::Timestamp;

/// The longest pause between two requests that try a revoked key.
const LAST_PROBE: Duration = Duration::from_hours(6);
/// How long a quota per minute is out when the answer does not say.
const MINUTE: Duration = Duration::from_mins(1);
/// The first cooldown after an answer that says nothing.
const FIRST_COOLDOWN: Duration = Duration::from_secs(5);
/// The longest cooldown after answers that say nothing.
const LAST_COOLDOWN: Duration = Duration::from_mins(5);
/// So many keys of a project are set aside together.
const AT_ONCE: usize = 32;
/// Cooldowns up to this length are not worth writing down.
pub(super) const BRIEF: Duration = Duration::from_secs(5);

impl Pool {
    /// Learns from the answer to a lease, as soon as it is known.
    pub fn report(&mut self, lease: &Lease, lesson: &Lesson, now: Timestamp) {
        self.when = self.when.at(now);
        let Some(&slot) = self.slots.get(&lease.key) else { return };
        if let Some(consumer) = &lesson.project {
            self.learn_consumer(slot, consumer);
        }
        self.learn_limits(slot, lease, lesson);
        match lesson.outcome {
            Outcome::Success => self.succeed(slot, lease, now),
            Outcome::Revoked { reason, scope: Scope::Key } => self.revoke(slot, reason, lease, now),
            Outcome::Revoked { reason, scope: Scope::Project } => {
                for slot in self.project_of(slot) {
                    self.revoke(slot, reason, lease, now);
                }
            }
            Outcome::Exhausted { window: Window::Minute, retry_after } => {
                let until = now + retry_after.unwrap_or(MINUTE);
                self.bench(slot, named(Window::Minute, until), lease, now);
            }
            Outcome::Exhausted { window: Window::Day, .. } => {
                self.bench(slot, named(Window::Day, self.when.day_ends), lease, now);
            }
            Outcome::Exhausted { window: Window::Unknown, retry_after } => {
                self.throttle(slot, retry_after, lease, now);
            }
            Outcome::Unserved => self.bench(slot, Cooldown::Unserved, lease, now),
            Outcome::NotOwner | Outcome::Rejected => self.pass(lease),
            Outcome::Empty => {
                self.pass(lease);
                self.fail(slot, lease, now);
            }
            Outcome::Unavailable => self.fail(slot, lease, now),
            Outcome::Blocked => {}
        }
    }

    fn succeed(&mut self, slot: Slot, lease: &Lease, now: Timestamp) {
        if let Some(entry) = self.keys.get_mut(slot) {
            entry.served = entry.served.saturating_add(1);
        }
        self.pass(lease);
        self.vouch(slot, lease);
        if let Some(lane) = self.lanes.get_mut(&lease.model) {
            let pace = lane.latency(lease.form).note(now.since(lease.at));
            lane.records.entry(slot).or_default().served(pace, now);
        }
        let held = self.lanes.get(&lease.model).and_then(|lane| lane.cooldown(slot));
        let project = self.held_by_project(slot, &lease.model);
        let is_over = |held: &Cooldown| *held == Cooldown::Unserved || !held.is_on(now);
        if [held, project].iter().flatten().any(is_over)
            && ![held, project].iter().flatten().any(|held| !is_over(held))
        {
            self.release(slot, &lease.model, now);
        }
    }

    fn fail(&mut self, slot: Slot, lease: &Lease, now: Timestamp) {
        if let Some(lane) = self.lanes.get_mut(&lease.model) {
            lane.records.entry(slot).or_default().failed(now);
        }
    }

    fn learn_limits(&mut self, slot: Slot, lease: &Lease, lesson: &Lesson) {
        let now = self.when.now;
        for violation in &lesson.violations {
            self.with_account(&lease.model, slot, |account| account.learn(violation, now));
        }
    }

    /// The answer names what is out, so it is out for every key of the project.
    fn bench(&mut self, slot: Slot, cooldown: Cooldown, lease: &Lease, now: Timestamp) {
        self.pass(lease);
        self.vouch(slot, lease);
        let before = self.held_by_project(slot, &lease.model);
        self.with_account(&lease.model, slot, |account| {
            account.hold(cooldown);
            if let Cooldown::Exhausted { window: Window::Minute, until, .. } = cooldown {
                account.trust(until, lease.reserved);
            }
        });
        self.urgent |= is_long(cooldown, now);
        let after = self.held_by_project(slot, &lease.model);
        if before != after {
            self.turned_for(&self.project_of(slot), &lease.model, (before, after), now);
        }
        self.set_aside(slot, &lease.model);
    }

    /// Takes keys of a project out of the ready ones; those of a large one are found when chosen.
    fn set_aside(&mut self, slot: Slot, model: &ModelName) {
        let (Some(entry), when) = (self.keys.get(slot), self.when) else { return };
        let Some(lane) = self.lanes.get_mut(model) else { return };
        for &slot in self.projects.members(entry.place).iter().take(AT_ONCE) {
            if lane.is_ready(slot) {
                lane.is_blocked(slot, entry.place, Amount::ONE, when);
            }
        }
    }

    /// A bare 429: the key's fault when it is alone with it, and nobody's in a burst.
    fn throttle(&mut self, slot: Slot, told: Option<Duration>, lease: &Lease, now: Timestamp) {
        let Some(lane) = self.lanes.get_mut(&lease.model) else { return };
        let burst = match lane.brake.bare(slot, lease.at, now) {
            Bare::Alone => {
                let streak = match lane.cooldown(slot) {
                    Some(held) if held.is_on(now) => return,
                    Some(Cooldown::Exhausted { streak, .. }) => streak.saturating_add(1),
                    Some(Cooldown::Unserved) | None => 1,
                };
                let shortest = doubled(FIRST_COOLDOWN, streak, LAST_COOLDOWN);
                let until = now + told.map_or(shortest, |told| told.max(shortest));
                let cooldown = Cooldown::Exhausted { window: Window::Unknown, until, streak };
                return self.hold(slot, Some(cooldown), &lease.model, now);
            }
            Bare::Burst(slots) => slots,
        };
        for slot in burst {
            let held = self.lanes.get(&lease.model).and_then(|lane| lane.cooldown(slot));
            if let Some(Cooldown::Exhausted { window: Window::Unknown, .. }) = held {
                self.hold(slot, None, &lease.model, now);
            }
        }
    }

    pub(super) fn revoke(&mut self, slot: Slot, reason: Revocation, lease: &Lease, now: Timestamp) {
        let Some(entry) = self.keys.get(slot) else { return };
        let before = entry.health;
        let (since, streak) = match before {
            Health::Active => (now, 1),
            Health::Revoked { since, .. } if lease.at <= since => return,
            Health::Revoked { since, streak, .. } => (since, streak.saturating_add(1)),
        };
        let probe_at = now + pause(streak);
        self.set_health(slot, Health::Revoked { reason, since, probe_at, streak });
        self.turned(slot, before);
        self.changed();
        self.urgent = true;
    }

    /// Google knows the key: whatever was held against it as a whole is over.
    fn vouch(&mut self, slot: Slot, lease: &Lease) {
        let Some(entry) = self.keys.get(slot) else { return };
        let before = entry.health;
        match before {
            Health::Revoked { since, .. } if lease.at > since => {
                self.set_health(slot, Health::Active);
                self.turned(slot, before);
                self.changed();
            }
            Health::Revoked { .. } | Health::Active => {}
        }
    }

    fn pass(&mut self, lease: &Lease) {
        if let Some(lane) = self.lanes.get_mut(&lease.model) {
            lane.brake.passed(lease.at);
        }
    }

    /// Holds `cooldown`, or nothing, against a key itself for a model; a longer one stays.
    fn hold(&mut self, slot: Slot, cooldown: Option<Cooldown>, model: &ModelName, now: Timestamp) {
        let open = self.is_open(slot);
        let Some(lane) = self.lanes.get_mut(model) else { return };
        let held = lane.cooldown(slot);
        if let (Some(held), Some(cooldown)) = (held, cooldown)
            && held.end() >= cooldown.end()
        {
            return;
        }
        lane.hold(slot, cooldown, open);
        self.turned_for(&[slot], model, (held, cooldown), now);
        if [held, cooldown].into_iter().flatten().any(|cooldown| is_long(cooldown, now)) {
            self.changed();
        }
    }

    /// Lifts what is held against a key and its project for a model.
    pub(super) fn release(&mut self, slot: Slot, model: &ModelName, now: Timestamp) {
        self.hold(slot, None, model, now);
        let Some(held) = self.held_by_project(slot, model) else { return };
        self.with_account(model, slot, Account::release);
        let project = self.project_of(slot);
        self.turned_for(&project, model, (Some(held), None), now);
        for slot in project {
            let open = self.is_open(slot);
            if let Some(lane) = self.lanes.get_mut(model) {
                lane.set_open(slot, open);
            }
        }
    }

    fn held_by_project(&self, slot: Slot, model: &ModelName) -> Option<Cooldown> {
        let place = self.keys.get(slot)?.place;
        self.lanes.get(model)?.accounts.get(&place)?.held()
    }
}

/// Returns whether a cooldown is worth writing down.
pub(super) fn is_long(cooldown: Cooldown, now: Timestamp) -> bool {
    match cooldown {
        Cooldown::Exhausted { until, .. } => until.since(now) > BRIEF,
        Cooldown::Unserved => true,
    }
}

/// A cooldown for a quota that the answer named.
const fn named(window: Window, until: Timestamp) -> Cooldown {
    Cooldown::Exhausted { window, until, streak: 0 }
}

/// How long a key is left alone that was refused so many times in a row.
pub(super) fn pause(streak: u32) -> Duration {
    doubled(FIRST_PROBE, streak, LAST_PROBE)
}

/// Returns `first`, doubled with every further one of `streak`, and `last` at most.
fn doubled(first: Duration, streak: u32, last: Duration) -> Duration {
    first.saturating_mul(1 << streak.saturating_sub(1).min(16)).min(last)
}
