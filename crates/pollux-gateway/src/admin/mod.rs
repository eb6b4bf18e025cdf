//! The admin API: JSON, for whoever holds the admin password.
//!
//! One file per thing that is shown or changed; `password` lets in, `view` says how moments and
//! durations are written, `query` reads what a list is asked for. Errors have Google's shape.

pub(crate) mod checks;
pub(crate) mod keys;
pub(crate) mod password;
mod query;
pub(crate) mod quotas;
pub(crate) mod requests;
mod view;

use std::future::Future;

use futures_util::future::BoxFuture;

use crate::{
    app::Gateway,
    faces::respond::{Answered, Incoming},
    failure::Failure,
};

/// Whether a path belongs to the admin, served or not.
pub(crate) fn holds(path: &str) -> bool {
    path.strip_prefix("/admin").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A handler that only the admin reaches.
pub(crate) fn locked<H, F>(
    handler: H,
) -> impl Fn(Gateway, Incoming) -> BoxFuture<'static, Answered> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    move |gateway, incoming| {
        let handler = handler.clone();
        Box::pin(async move {
            password::admit(gateway.shared(), &incoming.head.headers)?;
            handler(gateway, incoming).await
        })
    }
}

/// The last segment of a path, as a number.
///
/// # Errors
/// 404 when it is none: nothing has such a name.
fn number(incoming: &Incoming, what: &str) -> Result<i64, Failure> {
    let name = incoming.head.uri.path().rsplit('/').next().unwrap_or_default();
    name.parse().map_err(|_| missing(what, name))
}

fn missing(what: &str, name: impl std::fmt::Display) -> Failure {
    let message = format!("there is no {what} {name}");
    Failure::new(pollux_translate::error::Status::NotFound, message)
}
