//! Lets the admin in: one password, compared without telling how much of a guess is right.
//!
//! Guesses are slowed for everybody at once, since who guesses can change his address at will.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use http::HeaderMap;
use pollux_pool::time::Timestamp;
use pollux_translate::error::Status;

use crate::{auth, failure::Failure, shared::Shared};

/// So many wrong passwords within [`WINDOW`] close the door for [`PAUSE`].
const GUESSES: usize = 10;
const WINDOW: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_mins(1);

/// When passwords were wrong lately.
#[derive(Debug, Default)]
pub(crate) struct Guesses {
    lately: Mutex<Lately>,
}

#[derive(Debug, Default)]
struct Lately {
    /// At most [`GUESSES`].
    wrong: Vec<Timestamp>,
    closed_until: Timestamp,
}

/// Lets a request pass that carries the admin password.
///
/// # Errors
/// 403 when none is configured, 401 when the request has none or a wrong one, 429 after too many
/// wrong ones.
pub(crate) fn admit(shared: &Shared, headers: &HeaderMap) -> Result<(), Failure> {
    let catalog = shared.catalog.load();
    let Some(password) = &catalog.settings.admin_password else { return Err(closed()) };
    let Some(sent) = auth::bearers(headers).find(|sent| !sent.is_empty()) else {
        return Err(no_password());
    };
    let now = shared.clock.now();
    shared.guesses.check(now)?;
    // What is compared are keyed hashes, so that the time it takes tells nothing of the password.
    let print = |secret: &str| shared.cipher.fingerprint(secret.as_bytes());
    if print(sent) == print(password.expose()) {
        return Ok(());
    }
    tracing::warn!("a wrong admin password was sent");
    shared.guesses.wrong(now);
    Err(Failure::new(Status::Unauthenticated, "the admin password is not the right one"))
}

impl Guesses {
    fn check(&self, now: Timestamp) -> Result<(), Failure> {
        let wait =
            self.lately.lock().unwrap_or_else(PoisonError::into_inner).closed_until.since(now);
        if wait.is_zero() {
            return Ok(());
        }
        let mut failure = Failure::new(
            Status::ResourceExhausted,
            "too many wrong admin passwords were sent; none is looked at for a while",
        );
        failure.error.retry_after = Some(wait);
        Err(failure)
    }

    fn wrong(&self, now: Timestamp) {
        let mut lately = self.lately.lock().unwrap_or_else(PoisonError::into_inner);
        lately.wrong.retain(|at| *at + WINDOW > now);
        lately.wrong.push(now);
        if lately.wrong.len() >= GUESSES {
            lately.wrong.clear();
            lately.closed_until = now + PAUSE;
        }
    }
}

fn closed() -> Failure {
    Failure::new(
        Status::PermissionDenied,
        "the admin API is closed: set admin_password (POLLUX_ADMIN_PASSWORD) and start again",
    )
}

fn no_password() -> Failure {
    Failure::new(
        Status::Unauthenticated,
        "no admin password was sent: put it in `Authorization: Bearer PASSWORD`",
    )
}
