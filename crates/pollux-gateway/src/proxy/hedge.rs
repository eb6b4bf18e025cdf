//! Hedging: a second key is asked when the first is slower than nineteen of twenty answers were.
//!
//! The first good answer counts and the other attempt is dropped, which closes its connection.
//! Off unless a pool allows it, and then for a small share of its requests.

use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};
use pollux_pool::{lease::Form, outcome::Outcome, plan::Plan};

use super::{
    call::CallBody,
    commit::Attempted,
    mend::Draft,
    send::{self, Errand, Tried},
    settle::Settlement,
};

/// Asks with the key that was leased, and beside it with a second one when that one is slow.
pub(super) async fn attempt(
    errand: &Errand<'_>,
    draft: &mut Draft<'_>,
    settlement: Settlement,
    plan: &mut Plan,
) -> Tried {
    let (attempted, settlement) = match patience(errand, plan) {
        None => send::ask(errand.shared, draft, settlement).await,
        Some(patience) => {
            let mut spare = draft.spare();
            let drafts = (&mut *draft, &mut spare);
            let ended = race(errand, drafts, settlement, (patience, plan)).await;
            draft.count(&spare);
            ended
        }
    };
    send::conclude(draft, attempted, settlement, plan)
}

/// How long to wait for a first attempt alone; nothing where a second one is out of the question.
fn patience(errand: &Errand<'_>, plan: &Plan) -> Option<Duration> {
    let call = errand.call;
    let is_repeatable = matches!(call.body, CallBody::Bytes(_))
        && call.shape.form() != Form::Other
        && call.owner.is_none();
    if !is_repeatable || plan.attempts() != 1 {
        return None;
    }
    errand.shared.ledger.hedge_after(errand.caller.pool, &call.model, call.shape.form())
}

async fn race(
    errand: &Errand<'_>,
    (draft, spare): (&mut Draft<'_>, &mut Draft<'_>),
    settlement: Settlement,
    (patience, plan): (Duration, &mut Plan),
) -> (Attempted, Settlement) {
    let shared = errand.shared;
    let first = pin!(send::ask(shared, draft, settlement));
    let first = match select(first, shared.clock.sleep(patience)).await {
        Either::Left((ended, _)) => return ended,
        Either::Right(((), first)) => first,
    };
    if !shared.ledger.may_hedge(errand.caller.pool) {
        return first.await;
    }
    let Some(second) = errand.lease_now(plan).await else { return first.await };
    errand.trace.hedged(shared.clock.now());
    let second = pin!(send::ask(shared, spare, second));
    let (ended, other) = select(first, second).await.factor_first();
    better(ended, other).await
}

/// The attempt that ended first if it has an answer, and else the other.
async fn better(
    (attempted, mut settlement): (Attempted, Settlement),
    other: impl Future<Output = (Attempted, Settlement)>,
) -> (Attempted, Settlement) {
    match attempted.lesson.outcome {
        Outcome::Success | Outcome::NotOwner | Outcome::Rejected | Outcome::Blocked => {
            (attempted, settlement)
        }
        Outcome::Revoked { .. }
        | Outcome::Exhausted { .. }
        | Outcome::Unserved
        | Outcome::Unavailable
        | Outcome::Empty => {
            settlement.learn(&attempted);
            drop(settlement);
            other.await
        }
    }
}
