//! What happens, told at once to whoever listens.

use std::sync::Arc;

use tokio::sync::broadcast::{self, Receiver, Sender};

use crate::trace::Record;

/// How many a listener may be behind before it misses some.
const BEHIND: usize = 256;

/// Tells of each request when it ends; costs nothing while nobody listens.
#[derive(Debug)]
pub(crate) struct Events(Sender<Arc<Record>>);

impl Default for Events {
    fn default() -> Self {
        let (sender, _) = broadcast::channel(BEHIND);
        Self(sender)
    }
}

impl Events {
    pub(crate) fn tell(&self, record: &Arc<Record>) {
        if self.0.receiver_count() > 0 {
            // The last listener may have left meanwhile.
            let _ = self.0.send(Arc::clone(record));
        }
    }

    pub(crate) fn listen(&self) -> Receiver<Arc<Record>> {
        self.0.subscribe()
    }
}
