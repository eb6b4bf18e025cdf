//! The seam to live state: which key goes next and what each attempt taught.

mod local;

use std::fmt;

use futures_util::future::BoxFuture;
use pollux_pool::{
    health::KeyView,
    id::PoolId,
    lease::{Ask, Lease, NoKey},
    outcome::Outcome,
    plan::{Plan, Step},
};

pub use local::LocalLedger;

/// Live health of every pool; one node's memory now, shared by a cluster later.
pub trait Ledger: fmt::Debug + Send + Sync {
    /// Reserves a key of `pool` for one attempt.
    fn lease<'a>(&'a self, pool: PoolId, ask: Ask<'a>) -> BoxFuture<'a, Result<Lease, NoKey>>;

    /// Notes what an attempt taught and says how its request goes on.
    fn report(&self, pool: PoolId, lease: &Lease, outcome: &Outcome, plan: &mut Plan) -> Step;

    /// Gives the key back.
    fn settle(&self, pool: PoolId, lease: Lease);

    /// Every key of a pool as it stands now.
    fn view(&self, pool: PoolId) -> Vec<KeyView>;
}
