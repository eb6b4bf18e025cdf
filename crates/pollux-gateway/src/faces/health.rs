//! Whether the server lives, and whether it can serve. No secret, no key, no project.

use http::StatusCode;
use pollux_pool::health::Health;
use serde::Serialize;

use super::respond::{Answered, Incoming, written};
use crate::{app::Gateway, egress::Counts};

#[derive(Serialize)]
struct Live {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    version: &'static str,
    keys: Keys,
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

/// `GET /health`: the process answers.
pub(crate) async fn live(_: Gateway, _: Incoming) -> Answered {
    written(&Live { status: "ok" })
}

/// `GET /status` and `GET /readyz`: how many keys can serve; 503 when none can.
pub(crate) async fn status(gateway: Gateway, _: Incoming) -> Answered {
    let keys = count(&gateway);
    let usable = keys.usable > 0;
    let status = if usable { "ok" } else { "no usable key" };
    let version = env!("CARGO_PKG_VERSION");
    let egresses = count_egresses(&gateway);
    let mut response = written(&Readiness { status, version, keys, egresses })?;
    if !usable {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    Ok(response)
}

fn count(gateway: &Gateway) -> Keys {
    let shared = gateway.shared();
    let mut keys = Keys::default();
    for pool in &shared.catalog.load().pools {
        for key in shared.ledger.view(pool.id) {
            keys.total += 1;
            match key.health {
                Health::Revoked { .. } => keys.revoked += 1,
                Health::Active => keys.usable += 1,
            }
            keys.cooling += usize::from(!key.cooldowns.is_empty());
        }
    }
    keys
}

fn count_egresses(gateway: &Gateway) -> Egresses {
    let shared = gateway.shared();
    let catalog = shared.catalog.load();
    let ways = catalog.ways.used(&catalog.pools);
    let Counts { total, unreachable, blocked } = shared.troubles.count(ways, gateway.now());
    Egresses { total, unreachable, blocked }
}
