//! The end of an attempt: the lease goes back and the usage is noted, however it ends.

use std::sync::Arc;

use pollux_pool::{
    id::{KeyId, PoolId, UserId},
    lease::Lease,
    outcome::Outcome,
    plan::{Plan, Step},
};
use pollux_translate::{gemini::response::Facts, usage::Usage};

use crate::{app::Shared, recorder::Attempt};

/// Holds a lease for the length of an attempt; settles when dropped.
#[derive(Debug)]
pub(crate) struct Settlement {
    shared: Arc<Shared>,
    pool: PoolId,
    user: UserId,
    key: KeyId,
    lease: Option<Lease>,
    usage: Usage,
    answered: bool,
    failed: bool,
}

impl Settlement {
    pub(crate) fn new(shared: Arc<Shared>, pool: PoolId, user: UserId, lease: Lease) -> Self {
        Self {
            shared,
            pool,
            user,
            key: lease.key(),
            lease: Some(lease),
            usage: Usage::default(),
            answered: false,
            failed: false,
        }
    }

    /// The key that the attempt is made with.
    pub(crate) fn key(&self) -> KeyId {
        self.key
    }

    /// Tells the ledger what the attempt taught, and learns how the request goes on.
    pub(crate) fn report(&self, outcome: &Outcome, plan: &mut Plan) -> Step {
        match &self.lease {
            Some(lease) => self.shared.ledger.report(self.pool, lease, outcome, plan),
            None => Step::Deliver,
        }
    }

    /// Usage is cumulative: the last one stands.
    pub(crate) fn note(&mut self, facts: &Facts) {
        if let Some(usage) = facts.usage {
            self.usage = usage;
        }
    }

    /// The attempt's answer goes to the client.
    pub(crate) fn answered(&mut self) {
        self.answered = true;
    }

    /// The attempt failed, before or after its answer began.
    pub(crate) fn failed(&mut self) {
        self.failed = true;
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else { return };
        let attempt = Attempt {
            key: lease.key(),
            model: lease.model().clone(),
            user: self.user,
            answered: self.answered,
            failed: self.failed,
            usage: self.usage,
        };
        self.shared.recorder.add(&attempt, self.shared.clock.now());
        self.shared.ledger.settle(self.pool, lease);
    }
}
