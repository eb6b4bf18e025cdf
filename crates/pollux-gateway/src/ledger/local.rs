//! The ledger of one node: pools in memory, one lock each, held for microseconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

use futures_util::future::{self, BoxFuture};
use pollux_pool::{
    budget::Budget,
    desk::{Desk, Entered, Waiter},
    health::{Checkpoint, KeyView},
    id::{KeyId, ModelName, PoolId},
    lease::{Ask, Form, Lease, NoKey, Spend, Tiers},
    limit::{Cost, Limiter, Permit, Refused, Spending, Standing, Subject},
    line::Ticket,
    outcome::Lesson,
    plan::{Plan, Step},
    pool::{Forecast, Pool, QuotaRecord, QuotaView, Turn},
    survey::Survey,
    time::Timestamp,
};
use tokio::sync::{Notify, oneshot};

use super::{
    Ledger,
    wait::{self, Seat},
};
use crate::{
    catalog::{Catalog, PoolEntry},
    clock::Clock,
};

/// Live state in this process's memory.
#[derive(Debug)]
pub struct LocalLedger {
    clock: Clock,
    seed: u64,
    pools: RwLock<HashMap<PoolId, Arc<Mutex<Live>>>>,
    urgent: Arc<Notify>,
    /// Those of users and pools; who has none never comes here.
    limiter: Mutex<Limiter>,
}

/// What has changed in a pool and is worth keeping, all of one moment.
#[derive(Debug, Default)]
pub struct Unsaved {
    /// What is held against keys, if that has changed, with a number for it.
    pub checkpoints: Option<(u64, Vec<Checkpoint>)>,
    /// The quotas that have changed.
    pub quotas: Vec<QuotaRecord>,
}

/// One pool, and who waits for its keys.
#[derive(Debug)]
pub(super) struct Live {
    desk: Desk,
    budget: Budget,
    /// Of second keys that are asked beside a first one.
    hedges: Budget,
    pub(super) seats: HashMap<Ticket, oneshot::Sender<Result<Lease, NoKey>>>,
    urgent: Arc<Notify>,
}

impl LocalLedger {
    /// Makes a ledger without pools; `seed` decides all its random choices.
    pub fn new(clock: Clock, seed: u64) -> Self {
        let (pools, urgent, limiter) = Default::default();
        Self { clock, seed, pools, urgent, limiter }
    }

    /// Takes over pools, keys, strategies and limits; what stays keeps its state.
    pub fn configure(&self, catalog: &Catalog) {
        self.limiter().configure(catalog.limits());
        let now = self.clock.now();
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|id, _| catalog.pools.iter().any(|entry| entry.id == *id));
        for entry in &catalog.pools {
            if let Some(live) = pools.get(&entry.id) {
                live.lock().unwrap_or_else(PoisonError::into_inner).configure(entry, now);
            } else {
                let seed = self.seed ^ entry.id.0.unsigned_abs();
                let live = Live::new(entry, seed, Arc::clone(&self.urgent), now);
                pools.insert(entry.id, Arc::new(Mutex::new(live)));
            }
        }
    }

    /// Brings back what was known before a restart.
    pub fn restore(&self, pool: PoolId, kept: Vec<Checkpoint>, quotas: Vec<QuotaRecord>) {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.restore(kept, quotas, now));
    }

    /// Takes what has changed since it was last taken; `known` is the number of the checkpoints that
    /// were taken last.
    pub fn take_unsaved(&self, pool: PoolId, known: u64) -> Unsaved {
        let now = self.clock.now();
        self.within(pool, |live| {
            let pool = &mut live.desk.pool;
            let generation = pool.generation();
            let changed = generation != known;
            let checkpoints = changed.then(|| (generation, pool.checkpoint(now)));
            Unsaved { checkpoints, quotas: pool.take_quotas() }
        })
        .unwrap_or_default()
    }

    /// Has quotas taken again that could not be written down.
    pub fn put_quotas_back(&self, pool: PoolId, quotas: &[QuotaRecord]) {
        self.within(pool, |live| live.desk.pool.put_quotas_back(quotas));
    }

    /// Takes what users and pools have spent and was not taken yet.
    pub fn take_spending(&self) -> Vec<Spending> {
        self.limiter().take_unsaved(self.clock.now())
    }

    /// Has spending taken again that could not be written down.
    pub fn put_spending_back(&self, spending: &[Spending]) {
        self.limiter().put_back(spending);
    }

    /// Brings back what had been spent before a restart.
    pub fn restore_spending(&self, spending: &[Spending]) {
        self.limiter().restore(spending, self.clock.now());
    }

    /// Resolves when something was learned that should be written down at once.
    pub async fn urgent(&self) {
        self.urgent.notified().await;
    }

    fn limiter(&self) -> MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn live(&self, pool: PoolId) -> Option<Arc<Mutex<Live>>> {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&pool).cloned()
    }

    fn within<T>(&self, pool: PoolId, work: impl FnOnce(&mut Live) -> T) -> Option<T> {
        let live = self.live(pool)?;
        let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut live))
    }
}

