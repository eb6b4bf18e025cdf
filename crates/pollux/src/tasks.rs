//! The only place that spawns, so that a stop can wait for everything that runs.

use std::{future::Future, time::Duration};

use pollux_gateway::offload::Offload;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// Everything that runs beside the accept loop.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
}

/// Does long work on threads of their own.
pub fn offload() -> Offload {
    Offload::new(|work| {
        tokio::task::spawn_blocking(work);
    })
}

impl Tasks {
    /// Runs `work` until it ends.
    pub fn spawn<F>(&self, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        tokio::spawn(self.tracker.track_future(work));
    }

    /// Runs `work` until it ends, on another runtime.
    pub fn spawn_on<F>(&self, runtime: &Handle, work: F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        runtime.spawn(self.tracker.track_future(work));
    }

    /// Waits until everything has ended, but no longer than `grace`; says whether it has.
    pub async fn finish(&self, grace: Duration) -> bool {
        self.tracker.close();
        tokio::time::timeout(grace, self.tracker.wait()).await.is_ok()
    }
}
