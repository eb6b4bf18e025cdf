//! What an app leaves behind when it has stopped: its account of what was used.

use std::{sync::Arc, time::Duration};

use pollux_pool::time::Timestamp;
use pollux_store::{
    driver::sqlite::Sqlite,
    store::Store,
    usage::{Filter, Group, Query, Step, UsageTotal},
};

use crate::ManualClock;

/// A stopped app: everything it had to write is written.
#[derive(Debug)]
pub struct Ended {
    pub(crate) store: Store,
    pub(crate) clock: ManualClock,
    pub(crate) database: Arc<Sqlite>,
}

impl Ended {
    /// When it stopped, by its own clock.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// What survives.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Closes the database.
    pub async fn close(self) {
        self.database.close().await;
    }

    /// Everything that was used, added up by `group`.
    pub async fn usage(&self, group: Group) -> Vec<UsageTotal> {
        let until = self.clock.now() + Duration::from_mins(1);
        let (since, only) = (Timestamp::from_seconds(0), Filter::default());
        let query = Query { since, until, step: Step::All, by: group, only };
        self.store.usage(&query).await.expect("an account")
    }
}
