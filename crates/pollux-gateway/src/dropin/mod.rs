//! The admin routes of four other gateways, so that their consoles and scripts go on working here.
//!
//! A file each serves the paths of one, in its shapes and words: `worker`, `panel`, `pools` and
//! `monitor`. What is done there the admin API does, behind the same door and with the same account
//! of it; docs/DROP-IN.md says what differs from theirs, and why.

mod figures;
mod keys;
mod monitor;
mod panel;
mod pools;
mod worker;

use std::future::Future;

use axum::{
    Router,
    routing::{MethodFilter, get},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{Method, StatusCode, header};
use pollux_store::admins::Role;
use pollux_translate::error::ApiError;

use crate::{
    admin::{self, Admin},
    app::Gateway,
    faces::respond::{self, Answered, Dialect, Incoming},
    failure::{Failure, whole_seconds},
};

/// How one of the systems tells of an error.
type Tell = fn(&ApiError) -> Answered;

/// What is for admins alone outside of the admin API, and how errors are told there.
const PLACES: &[(&str, Tell)] = &[
    ("/", panel::door_error),
    ("/admin", worker::error),
    ("/api/keys", panel::error),
    ("/api/login", pools::error),
    ("/api/pools", pools::error),
    ("/monitor", monitor::error),
];

/// Whether a path belongs to one of the places, served or not.
pub(crate) fn holds(path: &str) -> bool {
    tell(path).is_some()
}

fn tell(path: &str) -> Option<Tell> {
    let is_in = |place: &str| {
        path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let place = PLACES.iter().find(|(place, _)| is_in(place));
    place.filter(|_| !path.starts_with(admin::PREFIX)).map(|(_, tell)| *tell)
}

/// The routes that are for admins.
pub(crate) fn routes(gateway: &Gateway) -> Router {
    let table = Table { gateway: gateway.clone(), routes: Router::new() };
    monitor::rows(pools::rows(panel::rows(worker::rows(table)))).routes
}

/// The routes that are for everyone.
pub(crate) fn public(gateway: &Gateway) -> Router {
    Router::new()
        .route("/wake", get(respond::face(gateway, None, worker::wake)))
        .route("/robots.txt", get(respond::face(gateway, None, panel::nothing_here)))
        .route("/favicon.ico", get(respond::face(gateway, None, panel::nothing_here)))
}

/// A handler whose failures are told as the system does that the path is of.
pub(crate) fn told<H, F>(
    handler: H,
) -> impl Fn(Gateway, Incoming) -> BoxFuture<'static, Answered> + Clone + Send + Sync + 'static
where
    H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Answered> + Send + 'static,
{
    move |gateway, incoming| {
        let tell = tell(incoming.head.uri.path());
        let answered = handler(gateway, incoming);
        async move {
            match (answered.await, tell) {
                (Err(failure), Some(tell)) => refusal(tell, &failure),
                (answered, _) => answered,
            }
        }
        .boxed()
    }
}

fn refusal(tell: Tell, failure: &Failure) -> Answered {
    let Failure { error, .. } = failure;
    let mut response = tell(error)?;
    let status = StatusCode::from_u16(error.http).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    *response.status_mut() = status;
    if let Some(wait) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, whole_seconds(wait).into());
    }
    Ok(response)
}

/// Routes, one by one: who may look, who may change, and what is open.
struct Table {
    gateway: Gateway,
    routes: Router,
}

impl Table {
    /// What changes nothing.
    fn reads<H, F>(self, path: &str, handler: H) -> Self
    where
        H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answered> + Send + 'static,
    {
        self.row(&Method::GET, path, admin::locked(Role::Viewer, handler))
    }

    /// What an owner alone may do.
    fn changes<H, F>(self, method: &Method, path: &str, handler: H) -> Self
    where
        H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answered> + Send + 'static,
    {
        self.row(method, path, admin::locked(Role::Owner, handler))
    }

    /// What nobody has to be signed in for.
    fn open<H, F>(self, method: &Method, path: &str, handler: H) -> Self
    where
        H: Fn(Admin, Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answered> + Send + 'static,
    {
        self.row(method, path, admin::open(handler))
    }

    fn row<H, F>(mut self, method: &Method, path: &str, handler: H) -> Self
    where
        H: Fn(Gateway, Incoming) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Answered> + Send + 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let face = respond::face(&self.gateway, Some(Dialect::Gemini), told(handler));
        self.routes = self.routes.route(path, axum::routing::on(filter, face));
        self
    }
}
