//! A handle on what is being noted of a request that is under way.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pollux_pool::{
    id::{KeyId, ModelName, PoolId},
    survey::Survey,
    time::Timestamp,
};
use pollux_store::usage::Charge;
use pollux_translate::usage::Usage;

use super::record::{Attempt, MAX_ATTEMPTS, Record, Verdict};
use crate::{
    catalog::User,
    failure::Failure,
    proxy::{call::Call, commit::Attempted},
    scrub::without_values,
    visit::Visit,
};

/// The longest message that is kept, in bytes.
const MAX_MESSAGE: usize = 2 << 10;

/// Notes what happens to one request; does nothing where there is none.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    record: Option<Arc<Mutex<Record>>>,
    visit: Visit,
}

impl Trace {
    pub(super) fn of(record: Record) -> Self {
        let record = Some(Arc::new(Mutex::new(record)));
        Self { record, visit: Visit::new() }
    }

    /// Who makes the request, and what it may spend.
    pub(crate) fn visit(&self) -> &Visit {
        &self.visit
    }

    /// The request is over, as far as this handle is concerned.
    pub(super) fn leave(&mut self) {
        self.visit = Visit::default();
    }

    pub(super) fn take(&self) -> Option<Record> {
        let record = self.record.as_ref()?;
        Some(std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Whose request it is.
    pub(crate) fn admitted(&self, user: &User) {
        self.note(|record| {
            record.user = Some((user.id, user.name.clone()));
            record.pool = Some(user.pool);
        });
    }

    /// What is asked upstream; of several calls the last counts.
    pub(crate) fn asking(&self, call: &Call, pool: PoolId) {
        self.note(|record| {
            record.pool = Some(pool);
            record.model = Some(call.model.clone());
            record.is_stream |= call.shape.is_stream();
        });
    }

    /// What it found when it first looked for a key; later looks are not taken.
    pub(crate) fn finding(&self, look: impl FnOnce() -> Survey) {
        if self.note(|record| record.found.is_none()) == Some(true) {
            let found = look();
            self.note(|record| record.found = Some(found));
        }
    }

    /// It waited for a key.
    pub(crate) fn waited(&self, time: Duration) {
        if !time.is_zero() {
            self.note(|record| record.waited = record.waited.saturating_add(time));
        }
    }

    /// A key is asked; the number says which attempt its verdict will be about.
    pub(crate) fn attempt(&self, key: KeyId, at: Timestamp) -> usize {
        self.note(|record| {
            let place = record.attempts.len();
            if place < MAX_ATTEMPTS {
                record.attempts.push(Attempt { key, at, verdict: None });
                return place;
            }
            record.more_attempts += 1;
            MAX_ATTEMPTS
        })
        .unwrap_or(MAX_ATTEMPTS)
    }

    /// What an attempt taught.
    pub(crate) fn learned(&self, attempt: usize, attempted: &Attempted, now: Timestamp) {
        self.note(|record| {
            let Some(attempt) = record.attempts.get_mut(attempt) else { return };
            let rule = Some(attempted.row).filter(|row| !row.is_empty());
            let (http, message) = match &attempted.result {
                Ok(answer) => (Some(answer.status.as_u16()), None),
                Err(failure) => {
                    (rule.map(|_| failure.error.http), Some(cut(&failure.error.message)))
                }
            };
            let (took, outcome) = (now.since(attempt.at), attempted.lesson.outcome);
            attempt.verdict = Some(Verdict { took, outcome, rule, http, message });
        });
    }

    /// Another request asks the same, and its answer is to be that of this one too.
    pub(crate) fn joining(&self) {
        self.note(|record| record.has_joined = true);
    }

    /// A second key is asked while the first is still at it.
    pub(crate) fn hedged(&self, at: Timestamp) {
        self.note(|record| record.hedged = Some(at));
    }

    /// An attempt is over, and used this of a model.
    pub(crate) fn settled(&self, model: &ModelName, usage: Usage, charge: Charge) {
        self.visit.spend(model.as_str(), &usage);
        self.note(|record| {
            record.usage = Usage::sum(Some(record.usage), Some(usage)).unwrap_or_default();
            record.charge += charge;
        });
    }

    /// What went to the client came by this key, and may have failed.
    pub(crate) fn served(&self, key: KeyId, has_failed: bool) {
        self.note(|record| {
            record.served_by = Some(key);
            record.has_failed |= has_failed;
        });
    }

    /// What the client is told.
    pub(super) fn answered(&self, status: u16, failure: Option<&str>) {
        self.note(|record| {
            record.status = Some(status);
            record.has_failed |= failure.is_some() || status >= 400;
            if let Some(message) = failure {
                record.error = Some(cut(message));
            }
        });
    }

    /// An answer that has begun ends in a failure.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.note(|record| {
            record.has_failed = true;
            record.error = Some(cut(&failure.error.message));
        });
    }

    fn note<T>(&self, note: impl FnOnce(&mut Record) -> T) -> Option<T> {
        let record = self.record.as_ref()?;
        Some(note(&mut record.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What is kept of a message: what it repeats of the request or the answer is not.
fn cut(message: &str) -> String {
    let message = without_values(message);
    message.get(..message.floor_char_boundary(MAX_MESSAGE)).unwrap_or_default().to_owned()
}
