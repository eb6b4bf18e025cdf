//! Requests on their way into the log: a queue that drops, and counts, what does not fit.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::trace::{Ending, Record};

/// The most requests that wait to be written.
const CAPACITY: usize = 8192;

/// Which requests are written into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Logging {
    /// All of them.
    #[default]
    All,
    /// Those that failed.
    Failed,
    /// None.
    Nothing,
}

impl Logging {
    pub(super) fn admits(self, record: &Record) -> bool {
        match self {
            Self::All => true,
            Self::Failed => record.ending == Ending::Failed,
            Self::Nothing => false,
        }
    }
}

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct Log {
    waiting: Mutex<VecDeque<Arc<Record>>>,
    dropped: AtomicU64,
}

/// What was taken from the queue.
pub(crate) type Taken = Vec<Arc<Record>>;

impl Log {
    pub(super) fn push(&self, record: Arc<Record>) {
        let mut waiting = self.waiting();
        if waiting.len() < CAPACITY {
            waiting.push_back(record);
        } else {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes up to `limit`, the oldest first.
    pub(crate) fn take(&self, limit: usize) -> Taken {
        let mut waiting = self.waiting();
        let count = limit.min(waiting.len());
        waiting.drain(..count).collect()
    }

    /// Puts back what could not be written, as far as there is room.
    pub(crate) fn put_back(&self, taken: Taken) {
        let mut waiting = self.waiting();
        let room = CAPACITY.saturating_sub(waiting.len());
        let lost = taken.len().saturating_sub(room);
        for record in taken.into_iter().skip(lost).rev() {
            waiting.push_front(record);
        }
        self.dropped.fetch_add(u64::try_from(lost).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many were dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(number: usize) -> Arc<Record> {
        Arc::new(Record { id: number.to_string(), ..Record::default() })
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let log = Log::default();
        (0..CAPACITY + 3).for_each(|number| log.push(record(number)));
        assert_eq!(log.dropped(), 3);
        let taken = log.take(2);
        assert_eq!(taken.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["0", "1"]);
        // While they were being written, in vain, another one came.
        log.push(record(99_999));
        log.put_back(taken);
        assert_eq!(log.dropped(), 4);
        assert_eq!(log.take(2)[0].id, "1", "the oldest go first");
        assert_eq!(log.take(usize::MAX).len(), CAPACITY - 2);
    }
}
