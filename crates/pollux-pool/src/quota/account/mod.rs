//! One project's use of one model: what was used, what is known of limits, and what Google said.

use std::sync::Arc;
use std::time::Duration;

use super::{Amount, Dimension, Limit, LimitSource, Unit, Violation};
use crate::health::Cooldown;
use crate::minute::Minute;
use crate::outcome::Window;
use crate::time::{Moment, Timestamp};

/// A learned limit is believed for so long; tiers change.
pub const BELIEVED: Duration = Duration::from_hours(24 * 7);
/// How long a lease counts, in milliseconds: a second longer than a minute, for requests that are
/// leased at once and reach Google apart.
const MINUTE: u32 = 61_000;
/// The most quotas of a model that limits are kept of.
const MAX_LIMITS: usize = 16;

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Account {
    minute: Minute<MINUTE>,
    /// When the day ends whose use is counted.
    day_ends: Timestamp,
    day: Amount,
    /// Those of the settings, which accounts of a model and tier share.
    given: Arc<[Limit]>,
    /// Those that Google named.
    learned: Vec<Limit>,
    hold: Option<Cooldown>,
    /// Whether it has changed since it was last taken to be written down.
    pub(crate) changed: bool,
    /// Whether what was written down of it last says anything.
    kept: bool,
    /// Whether Google has named other limits since then.
    learned_anew: bool,
}

/// Why an account cannot be used now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Blocked {
    /// Until when; never by itself without one.
    pub(crate) until: Option<Timestamp>,
    /// The limit that is reached; none when it is Google who said so.
    pub(crate) dimension: Option<Dimension>,
}

/// An account as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// When the day ends whose use was counted.
    pub day_ends: Timestamp,
    /// What was used on that day.
    pub day: Amount,
    /// What Google said of the model as a whole.
    pub hold: Option<Cooldown>,
    /// The limits that Google named.
    pub learned: Vec<Limit>,
}

impl Account {
    /// Makes an account with the limits that settings give its project.
    pub(crate) fn new(given: Arc<[Limit]>) -> Self {
        Self { given, ..Self::default() }
    }

    /// Takes over the limits of new settings, and keeps what was learned.
    pub(crate) fn configure(&mut self, given: Arc<[Limit]>) {
        self.given = given;
    }

    fn limits(&self) -> impl Iterator<Item = &Limit> {
        self.given.iter().chain(&self.learned)
    }

    fn is_limited(&self) -> bool {
        !self.given.is_empty() || !self.learned.is_empty()
    }

    /// Returns why `cost` cannot be used.
    pub(crate) fn blocked(&mut self, cost: Amount, when: Moment) -> Option<Blocked> {
        let Moment { now, day_ends } = when;
        match self.hold {
            Some(Cooldown::Unserved) => return Some(Blocked { until: None, dimension: None }),
            Some(Cooldown::Exhausted { until, .. }) if until > now => {
                return Some(Blocked { until: Some(until), dimension: None });
            }
            Some(Cooldown::Exhausted { .. }) | None => {}
        }
        if !self.is_limited() {
            return None;
        }
        let used = [self.minute.used(now), self.today(day_ends)];
        let reached = self.limits().filter_map(|limit| {
            let read = limit.dimension.unit.reader()?;
            let (used, is_day) = match limit.dimension.window {
                Window::Minute => (read(used[0]), false),
                Window::Day => (read(used[1]), true),
                Window::Unknown => return None,
            };
            if limit.value == 0 {
                return Some(Blocked { until: None, dimension: Some(limit.dimension.clone()) });
            }
            // What is larger than a whole window is for Google to judge.
            let cost = read(cost).min(limit.value);
            let excess = (used + cost).checked_sub(limit.value).filter(|&excess| excess > 0)?;
            let until = if is_day { day_ends } else { self.minute.relief(excess, read, now) };
            Some(Blocked { until: Some(until), dimension: Some(limit.dimension.clone()) })
        });
        reached.max_by_key(|blocked| blocked.until.unwrap_or(Timestamp::from_micros(i64::MAX)))
    }

