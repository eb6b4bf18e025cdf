//! The only loop: lease, send, judge, report, and once more while that can help.

use std::{sync::Arc, time::Duration};

use futures_util::future::{Either, select};
use pollux_pool::{
    desk::Waiter,
    id::{KeyId, PoolId, UserId},
    lease::{Ask, Lease, NoKey, Tiers},
    outcome::Outcome,
    plan::{Plan, Step},
    time::Timestamp,
};

use super::{
    allowed,
    call::Call,
    coalesce::{self, Question},
    commit::{Answer, Attempted},
    hedge,
    mend::Draft,
    settle::Settlement,
    wish::{Terms, Wishes},
};
use crate::{catalog::User, failure::Failure, shared::Shared, trace::Trace};

/// When a client should ask again while every key serves as many requests as it may.
const BUSY: Duration = Duration::from_secs(1);

/// Whom a call is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    pub(crate) pool: PoolId,
    /// Nobody in particular when what the request names was enough to admit it.
    pub(crate) user: Option<UserId>,
    /// What his request asks of the pool.
    pub(crate) wishes: Wishes,
}

impl From<&User> for Caller {
    fn from(user: &User) -> Self {
        Self { pool: user.pool, user: Some(user.id), wishes: Wishes::default() }
    }
}

/// An answer, with the lease of the key that gave it.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) answer: Answer,
    pub(crate) settlement: Settlement,
    pub(crate) attempts: u32,
}

/// Asks Gemini, with one key after another, until there is an answer that the client should see.
///
/// # Errors
/// The client's own mistake in Google's words, or that no key could serve in time.
pub(crate) async fn send(
    shared: &Arc<Shared>,
    call: &Call,
    caller: Caller,
    trace: &Trace,
) -> Result<Sent, Failure> {
    trace.asking(call, caller.pool);
    allowed::check(shared, call, (caller.pool, trace.visit()))?;
    trace.visit().reserve(call)?;
    match Question::of(shared, call, caller) {
        Some(question) => coalesce::send(shared, call, caller, (question, trace)).await,
        None => alone(shared, call, caller, trace).await,
    }
}

/// The same for this request and no other.
pub(super) async fn alone(
    shared: &Arc<Shared>,
    call: &Call,
    caller: Caller,
    trace: &Trace,
) -> Result<Sent, Failure> {
    let terms = Terms::of(call, caller.user, caller.wishes);
    let errand = Errand { shared, call, caller, terms, trace };
    let stop = std::pin::pin!(shared.stop.cancelled());
    let attempts = std::pin::pin!(fail_over(&errand));
    match select(attempts, stop).await {
        Either::Left((sent, _)) => sent,
        Either::Right(((), _)) => Err(Failure::stopping()),
    }
}

/// One call on its way from key to key.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errand<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) call: &'a Call,
    pub(super) caller: Caller,
    pub(super) terms: Terms,
    pub(super) trace: &'a Trace,
}

async fn fail_over(errand: &Errand<'_>) -> Result<Sent, Failure> {
    let Errand { shared, call, caller, .. } = *errand;
    let limits = shared.treatment(caller.pool).plan;
    let mut plan = Plan::new(limits, shared.clock.now());
    let mut last = None;
    let mut draft = Draft::new(call);
    loop {
        let settlement = match errand.lease(&mut plan).await {
            Ok(settlement) => settlement,
            Err(no_key) => {
                let failure = excuse(errand, last, no_key);
                return Err(Failure { attempts: draft.attempts(&plan), ..failure });
            }
        };
        let Tried { result, settlement, step } =
            hedge::attempt(errand, &mut draft, settlement, &mut plan).await;
        let attempts = draft.attempts(&plan);
        let delay = match (step, result) {
            (Step::Deliver, Ok(answer)) => return Ok(Sent { answer, settlement, attempts }),
            (Step::Deliver, Err(failure)) => return Err(Failure { attempts, ..failure }),
            (Step::Retry { delay }, result) => {
                last = result.err();
                delay
            }
        };
        drop(settlement);
        if !delay.is_zero() {
            shared.clock.sleep(delay).await;
        }
    }
}

