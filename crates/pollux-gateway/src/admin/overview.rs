//! All that a dashboard shows, in one answer.

use std::{collections::BTreeMap, time::Duration};

use pollux_pool::health::{Health, KeyView};
use pollux_store::usage::{Filter, Group, Query, Step, UsageTotal};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Admin,
    access::unreadable,
    usage::{Names, PerTime, Percentiles, Tokens, rates, success_rate, summed},
    view::{Moment, dollars},
};
use crate::{
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
    shared::Shared,
};

/// What is recent.
const HOUR: Duration = Duration::from_hours(1);

#[derive(Serialize, ToSchema)]
pub(super) struct Overview {
    at: Moment,
    pools: Vec<PoolView>,
    /// How many requests came too fast for the log, since the start of this server.
    log_dropped: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = PoolOverview)]
struct PoolView {
    id: i64,
    name: Option<String>,
    keys: Keys,
    /// How many requests wait for a key.
    waiting: usize,
    now: PerTime,
    last_hour: Hour,
    /// Of this day (UTC).
    today: Tokens,
}

/// How many keys there are.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = KeyStates)]
struct Keys {
    total: usize,
    /// Those that Google does not refuse.
    usable: usize,
    /// Those of the usable that some model is held of.
    cooling: usize,
    revoked: usize,
}

/// What became of requests within the last hour.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = LastHour)]
struct Hour {
    requests: u64,
    failures: u64,
    /// From 0 to 1; absent where nothing was asked.
    success_rate: Option<f64>,
    first_byte_ms: Percentiles,
    total_ms: Percentiles,
    /// In dollars, of what has a known price; absent where nothing has.
    cost: Option<f64>,
    /// How many requests failed, by reason.
    failed: BTreeMap<String, u64>,
}

/// `GET /admin/api/overview`
pub(super) async fn show(Admin { gateway, .. }: Admin, _incoming: Incoming) -> Answered {
    written(&overview(gateway.shared()).await?)
}

/// How everything stands now.
///
/// # Errors
/// When the account cannot be read.
pub(super) async fn overview(shared: &Shared) -> Result<Overview, Failure> {
    let now = shared.clock.now();
    let per = summed(&rates(shared).await?, |slot| Some(slot.pool));
    let hour = by_pool(shared, Query { since: now.before(HOUR), step: Step::All, ..all(now) });
    let hour = hour.await?;
    let day = by_pool(shared, Query { since: now, step: Step::Day, ..all(now) }).await?;
    let catalog = shared.catalog.load();
    let names = Names::of(&catalog);
    let pools = catalog.pools.iter().map(|pool| {
        let of = |totals: &[UsageTotal]| totals.iter().find(|it| it.pool == Some(pool.id)).cloned();
        PoolView {
            id: pool.id.0,
            name: names.pool(pool.id.0),
            keys: count(&shared.ledger.view(pool.id)),
            waiting: shared.ledger.waiting(pool.id),
            now: per.get(&pool.id).copied().unwrap_or_default(),
            last_hour: of(&hour).map(Hour::from).unwrap_or_default(),
            today: of(&day).map(|total| total.counts.into()).unwrap_or_default(),
        }
    });
    let pools = pools.collect();
    Ok(Overview { at: Moment(now), pools, log_dropped: shared.recorder.log().dropped() })
}

fn all(now: pollux_pool::time::Timestamp) -> Query {
    // What has happened at this very moment belongs to it.
    let until = now + Duration::from_micros(1);
    Query { since: now, until, step: Step::All, by: Group::Pool, only: Filter::default() }
}

async fn by_pool(shared: &Shared, query: Query) -> Result<Vec<UsageTotal>, Failure> {
    shared.store.usage(&query).await.map_err(unreadable)
}

fn count(keys: &[KeyView]) -> Keys {
    let mut counts = Keys { total: keys.len(), ..Keys::default() };
    for key in keys {
        match key.health {
            Health::Revoked { .. } => counts.revoked += 1,
            Health::Active => {
                counts.usable += 1;
                counts.cooling += usize::from(!key.cooldowns.is_empty());
            }
        }
    }
    counts
}

impl From<UsageTotal> for Hour {
    fn from(total: UsageTotal) -> Self {
        Self {
            requests: total.counts.requests,
            failures: total.counts.failures,
            success_rate: success_rate(&total.counts),
            first_byte_ms: (&total.first_byte).into(),
            total_ms: (&total.total).into(),
            cost: total.counts.charge.known().map(dollars),
            failed: total.failed,
        }
    }
}
