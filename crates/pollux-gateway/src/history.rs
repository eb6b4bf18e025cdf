//! The history of keys: how they came to stand otherwise, and what Google said of attempts that
//! failed; it is noted where the ledger learns of an attempt, and written later.
//!
//! What Google refuses for the request's own sake says nothing of a key, and is not in it.

use pollux_pool::{
    health::Cooldown,
    id::{KeyId, ModelName},
    outcome::{Outcome, Window},
    pool::{Stance, Turn},
    time::Timestamp,
};
use pollux_store::{key_events::KeyEvent, store::StoreError};

use crate::{proxy::commit::Attempted, scrub::without_values, shared::Shared};

/// So many rows are written at once.
const PART: usize = 256;
/// The longest message that is kept, in bytes.
const MAX_MESSAGE: usize = 1 << 10;

/// What Google said of a failure, without secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) http: Option<u16>,
    pub(crate) message: String,
}

impl Said {
    /// What Google said of an attempt; nothing where it served, or did not answer.
    pub(crate) fn of(attempted: &Attempted) -> Option<Self> {
        let failure = attempted.result.as_ref().err().filter(|_| !attempted.row.is_empty())?;
        Some(Self::new(failure.error.http, &failure.error.message))
    }

    /// A message that is scrubbed already.
    pub(crate) fn new(http: u16, message: &str) -> Self {
        let message = without_values(message);
        let end = message.floor_char_boundary(MAX_MESSAGE);
        Self { http: Some(http), message: message.get(..end).unwrap_or_default().to_owned() }
    }
}

/// Notes what an attempt with a key taught.
pub(crate) fn note(
    shared: &Shared,
    (key, model): (KeyId, Option<&ModelName>),
    (outcome, said): (&Outcome, Option<Said>),
    turns: Vec<Turn>,
) {
    if shared.is_lent || turns.is_empty() && said.is_none() {
        return;
    }
    let (at, log) = (shared.clock.now(), shared.recorder.keys());
    let of_turn = said.clone().unwrap_or_default();
    for turn in turns {
        log.push(turned(turn, &of_turn, at));
    }
    if let Some((said, (reason, window))) = said.zip(reason(outcome)) {
        let blank = blank(key, "error", at);
        let (Said { http, message }, reason) = (said, reason.to_owned());
        log.push(KeyEvent { model: model.cloned(), window, reason, http, message, ..blank });
    }
}

/// Writes what was noted since the last time.
pub(crate) async fn write(shared: &Shared) -> Result<(), StoreError> {
    let log = shared.recorder.keys();
    loop {
        let taken = log.take(PART, shared.clock.now());
        if taken.events.is_empty() && taken.repeated.is_empty() {
            return Ok(());
        }
        match shared.store.add_key_events(&taken.events, &taken.repeated).await {
            Ok(first) => log.written(&taken, first),
            Err(error) => {
                log.put_back(taken);
                return Err(error);
            }
        }
    }
}

fn turned(turn: Turn, said: &Said, at: Timestamp) -> KeyEvent {
    let Turn { key, model, to } = turn;
    let Said { http, message } = said.clone();
    let told = |what, reason: &str| {
        let reason = reason.to_owned();
        KeyEvent { model, reason, http, message, ..blank(key, what, at) }
    };
    match to {
        // Whatever Google said, it was nothing against the key.
        Stance::Active => KeyEvent { http: None, message: String::new(), ..told("active", "") },
        Stance::Revoked(reason) => told("revoked", reason.as_str()),
        Stance::Held(Cooldown::Exhausted { window, until, streak: _ }) => {
            let (window, until) = (Some(window), Some(until));
            KeyEvent { window, until, ..told("cooling", "exhausted") }
        }
        Stance::Held(Cooldown::Unserved) => told("cooling", "unserved"),
    }
}

/// Why an attempt failed; nothing where that says nothing of its key.
const fn reason(outcome: &Outcome) -> Option<(&'static str, Option<Window>)> {
    match outcome {
        Outcome::Revoked { reason, .. } => Some((reason.as_str(), None)),
        Outcome::Exhausted { window, .. } => Some(("exhausted", Some(*window))),
        Outcome::Unserved => Some(("unserved", None)),
        Outcome::Blocked => Some(("blocked", None)),
        Outcome::Unavailable => Some(("unavailable", None)),
        Outcome::Success | Outcome::NotOwner | Outcome::Rejected | Outcome::Empty => None,
    }
}

fn blank(key: KeyId, what: &str, at: Timestamp) -> KeyEvent {
    KeyEvent {
        key,
        at,
        what: what.to_owned(),
        model: None,
        until: None,
        window: None,
        reason: String::new(),
        http: None,
        message: String::new(),
        count: 1,
    }
}
