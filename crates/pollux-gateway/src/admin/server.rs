//! What this server is, since when, and how it sees whoever asks.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Admin, view::Moment};
use crate::faces::respond::{Answered, Incoming, written};

/// By which clock Google's days begin and end.
const QUOTA_ZONE: &str = "America/Los_Angeles";

#[derive(Serialize, ToSchema)]
pub(super) struct Server {
    version: &'static str,
    started_at: Moment,
    now: Moment,
    /// By which clock the days of quotas begin and end.
    time_zone_of_quotas: &'static str,
    /// The kind of its database.
    database: &'static str,
    /// From where this question came, as far as the server can tell.
    address_seen: Option<String>,
}

/// `GET /admin/api/server`
pub(super) async fn show(Admin { gateway, .. }: Admin, _: Incoming) -> Answered {
    let shared = gateway.shared();
    written(&Server {
        version: env!("CARGO_PKG_VERSION"),
        started_at: Moment(shared.started_at),
        now: Moment(gateway.now()),
        time_zone_of_quotas: QUOTA_ZONE,
        database: shared.store.database(),
        address_seen: gateway.client().map(|address| address.to_string()),
    })
}
