//! Whether the server lives, and whether it can serve. No secret, no key, no project.

use std::collections::HashMap;

use http::StatusCode;
use pollux_pool::{
    health::{Cooldown, Health, KeyView},
    id::PoolId,
    outcome::Window,
    pool::QuotaView,
    project::Project,
};
use serde::Serialize;

use super::respond::{Answered, Incoming, written};
use crate::{app::Gateway, egress::Counts, shared::Shared};

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    version: &'static str,
    keys: Keys,
    pools: Vec<PoolStatus>,
    egresses: Egresses,
}

/// The ways to Gemini: this server itself, or its proxies.
#[derive(Serialize)]
struct Egresses {
    total: usize,
    unreachable: usize,
    blocked: usize,
}

#[derive(Default, Serialize)]
struct Keys {
    total: usize,
    usable: usize,
    cooling: usize,
    revoked: usize,
}

/// How the keys of one pool stand; each is counted once, by the worst that is known of it.
#[derive(Default, Serialize)]
struct PoolStatus {
    id: i64,
    total: usize,
    serving: usize,
    cooling: usize,
    out_of_quota: usize,
    revoked: usize,
    /// How many requests wait for one of them.
    waiting: usize,
}

/// How a key stands, the worst last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Serving,
    /// Out for a while, for some model.
    Cooling,
    /// Out until the day ends, for some model.
    OutOfQuota,
    Revoked,
}

/// `GET /health`: the process answers.
pub(crate) async fn live(_: Gateway, _: Incoming) -> Answered {
    written(&Live { status: "ok" })
}

/// `GET /status` and `GET /readyz`: how many keys can serve; 503 when none can.
pub(crate) async fn status(gateway: Gateway, _: Incoming) -> Answered {
    let (keys, pools) = count(gateway.shared());
    let usable = keys.usable > 0;
    let status = if usable { "ok" } else { "no usable key" };
    let version = env!("CARGO_PKG_VERSION");
    let egresses = count_egresses(&gateway);
    let mut response = written(&Readiness { status, version, keys, pools, egresses })?;
    if !usable {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

fn count(shared: &Shared) -> (Keys, Vec<PoolStatus>) {
    let (mut keys, mut pools) = (Keys::default(), Vec::new());
    for id in shared.catalog.load().pools.iter().map(|pool| pool.id) {
        let views = shared.ledger.view(id);
        keys.total += views.len();
        for key in &views {
            match key.health {
                Health::Revoked { .. } => keys.revoked += 1,
                Health::Active => keys.usable += 1,
            }
            keys.cooling += usize::from(!key.cooldowns.is_empty());
        }
        pools.push(count_pool(shared, id, &views));
    }
    (keys, pools)
}

fn count_pool(shared: &Shared, id: PoolId, keys: &[KeyView]) -> PoolStatus {
    let waiting = shared.ledger.waiting(id);
    let mut status = PoolStatus { id: id.0, total: keys.len(), waiting, ..PoolStatus::default() };
    let spent = spent(shared.ledger.quotas(id));
    for key in keys {
        let count = match standing(key, &spent) {
            Standing::Serving => &mut status.serving,
            Standing::Cooling => &mut status.cooling,
            Standing::OutOfQuota => &mut status.out_of_quota,
            Standing::Revoked => &mut status.revoked,
        };
        *count += 1;
    }
    status
}

fn standing(key: &KeyView, spent: &HashMap<Project, Standing>) -> Standing {
    if let Health::Revoked { .. } = key.health {
        return Standing::Revoked;
    }
    let told = key.cooldowns.iter().map(|(_, cooldown)| match cooldown {
        Cooldown::Exhausted { window: Window::Day, .. } => Standing::OutOfQuota,
        Cooldown::Exhausted { .. } => Standing::Cooling,
        // What its tier does not include is nothing that it lacks now.
        Cooldown::Unserved => Standing::Serving,
    });
    let counted = key.project.as_ref().and_then(|project| spent.get(project)).copied();
    told.chain(counted).max().unwrap_or(Standing::Serving)
}

/// The projects that have used all of some limit, so that Google need not say it.
fn spent(quotas: Vec<QuotaView>) -> HashMap<Project, Standing> {
    let mut spent = HashMap::new();
    for quota in quotas {
        let reached = quota.meters.iter().filter(|(limit, used)| *used >= limit.value);
        let standing = reached.map(|(limit, _)| match limit.dimension.window {
            Window::Day => Standing::OutOfQuota,
            Window::Minute | Window::Unknown => Standing::Cooling,
        });
        if let Some(worst) = standing.max() {
            let known = spent.entry(quota.project).or_insert(worst);
            *known = worst.max(*known);
        }
    }
    spent
}

fn count_egresses(gateway: &Gateway) -> Egresses {
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let ways = catalog.ways.used(&catalog.pools);
    let Counts { total, unreachable, blocked } = shared.troubles.count(ways, gateway.now());
    Egresses { total, unreachable, blocked }
}
