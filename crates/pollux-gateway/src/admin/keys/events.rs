//! What became of a key, a page at a time.

use pollux_pool::{id::KeyId, time::Timestamp};
use pollux_store::key_events::{Cursor, KeyEvent};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::find;
use crate::{
    admin::{
        Admin,
        access::unreadable,
        missing,
        read::{self, refused},
        view::{Moment, When},
    },
    faces::respond::{Answered, Incoming, written},
    failure::Failure,
};

/// Which events.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::admin) struct WantedEvents {
    /// At this moment or later.
    since: Option<When>,
    /// What `next` was on the page before.
    before: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(in crate::admin) struct KeyEvents {
    events: Vec<Event>,
    /// What `before` is for the page that follows; absent at the end.
    next: Option<String>,
    /// How many events, of all keys, came too fast to be written, since the start of this server.
    dropped: u64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = KeyEvent)]
struct Event {
    id: i64,
    at: Moment,
    /// `active`, `cooling`, `revoked`, `enabled`, `disabled`, or `error`: an attempt failed.
    what: String,
    /// Absent where the key is meant as a whole.
    model: Option<String>,
    /// When a cooldown will be over.
    until: Option<Moment>,
    /// Of the quota that was used up: `minute`, `day` or `unknown`.
    window: Option<&'static str>,
    /// Why: `exhausted`, `unserved`, `unavailable`, `blocked`, or why Google refuses the key.
    reason: Option<String>,
    /// The status that Google answered with.
    http: Option<u16>,
    /// What Google said.
    message: Option<String>,
    /// How often the same failure came within a minute.
    count: u64,
}

/// `GET /admin/api/keys/{id}/events`: the newest first.
pub(in crate::admin) async fn events(Admin { gateway, .. }: Admin, incoming: Incoming) -> Answered {
    let id = read::id(&incoming, "keys")?;
    let WantedEvents { since, before, limit } = read::query(&incoming.head.uri)?;
    let (limit, before) = (read::limit(limit)?, before.as_deref().map(cursor).transpose()?);
    let shared = gateway.shared();
    let key = find(&shared.catalog.load(), KeyId(id)).map(|key| key.id);
    let key = key.ok_or_else(|| missing("key", id))?;
    let found = shared.store.key_events(key, since.map(|since| since.0), before, limit).await;
    let found = found.map_err(unreadable)?;
    let is_full = found.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let last = found.last().filter(|_| is_full);
    let next = last.map(|(Cursor { at, id }, _)| format!("{}-{id}", at.as_micros()));
    let dropped = shared.recorder.keys().dropped();
    written(&KeyEvents { events: found.into_iter().map(show).collect(), next, dropped })
}

fn cursor(text: &str) -> Result<Cursor, Failure> {
    let read = |text: &str| {
        let (at, id) = text.split_once('-')?;
        Some(Cursor { at: Timestamp::from_micros(at.parse().ok()?), id: id.parse().ok()? })
    };
    let unknown = || refused("before", "`before` takes what `next` was on the page before");
    read(text).ok_or_else(unknown)
}

fn show((cursor, event): (Cursor, KeyEvent)) -> Event {
    let KeyEvent { key: _, at, what, model, until, window, reason, http, message, count } = event;
    let some = |text: String| Some(text).filter(|text| !text.is_empty());
    Event {
        id: cursor.id,
        at: Moment(at),
        what,
        model: model.map(|model| model.as_str().to_owned()),
        until: until.map(Moment),
        window: window.map(pollux_pool::outcome::Window::as_str),
        reason: some(reason),
        http,
        message: some(message),
        count,
    }
}
