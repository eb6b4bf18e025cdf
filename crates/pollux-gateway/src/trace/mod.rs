//! What became of the last requests: who asked, which keys were tried, and what Google said.
//!
//! A request's [`Trace`] gathers plain values while it is served; whoever [`Watch`]es it puts
//! them into the ring, and has them counted and logged, when it ends, however it ends.

mod live;
mod reason;
mod record;
mod watch;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub(crate) use self::{
    live::Trace,
    reason::Reason,
    record::{Attempt, Ending, Record},
    watch::Watch,
};

/// The last requests, the newest first.
#[derive(Debug, Default)]
pub(crate) struct Traces {
    ring: Mutex<VecDeque<Arc<Record>>>,
}

impl Traces {
    /// Adds a request and forgets the oldest beyond `capacity`.
    fn push(&self, record: Arc<Record>, capacity: usize) {
        let mut ring = self.ring();
        ring.push_front(record);
        let kept = capacity.min(ring.len());
        let forgotten = ring.split_off(kept);
        drop(ring);
        drop(forgotten);
    }

    /// Up to `limit` requests that `fits`, the newest first.
    pub(crate) fn newest(&self, limit: usize, fits: impl Fn(&Record) -> bool) -> Vec<Arc<Record>> {
        // The lock is held for as long as it takes to clone pointers, not to look at what they lead to.
        let all: Vec<Arc<Record>> = self.ring().iter().cloned().collect();
        all.into_iter().filter(|record| fits(record)).take(limit).collect()
    }

    /// The request of this name.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Record>> {
        self.newest(1, |record| record.id == id).pop()
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Arc<Record>>> {
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
