//! The end of an attempt: the lease goes back and the usage is noted, however it ends.

use std::sync::Arc;

use pollux_pool::{
    id::{KeyId, ModelName, PoolId, UserId},
    lease::{Lease, Spend},
    outcome::{Lesson, Outcome, Revocation, Scope},
    plan::{Plan, Step},
    pool::Turn,
};
use pollux_store::usage::{Charge, Counts, Slot, Tally, UsageRow};
use pollux_translate::{
    gemini::{error::ErrorBody, finish::FinishReason, response::Facts},
    usage::Usage,
};

use super::{classify, commit::Attempted, send::Caller};
use crate::{
    history::{self, Said},
    shared::Shared,
    trace::{Reason, Trace},
};

/// Holds a lease for the length of an attempt; settles when dropped.
#[derive(Debug)]
pub(crate) struct Settlement {
    shared: Arc<Shared>,
    trace: Trace,
    pool: PoolId,
    user: Option<UserId>,
    key: KeyId,
    model: ModelName,
    /// Nothing where another request's attempt answers this one too.
    lease: Option<Lease>,
    usage: Usage,
    attempts: u64,
    delivered: bool,
    failed: bool,
    reported: Option<Outcome>,
    /// Whether the answer has said after its beginning what is wrong with its key.
    taught: bool,
}

impl Settlement {
    pub(crate) fn new(shared: Arc<Shared>, caller: Caller, lease: Lease, trace: Trace) -> Self {
        Self {
            shared,
            trace,
            pool: caller.pool,
            user: caller.user,
            key: lease.key(),
            model: lease.model().clone(),
            lease: Some(lease),
            usage: Usage::default(),
            attempts: 1,
            delivered: false,
            failed: false,
            reported: None,
            taught: false,
        }
    }

    /// A request that is answered by the attempt of another one, with `key`: it costs nothing.
    pub(crate) fn joined(
        shared: &Arc<Shared>,
        caller: Caller,
        (key, model): (KeyId, ModelName),
        trace: &Trace,
    ) -> Self {
        let Caller { pool, user, wishes: _ } = caller;
        Self {
            shared: Arc::clone(shared),
            trace: trace.clone(),
            pool,
            user,
            key,
            model,
            lease: None,
            usage: Usage::default(),
            attempts: 0,
            delivered: false,
            failed: false,
            reported: None,
            taught: false,
        }
    }

    /// The key that the attempt is made with.
    pub(crate) fn key(&self) -> KeyId {
        self.key
    }

    /// Whether that key is the client's own.
    pub(crate) fn is_lent(&self) -> bool {
        self.shared.is_lent
    }

    /// The pool that serves the request.
    pub(crate) fn pool(&self) -> PoolId {
        self.pool
    }

    /// Tells the ledger what the attempt taught, and learns how the request goes on.
    pub(crate) fn report(&mut self, attempted: &Attempted, plan: &mut Plan) -> Step {
        let lesson = &attempted.lesson;
        self.reported = Some(lesson.outcome);
        let Some(lease) = &self.lease else { return Step::Deliver };
        let (step, turns) = self.shared.ledger.report(self.pool, lease, lesson, plan);
        self.note_history(&lesson.outcome, Said::of(attempted), turns);
        step
    }

    /// The key is asked now; the number is for [`heard`](Self::heard).
    pub(crate) fn asking(&self) -> usize {
        self.trace.attempt(self.key, self.shared.clock.now())
    }

    /// What came of it.
    pub(crate) fn heard(&self, asked: usize, attempted: &Attempted) {
        self.trace.learned(asked, attempted, self.shared.clock.now());
    }

    /// The same key is asked once more.
    pub(crate) fn repeat(&mut self) {
        self.attempts += 1;
    }

    /// Usage is cumulative: the last one stands.
    pub(crate) fn note(&mut self, facts: &Facts) {
        if self.lease.is_none() {
            return;
        }
        if let Some(usage) = facts.usage {
            self.usage = usage;
        }
        if facts.finish == Some(FinishReason::PupLimitedDisabled) {
            let reason = Revocation::AccountLimited;
            self.teach(&Outcome::Revoked { reason, scope: Scope::Project }.into(), None);
        }
    }

