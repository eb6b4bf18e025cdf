//! How usage is written.

use std::{borrow::Cow, collections::BTreeMap};

use pollux_store::usage::{Counts, Histogram, UsageTotal};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::{
    csv::{cell, moment},
    view::{Moment, dollars, millis, project},
};
use crate::catalog::Catalog;

/// The first row of a table.
pub(super) const TITLES: [&str; 25] = [
    "at",
    "pool",
    "key",
    "model",
    "user",
    "project",
    "reason",
    "name",
    "requests",
    "failures",
    "attempts",
    "prompt_tokens",
    "cached_tokens",
    "output_tokens",
    "thought_tokens",
    "total_tokens",
    "first_byte_p50_ms",
    "first_byte_p95_ms",
    "first_byte_p99_ms",
    "total_p50_ms",
    "total_p95_ms",
    "total_p99_ms",
    "success_rate",
    "cost",
    "unpriced",
];

/// What a step came to.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(super) struct UsageView {
    /// When the step began; absent where it is the whole time.
    at: Option<Moment>,
    pool: Option<i64>,
    key: Option<i64>,
    model: Option<String>,
    user: Option<i64>,
    project: Option<String>,
    /// Why requests, or attempts, failed.
    reason: Option<String>,
    /// What people call the pool, the key or the user.
    name: Option<String>,
    requests: u64,
    failures: u64,
    /// From 0 to 1; absent where nothing was asked.
    success_rate: Option<f64>,
    attempts: u64,
    tokens: Tokens,
    /// In dollars, of what has a known price; absent where nothing has.
    cost: Option<f64>,
    /// How many attempts `cost` is without, since their models have no price.
    unpriced: u64,
    /// Until the first byte of answers.
    first_byte_ms: Percentiles,
    /// Until the end of answers that were whole.
    total_ms: Percentiles,
    /// How many requests failed, by reason.
    failed: BTreeMap<String, u64>,
    /// How many attempts failed, by reason.
    tried: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
#[schema(as = UsageTokens)]
pub(in crate::admin) struct Tokens {
    /// Those from a cache included.
    prompt: u64,
    cached: u64,
    output: u64,
    thoughts: u64,
    total: u64,
}

impl From<Counts> for Tokens {
    fn from(counts: Counts) -> Self {
        Self {
            prompt: counts.prompt_tokens,
            cached: counts.cached_tokens,
            output: counts.output_tokens,
            thoughts: counts.thought_tokens,
            total: counts.tokens(),
        }
    }
}

/// Within how many milliseconds how many of a hundred were over; right to a third.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(in crate::admin) struct Percentiles {
    p50: Option<u64>,
    p95: Option<u64>,
    p99: Option<u64>,
}

impl From<&Histogram> for Percentiles {
    fn from(times: &Histogram) -> Self {
        let of = |percent| times.percentile(percent).map(millis);
        Self { p50: of(50), p95: of(95), p99: of(99) }
    }
}

/// The share of requests that did not fail.
#[expect(clippy::cast_precision_loss, reason = "nobody counts so far")]
pub(in crate::admin) fn success_rate(counts: &Counts) -> Option<f64> {
    let Counts { requests, failures, .. } = *counts;
    let rate = || requests.saturating_sub(failures) as f64 / requests as f64;
    (requests > 0).then(rate)
}

/// What things are called.
#[derive(Debug)]
pub(in crate::admin) struct Names<'a> {
    catalog: &'a Catalog,
}

impl<'a> Names<'a> {
    pub(in crate::admin) const fn of(catalog: &'a Catalog) -> Self {
        Self { catalog }
    }

    pub(in crate::admin) fn pool(&self, id: i64) -> Option<String> {
        let pool = self.catalog.stored.pools.iter().find(|pool| pool.id.0 == id)?;
        Some(pool.about.name.clone())
    }

    pub(in crate::admin) fn key(&self, id: i64) -> Option<String> {
        let key = self.catalog.stored.keys.iter().find(|key| key.id.0 == id)?;
        Some(format!("..{}", key.secret.last4()))
    }

    pub(in crate::admin) fn user(&self, id: i64) -> Option<String> {
        let user = self.catalog.stored.users.iter().find(|user| user.id.0 == id)?;
        Some(user.about.name.clone())
    }

    pub(super) fn show(&self, total: &UsageTotal) -> UsageView {
        let (pool, key) = (total.pool.map(|pool| pool.0), total.key.map(|key| key.0));
        let user = total.user.map(|user| user.0);
        let name = pool.and_then(|id| self.pool(id)).or_else(|| key.and_then(|id| self.key(id)));
        let counts = total.counts;
        UsageView {
            at: total.at.map(Moment),
            pool,
            key,
            model: total.model.as_ref().map(|it| self.catalog.scrubber.scrub(it.as_str()).into()),
            user,
            project: total.project.as_ref().map(|it| project(it, &self.catalog.cipher)),
            reason: None,
            name: name.or_else(|| user.and_then(|id| self.user(id))),
            requests: counts.requests,
            failures: counts.failures,
            success_rate: success_rate(&counts),
            attempts: counts.attempts,
            tokens: counts.into(),
            cost: counts.charge.known().map(dollars),
            unpriced: counts.charge.unpriced,
            first_byte_ms: (&total.first_byte).into(),
            total_ms: (&total.total).into(),
            failed: total.failed.clone(),
            tried: total.tried.clone(),
        }
    }
}

/// Each reason for which requests failed.
pub(super) fn reasons(total: &UsageTotal) -> Vec<UsageView> {
    let row = |(reason, count): (&String, &u64)| UsageView {
        at: total.at.map(Moment),
        reason: Some(reason.clone()),
        failures: *count,
        ..UsageView::default()
    };
    total.failed.iter().map(row).collect()
}

/// Each reason for which attempts failed.
pub(super) fn outcomes(total: &UsageTotal) -> Vec<UsageView> {
    let row = |(reason, count): (&String, &u64)| UsageView {
        at: total.at.map(Moment),
        reason: Some(reason.clone()),
        attempts: *count,
        ..UsageView::default()
    };
    total.tried.iter().map(row).collect()
}

impl UsageView {
    /// A row of a table.
    pub(super) fn cells(&self) -> [Cow<'_, str>; 25] {
        let text = |text: &'_ Option<String>| cell(text.as_deref());
        let Tokens { prompt, cached, output, thoughts, total } = self.tokens;
        let [first, whole] = [self.first_byte_ms, self.total_ms];
        [
            moment(self.at.map(|at| at.0)),
            cell(self.pool),
            cell(self.key),
            text(&self.model),
            cell(self.user),
            text(&self.project),
            text(&self.reason),
            text(&self.name),
            cell(Some(self.requests)),
            cell(Some(self.failures)),
            cell(Some(self.attempts)),
            cell(Some(prompt)),
            cell(Some(cached)),
            cell(Some(output)),
            cell(Some(thoughts)),
            cell(Some(total)),
            cell(first.p50),
            cell(first.p95),
            cell(first.p99),
            cell(whole.p50),
            cell(whole.p95),
            cell(whole.p99),
            cell(self.success_rate),
            cell(self.cost),
            cell(Some(self.unpriced)),
        ]
    }
}
