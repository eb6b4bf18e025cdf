//! Has the edge do what only it can, such as taking over what was written to the store, and waits
//! until it has.
//!
//! Whoever asks while the edge is at it is served by the next round, together with all others.

use std::time::Duration;

use pollux_translate::error::Status;
use tokio::sync::watch;

use crate::{clock::Clock, failure::Failure};

/// How long an edge may take before the admin is told that it does not.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where admins ask, and an edge looks.
#[derive(Debug)]
pub struct Renewal {
    asked: watch::Sender<u64>,
    done: watch::Sender<Round>,
    /// What an admin is told where it does not work, before the reason.
    fails: &'static str,
}

#[derive(Clone, Debug, Default)]
struct Round {
    number: u64,
    /// Why it could not be done.
    trouble: Option<String>,
}

impl Default for Renewal {
    /// One that nobody asks.
    fn default() -> Self {
        Self::new("this server does not do that")
    }
}

impl Renewal {
    pub(crate) fn new(fails: &'static str) -> Self {
        let (asked, done) = (watch::Sender::new(0), watch::Sender::new(Round::default()));
        Self { asked, done, fails }
    }

    /// Resolves when somebody asks who is not served by the round `done`, with the next round.
    pub async fn asked(&self, done: u64) -> u64 {
        let mut asked = self.asked.subscribe();
        // The sender lives as long as this.
        let newest = asked.wait_for(|newest| *newest > done).await;
        newest.map_or(done, |newest| *newest)
    }

    /// Tells those who asked up to `round` that it is done, or why it could not be.
    pub fn finish(&self, round: u64, trouble: Option<String>) {
        self.done.send_replace(Round { number: round, trouble });
    }

    /// Asks without waiting.
    pub fn request(&self) {
        self.asked.send_modify(|newest| *newest += 1);
    }

    /// Asks, and waits until it is done.
    ///
    /// # Errors
    /// When it cannot be done, or nobody does so.
    pub(crate) async fn complete(&self, clock: &Clock) -> Result<(), Failure> {
        let mut done = self.done.subscribe();
        let mut mine = 0;
        self.asked.send_modify(|newest| {
            *newest += 1;
            mine = *newest;
        });
        let round = std::pin::pin!(done.wait_for(|round| round.number >= mine));
        match clock.timeout(PATIENCE, round).await {
            Ok(Ok(round)) => match &round.trouble {
                None => Ok(()),
                Some(trouble) => Err(self.failure(trouble)),
            },
            Ok(Err(_)) | Err(_) => Err(self.failure("the server is not done with it yet")),
        }
    }

    fn failure(&self, why: &str) -> Failure {
        Failure::new(Status::Internal, format!("{}: {why}", self.fails))
    }
}
