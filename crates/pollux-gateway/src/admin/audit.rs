//! What was changed, by whom, and what it was before.

use pollux_store::audit::Change;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::{Admin, access::unreadable, read, view::Moment};
use crate::faces::respond::{Answered, Incoming, written};

/// Which changes.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Those before the one with this id.
    before: Option<i64>,
    /// One thing, as `pool 3`, or all of a kind, as `pool`.
    subject: Option<String>,
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct Changes {
    changes: Vec<ChangeView>,
    /// What `before` is for those that follow; absent at the end.
    next: Option<i64>,
}

#[derive(Serialize, ToSchema)]
struct ChangeView {
    id: i64,
    at: Moment,
    actor: String,
    address: String,
    action: String,
    subject: String,
    /// What it was; `null` for what was not there.
    #[schema(value_type = Value)]
    old: Option<Box<RawValue>>,
    /// What it is; `null` for what is gone.
    #[schema(value_type = Value)]
    new: Option<Box<RawValue>>,
}

/// `GET /admin/api/audit`: the latest first.
pub(super) async fn list(admin: Admin, incoming: Incoming) -> Answered {
    let Wanted { before, subject, limit } = read::query(&incoming.head.uri)?;
    let limit = read::limit(limit)?;
    let store = &admin.gateway.shared().store;
    let subject = subject.unwrap_or_default();
    let changes = store.changes(before.unwrap_or(i64::MAX), &subject, limit).await;
    let changes = changes.map_err(unreadable)?;
    let is_full = changes.len() >= usize::try_from(limit).unwrap_or(usize::MAX);
    let next = changes.last().filter(|_| is_full).map(|change| change.id);
    written(&Changes { changes: changes.into_iter().map(show).collect(), next })
}

fn show(change: Change) -> ChangeView {
    let Change { id, at, actor, address, action, subject, old, new } = change;
    let [old, new] = [old, new].map(|it| RawValue::from_string(it).ok());
    ChangeView { id, at: Moment(at), actor, address, action, subject, old, new }
}
