//! A handle on what is being noted of a request that is under way.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use pollux_pool::{id::KeyId, outcome::Outcome, survey::Survey, time::Timestamp};
use pollux_translate::usage::Usage;

use super::record::{Attempt, MAX_ATTEMPTS, Record, Verdict};
use crate::{catalog::User, failure::Failure, proxy::call::Call};

/// The longest message that is kept, in bytes.
const MAX_MESSAGE: usize = 2 << 10;

/// Notes what happens to one request; does nothing where requests are not remembered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Option<Arc<Mutex<Record>>>);

impl Trace {
    pub(super) fn of(record: Record) -> Self {
        Self(Some(Arc::new(Mutex::new(record))))
    }

    pub(super) fn take(&self) -> Option<Record> {
        let record = self.0.as_ref()?;
        Some(std::mem::take(&mut *record.lock().unwrap_or_else(PoisonError::into_inner)))
    }

    /// Whose request it is.
    pub(crate) fn admitted(&self, user: &User) {
        self.note(|record| record.user = Some((user.id, user.name.clone())));
    }

    /// What is asked upstream; of several calls the last counts.
    pub(crate) fn asking(&self, call: &Call) {
        self.note(|record| {
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

    /// What an attempt taught, and the failure it ended in, if it did.
    pub(crate) fn learned(
        &self,
        attempt: usize,
        outcome: Outcome,
        (http, failure): (Option<u16>, Option<&Failure>),
        now: Timestamp,
    ) {
        self.note(|record| {
            let Some(attempt) = record.attempts.get_mut(attempt) else { return };
            let rule = failure.and_then(|failure| failure.rule);
            let refused = failure.filter(|_| rule.is_some()).map(|failure| failure.error.http);
            attempt.verdict = Some(Verdict {
                took: now.since(attempt.at),
                outcome,
                rule,
                http: http.or(refused),
                message: failure.map(|failure| cut(&failure.error.message)),
            });
        });
    }

    /// An attempt is over: what it used, and whether what went to the client from it failed.
    pub(crate) fn settled(&self, usage: Usage, has_failed: bool) {
        self.note(|record| {
            record.usage = Usage::sum(Some(record.usage), Some(usage)).unwrap_or_default();
            record.has_failed |= has_failed;
        });
    }

    /// What the client is told.
    pub(super) fn answered(&self, status: u16, failure: Option<&str>) {
        self.note(|record| {
            record.status = Some(status);
            record.has_failed |= failure.is_some() || status >= 400;
            record.error = failure.map(cut);
        });
    }

    fn note<T>(&self, note: impl FnOnce(&mut Record) -> T) -> Option<T> {
        let record = self.0.as_ref()?;
        Some(note(&mut record.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

fn cut(message: &str) -> String {
    message.get(..message.floor_char_boundary(MAX_MESSAGE)).unwrap_or_default().to_owned()
}
