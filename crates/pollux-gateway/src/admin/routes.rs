//! Every route of the admin API on one screen: who may call it, what it takes and what it answers.

use std::sync::{Arc, OnceLock};

use axum::Router;
use utoipa::openapi::OpenApi;

use super::{
    Admin, admins, audit, checks, events, keys, master_key, models, overview, pools, quotas,
    request_log, requests, schema, server, sessions, settings,
    table::{Table, delete, get, patch, post, put},
    tokens, usage, users,
};
use crate::{
    app::Gateway,
    faces::respond::{Incoming, written},
};

/// Builds the routes, and the document that describes them, which is one of them.
pub(crate) fn routes(gateway: &Gateway) -> Router {
    let described = Arc::new(OnceLock::new());
    let document = Arc::clone(&described);
    let says = get("/openapi.json", "This document.").answers_with("application/json");
    let sections: [fn(Table) -> Table; 8] =
        [signing_in, looking, counting, keys, one_key, pools, users, settled];
    let table = sections.into_iter().fold(Table::new(gateway), |table, section| section(table));
    let table = table.row(says, move |_: Admin, _: Incoming| {
        let document = Arc::clone(&document);
        async move { written(document.get_or_init(OpenApi::default)) }
    });
    let (routes, document) = table.finish();
    // It is asked for only after this.
    let _ = described.set(document);
    routes
}

/// Who administers.
fn signing_in(table: Table) -> Table {
    table
        .row(
            post("/session", "Signs in: the answer sets a cookie.")
                .open()
                .takes::<sessions::SignIn>()
                .answers::<sessions::SignedIn>(),
            sessions::sign_in,
        )
        .row(
            get("/session", "Who is signed in.").answers::<sessions::SignedIn>(),
            sessions::current,
        )
        .row(delete("/session", "Signs out.").viewer(), sessions::sign_out)
        .row(
            get("/sessions", "Everyone who is signed in.").owner().answers::<sessions::Sessions>(),
            sessions::list,
        )
        .row(delete("/sessions/{id}", "Ends a session."), sessions::end)
        .row(get("/admins", "Those who administer.").answers::<admins::Admins>(), admins::list)
        .row(
            post("/admins", "Adds an admin, who signs in by name.")
                .takes::<admins::NewAdmin>()
                .answers::<admins::AdminView>()
                .status(201),
            admins::add,
        )
        .row(delete("/admins/{id}", "Removes an admin, whose sessions end."), admins::remove)
        .row(
            post("/master-key", "Seals everything under a new master key, while requests go on.")
                .takes::<master_key::Exchange>()
                .status(204),
            master_key::exchange,
        )
        .row(
            put("/admins/{id}/password", "Another password; all other sessions of the admin end.")
                .viewer()
                .takes::<admins::NewPassword>()
                .status(204),
            admins::set_password,
        )
        .row(
            get("/tokens", "The tokens of programs.").owner().answers::<tokens::Tokens>(),
            tokens::list,
        )
        .row(
            post("/tokens", "Makes a token, which is shown this once.")
                .takes::<tokens::NewToken>()
                .answers::<tokens::MadeToken>()
                .status(201),
            tokens::make,
        )
        .row(delete("/tokens/{id}", "Removes a token."), tokens::remove)
        .row(
            get("/audit", "What was changed, the latest first.")
                .query::<audit::Wanted>()
                .answers::<audit::Changes>(),
            audit::list,
        )
}

/// What was asked and used, and what is now.
fn counting(table: Table) -> Table {
    table
        .row(
            get("/usage", "What was used, in steps of time, as JSON or a table.")
                .query::<usage::Wanted>()
                .answers::<usage::Series>()
                .answers_with("text/csv"),
            usage::series,
        )
        .row(
            get("/usage/now", "Requests and tokens of the last minute, and of this day.")
                .answers::<usage::Now>(),
            usage::now,
        )
        .row(
            get("/request-log", "What became of requests, the newest first, or a file of them.")
                .query::<request_log::Wanted>()
                .answers::<schema::Log>()
                .answers_with("text/csv"),
            request_log::list,
        )
        .row(
            get("/server", "What this server is, and since when.").answers::<server::Server>(),
            server::show,
        )
        .row(
            get("/overview", "All that a dashboard shows.").answers::<overview::Overview>(),
            overview::show,
        )
        .row(
            get("/events", "Requests as they end, keys as they change, and how all stands.")
                .answers_with("text/event-stream"),
            events::listen,
        )
}

/// What is going on.
fn looking(table: Table) -> Table {
    table
        .row(
            post("/checks", "Has keys tried; without `generate` no quota is used.")
                .takes::<checks::Order>()
                .answers::<checks::Check>()
                .status(202),
            checks::order,
        )
        .row(
            get("/checks", "The checks that are remembered, the newest first, without results.")
                .answers::<checks::Checks>(),
            checks::list,
        )
        .row(get("/checks/{id}", "How a check goes.").answers::<checks::Check>(), checks::one)
        .row(
            delete("/checks/{id}", "Cancels a check.").answers::<checks::Check>().status(200),
            checks::cancel,
        )
        .row(
            get("/checks/{id}/events", "Each result as it comes, at last the sums.")
                .answers_with("text/event-stream"),
            checks::events,
        )
        .row(
            get("/forecasts", "When models will be out of requests for the day.")
                .query::<quotas::Foreseen>()
                .answers::<quotas::Foretold>(),
            quotas::forecasts,
        )
        .row(
            get("/quotas", "What projects may use of models, and have used.")
                .query::<quotas::Wanted>()
                .answers::<quotas::QuotaPage>(),
            quotas::list,
        )
        .row(
            get("/requests", "The last requests, the newest first.")
                .query::<requests::Wanted>()
                .answers::<requests::Requests>(),
            requests::list,
        )
        .row(
            get("/requests/{id}", "One of the last requests, and all that was tried for it.")
                .answers::<requests::Explained>(),
            requests::one,
        )
}

