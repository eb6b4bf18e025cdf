//! Work that takes long, done away from the threads that serve.

use std::{fmt, sync::Arc};

use tokio::sync::oneshot;

type Work = Box<dyn FnOnce() + Send>;

/// Where an edge does such work; cheap to clone.
#[derive(Clone)]
pub struct Offload(Arc<dyn Fn(Work) + Send + Sync>);

impl Offload {
    /// Takes what does the work, soon and somewhere else.
    pub fn new(run: impl Fn(Work) + Send + Sync + 'static) -> Self {
        Self(Arc::new(run))
    }

    /// Does the work; nothing when it was dropped before its end.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let (sender, done) = oneshot::channel();
        // Whoever wanted it may have left.
        (self.0)(Box::new(move || drop(sender.send(work()))));
        done.await.ok()
    }
}

impl Default for Offload {
    /// Does the work at once, where it is asked for.
    fn default() -> Self {
        Self::new(|work| work())
    }
}

impl fmt::Debug for Offload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Offload").finish_non_exhaustive()
    }
}