    /// Counts a lease.
    pub(crate) fn take(&mut self, cost: Amount, when: Moment) {
        self.roll(when.day_ends);
        self.minute.add(cost, when.now);
        self.day = self.day.plus(cost);
        self.changed = true;
    }

    /// Puts what a lease really used in the place of what was reserved for it.
    pub(crate) fn settle(
        &mut self,
        leased: Timestamp,
        reserved: Amount,
        real: Amount,
        when: Moment,
    ) {
        self.minute.correct(leased, (reserved, real), when.now);
        self.roll(when.day_ends);
        self.day = self.day.minus(reserved).plus(real);
        self.changed = true;
    }

    /// Remembers a limit that Google named.
    pub(crate) fn learn(&mut self, violation: &Violation, now: Timestamp) {
        let Some(value) = violation.limit.filter(|&value| value > 0) else { return };
        if violation.dimension.window == Window::Unknown {
            return;
        }
        let source = LimitSource::Learned { at: now };
        self.learned.retain(|known| known.dimension != violation.dimension);
        if self.learned.len() < MAX_LIMITS {
            self.learned.push(Limit { dimension: violation.dimension.clone(), value, source });
            (self.changed, self.learned_anew) = (true, true);
        }
    }

    /// Holds what Google said against the account; what lasts longer stays.
    pub(crate) fn hold(&mut self, cooldown: Cooldown) {
        if self.hold.is_none_or(|held| held.end() < cooldown.end()) {
            self.hold = Some(cooldown);
            self.changed = true;
        }
    }

    /// Lets the next request go at `until`, when Google will have room for it, whatever was counted.
    ///
    /// `refused` is counted still, and will not be for long.
    pub(crate) fn trust(&mut self, until: Timestamp, refused: Amount) {
        let limits = self.given.iter().chain(&self.learned);
        for limit in limits.filter(|it| it.dimension.window == Window::Minute) {
            let most = match limit.dimension.unit {
                Unit::Requests => limit.value.saturating_sub(1) + refused.requests,
                Unit::InputTokens | Unit::Tokens | Unit::Other(_) => 0,
            };
            if let Some(read) = limit.dimension.unit.reader() {
                self.minute.yield_to(most, read, until);
            }
        }
    }

    /// Forgets what Google said.
    pub(crate) fn release(&mut self) {
        self.changed |= self.hold.is_some();
        self.hold = None;
    }

    /// Returns what Google said, be it over or not.
    pub(crate) const fn held(&self) -> Option<Cooldown> {
        self.hold
    }

    /// Returns what is left of the scarcest quota, as a share of it; 1 without any limit.
    pub(crate) fn head_room(&mut self, when: Moment) -> f32 {
        if !self.is_limited() {
            return 1.0;
        }
        let used = [self.minute.used(when.now), self.today(when.day_ends)];
        let left = self.limits().filter_map(|limit| {
            let read = limit.dimension.unit.reader()?;
            let used = match limit.dimension.window {
                Window::Minute => read(used[0]),
                Window::Day => read(used[1]),
                Window::Unknown => return None,
            };
            Some(share(limit.value.saturating_sub(used), limit.value))
        });
        left.fold(1.0, f32::min)
    }

    /// Returns every known limit with what is used of it.
    pub(crate) fn meters(&mut self, when: Moment) -> Vec<(Limit, u64)> {
        let used = [self.minute.used(when.now), self.today(when.day_ends)];
        let meters = self.limits().map(|limit| {
            let read = limit.dimension.unit.reader().unwrap_or(|_| 0);
            let used = used[usize::from(limit.dimension.window == Window::Day)];
            (limit.clone(), read(used))
        });
        meters.collect()
    }

    /// Returns what was used in the last minute, and today.
    pub(crate) fn used(&mut self, when: Moment) -> (Amount, Amount) {
        (self.minute.used(when.now), self.today(when.day_ends))
    }