/// What it is done with.
fn keys(table: Table) -> Table {
    table
        .row(
            get("/keys", "The Gemini keys, a page of them.")
                .query::<keys::Wanted>()
                .answers::<keys::KeyPage>(),
            keys::list,
        )
        .row(
            get("/keys/ids", "The ids of all keys that fit.")
                .query::<keys::WantedIds>()
                .answers::<keys::KeyIds>(),
            keys::ids,
        )
        .row(
            get("/keys/facets", "How many keys there are by state, project and tag.")
                .query::<keys::Counted>()
                .answers::<keys::Facets>(),
            keys::facets,
        )
        .row(
            post("/keys", "Adds Gemini keys, and says of each what became of it.")
                .takes::<keys::NewKeys>()
                .answers::<keys::Added>()
                .status(201)
                .or_status(200),
            keys::add,
        )
        .row(
            post("/keys/bulk", "Changes or removes many keys.")
                .takes::<keys::Bulk>()
                .answers::<keys::Changed>(),
            keys::bulk,
        )
        .row(
            post("/keys/export", "Gives keys out: sealed under a passphrase, or in clear.")
                .takes::<keys::Export>()
                .answers::<keys::Exported>(),
            keys::export,
        )
        .row(
            post("/keys/import", "Adds keys that were exported under a passphrase.")
                .takes::<keys::Import>()
                .answers::<keys::Added>()
                .status(201)
                .or_status(200),
            keys::import,
        )
}

/// One of the keys.
fn one_key(table: Table) -> Table {
    table
        .row(get("/keys/{id}", "One Gemini key.").answers::<keys::KeyView>(), keys::one)
        .row(
            patch("/keys/{id}", "Changes a key; what is absent stays.")
                .takes::<keys::Edit>()
                .answers::<keys::KeyView>(),
            keys::edit,
        )
        .row(delete("/keys/{id}", "Removes a key."), keys::remove)
        .row(
            get("/keys/{id}/events", "What became of a key, the newest first.")
                .query::<keys::WantedEvents>()
                .answers::<keys::KeyEvents>(),
            keys::events,
        )
}

/// Out of what callers are served.
fn pools(table: Table) -> Table {
    table
        .row(get("/pools", "The pools.").answers::<pools::Pools>(), pools::list)
        .row(
            post("/pools", "Makes a pool with an access key of its own.")
                .takes::<pools::NewPool>()
                .answers::<pools::MadePool>()
                .status(201),
            pools::make,
        )
        .row(get("/pools/{id}", "One pool.").answers::<pools::PoolView>(), pools::one)
        .row(
            patch("/pools/{id}", "Changes a pool; what is absent stays.")
                .takes::<pools::PoolEdit>()
                .answers::<pools::PoolView>(),
            pools::edit,
        )
        .row(delete("/pools/{id}", "Removes a pool with its keys."), pools::remove)
        .row(
            post(
                "/pools/{id}/access-key",
                "Another access key; the one before is refused at once.",
            )
            .answers::<pools::Revealed>()
            .status(201),
            pools::regenerate,
        )
        .row(
            get("/pools/{id}/access-key", "Its access key, whole; that it was shown is audited.")
                .owner()
                .answers::<pools::Revealed>(),
            pools::reveal,
        )
        .row(
            get("/pools/{id}/models", "The models that it can reach.")
                .query::<models::Wanted>()
                .answers::<models::Models>(),
            models::list,
        )
        .row(
            post("/pools/{id}/models/refresh", "Asks Gemini for the list of models anew.")
                .query::<models::Wanted>()
                .answers::<models::Models>(),
            models::refresh,
        )
}

/// Who calls.
fn users(table: Table) -> Table {
    table
        .row(
            get("/users", "Those who may call, a page of them.")
                .query::<users::Wanted>()
                .answers::<users::UserPage>(),
            users::list,
        )
        .row(
            post("/users", "Adds a user, whose access key is shown.")
                .takes::<users::NewUser>()
                .answers::<users::MadeUser>()
                .status(201),
            users::add,
        )
        .row(get("/users/{id}", "One user.").answers::<users::UserView>(), users::one)
        .row(
            patch("/users/{id}", "Changes a user; what is absent stays.")
                .takes::<users::UserEdit>()
                .answers::<users::UserView>(),
            users::edit,
        )
        .row(delete("/users/{id}", "Removes a user."), users::remove)
        .row(
            post("/users/{id}/rotate", "Another access key; the one before may stay for a while.")
                .takes::<users::Rotation>()
                .answers::<pools::Revealed>()
                .status(201),
            users::rotate,
        )
        .row(
            get("/users/{id}/access-key", "The access key, whole; that it was shown is audited.")
                .owner()
                .answers::<pools::Revealed>(),
            users::reveal,
        )
}

/// What can be set while the server runs.
fn settled(table: Table) -> Table {
    table
        .row(
            get("/settings", "Every setting: what it is, and what made it so.")
                .answers::<settings::Settings>(),
            settings::list,
        )
        .row(
            patch("/settings", "Changes settings by name, all or none; the next request knows.")
                .takes::<settings::NewValues>()
                .answers::<settings::Settings>(),
            settings::change,
        )
        .row(
            get("/pools/{id}/settings", "The settings of which a pool may have its own.")
                .answers::<settings::Settings>(),
            settings::of_pool,
        )
        .row(
            patch("/pools/{id}/settings", "Changes a pool's own settings; `null` takes them away.")
                .takes::<settings::NewValues>()
                .answers::<settings::Settings>(),
            settings::change_of_pool,
        )
}
