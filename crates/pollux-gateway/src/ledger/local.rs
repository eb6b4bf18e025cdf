//! The ledger of one node: pools in memory, one lock each, held for microseconds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use futures_util::future::{self, BoxFuture};
use pollux_pool::{
    budget::Budget,
    health::{Checkpoint, KeyView},
    id::{KeyId, ModelName, PoolId},
    lease::{Ask, Lease, NoKey, Spend},
    outcome::Lesson,
    plan::{Plan, Step},
    pool::Pool,
    survey::Survey,
};

use super::Ledger;
use crate::{catalog::Catalog, clock::Clock};

/// Live state in this process's memory.
#[derive(Debug)]
pub struct LocalLedger {
    clock: Clock,
    seed: u64,
    pools: RwLock<HashMap<PoolId, Arc<Mutex<Live>>>>,
}

#[derive(Debug)]
struct Live {
    pool: Pool,
    budget: Budget,
}

impl LocalLedger {
    /// Makes a ledger without pools; `seed` decides all its random choices.
    pub fn new(clock: Clock, seed: u64) -> Self {
        Self { clock, seed, pools: RwLock::default() }
    }

    /// Takes over pools, keys and strategies; what stays keeps its state.
    pub fn configure(&self, catalog: &Catalog) {
        let now = self.clock.now();
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|id, _| catalog.pools.iter().any(|entry| entry.id == *id));
        for entry in &catalog.pools {
            if let Some(live) = pools.get(&entry.id) {
                let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
                live.pool.configure(entry.settings, entry.keys.clone());
                live.budget = Budget::new(entry.retry_ratio, now);
            } else {
                let seed = self.seed ^ entry.id.0.unsigned_abs();
                let pool = Pool::new(entry.settings, entry.keys.clone(), seed);
                let budget = Budget::new(entry.retry_ratio, now);
                pools.insert(entry.id, Arc::new(Mutex::new(Live { pool, budget })));
            }
        }
    }

    /// Brings back what was known before a restart.
    pub fn restore(&self, pool: PoolId, checkpoints: Vec<Checkpoint>) {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.restore(checkpoints, now));
    }

    /// What is worth keeping, with a number that changes when it does.
    pub fn checkpoint(&self, pool: PoolId, known: u64) -> Option<(u64, Vec<Checkpoint>)> {
        let now = self.clock.now();
        self.within(pool, |live| {
            let generation = live.pool.generation();
            (generation != known).then(|| (generation, live.pool.checkpoint(now)))
        })
        .flatten()
    }

    fn within<T>(&self, pool: PoolId, work: impl FnOnce(&mut Live) -> T) -> Option<T> {
        let live = {
            let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
            pools.get(&pool).cloned()?
        };
        let mut live = live.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut live))
    }
}

impl Ledger for LocalLedger {
    fn lease<'a>(&'a self, pool: PoolId, ask: Ask<'a>) -> BoxFuture<'a, Result<Lease, NoKey>> {
        let now = self.clock.now();
        let lease = self.within(pool, |live| live.pool.lease(&ask, now));
        Box::pin(future::ready(lease.unwrap_or(Err(NoKey::Empty))))
    }

    fn report(&self, pool: PoolId, lease: &Lease, lesson: &Lesson, plan: &mut Plan) -> Step {
        let now = self.clock.now();
        self.within(pool, |live| {
            live.pool.report(lease, lesson, now);
            if plan.attempts() == 1 {
                live.budget.deposit(now);
            }
            plan.after(&lesson.outcome, now, &mut live.budget)
        })
        .unwrap_or(Step::Deliver)
    }

    fn note(&self, pool: PoolId, lease: &Lease, lesson: &Lesson) {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.report(lease, lesson, now));
    }

    fn settle(&self, pool: PoolId, lease: Lease, spend: Spend) {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.settle(lease, spend, now));
    }

    fn survey(&self, pool: PoolId, ask: &Ask<'_>) -> Survey {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.survey(ask, now)).unwrap_or_default()
    }

    fn due_checks(&self, pool: PoolId, limit: usize) -> Vec<KeyId> {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.due_checks(limit, now)).unwrap_or_default()
    }

    fn checked(&self, pool: PoolId, key: KeyId, model: Option<&ModelName>, lesson: &Lesson) {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.checked(key, model, lesson, now));
    }

    fn view(&self, pool: PoolId) -> Vec<KeyView> {
        let now = self.clock.now();
        self.within(pool, |live| live.pool.view(now).collect()).unwrap_or_default()
    }
}
