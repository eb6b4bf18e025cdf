//! The seam to live state: which key goes next, what each attempt taught, and what users may spend.

mod local;
mod wait;

use std::{fmt, time::Duration};

use futures_util::future::BoxFuture;
use pollux_pool::{
    desk::Waiter,
    health::KeyView,
    id::{KeyId, ModelName, PoolId},
    lease::{Ask, Form, Lease, NoKey, Spend},
    limit::{Cost, Permit, Refused, Standing, Subject},
    outcome::Lesson,
    plan::{Plan, Step},
    pool::{Forecast, QuotaView, Turn},
    survey::Survey,
};

pub use local::{LocalLedger, Unsaved};

/// Live health of every pool; one node's memory now, shared by a cluster later.
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Reserves a key of `pool` for one attempt, waiting in turn while none is free.
    fn lease<'a>(
        &'a self,
        pool: PoolId,
        ask: Ask<'a>,
        waiter: Waiter,
    ) -> BoxFuture<'a, Result<Lease, NoKey>>;

    /// Notes what an attempt taught and says how its request goes on, and which keys stand
    /// otherwise since.
    fn report(
        &self,
        pool: PoolId,
        lease: &Lease,
        lesson: &Lesson,
        plan: &mut Plan,
    ) -> (Step, Vec<Turn>);

    /// Notes what an answer taught after it had begun, when nothing can be done about it any more.
    fn note(&self, pool: PoolId, lease: &Lease, lesson: &Lesson) -> Vec<Turn>;

    /// Gives the key back, with what its use cost.
    fn settle(&self, pool: PoolId, lease: Lease, spend: Spend);

    /// Admits one request within the limits of those who make it.
    fn admit(&self, subjects: &[Subject]) -> Result<Permit, Refused>;

    /// Reserves what a request may cost beside what it has reserved before.
    fn reserve(&self, permit: &mut Permit, cost: Cost) -> Result<(), Refused>;

    /// Ends a request, with what it cost.
    fn release(&self, permit: Permit, cost: Cost);

    /// How the limits of a user or a pool stand; nothing for one that has none.
    fn standing(&self, subject: Subject) -> Vec<Standing>;

    /// How the keys of a pool stand for a request; changes nothing.
    fn survey(&self, pool: PoolId, ask: &Ask<'_>) -> Survey;

    /// Revoked keys whose time to be checked has come; each is named once and not again for a while.
    fn due_checks(&self, pool: PoolId, limit: usize) -> Vec<KeyId>;

    /// Learns from a check of a key: of the key alone, or of a generation with `model`.
    fn checked(
        &self,
        pool: PoolId,
        key: KeyId,
        model: Option<&ModelName>,
        lesson: &Lesson,
    ) -> Vec<Turn>;

    /// How long an answer has to be waited for before a second key is worth asking.
    fn hedge_after(&self, pool: PoolId, model: &ModelName, form: Form) -> Option<Duration>;

    /// Takes one of the few second keys that a pool may ask beside a first one.
    fn may_hedge(&self, pool: PoolId) -> bool;

    /// The quotas of every project that used a model.
    fn quotas(&self, pool: PoolId) -> Vec<QuotaView>;

    /// When models will be out of requests for the day, where that can be told.
    fn forecasts(&self, pool: PoolId) -> Vec<Forecast>;

    /// How many requests wait for a key of a pool.
    fn waiting(&self, pool: PoolId) -> usize;

    /// Every key of a pool as it stands now.
    fn view(&self, pool: PoolId) -> Vec<KeyView>;
}
