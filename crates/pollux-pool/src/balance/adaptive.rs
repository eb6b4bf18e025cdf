//! The power of two choices: of two candidates at random the cheaper one, more likely the cheaper it is.
//!
//! The cost of a key is what a request has to wait for with it, in proportion to what is usual:
//! requests under way times latency, by success, head room and weight. Even a key that always
//! fails is tried now and then, or nobody would learn that it works again.

use std::time::Duration;

use super::{Candidates, Scales};
use crate::place::Slot;
use crate::rng::Rng;
use crate::time::Timestamp;

/// After so long half of what a latency weighed is forgotten.
const LATENCY: Duration = Duration::from_secs(10);
/// After so long half of what a failure weighed is forgotten; doubled with each one in a row.
const FAILURES: Duration = Duration::from_secs(30);
/// More failures in a row do not make it longer.
const MOST_IN_A_ROW: u8 = 6;
/// How much one outcome weighs against those before it.
const STEP: f32 = 0.4;
/// So many keys are looked at while none of them is any good.
const DRAWS: usize = 8;
/// No key is thought worse of than this.
const LEAST_SUCCESS: f32 = 0.05;

/// How a key served a model lately.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    /// Its latency in proportion to what is usual; rises at once and falls slowly.
    pace: f32,
    /// The share of its requests that succeeded.
    success: f32,
    /// Failures since the last success.
    in_a_row: u8,
    at: Timestamp,
    /// When the day ends in which `used` was counted.
    day_ends: Timestamp,
    used: u32,
}

impl Default for Record {
    fn default() -> Self {
        let (at, day_ends) = (Timestamp::default(), Timestamp::default());
        Self { pace: 1.0, success: 1.0, in_a_row: 0, at, day_ends, used: 0 }
    }
}

impl Record {
    /// Counts a lease in the day that ends at `day_ends`.
    pub(crate) fn take(&mut self, day_ends: Timestamp) {
        self.used = self.used(day_ends).saturating_add(1);
        self.day_ends = day_ends;
    }

    /// Returns how many leases were counted in the day that ends at `day_ends`.
    pub(crate) fn used(&self, day_ends: Timestamp) -> u32 {
        if self.day_ends == day_ends { self.used } else { 0 }
    }

    /// Notes an answer that came after `pace` times what is usual.
    pub(crate) fn served(&mut self, pace: f32, now: Timestamp) {
        let kept = half_life(now.since(self.at), LATENCY);
        self.pace = if pace > self.pace { pace } else { self.pace * kept + pace * (1.0 - kept) };
        self.success = self.success_at(now) * (1.0 - STEP) + STEP;
        self.in_a_row = 0;
        self.at = now;
    }

    /// Notes that there was no answer, for a reason that may be the key's.
    pub(crate) fn failed(&mut self, now: Timestamp) {
        self.success = self.success_at(now) * (1.0 - STEP);
        self.in_a_row = self.in_a_row.saturating_add(1).min(MOST_IN_A_ROW);
        self.at = now;
    }

    /// Returns what a request is expected to wait for, with `in_flight` under way already.
    pub(crate) fn cost(&self, in_flight: u32, now: Timestamp) -> f32 {
        let load = u16::try_from(in_flight).map_or(f32::from(u16::MAX), f32::from) + 1.0;
        load * self.pace.max(0.01) / self.success_at(now).max(LEAST_SUCCESS)
    }

    /// Returns whether it failed more often than not lately.
    pub(crate) fn is_failing(&self, now: Timestamp) -> bool {
        self.success_at(now) < 0.5
    }

    fn success_at(&self, now: Timestamp) -> f32 {
        let forgotten = FAILURES * (1 << self.in_a_row.saturating_sub(1));
        1.0 - (1.0 - self.success) * half_life(now.since(self.at), forgotten)
    }
}

fn half_life(age: Duration, half: Duration) -> f32 {
    (-age.as_secs_f32() / half.as_secs_f32()).exp2()
}

pub(super) fn choose(
    candidates: Candidates<'_>,
    scales: &mut impl Scales,
    rng: &mut Rng,
) -> Option<Slot> {
    let mut chosen = any_but(None, candidates, rng)?;
    for drawn in 1..DRAWS {
        if drawn > 1 && !scales.is_failing(chosen) {
            break;
        }
        let Some(other) = any_but(Some(chosen), candidates, rng) else { break };
        let (one, two) = (scales.cost(chosen).powi(3), scales.cost(other).powi(3));
        if rng.share() * (one + two) >= two {
            chosen = other;
        }
    }
    Some(chosen)
}

fn any_but(slot: Option<Slot>, candidates: Candidates<'_>, rng: &mut Rng) -> Option<Slot> {
    let found = candidates.any(rng)?;
    if Some(found) != slot {
        return Some(found);
    }
    // The next one around, of which there is none but in a crowd.
    candidates.first_from(found + 1).filter(|next| Some(*next) != slot)
}
