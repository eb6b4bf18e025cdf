//! What survives a restart: what is held against keys, and what their projects used and learned.

use super::Pool;
use super::learn::is_long;
use crate::health::{Checkpoint, Health};
use crate::id::ModelName;
use crate::key::Tier;
use crate::project::Project;
use crate::quota::{Account, Balance};
use crate::time::Timestamp;

/// One project's account for one model, as it is written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaRecord {
    /// Whose.
    pub project: Project,
    /// For which model.
    pub model: ModelName,
    /// What is in it.
    pub balance: Balance,
    /// Whether Google has named other limits since the record before.
    pub learned_anew: bool,
}

impl Pool {
    /// Returns a number that changes when [`checkpoint`](Self::checkpoint) may have something new.
    pub const fn generation(&self) -> u64 {
        self.generation
    }

    /// Returns whether something was learned that must not be lost, once.
    pub const fn take_urgent(&mut self) -> bool {
        std::mem::replace(&mut self.urgent, false)
    }

    /// Returns what is held against keys themselves for longer than a few seconds from `now`.
    pub fn checkpoint(&self, now: Timestamp) -> Vec<Checkpoint> {
        let keys = self.order.iter().filter_map(|&slot| {
            let entry = self.keys.get(slot)?;
            let lanes = self.lanes.iter().filter_map(|(model, lane)| {
                let held = lane.cooldown(slot).filter(|&held| is_long(held, now))?;
                Some((model.clone(), held))
            });
            let mut cooldowns: Vec<_> = lanes.collect();
            cooldowns.sort_by(|(a, _), (b, _)| a.cmp(b));
            let (key, health, consumer) = (entry.key.id, entry.health, entry.consumer.clone());
            Some(Checkpoint { key, health, cooldowns, consumer })
        });
        keys.filter(Checkpoint::says_anything).collect()
    }

    /// Takes the accounts that have changed since they were last taken and matter tomorrow.
    pub fn take_quotas(&mut self) -> Vec<QuotaRecord> {
        let unsaved = std::mem::take(&mut self.unsaved);
        let counts_paid = self.settings.paid_cap.is_some();
        let records = unsaved.into_iter().filter_map(|(model, place)| {
            let account = self.lanes.get_mut(&model)?.accounts.get_mut(&place)?;
            if !std::mem::replace(&mut account.changed, false) {
                return None;
            }
            let project = self.projects.project(place)?.clone();
            let slot = self.projects.members(place).first()?;
            let is_paid = self.keys.get(*slot)?.key.tier == Tier::Paid;
            let matters = account.matters() || counts_paid && is_paid;
            let learned_anew = account.take_learned_anew();
            let balance = account.balance();
            let is_worth_it = account.keep(matters);
            is_worth_it.then_some(QuotaRecord { project, model, balance, learned_anew })
        });
        records.collect()
    }

    /// Has accounts taken again that could not be written down.
    pub fn put_quotas_back(&mut self, records: &[QuotaRecord]) {
        for record in records {
            if let Some(slot) = self.slot_of(&record.project) {
                self.with_account(&record.model, slot, Account::keep_again);
            }
        }
    }

    /// Takes back what an earlier pool held against keys, and what their projects had used.
    ///
    /// What is over by `now`, or is of keys that are gone, is dropped.
    pub fn restore(
        &mut self,
        checkpoints: Vec<Checkpoint>,
        quotas: Vec<QuotaRecord>,
        now: Timestamp,
    ) {
        self.when = self.when.at(now);
        for Checkpoint { key, health, cooldowns, consumer } in checkpoints {
            let Some(&slot) = self.slots.get(&key) else { continue };
            if let Some(consumer) = consumer {
                self.learn_consumer(slot, &consumer);
            }
            self.set_health(slot, health);
            let open = self.is_open(slot);
            for (model, cooldown) in cooldowns.into_iter().filter(|(_, held)| held.is_on(now)) {
                self.open_lane(&model);
                if let Some(lane) = self.lanes.get_mut(&model) {
                    lane.hold(slot, Some(cooldown), open);
                }
            }
        }
        for QuotaRecord { project, model, balance, learned_anew: _ } in quotas {
            let Some(slot) = self.slot_of(&project) else { continue };
            if self.keys.get(slot).is_some_and(|entry| entry.key.tier == Tier::Paid)
                && balance.day_ends == self.when.day_ends
            {
                self.paid = (balance.day_ends, self.paid_today() + balance.day.requests);
            }
            self.open_lane(&model);
            self.with_account(&model, slot, |account| account.restore(balance, now));
        }
    }

    pub(super) const fn changed(&mut self) {
        self.generation = self.generation.wrapping_add(1);
    }
}

impl Checkpoint {
    fn says_anything(&self) -> bool {
        self.health != Health::Active || !self.cooldowns.is_empty() || self.consumer.is_some()
    }
}
