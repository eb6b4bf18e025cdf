//! The server as it is seen at one moment, and each of the views of that.

use std::{collections::BTreeMap, time::Duration};

use pollux_store::usage::Counts;
use serde::Serialize;

use crate::{
    admin::view::{Moment, millis},
    app::Gateway,
    dropin::{
        figures::{Figures, mean, success_rate, successes},
        keys::{self, State},
    },
    failure::Failure,
    trace::{Ending, Record},
};

/// So many errors are told one by one.
const MOST_ERRORS: usize = 100;

/// What is looked at together.
pub(super) struct Seen {
    at: Moment,
    figures: Figures,
    pub(super) keys: Vec<OneKey>,
    waiting: usize,
}

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    timestamp: Moment,
    version: &'static str,
    keys: Count,
    waiting: usize,
}

#[derive(Clone, Copy, Serialize)]
struct Count {
    total: usize,
    healthy: usize,
    rate_limited: usize,
    unhealthy: usize,
    disabled: usize,
}

#[derive(Serialize)]
pub(super) struct Metrics {
    timestamp: Moment,
    pub(super) requests: Requests,
    pub(super) tokens: Tokens,
    keys: Count,
}

#[derive(Serialize)]
pub(super) struct Requests {
    pub(super) total: u64,
    pub(super) successful: u64,
    pub(super) failed: u64,
    pub(super) attempts: u64,
    success_rate: f64,
}

#[derive(Serialize)]
pub(super) struct Tokens {
    pub(super) prompt: u64,
    pub(super) completion: u64,
}

#[derive(Serialize)]
pub(super) struct AllKeys<'a> {
    timestamp: Moment,
    #[serde(flatten)]
    count: Count,
    keys: &'a [OneKey],
}

/// A key, of which no more than the end is shown.
#[derive(Serialize)]
pub(super) struct OneKey {
    pub(super) id: i64,
    pub(super) pool: i64,
    key: String,
    pub(super) status: State,
    weight: u32,
    in_flight: u32,
    pub(super) requests: u64,
    pub(super) failures: u64,
    success_rate: f64,
    avg_response_time_ms: u64,
    consecutive_failures: u32,
}

/// How the last streams went; how many requests are remembered is a setting.
#[derive(Serialize)]
pub(super) struct Streams {
    timestamp: Moment,
    total: usize,
    completed: usize,
    failed: usize,
    client_gone: usize,
    avg_first_byte_ms: u64,
}

#[derive(Serialize)]
pub(super) struct Errors<'a> {
    timestamp: Moment,
    total: usize,
    by_status: BTreeMap<u16, usize>,
    recent: Vec<ToldError<'a>>,
}

#[derive(Serialize)]
struct ToldError<'a> {
    id: &'a str,
    timestamp: Moment,
    status: Option<u16>,
    model: Option<&'a str>,
    message: &'a str,
}

/// The times of the last requests, in milliseconds.
#[derive(Serialize)]
pub(super) struct Performance {
    timestamp: Moment,
    requests: usize,
    avg_response_time_ms: u64,
    p50_ms: u64,
    p95_ms: u64,
    p99_ms: u64,
    avg_first_byte_ms: u64,
    avg_attempt_ms: u64,
}

#[derive(Serialize)]
pub(super) struct Full<'a> {
    health: Health,
    metrics: Metrics,
    keys: AllKeys<'a>,
    streams: Streams,
    errors: Errors<'a>,
    performance: Performance,
}

