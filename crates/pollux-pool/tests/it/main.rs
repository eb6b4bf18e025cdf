//! The pool as the gateway sees it: through its public face, over whole requests.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panic"
)]

mod brake;
mod failover;
mod limits;
mod owned;
mod properties;
mod quotas;
mod restart;
mod shares;
mod simulation;
mod terms;
mod turns;
mod world;

use std::time::Duration;

use pollux_pool::balance::Strategy;
use pollux_pool::health::KeyView;
use pollux_pool::id::{KeyId, ModelName};
use pollux_pool::key::{Key, Tier};
use pollux_pool::lease::{Ask, Lease, NoKey, Spend};
use pollux_pool::outcome::{Outcome, Window};
use pollux_pool::pool::{Pool, Settings};
use pollux_pool::time::Timestamp;

const START: Timestamp = Timestamp::from_seconds(1_780_000_000);
const BARE: Outcome = Outcome::Exhausted { window: Window::Unknown, retry_after: None };

fn keys(weights: &[u32]) -> Vec<Key> {
    let keys = weights.iter().zip(1..);
    keys.map(|(&weight, id)| Key { id: KeyId(id), weight, project: None, tier: Tier::Free })
        .collect()
}

fn pool(strategy: Strategy, weights: &[u32]) -> Pool {
    Pool::new(Settings { strategy, ..Settings::default() }, keys(weights), 7)
}

fn lease(pool: &mut Pool, tried: &[KeyId], now: Timestamp) -> Result<Lease, NoKey> {
    pool.lease(&Ask { tried, ..Ask::of(&ModelName::new("gemini-2.5-flash")) }, now)
}

/// Leases a key, ends it with `outcome`, and returns which key it was.
fn attempt(pool: &mut Pool, outcome: &Outcome, now: Timestamp) -> Result<KeyId, NoKey> {
    let lease = lease(pool, &[], now)?;
    let key = lease.key();
    pool.report(&lease, &(*outcome).into(), now);
    pool.settle(lease, Spend::default(), START);
    Ok(key)
}

fn view(pool: &Pool, key: KeyId, now: Timestamp) -> KeyView {
    pool.view(now).find(|view| view.id == key).expect("the key is in the pool")
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
