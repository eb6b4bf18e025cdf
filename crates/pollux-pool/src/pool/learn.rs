//! What an answer changes: one arm per outcome, one function per kind of lesson.
//!
//! Many requests share a key, so an answer may be older than what is known by
//! now. An answer to a lease given before a key was revoked does not bring it
//! back, and answers that arrive while a cooldown is on are of one burst.

use std::time::Duration;

use super::{Entry, FIRST_PROBE, Pool};
use crate::brake::Bare;
use crate::health::{Cooldown, Health};
use crate::lane::Slot;
use crate::lease::Lease;
use crate::outcome::{Lesson, Outcome, Revocation, Scope, Window};
use crate::time::{Timestamp, next_pacific_midnight};

/// The longest pause between two requests that try a revoked key.
const LAST_PROBE: Duration = Duration::from_hours(6);
/// How long a quota per minute is out when the answer does not say.
const MINUTE: Duration = Duration::from_mins(1);
/// The first cooldown after an answer that says nothing.
const FIRST_COOLDOWN: Duration = Duration::from_secs(5);
/// The longest cooldown after answers that say nothing.
const LAST_COOLDOWN: Duration = Duration::from_mins(5);
/// Cooldowns up to this length are not worth writing down.
pub(super) const BRIEF: Duration = Duration::from_secs(5);

impl Pool {
    /// Learns from the answer to a lease, as soon as it is known.
    pub fn report(&mut self, lease: &Lease, lesson: &Lesson, now: Timestamp) {
        let Some(&slot) = self.slots.get(&lease.key) else { return };
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
                self.bench(slot, named(Window::Day, next_pacific_midnight(now)), lease, now);
            }
            Outcome::Exhausted { window: Window::Unknown, retry_after } => {
                self.throttle(slot, retry_after, lease, now);
            }
            Outcome::Unserved => self.bench(slot, Cooldown::Unserved, lease, now),
            Outcome::NotOwner | Outcome::Rejected | Outcome::Empty => self.pass(lease),
            Outcome::Blocked | Outcome::Unavailable => {}
        }
    }

    fn succeed(&mut self, slot: Slot, lease: &Lease, now: Timestamp) {
        if let Some(entry) = self.keys.get_mut(slot) {
            entry.served = entry.served.saturating_add(1);
        }
        self.pass(lease);
        self.vouch(slot, lease);
        let held = self.lanes.get(&lease.model).and_then(|lane| lane.cooldown(slot));
        match held {
            Some(Cooldown::Exhausted { until, .. }) if until > now => {}
            Some(Cooldown::Exhausted { .. } | Cooldown::Unserved) => {
                self.hold(slot, None, lease, now);
            }
            None => {}
        }
    }

    /// The answer names what is out, so it is out for every key of the project.
    fn bench(&mut self, slot: Slot, cooldown: Cooldown, lease: &Lease, now: Timestamp) {
        self.pass(lease);
        self.vouch(slot, lease);
        for slot in self.project_of(slot) {
            self.hold(slot, Some(cooldown), lease, now);
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
                return self.hold(slot, Some(cooldown), lease, now);
            }
            Bare::Burst(slots) => slots,
        };
        for slot in burst {
            let held = self.lanes.get(&lease.model).and_then(|lane| lane.cooldown(slot));
            if let Some(Cooldown::Exhausted { window: Window::Unknown, .. }) = held {
                self.hold(slot, None, lease, now);
            }
        }
    }

    pub(super) fn revoke(&mut self, slot: Slot, reason: Revocation, lease: &Lease, now: Timestamp) {
        let Some(entry) = self.keys.get(slot) else { return };
        let (since, streak) = match entry.health {
            Health::Active => (now, 1),
            Health::Revoked { since, .. } if lease.at <= since => return,
            Health::Revoked { since, streak, .. } => (since, streak.saturating_add(1)),
        };
        let probe_at = now + pause(streak);
        self.set_health(slot, Health::Revoked { reason, since, probe_at, streak });
        self.changed();
    }

    /// Google knows the key: whatever was held against it as a whole is over.
    fn vouch(&mut self, slot: Slot, lease: &Lease) {
        let Some(entry) = self.keys.get(slot) else { return };
        match entry.health {
            Health::Revoked { since, .. } if lease.at > since => {
                self.set_health(slot, Health::Active);
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

    /// Holds `cooldown`, or nothing, against a key for the lease's model; a longer one stays.
    pub(super) fn hold(
        &mut self,
        slot: Slot,
        cooldown: Option<Cooldown>,
        lease: &Lease,
        now: Timestamp,
    ) {
        let active = self.is_active(slot);
        let Some(lane) = self.lanes.get_mut(&lease.model) else { return };
        let held = lane.cooldown(slot);
        if let (Some(held), Some(cooldown)) = (held, cooldown)
            && end(held) >= end(cooldown)
        {
            return;
        }
        lane.hold(slot, cooldown, active);
        if [held, cooldown].into_iter().flatten().any(|cooldown| is_long(cooldown, now)) {
            self.changed();
        }
    }

    /// Returns the key and every other one that is known to share its project.
    fn project_of(&self, slot: Slot) -> Vec<Slot> {
        match self.keys.get(slot).map(|entry| &entry.key.project) {
            Some(Some(project)) => {
                let shares =
                    |(_, entry): &(Slot, &Entry)| entry.key.project.as_ref() == Some(project);
                self.keys.iter().enumerate().filter(shares).map(|(slot, _)| slot).collect()
            }
            Some(None) => vec![slot],
            None => Vec::new(),
        }
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

/// Returns when a cooldown is over; an endless one at the end of time.
fn end(cooldown: Cooldown) -> Timestamp {
    match cooldown {
        Cooldown::Exhausted { until, .. } => until,
        Cooldown::Unserved => Timestamp::from_micros(i64::MAX),
    }
}

/// How long a key is left alone that was refused so many times in a row.
pub(super) fn pause(streak: u32) -> Duration {
    doubled(FIRST_PROBE, streak, LAST_PROBE)
}

/// Returns `first`, doubled with every further one of `streak`, and `last` at most.
fn doubled(first: Duration, streak: u32, last: Duration) -> Duration {
    first.saturating_mul(1 << streak.saturating_sub(1).min(16)).min(last)
}
