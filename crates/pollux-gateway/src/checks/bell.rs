//! Lets any number of waiters know that something has changed.

use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

/// Rings for everybody who listened before.
#[derive(Debug, Default)]
pub(crate) struct Bell(Mutex<CancellationToken>);

impl Bell {
    /// What the next ring cancels; taken before a look, no change is missed after it.
    pub(crate) fn listen(&self) -> CancellationToken {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn ring(&self) {
        let rung = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        rung.cancel();
    }
}
