//! Where checks are ordered and wait for their turn: jobs of the admin, and keys that are due.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pollux_pool::time::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{
    Question,
    bell::Bell,
    job::{Job, Target},
};

/// So many jobs are remembered, those that run included.
const MAX_JOBS: usize = 20;

/// The orders of one server.
#[derive(Debug, Default)]
pub(crate) struct Orders {
    queue: Mutex<Queue>,
    bell: Bell,
}

#[derive(Debug, Default)]
struct Queue {
    last: u64,
    /// The oldest first.
    jobs: VecDeque<Arc<Job>>,
    due: VecDeque<Target>,
}

/// As many jobs are under way as are remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooMany;

/// The next key to ask, and for which job if not by schedule.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) target: Target,
    pub(super) job: Option<Arc<Job>>,
}

impl Orders {
    /// Takes an order; the oldest job that has ended is forgotten for it.
    pub(crate) fn order(
        &self,
        question: Question,
        keys: Vec<Target>,
        now: Timestamp,
    ) -> Result<Arc<Job>, TooMany> {
        let mut orders = self.lock();
        if orders.jobs.len() >= MAX_JOBS {
            let ended = orders.jobs.iter().position(|job| !job.is_running()).ok_or(TooMany)?;
            orders.jobs.remove(ended);
        }
        orders.last += 1;
        let job = Arc::new(Job::new(orders.last, now, question, keys));
        orders.jobs.push_back(Arc::clone(&job));
        drop(orders);
        self.bell.ring();
        Ok(job)
    }

    /// Has keys checked once, without using quota, after everything that was ordered by somebody.
    pub(crate) fn fall_due(&self, keys: impl IntoIterator<Item = Target>) {
        self.lock().due.extend(keys);
        self.bell.ring();
    }

    /// A job by its number.
    pub(crate) fn find(&self, id: u64) -> Option<Arc<Job>> {
        self.lock().jobs.iter().find(|job| job.id == id).cloned()
    }

    /// The jobs that are remembered, the oldest first.
    pub(crate) fn all(&self) -> Vec<Arc<Job>> {
        self.lock().jobs.iter().cloned().collect()
    }

    /// Cancelled when something has been ordered.
    pub(super) fn listen(&self) -> CancellationToken {
        self.bell.listen()
    }

    pub(super) fn next(&self) -> Option<Order> {
        let mut orders = self.lock();
        let ordered = orders.jobs.iter().find_map(|job| Some((job.next()?, Arc::clone(job))));
        match ordered {
            Some((target, job)) => Some(Order { target, job: Some(job) }),
            None => orders.due.pop_front().map(|target| Order { target, job: None }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
