//! The listening side: connections in, answers out, everything counted.

mod body;
mod call;
mod catalogue;
mod control;
mod generate;
mod owned;
mod reply;
mod route;
mod serve;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use http::request::Parts;

pub use self::serve::{Running, start};
use crate::state::{Exchange, State, Summary};
use crate::{Clock, KeyScript, Script};

/// A scripted Gemini. Clones share everything.
#[derive(Clone, Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    script: RwLock<Arc<Script>>,
    state: Mutex<State>,
    open: AtomicUsize,
}

impl Simulator {
    /// Follows `script`, with quota windows by `clock`.
    pub fn new(script: Script, clock: Clock) -> Self {
        let state = Mutex::new(State::new(&script));
        let script = RwLock::new(Arc::new(script));
        Self { shared: Arc::new(Shared { clock, script, state, open: AtomicUsize::new(0) }) }
    }

    /// The requests that the log still holds, oldest first.
    pub fn requests(&self) -> Vec<Exchange> {
        self.shared.state().log().recent()
    }

    /// How many requests carried `key`.
    pub fn calls(&self, key: &str) -> u64 {
        self.shared.state().log().calls(key)
    }

    /// What every key has done so far.
    pub fn summary(&self) -> Summary {
        let open = self.open_connections();
        self.shared.state().log().summary(open)
    }

    /// Connections that are open now.
    pub fn open_connections(&self) -> usize {
        self.shared.open.load(Ordering::Relaxed)
    }

    /// Gives a key new steps from their beginning; it keeps its project unless
    /// they name one.
    pub fn set(&self, key: &str, script: impl Into<KeyScript>) {
        self.shared.state().set(key, &script.into());
    }

    /// Starts another script; meters and the log stay.
    pub fn replace(&self, script: Script) {
        self.shared.state().follow(&script);
        *self.shared.script.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(script);
    }

    /// Forgets the requests and their counts.
    pub fn clear(&self) {
        self.shared.state().log().clear();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn script(&self) -> Arc<Script> {
        Arc::clone(&self.script.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An answer under way; dropped before its end, it is a client gone.
#[derive(Debug)]
struct Ticket {
    shared: Arc<Shared>,
    number: u64,
    complete: bool,
}

impl Ticket {
    fn complete(mut self) {
        self.complete = true;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if !self.complete {
            self.shared.state().log().hang_up(self.number);
        }
    }
}

/// The key of a request, and where it stood.
#[derive(Debug)]
struct Credential {
    key: String,
    places: Vec<&'static str>,
}

impl Credential {
    /// Reads the header, then the query; the key is empty when neither has one.
    fn read(parts: &Parts) -> Self {
        let header = parts.headers.get("x-goog-api-key").and_then(|value| value.to_str().ok());
        let query = parts.uri.query().and_then(|query| route::parameter(query, "key"));
        let mut places = Vec::new();
        if header.is_some() {
            places.push("x-goog-api-key");
        }
        if query.is_some() {
            places.push("?key=");
        }
        if parts.headers.contains_key(http::header::AUTHORIZATION) {
            places.push("authorization");
        }
        let key = header.map(str::to_owned).or_else(|| query.map(Into::into)).unwrap_or_default();
        Self { key, places }
    }
}