    /// Learns from the error event that ends an answer after its beginning.
    pub(crate) fn hear(&mut self, event: &[u8]) {
        let error = ErrorBody::parse(event);
        let http = error.as_ref().map_or(502, classify::http_of);
        let (lesson, _) = classify::classify(http, error.as_ref(), "");
        let said = error.map(|error| {
            let catalog = self.shared.catalog.load();
            Said::new(http, &catalog.scrubber.scrub(&error.message))
        });
        self.teach(&lesson, said);
    }

    /// Learns from an attempt that does not decide how its request goes on.
    pub(crate) fn learn(&mut self, attempted: &Attempted) {
        self.reported = Some(attempted.lesson.outcome);
        self.teach(&attempted.lesson, Said::of(attempted));
    }

    /// Tells the ledger of trouble that came after the answer began: once, since it ends there.
    fn teach(&mut self, lesson: &Lesson, said: Option<Said>) {
        let Some(lease) = self.lease.as_ref().filter(|_| !self.taught) else { return };
        let (key, outcome) = (self.key, &lesson.outcome);
        tracing::info!(key.id = %key, ?outcome, "an answer of {key} ended in trouble");
        let turns = self.shared.ledger.note(self.pool, lease, lesson);
        self.note_history(outcome, said, turns);
        self.taught = true;
    }

    fn note_history(&self, outcome: &Outcome, said: Option<Said>, turns: Vec<Turn>) {
        history::note(&self.shared, (self.key, Some(&self.model)), (outcome, said), turns);
    }

    /// What this attempt brought goes to the client, and ends the request.
    pub(crate) fn deliver(&mut self) {
        self.delivered = true;
    }

    /// Another call follows for the same request, which this answer does not end.
    pub(crate) fn pass_on(&mut self) {
        self.delivered = false;
    }

    /// The request ended in an error, before or after its answer began.
    pub(crate) fn fail(&mut self) {
        self.failed = true;
    }

    fn spend(&self) -> Spend {
        let Usage { prompt, tool_prompt, total, .. } = self.usage;
        // What Google refuses for want of quota takes none.
        let refused = matches!(
            self.reported,
            Some(Outcome::Exhausted { .. } | Outcome::Unserved | Outcome::Revoked { .. })
        );
        let requests = u64::from(!refused);
        Spend { requests, input_tokens: prompt + tool_prompt, tokens: total }
    }

    /// What the attempt cost, by the prices of its pool.
    fn charge(&self) -> Charge {
        if self.usage == Usage::default() {
            return Charge::default();
        }
        let treatment = self.shared.treatment(self.pool);
        Charge::of(treatment.prices.cost(self.model.as_str(), &self.usage))
    }

    fn counts(&self, charge: Charge) -> Counts {
        let Usage { prompt, cached, tool_prompt, output, thoughts, total: _ } = self.usage;
        Counts {
            attempts: self.attempts,
            prompt_tokens: prompt + tool_prompt,
            cached_tokens: cached,
            output_tokens: output,
            thought_tokens: thoughts,
            charge,
            // Requests are counted when they end, however many attempts they took.
            ..Counts::default()
        }
    }

    /// The attempt, for the account; joining another's is none.
    fn row(&self, charge: Charge) -> Option<UsageRow> {
        self.lease.as_ref()?;
        let slot = Slot {
            pool: self.pool,
            key: Some(self.key),
            model: Some(self.model.clone()),
            user: self.user,
        };
        let reason = self.reported.as_ref().and_then(Reason::of);
        let tallies = reason.map(|reason| (Tally::Tried(reason.as_str()), 1)).into_iter().collect();
        Some(UsageRow { at: self.shared.clock.now(), slot, counts: self.counts(charge), tallies })
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let charge = self.charge();
        if let Some(row) = self.row(charge) {
            self.shared.recorder.add(row);
        }
        self.trace.settled(&self.model, self.usage, charge);
        if self.delivered {
            self.trace.served(self.key, self.failed);
        }
        if let Some(lease) = self.lease.take() {
            self.shared.ledger.settle(self.pool, lease, self.spend());
        }
    }
}
