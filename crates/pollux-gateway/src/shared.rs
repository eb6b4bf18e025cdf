//! The state that every request shares.

use std::sync::Arc;

use arc_swap::ArcSwap;
use pollux_store::{cipher::Cipher, store::Store};
use tokio_util::sync::CancellationToken;

use crate::{
    admin::{access::Passwords, guesses::Guesses},
    bindings::Bindings,
    catalog::Catalog,
    checks::Orders,
    clock::Clock,
    egress::Troubles,
    events::Events,
    ledger::Ledger,
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
    pub(crate) troubles: Troubles,
    pub(crate) cipher: Arc<Cipher>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) offload: Offload,
    pub(crate) recorder: Recorder,
    pub(crate) renewal: Renewal,
    pub(crate) events: Events,
    pub(crate) vault: Vault,
    pub(crate) bindings: Bindings,
    pub(crate) models: ModelCache,
    pub(crate) traces: Traces,
    pub(crate) guesses: Guesses,
    pub(crate) passwords: Passwords,
    pub(crate) checks: Orders,
    pub(crate) under_way: UnderWay,
    pub(crate) stop: CancellationToken,
}
