//! The master key, exchanged for another one while the server runs.

use pollux_translate::error::Status;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{Admin, read, view::nothing};
use crate::{
    faces::respond::{Answered, Incoming},
    failure::Failure,
    settings::Source,
    shared::Shared,
};

/// The settings that name a master key, which then is not the server's to change.
const SETTINGS: [&str; 2] = ["master_key", "master_key_next"];

/// Nothing has to be said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {}

/// `POST /admin/api/master-key`
pub(super) async fn exchange(admin: Admin, incoming: Incoming) -> Answered {
    let Exchange {} = read::json(&admin.gateway, incoming.body).await?;
    let shared = admin.gateway.shared();
    if let Some(place) = configured(shared) {
        let message = format!(
            "{place} names the master key, which the server cannot change there: set \
             POLLUX_MASTER_KEY_NEXT (master_key_next) to the new one beside the present one and \
             start anew; then make it POLLUX_MASTER_KEY alone"
        );
        let mut failure = Failure::new(Status::FailedPrecondition, message);
        failure.error.http = 409;
        return Err(failure);
    }
    // Written down before: it goes on when nobody waits for it any more.
    admin.note("master_key.exchange", "master_key", (None::<&()>, None::<&()>)).await?;
    shared.exchange.complete(&shared.clock).await?;
    Ok(nothing())
}

/// What names a master key beside the server's own file.
fn configured(shared: &Shared) -> Option<String> {
    let catalog = shared.catalog.load();
    let rows = SETTINGS.iter().filter_map(|name| catalog.described.find(name));
    let mut given = rows.filter(|row| row.standing.source != Source::Default);
    given.next().map(|row| row.standing.origin.clone().unwrap_or_else(|| row.variable.clone()))
}
