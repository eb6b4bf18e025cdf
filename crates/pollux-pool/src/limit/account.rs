//! What one subject spent, and what its limits say about more.

use std::time::Duration;

use super::permit::Hold;
use super::{Cost, Limits, Period, Refused, Rule, Standing, Subject, Unit};
use crate::minute::Minute;
use crate::quota::Amount;
use crate::time::{Moment, Timestamp};

/// How long a request counts, in milliseconds.
const MINUTE: u32 = 60_000;
/// When to come again where as many requests as may be are under way.
const BUSY: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) limits: Limits,
    /// Tells it from an earlier one of the same subject.
    pub(super) number: u64,
    /// Whether it has changed since it was last taken to be written down.
    pub(super) changed: bool,
    minute: Minute<MINUTE>,
    /// When the day ends whose spending is counted.
    day_ends: Timestamp,
    day: Cost,
    ever: Cost,
    under_way: u64,
}

/// What a subject spent, as it is written down; reservations of requests under way included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spending {
    /// Who.
    pub subject: Subject,
    /// When it was written down.
    pub at: Timestamp,
    /// In the minute before that.
    pub minute: Amount,
    /// When the day ends whose spending was counted.
    pub day_ends: Timestamp,
    /// On that day.
    pub day: Cost,
    /// In all.
    pub ever: Cost,
}

impl Account {
    pub(super) fn new(number: u64) -> Self {
        Self {
            limits: Limits::default(),
            number,
            changed: false,
            minute: Minute::default(),
            day_ends: Timestamp::default(),
            day: Cost::default(),
            ever: Cost::default(),
            under_way: 0,
        }
    }

    /// Returns why `cost` cannot be spent; of several reasons the one that lasts longest.
    pub(super) fn refusal(
        &mut self,
        subject: Subject,
        cost: Cost,
        when: Moment,
    ) -> Option<Refused> {
        self.roll(when.day_ends);
        let minute = self.minute.used(when.now);
        let reached = self.limits.rules().iter().filter_map(|&rule| {
            let (used, cost) = match rule.what.counted() {
                Some((unit, period)) => (self.used(unit, period, minute), cost.of(unit)),
                None => (self.under_way, cost.requests),
            };
            let excess = used.saturating_add(cost).saturating_sub(rule.value);
            if cost == 0 || excess == 0 {
                return None;
            }
            let until = if cost > rule.value { None } else { self.relief(rule, excess, when) };
            let left = rule.value.saturating_sub(used);
            Some(Refused { subject, rule, cost, left, until })
        });
        reached.max_by_key(Refused::end)
    }

    /// Returns when so much of a limit will be there again.
    fn relief(&self, rule: Rule, excess: u64, when: Moment) -> Option<Timestamp> {
        match rule.what.counted() {
            None => Some(when.now + BUSY),
            Some((_, Period::Ever)) => None,
            Some((_, Period::Day)) => Some(when.day_ends),
            Some((unit, Period::Minute)) => {
                Some(self.minute.relief(excess, reader(unit), when.now))
            }
        }
    }

    fn used(&self, unit: Unit, period: Period, minute: Amount) -> u64 {
        match period {
            Period::Minute => reader(unit)(minute),
            Period::Day => self.day.of(unit),
            Period::Ever => self.ever.of(unit),
        }
    }

    /// Counts a request that begins, or what one reserves.
    pub(super) fn take(&mut self, hold: Hold) {
        self.under_way += hold.cost.requests;
        self.add(hold.cost, hold.at, hold.day_ends);
    }

    /// Ends a request that really cost `real`, where it had reserved `holds`.
    pub(super) fn settle(&mut self, holds: &[Hold], real: Cost, when: Moment) {
        self.roll(when.day_ends);
        let mut left = real;
        for hold in holds {
            let part = left.within(hold.cost);
            left = left.minus(part);
            self.minute.correct(hold.at, (hold.cost.amount(), part.amount()), when.now);
            if hold.day_ends == self.day_ends {
                self.day = self.day.minus(hold.cost).plus(part);
            }
            self.ever = self.ever.minus(hold.cost).plus(part);
            self.under_way = self.under_way.saturating_sub(hold.cost.requests);
        }
        self.add(left, when.now, when.day_ends);
    }

    fn add(&mut self, cost: Cost, now: Timestamp, day_ends: Timestamp) {
        if cost == Cost::default() {
            return;
        }
        self.roll(day_ends);
        self.minute.add(cost.amount(), now);
        self.day = self.day.plus(cost);
        self.ever = self.ever.plus(cost);
    }

    /// Returns how each of its limits stands.
    pub(super) fn standing(&mut self, when: Moment) -> Vec<Standing> {
        self.roll(when.day_ends);
        let minute = self.minute.used(when.now);
        let standing = self.limits.rules().iter().map(|&rule| {
            let Some((unit, period)) = rule.what.counted() else {
                return Standing { rule, used: self.under_way, resets: None };
            };
            let used = self.used(unit, period, minute);
            let resets = if used == 0 { Some(when.now) } else { self.relief(rule, used, when) };
            let resets = resets.filter(|_| period != Period::Ever);
            Standing { rule, used, resets }
        });
        standing.collect()
    }

    /// Returns what is worth keeping over a restart.
    pub(super) fn spending(&mut self, subject: Subject, now: Timestamp) -> Spending {
        let Self { day_ends, day, ever, .. } = *self;
        Spending { subject, at: now, minute: self.minute.used(now), day_ends, day, ever }
    }

    /// Takes back what was kept, less what is over.
    pub(super) fn restore(&mut self, kept: &Spending, when: Moment) {
        self.roll(when.day_ends);
        let mut minute = Minute::default();
        minute.add(kept.minute, kept.at);
        self.minute.merge(&minute);
        if kept.day_ends == when.day_ends {
            self.day = self.day.plus(kept.day);
        }
        self.ever = self.ever.plus(kept.ever);
    }

    fn roll(&mut self, day_ends: Timestamp) {
        if self.day_ends < day_ends {
            self.day_ends = day_ends;
            self.day = Cost::default();
        }
    }
}

impl Refused {
    /// Returns when it is over, for comparing: never is last.
    pub(super) fn end(&self) -> Timestamp {
        self.until.unwrap_or(Timestamp::from_micros(i64::MAX))
    }
}

/// Returns how to read an amount of a minute; money is not counted by the minute.
fn reader(unit: Unit) -> fn(Amount) -> u64 {
    match unit {
        Unit::Requests => |amount| amount.requests,
        Unit::InputTokens => |amount| amount.input_tokens,
        Unit::Tokens => |amount| amount.tokens,
        Unit::Money => |_| 0,
    }
}
