//! By which way an attempt goes, and what that teaches about the way.
//!
//! A way that ends where Google does not serve is left for another by the same
//! key, at once: neither the plan nor the pool sees that as a failure. A key
//! that has no other leaves the request to keys that have.

use http::Response;
use pollux_pool::{id::PoolId, outcome::Outcome};
use pollux_store::secret::Secret;

use super::{
    call::Call,
    commit::{self, Attempted},
    settle::Settlement,
    upstream::{UpstreamBody, UpstreamError},
};
use crate::{catalog::Catalog, egress::Egress, shared::Shared};

/// Asks with one key, by one way after the other while Google serves none of them.
///
/// `detours` counts the ways beyond the first.
pub(crate) async fn attempt(
    shared: &Shared,
    call: &Call,
    secret: &Secret,
    settlement: &mut Settlement,
    detours: &mut u32,
) -> Attempted {
    let catalog = shared.catalog.load_full();
    let ways = catalog.ways.of(settlement.pool(), settlement.key());
    let first = shared.troubles.choose(ways, settlement.key(), shared.clock.now());
    let mut via = first.unwrap_or(&Egress::Direct);
    let mut attempted = once(shared, call, secret, settlement, via).await;
    for _ in 1..ways.len() {
        if attempted.lesson.outcome != Outcome::Blocked || call.body.is_spent() {
            break;
        }
        note_blocked(shared, via);
        let now = shared.clock.now();
        let other = shared.troubles.choose(ways, settlement.key(), now);
        let Some(other) = other.filter(|way| !shared.troubles.is_blocked(way, now)) else { break };
        via = other;
        settlement.repeat();
        *detours += 1;
        attempted = once(shared, call, secret, settlement, via).await;
    }
    note(shared, via, &attempted.lesson.outcome);
    if attempted.lesson.outcome == Outcome::Blocked
        && is_open_to_others(shared, &catalog, settlement.pool())
    {
        // To the plan it is one of the failures that another key may not meet.
        attempted.lesson.outcome = Outcome::Unavailable;
    }
    attempted
}

/// Whether keys of a pool have ways that are not known to end where Google does not serve.
fn is_open_to_others(shared: &Shared, catalog: &Catalog, pool: PoolId) -> bool {
    let entry = catalog.pools.iter().filter(|entry| entry.id == pool);
    let now = shared.clock.now();
    catalog.ways.used(entry).into_iter().any(|way| !shared.troubles.is_blocked(way, now))
}

/// Asks by one way, and lets it be known.
async fn once(
    shared: &Shared,
    call: &Call,
    secret: &Secret,
    settlement: &Settlement,
    via: &Egress,
) -> Attempted {
    let asked = settlement.asking();
    let attempted = commit::attempt(shared, settlement.pool(), call, (secret, via)).await;
    settlement.heard(asked, &attempted);
    attempted
}

/// Sends a call by one way, and notes whether that could be gone.
pub(crate) async fn send(
    shared: &Shared,
    call: &Call,
    secret: &Secret,
    via: &Egress,
) -> Result<Response<UpstreamBody>, UpstreamError> {
    let sent = shared.upstream.send(call, secret, via).await;
    match &sent {
        Err(UpstreamError::Connect(error)) => {
            if let Some(pause) = shared.troubles.unreachable(via, shared.clock.now()) {
                let seconds = pause.as_secs();
                tracing::warn!(%via, seconds, "Gemini cannot be reached by {via}: {error}");
            }
        }
        Err(UpstreamError::Unsendable(_)) => {}
        Ok(_)
        | Err(UpstreamError::Timeout | UpstreamError::Broken(_) | UpstreamError::TooLarge(_)) => {
            if shared.troubles.reached(via) {
                tracing::info!(%via, "Gemini is reached by {via} again");
            }
        }
    }
    sent
}

fn note(shared: &Shared, via: &Egress, outcome: &Outcome) {
    match outcome {
        Outcome::Blocked => note_blocked(shared, via),
        Outcome::Success if shared.troubles.served(via) => {
            tracing::info!(%via, "Google serves what comes by {via} again");
        }
        Outcome::Success
        | Outcome::Revoked { .. }
        | Outcome::Exhausted { .. }
        | Outcome::Unserved
        | Outcome::NotOwner
        | Outcome::Rejected
        | Outcome::Unavailable
        | Outcome::Empty => {}
    }
}

/// Once: it stays so for every request.
fn note_blocked(shared: &Shared, via: &Egress) {
    if shared.troubles.blocked(via, shared.clock.now()) {
        tracing::error!(%via, "Google does not serve the place where {via} ends");
    }
}