impl Seen {
    /// Looks.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) async fn of(gateway: &Gateway) -> Result<Self, Failure> {
        let figures = Figures::read(gateway, None).await?;
        let shared = gateway.shared();
        let catalog = shared.catalog.load_full();
        let live = keys::live(gateway, &catalog);
        let keys = keys::every(&catalog, &live).map(|known| {
            let counts = figures.of(known.key.id);
            OneKey {
                id: known.key.id.0,
                pool: known.key.pool.0,
                key: known.masked(),
                status: known.state(),
                weight: known.key.about.weight,
                in_flight: known.live.map_or(0, |live| live.in_flight),
                requests: counts.attempts,
                failures: counts.attempts - successes(counts),
                success_rate: success_rate(counts),
                avg_response_time_ms: figures.mean_millis(known.key.id),
                consecutive_failures: known.refusals(),
            }
        });
        let keys = keys.collect();
        let waiting = catalog.pools.iter().map(|pool| shared.ledger.waiting(pool.id)).sum();
        let at = Moment(gateway.now());
        Ok(Self { at, figures, keys, waiting })
    }

    pub(super) fn health(&self) -> Health {
        let keys = self.count();
        let status = match (keys.healthy, keys.rate_limited) {
            (0, 0) => "unhealthy",
            (0, _) => "degraded",
            (_, _) => "healthy",
        };
        let version = env!("CARGO_PKG_VERSION");
        Health { status, timestamp: self.at, version, keys, waiting: self.waiting }
    }

    pub(super) fn metrics(&self) -> Metrics {
        let total = self.figures.total();
        let Counts { requests, failures, attempts, .. } = total;
        Metrics {
            timestamp: self.at,
            requests: Requests {
                total: requests,
                successful: requests.saturating_sub(failures),
                failed: failures,
                attempts,
                success_rate: success_rate(total),
            },
            tokens: Tokens {
                prompt: total.prompt_tokens,
                completion: total.output_tokens + total.thought_tokens,
            },
            keys: self.count(),
        }
    }

    pub(super) fn keys(&self) -> AllKeys<'_> {
        AllKeys { timestamp: self.at, count: self.count(), keys: &self.keys }
    }

    pub(super) fn streams(&self) -> Streams {
        let streams: Vec<&Record> = self.last().filter(|record| record.is_stream).collect();
        let of = |ending| streams.iter().filter(|record| record.ending == ending).count();
        Streams {
            timestamp: self.at,
            total: streams.len(),
            completed: of(Ending::Complete),
            failed: of(Ending::Failed),
            client_gone: of(Ending::ClientGone),
            avg_first_byte_ms: mean(streams.iter().filter_map(|record| record.first_byte)),
        }
    }

    pub(super) fn errors(&self) -> Errors<'_> {
        let failed: Vec<&Record> =
            self.last().filter(|record| record.ending == Ending::Failed).collect();
        let mut by_status = BTreeMap::new();
        for status in failed.iter().filter_map(|record| record.status) {
            *by_status.entry(status).or_default() += 1;
        }
        let recent = failed.iter().take(MOST_ERRORS).map(|record| ToldError {
            id: &record.id,
            timestamp: Moment(record.at),
            status: record.status,
            model: record.model.as_ref().map(pollux_pool::id::ModelName::as_str),
            message: record.error.as_deref().unwrap_or_default(),
        });
        Errors { timestamp: self.at, total: failed.len(), by_status, recent: recent.collect() }
    }

    pub(super) fn performance(&self) -> Performance {
        let mut times: Vec<Duration> = self.last().map(|record| record.total).collect();
        times.sort_unstable();
        // The time that so many of a hundred requests took at most.
        let of_hundred = |part: usize| {
            let place = (times.len() * part).div_ceil(100).saturating_sub(1);
            times.get(place).copied().map_or(0, millis)
        };
        Performance {
            timestamp: self.at,
            requests: times.len(),
            avg_response_time_ms: mean(times.iter().copied()),
            p50_ms: of_hundred(50),
            p95_ms: of_hundred(95),
            p99_ms: of_hundred(99),
            avg_first_byte_ms: mean(self.last().filter_map(|record| record.first_byte)),
            avg_attempt_ms: self.figures.mean_millis_of_all(),
        }
    }

    pub(super) fn full(&self) -> Full<'_> {
        Full {
            health: self.health(),
            metrics: self.metrics(),
            keys: self.keys(),
            streams: self.streams(),
            errors: self.errors(),
            performance: self.performance(),
        }
    }

    fn last(&self) -> impl Iterator<Item = &Record> {
        self.figures.last.iter().map(AsRef::as_ref)
    }

    fn count(&self) -> Count {
        let of = |state| self.keys.iter().filter(|key| key.status == state).count();
        Count {
            total: self.keys.len(),
            healthy: of(State::Healthy),
            rate_limited: of(State::RateLimited),
            unhealthy: of(State::Unhealthy),
            disabled: of(State::Unknown),
        }
    }
}