impl Errand<'_> {
    /// Reserves a key, waiting in turn for one where the plan allows that.
    async fn lease(&self, plan: &mut Plan) -> Result<Settlement, NoKey> {
        let Self { shared, caller, trace, .. } = *self;
        loop {
            let asked = shared.clock.now();
            let ask = Ask { tried: plan.tried(), ..self.terms.ask(self.call) };
            let until = plan.wait_until(asked);
            trace.finding(|| shared.ledger.survey(caller.pool, &ask));
            let leased = self.lease_until(ask, until).await;
            trace.waited(shared.clock.now().since(asked));
            match leased {
                Ok(lease) => {
                    plan.waited(lease.at().since(asked));
                    return Ok(self.begin(lease, plan));
                }
                Err(NoKey::Tried) if plan.again() => {}
                Err(no_key) => return Err(no_key),
            }
        }
    }

    /// Reserves a key that the plan has not tried, if there is one at this moment.
    pub(super) async fn lease_now(&self, plan: &mut Plan) -> Option<Settlement> {
        let ask = Ask { tried: plan.tried(), ..self.terms.ask(self.call) };
        let lease = self.lease_until(ask, self.shared.clock.now()).await.ok()?;
        Some(self.begin(lease, plan))
    }

    async fn lease_until(&self, ask: Ask<'_>, until: Timestamp) -> Result<Lease, NoKey> {
        let waiter = Waiter { user: self.caller.user, until };
        self.shared.ledger.lease(self.caller.pool, ask, waiter).await
    }

    fn begin(&self, lease: Lease, plan: &mut Plan) -> Settlement {
        plan.attempt(lease.key());
        Settlement::new(Arc::clone(self.shared), self.caller, lease, self.trace.clone())
    }
}

/// An attempt that has ended, and what is to be done about it.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) result: Result<Answer, Failure>,
    pub(super) settlement: Settlement,
    pub(super) step: Step,
}

/// Asks with the key that was leased.
pub(super) async fn ask(
    shared: &Shared,
    draft: &mut Draft<'_>,
    mut settlement: Settlement,
) -> (Attempted, Settlement) {
    let secret = shared.catalog.load().secret(settlement.key());
    let attempted = if let Some(secret) = secret {
        draft.ask(shared, &secret, &mut settlement).await
    } else {
        // The key was removed between the choice and the use of it.
        let lesson = Outcome::Unavailable.into();
        Attempted { lesson, result: Err(gone()), row: "" }
    };
    (attempted, settlement)
}

/// Learns from an attempt, and decides what follows.
pub(super) fn conclude(
    draft: &Draft<'_>,
    attempted: Attempted,
    mut settlement: Settlement,
    plan: &mut Plan,
) -> Tried {
    let call = draft.call();
    log(settlement.key(), call, &attempted.lesson.outcome, plan);
    let step = match settlement.report(&attempted, plan) {
        // What is gone cannot be sent again.
        Step::Retry { .. } if call.body.is_spent() || draft.is_hopeless() => Step::Deliver,
        step @ (Step::Deliver | Step::Retry { .. }) => step,
    };
    let Attempted { lesson, result, row: _ } = attempted;
    if step == Step::Deliver {
        settlement.deliver();
    }
    if result.is_err() {
        settlement.fail();
    }
    // A client must not read that "the API key" is invalid where it is not his key that is meant.
    let result = match lesson.outcome {
        Outcome::Revoked { .. } if !settlement.is_lent() => {
            Err(Failure::keys_refused(call.model.as_str()))
        }
        Outcome::Success
        | Outcome::Revoked { .. }
        | Outcome::Exhausted { .. }
        | Outcome::Unserved
        | Outcome::NotOwner
        | Outcome::Rejected
        | Outcome::Blocked
        | Outcome::Unavailable
        | Outcome::Empty => result,
    };
    Tried { result, settlement, step }
}

fn gone() -> Failure {
    Failure::new(pollux_translate::error::Status::Unavailable, "the key was just removed")
}

fn log(key: KeyId, call: &Call, outcome: &Outcome, plan: &Plan) {
    let (model, attempt) = (call.model.as_str(), plan.attempts());
    match outcome {
        Outcome::Success | Outcome::Rejected | Outcome::NotOwner | Outcome::Blocked => {
            tracing::debug!(key.id = %key, model, attempt, ?outcome, "{key} answered for {model}");
        }
        Outcome::Revoked { reason, .. } => {
            tracing::warn!(key.id = %key, model, attempt, ?outcome, "{key} is revoked: {}", reason.sentence());
        }
        Outcome::Exhausted { .. } | Outcome::Unserved | Outcome::Unavailable | Outcome::Empty => {
            tracing::info!(key.id = %key, model, attempt, ?outcome, "{key} could not serve {model}");
        }
    }
}

/// What the client is told when no further key can be tried.
fn excuse(errand: &Errand<'_>, last: Option<Failure>, no_key: NoKey) -> Failure {
    let Errand { shared, call, caller, .. } = *errand;
    let (model, tiers) = (call.model.as_str(), caller.wishes.tiers);
    match (no_key, last) {
        (_, Some(last)) if shared.is_lent => last,
        (NoKey::Cooling { until }, _) => {
            Failure::all_cooling(model, until.since(shared.clock.now()))
        }
        (NoKey::Tried | NoKey::Busy, Some(last)) => last,
        (NoKey::Busy, None) => Failure::all_cooling(model, BUSY),
        (NoKey::Tried | NoKey::Empty, _) if tiers != Tiers::Any => Failure::no_tier(model, tiers),
        (NoKey::Tried | NoKey::Empty, _) if call.owner.is_some() => Failure::no_owner(),
        (NoKey::Tried | NoKey::Empty, _) => Failure::no_usable_key(model),
    }
}
