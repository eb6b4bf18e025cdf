//! The admin API: JSON, for whoever signs in.
//!
//! `routes` is all of it on one screen. `access` lets in, `read` and `view` say how things are read
//! and written; else there is a file for each thing that is shown or changed. Errors have Google's
//! shape.

pub(crate) mod access;
mod admins;
mod audit;
mod checks;
mod cookies;
mod csv;
mod events;
pub(crate) mod guesses;
pub(crate) mod keys;
mod limits;
mod master_key;
mod models;
mod overview;
pub(crate) mod pools;
mod quotas;
pub(crate) mod read;
mod request_log;
mod requests;
mod routes;
mod schema;
mod server;
pub(crate) mod sessions;
pub(crate) mod settings;
mod table;
mod tokens;
mod usage;
pub(crate) mod users;
pub(crate) mod view;

use std::future::Future;

use futures_util::future::BoxFuture;
use pollux_store::{admins::Role, audit::Change};
use serde::Serialize;

use self::access::{Actor, unreadable};
use crate::{
    app::Gateway,
    faces::respond::{Answered, Incoming},
    failure::Failure,
};

pub(crate) use self::{routes::routes, table::PREFIX};

/// Whether a path belongs to the admin, served or not.
pub(crate) fn holds(path: &str) -> bool {
    path.strip_prefix("/admin").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The gateway in the hands of somebody who was let in.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    pub(crate) gateway: Gateway,
    pub(crate) actor: Actor,
}

/// A handler that only those reach who are admitted to `role`.
pub(crate) fn locked<H, F>(
    role: Role,
    handler: H,
) -> impl Fn(Gateway, Incoming) -> BoxFuture<'static, Answered> + Clone + Send + Sync + 'static
where
    H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    move |gateway, incoming| {
        let handler = handler.clone();
        Box::pin(async move {
            let actor = access::admit(&gateway, &incoming.head, role).await?;
            handler(Admin { gateway, actor }, incoming).await
        })
    }
}

/// A handler that anyone reaches.
pub(crate) fn open<H, F>(
    handler: H,
) -> impl Fn(Gateway, Incoming) -> BoxFuture<'static, Answered> + Clone + Send + Sync + 'static
where
    H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    move |gateway, incoming| {
        let actor = Actor::nobody(gateway.client());
        Box::pin(handler.clone()(Admin { gateway, actor }, incoming))
    }
}

impl Admin {
    /// Writes down what was changed, in values that hold no secret.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) async fn note(
        &self,
        action: &str,
        subject: impl Into<String>,
        told: (Option<&impl Serialize>, Option<&impl Serialize>),
    ) -> Result<(), Failure> {
        self.note_all(vec![self.change(action, subject, told)]).await
    }

    /// What is to be written down of a change.
    fn change(
        &self,
        action: &str,
        subject: impl Into<String>,
        (old, new): (Option<&impl Serialize>, Option<&impl Serialize>),
    ) -> Change {
        Change {
            id: 0,
            at: self.gateway.now(),
            actor: self.actor.name.clone(),
            address: self.actor.from.map(|from| from.to_string()).unwrap_or_default(),
            action: action.to_owned(),
            subject: subject.into(),
            old: old.map(json).unwrap_or_default(),
            new: new.map(json).unwrap_or_default(),
        }
    }

    /// Writes changes down.
    ///
    /// # Errors
    /// When they cannot be written.
    async fn note_all(&self, changes: Vec<Change>) -> Result<(), Failure> {
        self.gateway.shared().store.add_changes(&changes).await.map_err(unreadable)
    }

    /// Has the server take over what was written to the store.
    ///
    /// # Errors
    /// When it cannot.
    pub(crate) async fn take_over(&self) -> Result<(), Failure> {
        let shared = self.gateway.shared();
        shared.renewal.complete(&shared.clock).await
    }
}

/// Views alone are written, which cannot fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// 404 for a thing of this kind.
pub(crate) fn missing(what: &str, name: impl std::fmt::Display) -> Failure {
    let message = format!("there is no {what} {name}");
    Failure::new(pollux_translate::error::Status::NotFound, message)
}
