//! Thought signatures by call id, for clients that do not send them back.
//!
//! The request path only touches memory: two generations of a map, bounded in
//! bytes, and a bounded queue of what the edge has still to write down. What
//! memory does not know any more is asked of the store.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use pollux_pool::{
    id::{KeyId, PoolId},
    time::Timestamp,
};
use pollux_store::{store::Store, vault::SignatureRow};
use pollux_translate::stream::SignedCall;

use pollux_pool::generations::Generations;

/// One generation holds this many bytes; there are two.
const GENERATION: usize = 16 << 20;
/// What waits to be written holds this many bytes.
const QUEUE: usize = 16 << 20;
/// A longer one is no signature: they have a few kilobytes.
const LONGEST: usize = 1 << 20;
/// What an entry costs beside its texts, roughly.
const OVERHEAD: usize = 128;

/// Remembers signatures; forgets the ones that were not asked for the longest first.
#[derive(Debug, Default)]
pub struct Vault {
    state: Mutex<State>,
}

/// What is to be written down.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Unwritten {
    /// In the order in which they came.
    pub rows: Vec<SignatureRow>,
    /// How many more there were for which there was no room.
    pub dropped: u64,
}

#[derive(Debug)]
struct State {
    known: Generations<Name, Kept>,
    queue: VecDeque<SignatureRow>,
    queue_bytes: usize,
    dropped: u64,
}

type Name = (PoolId, Arc<str>);

#[derive(Clone, Debug)]
struct Kept {
    signed: Signed,
    expires_at: Timestamp,
}

/// A signature, and the key whose answer it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Opaque text that goes back as it came.
    pub signature: Arc<str>,
    /// The key.
    pub key: KeyId,
}

impl Vault {
    /// Keeps a signature that `key` got until `expires_at`, in memory now and soon on disk.
    pub fn remember(&self, pool: PoolId, key: KeyId, call: SignedCall, expires_at: Timestamp) {
        let SignedCall { call_id, signature, answer: _ } = call;
        let mut state = self.state();
        if call_id.len() + signature.len() > LONGEST {
            state.dropped += 1;
            return;
        }
        let signed = Signed { signature: Arc::from(signature.as_str()), key };
        state.known.put((pool, Arc::from(call_id.as_str())), Kept { signed, expires_at });
        let row = SignatureRow { pool, call_id, signature, key, expires_at };
        state.queue_bytes += size(&row.call_id, &row.signature);
        state.queue.push_back(row);
        state.shorten();
    }

    /// The signatures that are known for `call_ids` and have not expired.
    ///
    /// A store that fails is as good as one that knows nothing: the request goes on without.
    pub async fn recall(
        &self,
        store: &Store,
        pool: PoolId,
        call_ids: &[&str],
        now: Timestamp,
    ) -> HashMap<String, Signed> {
        let mut known = HashMap::new();
        let unknown = self.look_up(pool, call_ids, now, &mut known);
        if unknown.is_empty() {
            return known;
        }
        let rows = store.signatures(pool, &unknown, now).await.unwrap_or_else(|error| {
            tracing::warn!("thought signatures could not be read: {error}");
            Vec::new()
        });
        let mut state = self.state();
        for SignatureRow { pool, call_id, signature, key, expires_at } in rows {
            let signed = Signed { signature: Arc::from(signature), key };
            let kept = Kept { signed: signed.clone(), expires_at };
            state.known.put((pool, Arc::from(call_id.as_str())), kept);
            known.insert(call_id, signed);
        }
        known
    }

    /// Takes what came since the last call.
    pub fn take(&self) -> Unwritten {
        let mut state = self.state();
        state.queue_bytes = 0;
        Unwritten {
            rows: mem::take(&mut state.queue).into(),
            dropped: mem::take(&mut state.dropped),
        }
    }

    /// Puts rows back that could not be written, before what came since.
    pub fn put_back(&self, rows: Vec<SignatureRow>) {
        let mut state = self.state();
        for row in rows.into_iter().rev() {
            state.queue_bytes += size(&row.call_id, &row.signature);
            state.queue.push_front(row);
        }
        state.shorten();
    }

    /// Adds what memory knows to `known`, and returns the ids that it does not.
    fn look_up<'a>(
        &self,
        pool: PoolId,
        call_ids: &[&'a str],
        now: Timestamp,
        known: &mut HashMap<String, Signed>,
    ) -> Vec<&'a str> {
        let mut state = self.state();
        let mut unknown = Vec::new();
        for &id in call_ids {
            match state.known.get(&(pool, Arc::from(id))) {
                Some(kept) if kept.expires_at > now => {
                    known.insert(id.to_owned(), kept.signed);
                }
                Some(_) => {}
                None => unknown.push(id),
            }
        }
        unknown
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            known: Generations::new(GENERATION, |(_, id), kept| size(id, &kept.signed.signature)),
            queue: VecDeque::new(),
            queue_bytes: 0,
            dropped: 0,
        }
    }
}

impl State {
    /// Drops what has waited longest while there is too much of it.
    fn shorten(&mut self) {
        while self.queue_bytes > QUEUE
            && let Some(row) = self.queue.pop_front()
        {
            self.queue_bytes -= size(&row.call_id, &row.signature);
            self.dropped += 1;
        }
    }
}

fn size(call_id: &str, signature: &str) -> usize {
    call_id.len() + signature.len() + OVERHEAD
}

#[cfg(test)]
mod tests;
