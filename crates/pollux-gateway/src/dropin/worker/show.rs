//! What is shown of the first pool: its keys one by one, and all together.

use pollux_pool::id::UserId;
use pollux_store::store::DEFAULT_POOL;
use serde::Serialize;

use super::done;
use crate::{
    admin::{
        Admin,
        view::{Moment, millis},
    },
    app::Gateway,
    catalog::User,
    dropin::{
        figures::{Figures, success_rate, successes},
        keys::{self, Known, State},
    },
    faces::respond::{Answered, Incoming, written},
    models,
};

/// Whom lists of models are for where no user asks.
const NOBODY: UserId = UserId(0);
const UP: &str = "operational";

/// A key, as a row of the table that they keep.
#[derive(Serialize)]
struct Row {
    id: i64,
    key: String,
    status: u8,
    health_status: &'static str,
    success_rate: f64,
    avg_response_time: u64,
    total_requests: u64,
    successful_requests: u64,
    consecutive_failures: u32,
    created_at: Moment,
}

/// The same, as far as it is shown beside the figures of all.
#[derive(Serialize)]
struct Share {
    id: i64,
    health_status: &'static str,
    success_rate: f64,
    total_requests: u64,
    avg_response_time: u64,
}

#[derive(Serialize)]
struct Operation {
    service: &'static str,
    version: &'static str,
    status: &'static str,
    timestamp: Moment,
    uptime_check_ms: u64,
    statistics: Statistics,
    components: Components,
    models: Vec<String>,
    load_balance: LoadBalance,
}

#[derive(Serialize)]
struct Statistics {
    total_keys: usize,
    healthy_keys: usize,
    unhealthy_keys: usize,
    recent_requests: u64,
}

#[derive(Serialize)]
struct Components {
    api: &'static str,
    database: &'static str,
    load_balancer: &'static str,
    kv_storage: &'static str,
}

#[derive(Serialize)]
struct LoadBalance {
    strategy: &'static str,
    total_keys: usize,
    healthy_keys: usize,
    key_distribution: Vec<Share>,
}

#[derive(Serialize)]
struct Stats {
    keys: Counted,
    usage: Used,
    load_balance: LoadBalance,
    performance: Performance,
}

#[derive(Serialize)]
struct Counted {
    total: usize,
    healthy: usize,
    rate_limited: usize,
    unhealthy: usize,
    unknown: usize,
}

#[derive(Serialize)]
struct Used {
    recent_requests: u64,
    total_requests: u64,
}

#[derive(Serialize)]
struct Performance {
    avg_response_time: u64,
    avg_success_rate: f64,
}

/// `GET /admin/keys/gemini`: the best first.
pub(super) async fn keys(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    let figures = Figures::read(&gateway, Some(DEFAULT_POOL)).await?;
    let catalog = gateway.shared().catalog.load();
    let live = keys::live(&gateway, &catalog);
    let own = keys::of_pool(&catalog, &live, DEFAULT_POOL);
    let mut rows: Vec<Row> = own.map(|known| row(known, &figures)).collect();
    rows.sort_by(|one, other| {
        let rates = other.success_rate.total_cmp(&one.success_rate);
        let times = one.avg_response_time.cmp(&other.avg_response_time);
        rates.then(times).then(one.id.cmp(&other.id))
    });
    done("Success", rows)
}

/// `GET /admin/status`: the one that stands in no envelope.
pub(super) async fn status(admin: Admin, _: Incoming) -> Answered {
    let begun = admin.gateway.now();
    let figures = Figures::read(&admin.gateway, Some(DEFAULT_POOL)).await?;
    let load_balance = load_balance(&admin.gateway, &figures);
    let (counted, now) = (count(&admin.gateway), admin.gateway.now());
    let is_up = counted.healthy + counted.rate_limited > 0;
    written(&Operation {
        service: "Pollux",
        version: env!("CARGO_PKG_VERSION"),
        status: UP,
        timestamp: Moment(now),
        uptime_check_ms: millis(now.since(begun)),
        statistics: Statistics {
            total_keys: counted.total,
            healthy_keys: counted.healthy,
            unhealthy_keys: counted.unhealthy,
            recent_requests: figures.recent.requests,
        },
        components: Components {
            api: UP,
            database: UP,
            load_balancer: if is_up { UP } else { "degraded" },
            kv_storage: UP,
        },
        models: known_models(&admin.gateway),
        load_balance,
    })
}

/// `GET /admin/stats`
pub(super) async fn stats(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    let figures = Figures::read(&gateway, Some(DEFAULT_POOL)).await?;
    let total = figures.total();
    let stats = Stats {
        keys: count(&gateway),
        usage: Used { recent_requests: figures.recent.requests, total_requests: total.requests },
        load_balance: load_balance(&gateway, &figures),
        performance: Performance {
            avg_response_time: figures.mean_millis_of_all(),
            avg_success_rate: success_rate(total),
        },
    };
    done("Success", stats)
}

fn row(known: Known<'_>, figures: &Figures) -> Row {
    let counts = figures.of(known.key.id);
    Row {
        id: known.key.id.0,
        key: known.masked(),
        status: u8::from(known.key.enabled),
        health_status: known.state().as_str(),
        success_rate: success_rate(counts),
        avg_response_time: figures.mean_millis(known.key.id),
        total_requests: counts.attempts,
        successful_requests: successes(counts),
        consecutive_failures: known.refusals(),
        created_at: Moment(known.key.created_at),
    }
}

fn count(gateway: &Gateway) -> Counted {
    let catalog = gateway.shared().catalog.load();
    let live = keys::live(gateway, &catalog);
    let states: Vec<State> =
        keys::of_pool(&catalog, &live, DEFAULT_POOL).map(Known::state).collect();
    let of = |state| states.iter().filter(|it| **it == state).count();
    Counted {
        total: states.len(),
        healthy: of(State::Healthy),
        rate_limited: of(State::RateLimited),
        unhealthy: of(State::Unhealthy),
        unknown: of(State::Unknown),
    }
}

fn load_balance(gateway: &Gateway, figures: &Figures) -> LoadBalance {
    let catalog = gateway.shared().catalog.load();
    let live = keys::live(gateway, &catalog);
    let share = |known: Known<'_>| {
        let counts = figures.of(known.key.id);
        Share {
            id: known.key.id.0,
            health_status: known.state().as_str(),
            success_rate: success_rate(counts),
            total_requests: counts.attempts,
            avg_response_time: figures.mean_millis(known.key.id),
        }
    };
    let shares = keys::of_pool(&catalog, &live, DEFAULT_POOL).map(share).collect();
    let (counted, pool) = (count(gateway), catalog.pool(DEFAULT_POOL));
    LoadBalance {
        strategy: pool.map(|pool| pool.settings.strategy).unwrap_or_default().as_str(),
        total_keys: counted.total,
        healthy_keys: counted.healthy,
        key_distribution: shares,
    }
}

/// The models that were listed last, if any were; nothing is asked for.
fn known_models(gateway: &Gateway) -> Vec<String> {
    let listed = models::known(gateway, &User::new(NOBODY, "", DEFAULT_POOL));
    listed.map(|it| it.models.iter().map(|model| model.id.clone()).collect()).unwrap_or_default()
}
