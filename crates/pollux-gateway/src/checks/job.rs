//! Checks that somebody asked for: what is still to be asked, and what came of the rest.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use tokio_util::sync::CancellationToken;

use super::{Finding, Question, bell::Bell};

/// A key, and the pool that it is in.
pub(crate) type Target = (PoolId, KeyId);

/// Some keys to be asked one question.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) question: Question,
    pub(crate) total: usize,
    progress: Mutex<Progress>,
    bell: Bell,
}

#[derive(Debug)]
struct Progress {
    waiting: VecDeque<Target>,
    checked: Vec<Checked>,
    is_cancelled: bool,
}

/// What came of one key.
#[derive(Clone, Debug)]
pub(crate) struct Checked {
    pub(crate) key: KeyId,
    pub(crate) finding: Finding,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Running,
    Done,
    Cancelled,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Job {
    pub(super) fn new(id: u64, at: Timestamp, question: Question, keys: Vec<Target>) -> Self {
        let total = keys.len();
        let waiting = keys.into();
        let progress = Progress { waiting, checked: Vec::new(), is_cancelled: false };
        Self { id, at, question, total, progress: Mutex::new(progress), bell: Bell::default() }
    }

    /// How far it is, and what came of the keys from the `from`th on.
    pub(crate) fn progress(&self, from: usize) -> (State, Vec<Checked>) {
        let progress = self.lock();
        let state = match () {
            () if progress.is_cancelled => State::Cancelled,
            () if progress.checked.len() == self.total => State::Done,
            () => State::Running,
        };
        (state, progress.checked.get(from..).unwrap_or_default().to_vec())
    }

    /// Cancelled when something has changed.
    pub(crate) fn listen(&self) -> CancellationToken {
        self.bell.listen()
    }

    /// Asks no further key; a job that is done stays so.
    pub(crate) fn cancel(&self) {
        let mut progress = self.lock();
        progress.is_cancelled |= progress.checked.len() < self.total;
        progress.waiting.clear();
        drop(progress);
        self.bell.ring();
    }

    pub(super) fn is_running(&self) -> bool {
        self.progress(usize::MAX).0 == State::Running
    }

    /// The next key to be asked.
    pub(super) fn next(&self) -> Option<Target> {
        self.lock().waiting.pop_front()
    }

    pub(super) fn add(&self, checked: Checked) {
        self.lock().checked.push(checked);
        self.bell.ring();
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
