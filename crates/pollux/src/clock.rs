//! The real clock: the only place that reads it.

use std::time::{SystemTime, UNIX_EPOCH};

use pollux_gateway::clock::Clock;
use pollux_pool::time::Timestamp;

/// The machine's own time, and tokio's timer.
pub fn system() -> Clock {
    Clock::new(now, |duration| Box::pin(tokio::time::sleep(duration)))
}

/// The present moment.
pub fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the edge that reads the real clock")]
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
