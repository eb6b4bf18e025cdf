//! What came in and what went out.

use std::collections::{BTreeMap, HashMap, VecDeque};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Counts;

/// A request and how it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Its number, from 1, in the order in which requests were answered.
    pub number: u64,
    /// When it was answered, in microseconds since the Unix epoch by the simulator's clock.
    pub at: i64,
    /// The key it carried.
    pub key: Option<String>,
    /// Every place that held a credential: `x-goog-api-key`, `?key=`,
    /// `authorization`.
    pub key_places: Vec<&'static str>,
    /// The project of the key; absent without a key.
    pub project: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The path as it arrived.
    pub path: String,
    /// The query as it arrived, but for `key`.
    pub query: String,
    /// Every header but `x-goog-api-key`, in order of name.
    pub headers: Vec<(String, String)>,
    /// The body as it arrived.
    pub body: Bytes,
    /// The status that was sent; 0 when none was.
    pub status: u16,
    /// What was done: a behaviour's name, `rejected` for the client's own
    /// mistakes, `unregistered` without a key.
    pub behaviour: &'static str,
    /// Whether the client closed before the end of the answer.
    pub hung_up: bool,
}

impl Serialize for Exchange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Exchange", 13)?;
        object.serialize_field("number", &self.number)?;
        object.serialize_field("at", &self.at)?;
        object.serialize_field("key", &self.key)?;
        object.serialize_field("key_places", &self.key_places)?;
        object.serialize_field("project", &self.project)?;
        object.serialize_field("method", &self.method)?;
        object.serialize_field("path", &self.path)?;
        object.serialize_field("query", &self.query)?;
        let headers: BTreeMap<_, _> =
            self.headers.iter().map(|(name, value)| (name, value)).collect();
        object.serialize_field("headers", &headers)?;
        match std::str::from_utf8(&self.body) {
            Ok(text) => object.serialize_field("body", text)?,
            Err(_) => object.serialize_field("body_base64", &BASE64_STANDARD.encode(&self.body))?,
        }
        object.serialize_field("status", &self.status)?;
        object.serialize_field("behaviour", self.behaviour)?;
        object.serialize_field("hung_up", &self.hung_up)?;
        object.end()
    }
}

/// What all keys have done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Requests of all keys, and those without one.
    pub calls: u64,
    /// Clients that closed before the end of their answer.
    pub hung_up: u64,
    /// Connections that are open now.
    pub open_connections: usize,
    /// By key; requests without a key are under the empty text.
    pub keys: BTreeMap<String, KeySummary>,
}

/// What one key has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct KeySummary {
    /// Requests.
    pub calls: u64,
    /// Requests by what was done, as in [`Exchange::behaviour`].
    pub behaviours: BTreeMap<&'static str, u64>,
    /// Requests by status; 0 when none was sent.
    pub statuses: BTreeMap<u16, u64>,
}

/// The bounded list of exchanges, and counters that are always complete.
#[derive(Debug, Default)]
pub(crate) struct Log {
    capacity: usize,
    recent: VecDeque<Exchange>,
    last: u64,
    hung_up: u64,
    keys: HashMap<String, Tally>,
}

#[derive(Debug, Default)]
struct Tally {
    calls: u64,
    behaviours: Counts<&'static str>,
    statuses: Counts<u16>,
}

impl Log {
    pub(super) fn limit(&mut self, capacity: usize) {
        self.capacity = capacity;
        while self.recent.len() > capacity {
            self.recent.pop_front();
        }
    }

    /// Counts a request; `exchange` is asked for only if it will be kept.
    pub(crate) fn record(
        &mut self,
        key: &str,
        (status, behaviour): (u16, &'static str),
        exchange: impl FnOnce() -> Exchange,
    ) -> u64 {
        self.last += 1;
        let tally = match self.keys.get_mut(key) {
            Some(tally) => tally,
            None => self.keys.entry(key.to_owned()).or_default(),
        };
        tally.calls += 1;
        *tally.behaviours.entry(behaviour).or_default() += 1;
        *tally.statuses.entry(status).or_default() += 1;
        if self.capacity > 0 {
            if self.recent.len() >= self.capacity {
                self.recent.pop_front();
            }
            self.recent.push_back(Exchange { number: self.last, status, behaviour, ..exchange() });
        }
        self.last
    }

    /// Notes that the client of a request is gone.
    pub(crate) fn hang_up(&mut self, number: u64) {
        self.hung_up += 1;
        if let Ok(at) = self.recent.binary_search_by_key(&number, |exchange| exchange.number)
            && let Some(exchange) = self.recent.get_mut(at)
        {
            exchange.hung_up = true;
        }
    }

    pub(crate) fn recent(&self) -> Vec<Exchange> {
        self.recent.iter().cloned().collect()
    }

    pub(crate) fn calls(&self, key: &str) -> u64 {
        self.keys.get(key).map_or(0, |tally| tally.calls)
    }

    pub(crate) fn summary(&self, open_connections: usize) -> Summary {
        let keys: BTreeMap<_, _> =
            self.keys.iter().map(|(key, tally)| (key.clone(), tally.view())).collect();
        Summary {
            calls: keys.values().map(|key| key.calls).sum(),
            hung_up: self.hung_up,
            open_connections,
            keys,
        }
    }

    /// Forgets everything but the numbering.
    pub(crate) fn clear(&mut self) {
        self.recent.clear();
        self.keys.clear();
        self.hung_up = 0;
    }
}

impl Tally {
    fn view(&self) -> KeySummary {
        KeySummary {
            calls: self.calls,
            behaviours: self.behaviours.clone(),
            statuses: self.statuses.clone(),
        }
    }
}
