//! What people see: keys, quotas, candidates of a request, and when a model will run out.

use super::Pool;
use crate::entry::Entry;
use crate::health::{Cooldown, Health, KeyView};
use crate::id::ModelName;
use crate::lease::Ask;
use crate::outcome::Window;
use crate::place::Slot;
use crate::project::Project;
use crate::quota::{Amount, Dimension, Limit, Unit};
use crate::survey::{Candidate, MAX_CANDIDATES, Standing, Survey};
use crate::time::{Moment, Timestamp};
use std::time::Duration;

/// One project's quota for one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuotaView {
    /// Whose.
    pub project: Project,
    /// For which model.
    pub model: ModelName,
    /// What Google said of the model as a whole, while it holds.
    pub hold: Option<Cooldown>,
    /// Every known limit, with what is used of it.
    pub meters: Vec<(Limit, u64)>,
    /// What was used in the last minute.
    pub minute: Amount,
    /// What was used today.
    pub day: Amount,
    /// When the day ends.
    pub day_ends: Timestamp,
}

/// When a model will be out of requests for the day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Which model.
    pub model: ModelName,
    /// How many requests are left today.
    pub left: u64,
    /// When they will be used up at the present rate, if that is before the day ends.
    pub runs_out: Option<Timestamp>,
    /// When the day ends.
    pub day_ends: Timestamp,
}

impl Pool {
    /// Returns every key, in the order in which they were given.
    pub fn view(&self, now: Timestamp) -> impl Iterator<Item = KeyView> {
        self.order.iter().filter_map(move |&slot| {
            let entry = self.keys.get(slot)?;
            Some(KeyView {
                id: entry.key.id,
                weight: entry.key.weight.max(1),
                tier: entry.key.tier,
                project: self.projects.project(entry.place).cloned(),
                health: entry.health,
                cooldowns: self.cooldowns_of(slot, entry, now),
                in_flight: entry.in_flight,
                served: entry.served,
            })
        })
    }

    fn cooldowns_of(
        &self,
        slot: Slot,
        entry: &Entry,
        now: Timestamp,
    ) -> Vec<(ModelName, Cooldown)> {
        let lanes = self.lanes.iter().filter_map(|(model, lane)| {
            let project = lane.accounts.get(&entry.place).and_then(crate::quota::Account::held);
            let held = [lane.cooldown(slot), project].into_iter().flatten();
            let longest = held.filter(|held| held.is_on(now)).max_by_key(Cooldown::end)?;
            Some((model.clone(), longest))
        });
        let mut cooldowns: Vec<_> = lanes.collect();
        cooldowns.sort_by(|(a, _), (b, _)| a.cmp(b));
        cooldowns
    }

    /// Returns the quotas of every project that used a model, by project and model.
    pub fn quotas(&mut self, now: Timestamp) -> Vec<QuotaView> {
        let when = self.when.at(now);
        let mut views = Vec::new();
        for (model, lane) in &mut self.lanes {
            for (&place, account) in &mut lane.accounts {
                let Some(project) = self.projects.project(place) else { continue };
                let (minute, day) = account.used(when);
                views.push(QuotaView {
                    project: project.clone(),
                    model: model.clone(),
                    hold: account.held().filter(|held| held.is_on(now)),
                    meters: account.meters(when),
                    minute,
                    day,
                    day_ends: when.day_ends,
                });
            }
        }
        views.sort_by(|a, b| (&a.project, &a.model).cmp(&(&b.project, &b.model)));
        views
    }

    /// Returns, for every model whose every project has a known limit of requests per day, when
    /// they will be used up.
    pub fn forecasts(&mut self, now: Timestamp) -> Vec<Forecast> {
        let when = self.when.at(now);
        let models: Vec<ModelName> = self.lanes.keys().cloned().collect();
        let mut forecasts: Vec<Forecast> =
            models.into_iter().filter_map(|model| self.forecast(model, when)).collect();
        forecasts.sort_by(|a, b| a.model.cmp(&b.model));
        forecasts
    }

