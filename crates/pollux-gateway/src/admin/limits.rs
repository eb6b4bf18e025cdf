//! Limits as an admin reads and writes them: by words such as `requests/minute`.

use std::collections::BTreeMap;

use pollux_pool::limit::{Limits, Rule, Subject, What};
use serde::Serialize;
use utoipa::ToSchema;

use super::{read::refused, view::Moment};
use crate::{failure::Failure, shared::Shared};

/// The most that any limit may be: larger ones lose digits in JSON.
const MOST: u64 = 1 << 53;

/// Limits by what they bound; money in millionths of a dollar.
pub(super) type Named = BTreeMap<String, u64>;

/// How a limit stands.
#[derive(Serialize, ToSchema)]
#[schema(as = LimitStanding)]
pub(super) struct StandingView {
    /// As `requests/minute`.
    what: &'static str,
    limit: u64,
    used: u64,
    remaining: u64,
    /// Absent for what never begins anew.
    resets_at: Option<Moment>,
}

/// Reads limits.
///
/// # Errors
/// 400 for one that there is none of, or that bounds nothing.
pub(super) fn read(named: &Named) -> Result<Limits, Failure> {
    let rule = |(word, value): (&String, &u64)| {
        let field = format!("limits.{word}");
        let what: What = word.parse().map_err(|_| {
            let known: Vec<&str> = What::all().iter().map(|what| what.as_str()).collect();
            refused(&field, format!("`{word}` is no limit; there are {}", known.join(", ")))
        })?;
        if !(1..=MOST).contains(value) {
            return Err(refused(&field, format!("`{word}` takes a number from 1 to {MOST}")));
        }
        Ok(Rule { what, value: *value })
    };
    named.iter().map(rule).collect()
}

/// Writes limits.
pub(super) fn show(limits: &Limits) -> Named {
    limits.rules().iter().map(|rule| (rule.what.as_str().to_owned(), rule.value)).collect()
}

/// How the limits of a user or a pool stand.
pub(super) fn standing(shared: &Shared, subject: Subject) -> Vec<StandingView> {
    let standings = shared.ledger.standing(subject).into_iter();
    standings
        .map(|standing| StandingView {
            what: standing.rule.what.as_str(),
            limit: standing.rule.value,
            used: standing.used,
            remaining: standing.remaining(),
            resets_at: standing.resets.map(Moment),
        })
        .collect()
}
