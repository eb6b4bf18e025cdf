//! Waiting for what happens on other sockets, for a bounded stretch of real time.

use std::{future::Future, time::Duration};

/// The longest that a test waits for anything, in real time.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a condition is looked at again.
const GLANCE: Duration = Duration::from_millis(2);

/// Waits until `holds`, and panics with `what` when that takes longer than `limit` of real time.
pub async fn eventually(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let held = async {
        while !holds() {
            tokio::time::sleep(GLANCE).await;
        }
    };
    let in_time = tokio::time::timeout(limit, held).await;
    assert!(in_time.is_ok(), "not within {limit:?}: {what}");
}

/// The output of `work`, and a panic with `what` when it takes longer than ten seconds of real time.
pub async fn within<F: Future>(what: &str, work: F) -> F::Output {
    let Ok(output) = tokio::time::timeout(PATIENCE, work).await else {
        panic!("not within {PATIENCE:?}: {what}")
    };
    output
}