impl Live {
    fn new(entry: &PoolEntry, seed: u64, urgent: Arc<Notify>, now: Timestamp) -> Self {
        let pool = Pool::new(entry.settings.clone(), entry.keys.clone(), seed);
        let desk = Desk::new(pool, entry.max_waiting);
        let budget = Budget::new(entry.retry_ratio, now);
        let hedges = Budget::without_floor(entry.hedge_ratio, now);
        Self { desk, budget, hedges, seats: HashMap::new(), urgent }
    }

    fn configure(&mut self, entry: &PoolEntry, now: Timestamp) {
        self.desk.pool.configure(entry.settings.clone(), entry.keys.clone());
        self.desk.set_longest(entry.max_waiting);
        self.budget.set_ratio(entry.retry_ratio);
        self.hedges.set_ratio(entry.hedge_ratio);
        self.turn_all(now);
    }

    pub(super) fn turn(&mut self, model: &ModelName, now: Timestamp) {
        let answers = self.desk.turn(model, now);
        wait::hand_out(self, answers, now);
    }

    fn turn_all(&mut self, now: Timestamp) {
        if self.desk.waiting() > 0 {
            let answers = self.desk.turn_all(now);
            wait::hand_out(self, answers, now);
        }
    }

    pub(super) fn outlook(&mut self, model: &ModelName, tiers: Tiers, now: Timestamp) -> NoKey {
        self.desk.pool.outlook(model, tiers, now)
    }

    pub(super) fn leave(&mut self, ticket: Ticket, model: &ModelName, now: Timestamp) {
        self.seats.remove(&ticket);
        self.desk.leave(ticket, model);
        // With him goes a key that he was handed, or he was what others could not get past.
        self.turn_all(now);
    }

    pub(super) fn settle(&mut self, lease: Lease, spend: Spend, now: Timestamp) {
        self.desk.pool.settle(lease, spend, now);
    }

    fn report(&mut self, lease: &Lease, lesson: &Lesson, now: Timestamp) -> Vec<Turn> {
        self.desk.pool.report(lease, lesson, now);
        if self.desk.pool.take_urgent() {
            self.urgent.notify_one();
        }
        self.turn_all(now);
        self.desk.pool.take_turns()
    }
}

