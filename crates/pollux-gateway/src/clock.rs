//! Time as the gateway sees it: handed in by the edge, or moved by hand in a test.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, Either, select};
use pollux_pool::time::Timestamp;

type Now = dyn Fn() -> Timestamp + Send + Sync;
type Sleep = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// A source of time and of waiting; cheap to clone.
#[derive(Clone)]
pub struct Clock {
    now: Arc<Now>,
    sleep: Arc<Sleep>,
}

/// The time given to a future ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("timed out")]
pub struct Elapsed;

impl Clock {
    /// Builds a clock from the platform's own time and timer.
    pub fn new(
        now: impl Fn() -> Timestamp + Send + Sync + 'static,
        sleep: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { now: Arc::new(now), sleep: Arc::new(sleep) }
    }

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Resolves after `duration`.
    pub fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        (self.sleep)(duration)
    }

    /// Gives `future` no longer than `duration`.
    pub async fn timeout<F: Future>(
        &self,
        duration: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let future = std::pin::pin!(future);
        match select(future, self.sleep(duration)).await {
            Either::Left((output, _)) => Ok(output),
            Either::Right(((), _)) => Err(Elapsed),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clock").finish_non_exhaustive()
    }
}
