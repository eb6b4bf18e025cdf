//! What an app leaves behind when it has stopped: its account of what was used.

use pollux_store::{
    store::Store,
    usage::{Group, UsageTotal},
};

use crate::ManualClock;
use pollux_pool::time::Timestamp;

/// A stopped app: everything it had to write is written.
#[derive(Debug)]
pub struct Ended {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
}

impl Ended {
    /// Everything that was used, added up by `group`.
    pub async fn usage(&self, group: Group) -> Vec<UsageTotal> {
        let until = self.clock.now() + std::time::Duration::from_mins(1);
        self.store.usage(Timestamp::from_seconds(0), until, group).await.expect("an account")
    }
}
