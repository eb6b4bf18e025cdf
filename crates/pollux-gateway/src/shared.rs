//! The state that every request shares.

use std::sync::{Arc, atomic::AtomicUsize};

use arc_swap::ArcSwap;
use pollux_pool::{id::PoolId, time::Timestamp};
use pollux_store::store::Store;
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{access::Passwords, guesses::Guesses},
    bindings::Bindings,
    catalog::{Catalog, Settings},
    checks::Orders,
    clock::Clock,
    console::Packed,
    egress::Troubles,
    events::Events,
    ledger::{Ledger, LocalLedger},
    models::cache::ModelCache,
    offload::Offload,
    proxy::{coalesce::UnderWay, upstream::Upstream},
    recorder::Recorder,
    renewal::Renewal,
    trace::Traces,
    vault::Vault,
};

/// The state behind every handle.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) catalog: ArcSwap<Catalog>,
    pub(crate) ledger: Arc<dyn Ledger>,
    pub(crate) upstream: Arc<dyn Upstream>,
    pub(crate) troubles: Arc<Troubles>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) started_at: Timestamp,
    pub(crate) offload: Offload,
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) renewal: Renewal,
    pub(crate) exchange: Renewal,
    pub(crate) events: Events,
    pub(crate) vault: Vault,
    pub(crate) bindings: Bindings,
    pub(crate) models: ModelCache,
    pub(crate) traces: Traces,
    pub(crate) guesses: Guesses,
    pub(crate) passwords: Passwords,
    pub(crate) checks: Orders,
    pub(crate) console: Packed,
    pub(crate) under_way: UnderWay,
    /// Whoever only looks on is let go.
    pub(crate) closing: CancellationToken,
    pub(crate) stop: CancellationToken,
    /// Whose turn it is among keys that clients bring.
    pub(crate) turns: AtomicUsize,
    /// Whether the keys are those of the client, who is to read what Google says of them.
    pub(crate) is_lent: bool,
}

impl Shared {
    /// The same server for one client with keys of his own, which are all that `catalog` has.
    pub(crate) fn lend(&self, catalog: Catalog) -> Self {
        let ledger = LocalLedger::new(self.clock.clone(), 0);
        ledger.configure(&catalog);
        Self {
            catalog: ArcSwap::from_pointee(catalog),
            ledger: Arc::new(ledger),
            upstream: Arc::clone(&self.upstream),
            troubles: Arc::clone(&self.troubles),
            store: self.store.clone(),
            clock: self.clock.clone(),
            started_at: self.started_at,
            offload: self.offload.clone(),
            recorder: Arc::clone(&self.recorder),
            renewal: Renewal::default(),
            exchange: Renewal::default(),
            events: Events::default(),
            vault: Vault::default(),
            bindings: Bindings::forgetful(),
            models: ModelCache::default(),
            traces: Traces::default(),
            guesses: Guesses::default(),
            passwords: Passwords::default(),
            checks: Orders::default(),
            console: Packed::default(),
            under_way: UnderWay::default(),
            closing: self.closing.clone(),
            stop: self.stop.clone(),
            turns: AtomicUsize::default(),
            is_lent: true,
        }
    }

    /// How a pool treats its requests, as of now.
    pub(crate) fn treatment(&self, pool: PoolId) -> Arc<Settings> {
        Arc::clone(self.catalog.load().treatment(pool))
    }
}
