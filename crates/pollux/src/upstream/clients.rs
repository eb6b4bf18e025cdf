//! The HTTP clients: one for each thread and egress, as many as are in use and no more than a bound.

use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, ThreadId},
    time::Duration,
};

use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use pollux_gateway::egress::Egress;
use rustls::ClientConfig;

use super::{RequestBody, dial::Dialer};

/// Google closes idle connections after some minutes: one that is younger is still good.
const IDLE: Duration = Duration::from_secs(90);
/// The most clients of a thread; beyond them the one that rested longest goes, with its connections.
const MOST: usize = 256;

pub(super) type HttpClient = Client<Dialer, RequestBody>;

/// The clients of every thread.
///
/// A connection is driven by the runtime that opened it; no other should have to wait for that.
pub(super) struct Clients {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    threads: RwLock<HashMap<ThreadId, HashMap<Egress, Entry>>>,
    uses: AtomicU64,
}

struct Entry {
    client: HttpClient,
    /// The number of its last use.
    last: AtomicU64,
}

impl Clients {
    pub(super) fn new(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        Self { tls, connect_timeout, threads: RwLock::default(), uses: AtomicU64::new(0) }
    }

    /// The client of this thread for an egress, made when it first asks.
    pub(super) fn warm(&self, via: &Egress) -> HttpClient {
        let thread = thread::current().id();
        let threads = self.threads.read().unwrap_or_else(PoisonError::into_inner);
        let clients = threads.get(&thread);
        if let (Some(clients), Some(entry)) = (clients, clients.and_then(|it| it.get(via))) {
            // Among a few nobody has to go, so nobody has to know who was last.
            if clients.len() > MOST / 2 {
                entry.last.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
            }
            return entry.client.clone();
        }
        drop(threads);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE)
            .build(self.dialer(via));
        let last = AtomicU64::new(self.uses.fetch_add(1, Ordering::Relaxed));
        let mut threads = self.threads.write().unwrap_or_else(PoisonError::into_inner);
        let clients = threads.entry(thread).or_default();
        if clients.len() >= MOST {
            forget_one(clients);
        }
        clients.insert(via.clone(), Entry { client: client.clone(), last });
        client
    }

    /// A client that has no connection yet, and keeps none.
    pub(super) fn cold(&self, via: &Egress) -> HttpClient {
        Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(self.dialer(via))
    }

    fn dialer(&self, via: &Egress) -> Dialer {
        Dialer::new(via, &self.tls, self.connect_timeout)
    }
}

fn forget_one(clients: &mut HashMap<Egress, Entry>) {
    let rested = clients.iter().min_by_key(|(_, entry)| entry.last.load(Ordering::Relaxed));
    if let Some(via) = rested.map(|(via, _)| via.clone()) {
        clients.remove(&via);
    }
}