    /// Takes over another account: the two are of one project.
    pub(crate) fn merge(&mut self, other: &Self, day_ends: Timestamp) {
        self.minute.merge(&other.minute);
        self.roll(day_ends);
        self.day = self.day.plus(other.today(day_ends));
        other.hold.into_iter().for_each(|held| self.hold(held));
        if !self.is_limited() {
            self.given = Arc::clone(&other.given);
        }
        for limit in &other.learned {
            if !self.learned.iter().any(|known| known.dimension == limit.dimension) {
                self.learned.push(limit.clone());
            }
        }
        self.kept |= other.kept;
        (self.changed, self.learned_anew) = (true, true);
    }

    /// Returns whether what was used says anything about what may still be.
    pub(crate) fn matters(&self) -> bool {
        self.hold.is_some() || self.is_limited()
    }

    /// Takes note that it is being written down, and returns whether that is worth anything: also
    /// to say that what was written before is over.
    pub(crate) const fn keep(&mut self, matters: bool) -> bool {
        std::mem::replace(&mut self.kept, matters) || matters
    }

    /// Has it written down again: the last time failed.
    pub(crate) const fn keep_again(&mut self) {
        (self.changed, self.kept, self.learned_anew) = (true, true, true);
    }

    /// Returns whether Google has named other limits since it was asked last.
    pub(crate) const fn take_learned_anew(&mut self) -> bool {
        std::mem::replace(&mut self.learned_anew, false)
    }

    /// Returns what is worth keeping over a restart.
    pub(crate) fn balance(&self) -> Balance {
        Balance {
            day_ends: self.day_ends,
            day: self.day,
            hold: self.hold,
            learned: self.learned.clone(),
        }
    }

    /// Takes back what was kept, less what is over.
    pub(crate) fn restore(&mut self, kept: Balance, now: Timestamp) {
        let is_changed = self.changed;
        self.kept = true;
        if kept.day_ends > now {
            self.day_ends = kept.day_ends;
            self.day = self.day.plus(kept.day);
        }
        kept.hold.filter(|held| held.is_on(now)).into_iter().for_each(|held| self.hold(held));
        self.learned.extend(kept.learned.into_iter().filter(|limit| limit.is_believed(now)));
        // It is written down already.
        self.changed = is_changed;
    }

    /// Returns whether forgetting the account would lose something that matters after `now`.
    pub(crate) fn holds_anything(&self, now: Timestamp) -> bool {
        self.hold.is_some_and(|held| held.is_on(now)) || !self.learned.is_empty()
    }

    fn today(&self, day_ends: Timestamp) -> Amount {
        if self.day_ends >= day_ends { self.day } else { Amount::default() }
    }

    fn roll(&mut self, day_ends: Timestamp) {
        if self.day_ends < day_ends {
            self.day_ends = day_ends;
            self.day = Amount::default();
            let known = self.learned.len();
            self.learned.retain(|limit| limit.is_believed(day_ends));
            self.learned_anew |= self.learned.len() < known;
        }
    }
}

impl Limit {
    fn is_believed(&self, now: Timestamp) -> bool {
        match self.source {
            LimitSource::Setting => true,
            LimitSource::Learned { at } => now.since(at) < BELIEVED,
        }
    }
}

impl Unit {
    /// Returns how to read an amount of it; nothing for what the pool does not count.
    pub(super) fn reader(&self) -> Option<fn(Amount) -> u64> {
        match self {
            Self::Requests => Some(|amount| amount.requests),
            Self::InputTokens => Some(|amount| amount.input_tokens),
            Self::Tokens => Some(|amount| amount.tokens),
            Self::Other(_) => None,
        }
    }
}

fn share(part: u64, whole: u64) -> f32 {
    let narrow = |count: u64| u16::try_from(count.min(60_000)).map_or(0.0, f32::from);
    // Two limits are compared: that both are cut to what a float holds is no harm.
    let scale = whole / 60_000 + 1;
    if whole == 0 { 0.0 } else { narrow(part / scale) / narrow(whole / scale).max(1.0) }
}

#[cfg(test)]
mod tests;
