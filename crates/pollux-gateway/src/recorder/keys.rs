//! What became of keys, on its way into the store: a queue that drops, and counts, what does not
//! fit. Failures that repeat within a minute are counted instead of being told again.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pollux_pool::{
    id::{KeyId, ModelName},
    time::Timestamp,
};
use pollux_store::key_events::KeyEvent;

/// The most events that wait to be written, and the most failures of which repetitions are known.
const CAPACITY: usize = 8192;
/// So long a failure is the same one when it comes again.
const SAME: Duration = Duration::from_mins(1);
/// What is counted; all else is told each time.
const ERROR: &str = "error";

/// The queue.
#[derive(Debug, Default)]
pub(crate) struct KeyLog {
    waiting: Mutex<Waiting>,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Waiting {
    events: VecDeque<KeyEvent>,
    known: HashMap<Sign, Known>,
}

/// By what a failure is known when it comes again.
type Sign = (KeyId, Option<ModelName>, String, Option<u16>, String);

/// A failure that was told already.
#[derive(Debug)]
struct Known {
    since: Timestamp,
    /// Its number in the store, once it has one.
    id: Option<i64>,
    /// How often it came since that was written.
    more: u64,
}

/// What was taken from the queue.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    pub(crate) events: Vec<KeyEvent>,
    /// What is written already, and how often it has come since.
    pub(crate) repeated: Vec<(i64, u64)>,
}

impl KeyLog {
    /// Takes an event; keys that no store knows have no history.
    pub(crate) fn push(&self, event: KeyEvent) {
        if event.key.0 <= 0 {
            return;
        }
        let mut waiting = self.waiting();
        let is_error = event.what == ERROR;
        if is_error && waiting.has_counted(&event) {
            return;
        }
        if waiting.events.len() >= CAPACITY {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if is_error {
            waiting.remember(&event);
        }
        waiting.events.push_back(event);
    }

    /// Takes up to `limit`, the oldest first, and all that has repeated.
    pub(crate) fn take(&self, limit: usize, now: Timestamp) -> Taken {
        let mut waiting = self.waiting();
        let count = limit.min(waiting.events.len());
        let events = waiting.events.drain(..count).collect();
        let mut repeated = Vec::new();
        waiting.known.retain(|_, known| {
            if let (Some(id), 1..) = (known.id, known.more) {
                repeated.push((id, std::mem::take(&mut known.more)));
            }
            // What waits for longer, waits for a number that it will not get.
            now < known.since + if known.more > 0 { SAME * 2 } else { SAME }
        });
        Taken { events, repeated }
    }

    /// What was taken is written, from the number `first` on.
    pub(crate) fn written(&self, taken: &Taken, first: i64) {
        let mut waiting = self.waiting();
        for (id, event) in (first..).zip(&taken.events).filter(|(_, it)| it.what == ERROR) {
            if let Some(known) = waiting.known.get_mut(&sign(event))
                && known.since == event.at
            {
                known.id = Some(id);
            }
        }
    }

    /// Puts back what could not be written, as far as there is room.
    pub(crate) fn put_back(&self, taken: Taken) {
        let mut waiting = self.waiting();
        let room = CAPACITY.saturating_sub(waiting.events.len());
        let lost = taken.events.len().saturating_sub(room);
        for event in taken.events.into_iter().skip(lost).rev() {
            waiting.events.push_front(event);
        }
        let repeated: HashMap<i64, u64> = taken.repeated.into_iter().collect();
        for known in waiting.known.values_mut() {
            known.more += known.id.and_then(|id| repeated.get(&id)).copied().unwrap_or_default();
        }
        self.dropped.fetch_add(u64::try_from(lost).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many were dropped since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    /// Counts a failure that was told within the last minute.
    fn has_counted(&mut self, event: &KeyEvent) -> bool {
        match self.known.get_mut(&sign(event)) {
            Some(known) if event.at < known.since + SAME => {
                known.more += 1;
                true
            }
            Some(_) | None => false,
        }
    }

    fn remember(&mut self, event: &KeyEvent) {
        let sign = sign(event);
        // What is still to be counted of the one before stays with it.
        if self.known.get(&sign).is_some_and(|known| known.more > 0) {
            return;
        }
        if self.known.len() < CAPACITY {
            self.known.insert(sign, Known { since: event.at, id: None, more: 0 });
        }
    }
}

fn sign(event: &KeyEvent) -> Sign {
    let KeyEvent { key, model, reason, http, message, .. } = event;
    (*key, model.clone(), reason.clone(), *http, message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(key: i64, seconds: i64, message: &str) -> KeyEvent {
        KeyEvent {
            key: KeyId(key),
            at: Timestamp::from_seconds(seconds),
            what: ERROR.to_owned(),
            model: Some(ModelName::new("pro")),
            until: None,
            window: None,
            reason: "exhausted".to_owned(),
            http: Some(429),
            message: message.to_owned(),
            count: 1,
        }
    }

    fn take(log: &KeyLog, seconds: i64) -> Taken {
        log.take(usize::MAX, Timestamp::from_seconds(seconds))
    }

    #[test]
    fn what_repeats_within_a_minute_is_counted() {
        let log = KeyLog::default();
        for seconds in [0, 1, 59] {
            log.push(error(1, seconds, "out"));
        }
        log.push(error(1, 2, "another"));
        log.push(error(2, 2, "out"));
        let taken = take(&log, 59);
        assert_eq!(taken.events, [error(1, 0, "out"), error(1, 2, "another"), error(2, 2, "out")]);
        assert_eq!(taken.repeated, [], "it has no number yet");
        log.written(&taken, 10);
        assert_eq!(take(&log, 59).repeated, [(10, 2)]);
        log.push(error(1, 60, "out"));
        let taken = take(&log, 60);
        assert_eq!((taken.events.len(), taken.repeated), (1, vec![]), "a minute is over");
    }

    #[test]
    fn what_is_no_failure_is_told_each_time() {
        let log = KeyLog::default();
        let revoked = KeyEvent { what: "revoked".to_owned(), ..error(1, 0, "") };
        for _ in 0..3 {
            log.push(revoked.clone());
        }
        log.push(KeyEvent { key: KeyId(-1), ..revoked });
        assert_eq!(take(&log, 0).events.len(), 3);
    }

    #[test]
    fn what_could_not_be_written_comes_again() {
        let log = KeyLog::default();
        log.push(error(1, 0, "out"));
        let taken = take(&log, 0);
        log.put_back(taken);
        let taken = take(&log, 0);
        log.written(&taken, 7);
        log.push(error(1, 1, "out"));
        let taken = take(&log, 1);
        assert_eq!(taken.repeated, [(7, 1)]);
        log.put_back(taken);
        log.push(error(1, 2, "out"));
        assert_eq!(take(&log, 2).repeated, [(7, 2)]);
    }

    #[test]
    fn what_does_not_fit_is_dropped_and_counted() {
        let log = KeyLog::default();
        for number in 0..CAPACITY + 3 {
            log.push(error(1, 0, &number.to_string()));
        }
        assert_eq!(log.dropped(), 3);
        assert_eq!(take(&log, 0).events.len(), CAPACITY);
    }
}
