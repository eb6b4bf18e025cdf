//! The simulator's only notion of time of day.
//!
//! Quota windows follow this clock, which a test moves by hand; delays in an
//! answer follow the runtime's timer instead.

use std::fmt;
use std::sync::Arc;

/// Tells the simulator what time it is, in microseconds since the Unix epoch.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// Reads the time by calling `now`.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// Stands still at `micros` since the Unix epoch.
    pub fn fixed(micros: i64) -> Self {
        Self::new(move || micros)
    }

    /// Reads the time, in microseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        (self.0)()
    }
}

impl From<Arc<dyn Fn() -> i64 + Send + Sync>> for Clock {
    fn from(now: Arc<dyn Fn() -> i64 + Send + Sync>) -> Self {
        Self(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
