//! The accounts of everyone whose spending is limited.

use foldhash::HashMap;

use super::account::{Account, Spending};
use super::permit::{Hold, Permit};
use super::{Cost, Limits, Refused, Standing, Subject};
use crate::time::{Moment, Timestamp};

/// A request of which nothing else is known.
const ONE: Cost = Cost { requests: 1, input_tokens: 0, tokens: 0, money: 0 };

/// Admits requests within the limits of their subjects, and counts what they spend.
///
/// Who has no limits has no account, and costs nothing.
#[derive(Debug, Default)]
pub struct Limiter {
    accounts: HashMap<Subject, Account>,
    /// Those with changes that were not taken yet, each once.
    unsaved: Vec<Subject>,
    /// How many accounts there have been.
    opened: u64,
    when: Moment,
}

impl Limiter {
    /// Takes over everyone's limits, of several for one the last; who stays keeps what was counted, and who is gone is forgotten.
    pub fn configure(&mut self, limits: impl IntoIterator<Item = (Subject, Limits)>) {
        let mut before = std::mem::take(&mut self.accounts);
        for (subject, limits) in limits.into_iter().filter(|(_, limits)| !limits.is_empty()) {
            let account = self.accounts.entry(subject).or_insert_with(|| {
                before.remove(&subject).unwrap_or_else(|| {
                    self.opened += 1;
                    Account::new(self.opened)
                })
            });
            account.limits = limits;
        }
        self.unsaved.retain(|subject| self.accounts.contains_key(subject));
    }

    /// Admits one request, which is under way from now on.
    ///
    /// # Errors
    /// When any of its subjects has made as many as it may, or has as many under way; then nothing
    /// is counted.
    pub fn admit(&mut self, subjects: &[Subject], now: Timestamp) -> Result<Permit, Refused> {
        let when = self.at(now);
        let known = subjects.iter().filter_map(|subject| {
            self.accounts.get(subject).map(|account| (*subject, account.number))
        });
        let mut permit = Permit { subjects: known.collect(), holds: Vec::new() };
        self.hold(&mut permit, ONE, when)?;
        Ok(permit)
    }

    /// Reserves what a request may cost beside what it has reserved before.
    ///
    /// # Errors
    /// When any of its subjects has not so much left; then nothing is reserved.
    pub fn reserve(
        &mut self,
        permit: &mut Permit,
        cost: Cost,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let when = self.at(now);
        self.hold(permit, Cost { requests: 0, ..cost }, when)
    }

    /// Ends a request, and puts what it really cost in the place of what was reserved for it.
    pub fn settle(&mut self, permit: Permit, real: Cost, now: Timestamp) {
        let when = self.at(now);
        let Permit { subjects, holds } = permit;
        for known in subjects {
            self.change(known, |account| account.settle(&holds, real, when));
        }
    }

    /// Returns how the limits of a subject stand; nothing for one that has none.
    pub fn standing(&mut self, subject: Subject, now: Timestamp) -> Vec<Standing> {
        let when = self.at(now);
        let account = self.accounts.get_mut(&subject);
        account.map(|account| account.standing(when)).unwrap_or_default()
    }

    /// Takes what changed since it was last taken.
    pub fn take_unsaved(&mut self, now: Timestamp) -> Vec<Spending> {
        let unsaved = std::mem::take(&mut self.unsaved);
        let spending = unsaved.into_iter().filter_map(|subject| {
            let account = self.accounts.get_mut(&subject)?;
            account.changed = false;
            Some(account.spending(subject, now))
        });
        spending.collect()
    }

    /// Has taken again what could not be written down.
    pub fn put_back(&mut self, spending: &[Spending]) {
        for Spending { subject, .. } in spending {
            if let Some(account) = self.accounts.get(subject) {
                self.change((*subject, account.number), |_| ());
            }
        }
    }

    /// Takes back what was spent before a restart; what is over by `now`, or of subjects without
    /// limits, is dropped.
    pub fn restore(&mut self, spending: &[Spending], now: Timestamp) {
        let when = self.at(now);
        for kept in spending {
            if let Some(account) = self.accounts.get_mut(&kept.subject) {
                account.restore(kept, when);
            }
        }
    }

    fn hold(&mut self, permit: &mut Permit, cost: Cost, when: Moment) -> Result<(), Refused> {
        let refusals = permit.subjects.iter().filter_map(|&(subject, number)| {
            let account = self.accounts.get_mut(&subject).filter(|it| it.number == number)?;
            account.refusal(subject, cost, when)
        });
        if let Some(refused) = refusals.max_by_key(Refused::end) {
            return Err(refused);
        }
        let hold = Hold { at: when.now, day_ends: when.day_ends, cost };
        for &known in &permit.subjects {
            self.change(known, |account| account.take(hold));
        }
        permit.holds.push(hold);
        Ok(())
    }

    /// Changes an account that is still the one of this number.
    fn change(&mut self, (subject, number): (Subject, u64), change: impl FnOnce(&mut Account)) {
        let Some(account) = self.accounts.get_mut(&subject).filter(|it| it.number == number) else {
            return;
        };
        change(account);
        if !std::mem::replace(&mut account.changed, true) {
            self.unsaved.push(subject);
        }
    }

    fn at(&mut self, now: Timestamp) -> Moment {
        self.when = self.when.at(now);
        self.when
    }
}
