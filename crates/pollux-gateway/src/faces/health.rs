//! Whether the server lives, and whether it can serve. No secret, no key, no project.

use std::{collections::HashMap, time::Duration};

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
use crate::{
    admin::view::{Moment, millis},
    app::Gateway,
    egress::Counts,
    shared::Shared,
};

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);
/// What is said of models to whoever asks: no more than Google's own pages do.
const MODELS: &[&str] = &[
    "gemini-3.8-flash",
    "gemini-3.6-flash",
    "gemini-3.1-pro-preview",
    "gemini-3-flash-preview",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
];

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

/// What monitors of another gateway look for beside that.
#[derive(Serialize)]
struct LiveAndWell {
    status: &'static str,
    timestamp: Moment,
    response_time_ms: u64,
    checks: Checks,
    version: &'static str,
    environment: &'static str,
}

#[derive(Serialize)]
struct Checks {
    database: &'static str,
    /// What was kept apart from the database there is in memory here.
    kv_storage: &'static str,
    available_keys: usize,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    version: &'static str,
    keys: Keys,
    pools: Vec<PoolStatus>,
    egresses: Egresses,
    timestamp: Moment,
    /// The models that are known well; a pool's own list is for its users.
    models: &'static [&'static str],
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

/// `GET /health`: the process answers, and says whether its database does; with no key too.
pub(crate) async fn health(gateway: Gateway, _: Incoming) -> Answered {
    let (shared, begun) = (gateway.shared(), gateway.now());
    let asked = shared.clock.timeout(PATIENCE, shared.store.pools()).await;
    let is_well = matches!(asked, Ok(Ok(_)));
    let (status, database) = if is_well { ("healthy", "ok") } else { ("unhealthy", "error") };
    let available_keys = count(shared).0.usable;
    let now = gateway.now();
    written(&LiveAndWell {
        status,
        timestamp: Moment(now),
        response_time_ms: millis(now.since(begun)),
        checks: Checks { database, kv_storage: "ok", available_keys },
        version: env!("CARGO_PKG_VERSION"),
        environment: "production",
    })
}

/// `GET /healthz`: the process answers.
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
    let timestamp = Moment(gateway.now());
    let models = MODELS;
    let readiness = Readiness { status, version, keys, pools, egresses, timestamp, models };
    let mut response = written(&readiness)?;
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
