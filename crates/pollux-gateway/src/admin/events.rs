//! What happens, as it happens: requests that end, keys whose health changes, and how all stands.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    FutureExt as _,
    future::{self, BoxFuture, Either},
    stream,
};
use pollux_pool::{
    health::{Cooldown, Health, KeyView},
    id::{KeyId, ModelName, PoolId},
};
use serde::Serialize;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::{
    Admin, overview, requests,
    view::{CooldownView, HealthView},
};
use crate::{
    event_stream,
    faces::respond::{Answered, Incoming},
    shared::Shared,
    trace::Record,
};

/// How often it is told how all stands.
const PAUSE: Duration = Duration::from_secs(2);

/// `GET /admin/api/events`: until the client leaves or the server stops.
pub(super) async fn listen(Admin { gateway, .. }: Admin, _incoming: Incoming) -> Answered {
    let shared = gateway.shared();
    let listener = Listener {
        shared: Arc::clone(shared),
        ended: shared.events.listen(),
        // The first one comes at once.
        pause: future::ready(()).boxed(),
        health: health(&views(shared)),
    };
    let events = stream::unfold(listener, |mut listener| async move {
        let events = listener.next().await;
        Some((Bytes::from(events), listener))
    });
    Ok(event_stream::watched(shared, events))
}

/// What is known of a key that can change by itself.
type Standing = (Health, Vec<(ModelName, Cooldown)>);

struct Listener {
    shared: Arc<Shared>,
    ended: Receiver<Arc<Record>>,
    pause: BoxFuture<'static, ()>,
    health: HashMap<KeyId, Standing>,
}

#[derive(Serialize)]
struct Missed {
    missed: u64,
}

/// How a key stands since it changed.
#[derive(Serialize)]
struct Changed {
    id: i64,
    pool: i64,
    health: HealthView,
    cooldowns: Vec<CooldownView>,
}

impl Changed {
    fn of(pool: PoolId, key: KeyView) -> Self {
        let cooldowns = key.cooldowns.into_iter().map(CooldownView::from).collect();
        Self { id: key.id.0, pool: pool.0, health: key.health.into(), cooldowns }
    }
}

impl Listener {
    async fn next(&mut self) -> String {
        let first = {
            let ended = std::pin::pin!(self.ended.recv());
            match future::select(ended, &mut self.pause).await {
                Either::Left((ended, _)) => Some(ended),
                Either::Right(((), _)) => None,
            }
        };
        match first {
            Some(Ok(record)) => {
                let scrubber = &self.shared.catalog.load().scrubber;
                event("request", &requests::summary(&record, scrubber))
            }
            Some(Err(RecvError::Lagged(missed))) => event("missed", &Missed { missed }),
            // The sender lives as long as the server.
            Some(Err(RecvError::Closed)) => future::pending().await,
            None => {
                self.pause = self.shared.clock.sleep(PAUSE);
                self.tick().await
            }
        }
    }

    async fn tick(&mut self) -> String {
        let mut events = self.changed();
        match overview::overview(&self.shared).await {
            Ok(overview) => events.push_str(&event("overview", &overview)),
            Err(failure) => tracing::warn!("there is no overview: {}", failure.error.message),
        }
        events
    }

    /// The keys that stand otherwise than they did.
    fn changed(&mut self) -> String {
        let views = views(&self.shared);
        let before = std::mem::replace(&mut self.health, health(&views));
        let is_new = |key: &KeyView| before.get(&key.id).is_some_and(|it| *it != standing(key));
        let changed = views.into_iter().filter(|(_, key)| is_new(key));
        changed.map(|(pool, key)| event("key", &Changed::of(pool, key))).collect()
    }
}

fn views(shared: &Shared) -> Vec<(PoolId, KeyView)> {
    let catalog = shared.catalog.load();
    let pools = catalog.pools.iter().map(|pool| pool.id);
    pools.flat_map(|pool| shared.ledger.view(pool).into_iter().map(move |it| (pool, it))).collect()
}

fn health(views: &[(PoolId, KeyView)]) -> HashMap<KeyId, Standing> {
    views.iter().map(|(_, key)| (key.id, standing(key))).collect()
}

fn standing(key: &KeyView) -> Standing {
    (key.health, key.cooldowns.clone())
}

fn event(name: &str, value: &impl Serialize) -> String {
    // Numbers and texts alone cannot fail to be written.
    let json = serde_json::to_string(value).unwrap_or_default();
    format!("event: {name}\ndata: {json}\n\n")
}