    fn forecast(&mut self, model: ModelName, when: Moment) -> Option<Forecast> {
        let mut places: Vec<_> =
            self.keys.iter().filter(|entry| entry.is_active()).map(|entry| entry.place).collect();
        places.sort_unstable();
        places.dedup();
        let lane = self.lanes.get_mut(&model)?;
        let rate = lane.rate.per_second(when.now);
        let mut left = 0_u64;
        for place in &places {
            left += left_today(lane.accounts.get_mut(place)?, when)?;
        }
        if places.is_empty() {
            return None;
        }
        let wait = u32::try_from(left).map_or(f64::INFINITY, f64::from) / rate;
        let wait = Duration::try_from_secs_f64(wait).ok();
        let runs_out = wait.map(|wait| when.now + wait).filter(|at| *at < when.day_ends);
        Some(Forecast { model, left, runs_out, day_ends: when.day_ends })
    }

    /// Returns how the keys stand for a request; looks at few of them, and changes nothing.
    pub fn survey(&mut self, ask: &Ask<'_>, now: Timestamp) -> Survey {
        let when = self.when.at(now);
        let first: Vec<Slot> = self.order.iter().copied().take(MAX_CANDIDATES).collect();
        let candidates = first.into_iter().filter_map(|slot| self.candidate(slot, ask, when));
        let candidates: Vec<Candidate> = candidates.collect();
        let others = self.keys.len().saturating_sub(candidates.len());
        let lane = self.lanes.get(ask.model);
        let (ready, cooling) = lane.map_or((self.keys.len(), 0), crate::lane::Lane::counts);
        Survey { candidates, others, ready, cooling }
    }

    fn candidate(&mut self, slot: Slot, ask: &Ask<'_>, when: Moment) -> Option<Candidate> {
        let entry = self.keys.get(slot)?;
        let key = entry.key.id;
        let standing = if let Health::Revoked { reason, .. } = entry.health {
            Standing::Revoked(reason)
        } else if ask.tried.contains(&key) {
            Standing::Tried
        } else if ask.owner.is_some_and(|owner| !entry.belongs_to(owner)) {
            Standing::NotOwner
        } else if !ask.tiers.admit(entry.key.tier) {
            Standing::OtherTier
        } else if entry.is_busy(self.settings.max_concurrency) {
            Standing::Busy
        } else {
            let place = entry.place;
            self.held_against(slot, place, ask, when)
        };
        Some(Candidate { key, standing })
    }

    fn held_against(&mut self, slot: Slot, place: usize, ask: &Ask<'_>, when: Moment) -> Standing {
        let Some(lane) = self.lanes.get_mut(ask.model) else { return Standing::Ready };
        let own = lane.cooldown(slot);
        let Some(account) = lane.accounts.get_mut(&place) else {
            return standing_of(own, when.now);
        };
        let held = [own, account.held()].into_iter().flatten().max_by_key(Cooldown::end);
        let standing = standing_of(held, when.now);
        if standing != Standing::Ready {
            return standing;
        }
        let blocked = account.blocked(super::cost_of(ask), when);
        match blocked.and_then(|blocked| blocked.dimension.zip(blocked.until)) {
            Some((dimension, until)) => Standing::OutOfQuota { dimension, until },
            None => Standing::Ready,
        }
    }
}

fn standing_of(held: Option<Cooldown>, now: Timestamp) -> Standing {
    match held {
        Some(Cooldown::Exhausted { window, until, .. }) if until > now => {
            Standing::Cooling { window, until }
        }
        Some(Cooldown::Unserved) => Standing::Unserved,
        Some(Cooldown::Exhausted { .. }) | None => Standing::Ready,
    }
}

/// Returns how many requests a project has left today, if there is a limit.
fn left_today(account: &mut crate::quota::Account, when: Moment) -> Option<u64> {
    match account.held().filter(|held| held.is_on(when.now)) {
        Some(Cooldown::Unserved | Cooldown::Exhausted { window: Window::Day, .. }) => {
            return Some(0);
        }
        Some(Cooldown::Exhausted { .. }) | None => {}
    }
    let daily = Dimension { unit: Unit::Requests, window: Window::Day };
    let meters = account.meters(when).into_iter().filter(|(limit, _)| limit.dimension == daily);
    meters.map(|(limit, used)| limit.value.saturating_sub(used)).min()
}