impl Ledger for LocalLedger {
    fn lease<'a>(
        &'a self,
        pool: PoolId,
        ask: Ask<'a>,
        waiter: Waiter,
    ) -> BoxFuture<'a, Result<Lease, NoKey>> {
        let now = self.clock.now();
        let Some(live) = self.live(pool) else {
            return Box::pin(future::ready(Err(NoKey::Empty)));
        };
        let mut locked = live.lock().unwrap_or_else(PoisonError::into_inner);
        let (entered, answers) = locked.desk.enter(&ask, waiter, now);
        let waits = match entered {
            Entered::Answered(answer) => Err(answer),
            Entered::Waiting { ticket, next } => {
                let (sender, receiver) = oneshot::channel();
                locked.seats.insert(ticket, sender);
                Ok((ticket, next, receiver))
            }
        };
        wait::hand_out(&mut locked, answers, now);
        drop(locked);
        match waits {
            Err(answer) => Box::pin(future::ready(answer)),
            Ok((ticket, next, answer)) => {
                let (clock, model) = (self.clock.clone(), ask.model.clone());
                let seat = Seat::new(live, clock, ticket, (model, ask.tiers), answer);
                Box::pin(seat.wait(waiter, next))
            }
        }
    }

    fn report(
        &self,
        pool: PoolId,
        lease: &Lease,
        lesson: &Lesson,
        plan: &mut Plan,
    ) -> (Step, Vec<Turn>) {
        let now = self.clock.now();
        self.within(pool, |live| {
            let turns = live.report(lease, lesson, now);
            if !plan.is_judged() {
                live.budget.deposit(now);
                live.hedges.deposit(now);
            }
            (plan.after(&lesson.outcome, now, &mut live.budget), turns)
        })
        .unwrap_or((Step::Deliver, Vec::new()))
    }

    fn note(&self, pool: PoolId, lease: &Lease, lesson: &Lesson) -> Vec<Turn> {
        let now = self.clock.now();
        self.within(pool, |live| live.report(lease, lesson, now)).unwrap_or_default()
    }

    fn settle(&self, pool: PoolId, lease: Lease, spend: Spend) {
        let now = self.clock.now();
        self.within(pool, |live| {
            live.settle(lease, spend, now);
            live.turn_all(now);
        });
    }

    fn hedge_after(&self, pool: PoolId, model: &ModelName, form: Form) -> Option<Duration> {
        self.within(pool, |live| {
            let is_allowed = live.hedges.ratio() > 0.0;
            is_allowed.then(|| live.desk.pool.hedge_after(model, form)).flatten()
        })
        .flatten()
    }

    fn may_hedge(&self, pool: PoolId) -> bool {
        let now = self.clock.now();
        self.within(pool, |live| live.hedges.withdraw(now)).unwrap_or_default()
    }

    fn waiting(&self, pool: PoolId) -> usize {
        self.within(pool, |live| live.desk.waiting()).unwrap_or_default()
    }

    fn view(&self, pool: PoolId) -> Vec<KeyView> {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.view(now).collect()).unwrap_or_default()
    }

    fn quotas(&self, pool: PoolId) -> Vec<QuotaView> {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.quotas(now)).unwrap_or_default()
    }

    fn forecasts(&self, pool: PoolId) -> Vec<Forecast> {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.forecasts(now)).unwrap_or_default()
    }

    fn admit(&self, subjects: &[Subject]) -> Result<Permit, Refused> {
        self.limiter().admit(subjects, self.clock.now())
    }

    fn reserve(&self, permit: &mut Permit, cost: Cost) -> Result<(), Refused> {
        self.limiter().reserve(permit, cost, self.clock.now())
    }

    fn release(&self, permit: Permit, cost: Cost) {
        self.limiter().settle(permit, cost, self.clock.now());
    }

    fn standing(&self, subject: Subject) -> Vec<Standing> {
        self.limiter().standing(subject, self.clock.now())
    }

    fn survey(&self, pool: PoolId, ask: &Ask<'_>) -> Survey {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.survey(ask, now)).unwrap_or_default()
    }

    fn due_checks(&self, pool: PoolId, limit: usize) -> Vec<KeyId> {
        let now = self.clock.now();
        self.within(pool, |live| live.desk.pool.due_checks(limit, now)).unwrap_or_default()
    }

    fn checked(
        &self,
        pool: PoolId,
        key: KeyId,
        model: Option<&ModelName>,
        lesson: &Lesson,
    ) -> Vec<Turn> {
        let now = self.clock.now();
        self.within(pool, |live| {
            live.desk.pool.checked(key, model, lesson, now);
            live.turn_all(now);
            live.desk.pool.take_turns()
        })
        .unwrap_or_default()
    }
}
