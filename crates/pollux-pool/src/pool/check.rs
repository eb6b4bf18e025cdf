//! Checks of keys outside of any request: which are due, and what they teach.

use std::time::Duration;

use super::learn::pause;
use super::{FIRST_PROBE, Pool};
use crate::health::Health;
use crate::id::{KeyId, ModelName};
use crate::lease::{Form, Lease};
use crate::outcome::{Lesson, Outcome, Revocation};
use crate::quota::Amount;
use crate::time::Timestamp;

/// A due key is checked within this share of its pause before requests would have to try it.
const LEAD: u32 = 10;

impl Pool {
    /// Returns revoked keys whose time to be checked has come, `limit` at most.
    ///
    /// Each is taken out for as long as its first pause, whoever checks it. Accounts that Google
    /// limits are left to requests: lists are served where answers are not.
    pub fn due_checks(&mut self, limit: usize, now: Timestamp) -> Vec<KeyId> {
        let mut due = Vec::new();
        for slot in 0..self.keys.len() {
            let Some(entry) = self.keys.get(slot) else { break };
            let Health::Revoked { reason, since, probe_at, streak } = entry.health else {
                continue;
            };
            if reason == Revocation::AccountLimited {
                continue;
            }
            let lead = pause(streak) / LEAD;
            // Spread over the lead, so that keys revoked together are not checked together.
            let part = u32::try_from(self.rng.below(1_000)).unwrap_or(0);
            if due.len() >= limit || now + lead * part / 1_000 < probe_at {
                continue;
            }
            due.push(entry.key.id);
            let probe_at = now + FIRST_PROBE;
            self.set_health(slot, Health::Revoked { reason, since, probe_at, streak });
        }
        due
    }

    /// Learns from a check: of the key alone, or of a generation with `model`.
    ///
    /// A generation that succeeds lifts whatever was held against the key for that model.
    pub fn checked(
        &mut self,
        key: KeyId,
        model: Option<&ModelName>,
        lesson: &Lesson,
        now: Timestamp,
    ) {
        let Some(&slot) = self.slots.get(&key) else { return };
        self.when = self.when.at(now);
        let Some(model) = model else { return self.checked_alone(slot, key, lesson, now) };
        self.open_lane(model);
        let lease = lease_of(key, model.clone(), now);
        self.report(&lease, lesson, now);
        if lesson.outcome == Outcome::Success {
            self.release(slot, model, now);
        }
    }

    /// A list of models says whether Google knows the key, and nothing about quota.
    fn checked_alone(&mut self, slot: usize, key: KeyId, lesson: &Lesson, now: Timestamp) {
        let before = self.keys.get(slot).map_or(Health::Active, |entry| entry.health);
        let Health::Revoked { reason, .. } = before else {
            return self.revoked_alone(slot, key, lesson, now);
        };
        match lesson.outcome {
            Outcome::Success if reason == Revocation::AccountLimited => return,
            Outcome::Success | Outcome::Exhausted { .. } => self.set_health(slot, Health::Active),
            Outcome::Revoked { .. } => return self.revoked_alone(slot, key, lesson, now),
            Outcome::Unserved
            | Outcome::NotOwner
            | Outcome::Rejected
            | Outcome::Blocked
            | Outcome::Unavailable
            | Outcome::Empty => return,
        }
        self.turned(slot, before);
        self.changed();
    }

    fn revoked_alone(&mut self, slot: usize, key: KeyId, lesson: &Lesson, now: Timestamp) {
        if let Outcome::Revoked { reason, .. } = lesson.outcome {
            self.revoke(slot, reason, &lease_of(key, ModelName::new(""), now), now);
        }
    }
}

/// A check as reports see it: later than anything that is known.
fn lease_of(key: KeyId, model: ModelName, now: Timestamp) -> Lease {
    let at = now + Duration::from_micros(1);
    Lease { key, model, at, reserved: Amount::default(), form: Form::Other }
}
