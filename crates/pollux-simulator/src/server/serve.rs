//! The accept loop and the life of one request.

use std::convert::Infallible;
use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::{future, io};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use super::body::{Ending, Pieces};
use super::call::{Call, Conduct, Decision, reply, unusual};
use super::reply::{Form, Reply};
use super::route::{Route, parameter, without};
use super::{Credential, Shared, Simulator, Ticket, catalogue, control, owned};
use crate::models::Method;
use crate::refusal::{Refusal, unknown_caller};
use crate::state::{Ask, Exchange};
use crate::{Clock, Script};

/// The largest body that is read, in bytes.
const LARGEST: usize = 256 << 20;

/// The connection closes before the status line, as the script wants.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("closed by the script")
    }
}

impl std::error::Error for Dropped {}

impl Simulator {
    /// Serves `listener` until `shutdown` resolves; connections that are open
    /// then are closed at once.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()>,
    ) -> io::Result<()> {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                () = &mut shutdown => return Ok(()),
                Some(_) = connections.join_next() => continue,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(self.clone(), stream));
                }
                Err(error) => tracing::debug!(%error, "a connection was lost before it began"),
            }
        }
    }
}

async fn connection(simulator: Simulator, stream: TcpStream) {
    let open = Open::new(&simulator.shared);
    // Without it a small event may wait for the one before to be acknowledged.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(simulator.clone(), request));
    let served = auto::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
    drop(open);
}

/// Counts a connection while it is open.
struct Open(Arc<Shared>);

impl Open {
    fn new(shared: &Arc<Shared>) -> Self {
        shared.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(shared))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn respond(
    simulator: Simulator,
    request: Request<Incoming>,
) -> Result<Response<Pieces>, Dropped> {
    let (parts, body) = request.into_parts();
    let route = Route::read(&parts.method, parts.uri.path());
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return Err(Dropped);
    };
    let body = body.to_bytes();
    if let Route::Control(path) = &route {
        return Ok(control::answer(&simulator, &parts.method, path, &body).into_response());
    }
    let credential = Credential::read(&parts);
    let decision = decide(&simulator.shared, &route, (&parts, &body), &credential);
    let ticket = record(&simulator.shared, &decision, (&parts, &body), &credential);
    match decision.conduct {
        Conduct::Drop => {
            ticket.complete();
            Err(Dropped)
        }
        Conduct::Silence => {
            let never: Infallible = future::pending().await;
            drop(ticket);
            match never {}
        }
        Conduct::Reply(reply) => {
            if !reply.first_byte.is_zero() {
                tokio::time::sleep(reply.first_byte).await;
            }
            let ends_at_once = reply.pieces.is_empty() && reply.ending == Ending::Complete;
            let response = reply.into_response();
            if ends_at_once {
                ticket.complete();
                return Ok(response);
            }
            Ok(response.map(|pieces| pieces.watched(Some(ticket))))
        }
    }
}

/// Decides what to answer, in the order in which Google checks.
fn decide(
    shared: &Shared,
    route: &Route,
    with: (&Parts, &Bytes),
    credential: &Credential,
) -> Decision {
    let (parts, body) = with;
    let query = parts.uri.query().unwrap_or_default();
    if *route == Route::Unknown {
        return Decision::of(Reply::html(StatusCode::NOT_FOUND, NOT_FOUND), "rejected");
    }
    if let Route::Owned(want) = route
        && let Some(decision) = owned::resume(shared, want, with)
    {
        return decision;
    }
    if credential.key.is_empty() {
        let refusal = match credential.places.as_slice() {
            ["authorization"] => Refusal::unauthenticated(),
            _ => unknown_caller(),
        };
        return Decision::of(Reply::refusal(&refusal, form(route, query)), "unregistered");
    }
    match route {
        Route::Call { version, model, method } => {
            let form = form(route, query);
            Call { version, model, method: *method, form, body }.decide(shared, credential)
        }
        Route::List { version } => look_up(shared, credential, || catalogue::list(version, query)),
        Route::Read { version, model } => {
            look_up(shared, credential, || catalogue::read(version, model))
        }
        Route::Owned(want) => owned::decide(shared, want, with, credential),
        Route::Control(_) | Route::Unknown => {
            Decision::of(Reply::html(StatusCode::NOT_FOUND, NOT_FOUND), "rejected")
        }
    }
}

/// The form in which a route answers.
fn form(route: &Route, query: &str) -> Form {
    if !matches!(route, Route::Call { method: Method::Stream, .. }) {
        return Form::Whole;
    }
    match parameter(query, "alt").as_deref() {
        Some("sse") => Form::Events,
        Some(_) | None => Form::Array,
    }
}

/// Answers about the models, unless the key is no good.
/// A look at what is there: what troubles a key troubles it too, and what the script says of looks.
fn look_up(shared: &Shared, credential: &Credential, answer: impl FnOnce() -> Reply) -> Decision {
    let ask = Ask { key: &credential.key, model: None, valid: true, tokens: None };
    let verdict = shared.state().decide(ask, shared.clock.now());
    let refusal = Refusal::of_key(&verdict.behaviour, &credential.key, &verdict.project)
        .or_else(|| Refusal::of_service(&verdict.behaviour));
    let conduct = match (refusal, unusual(&verdict.behaviour)) {
        (Some(refusal), _) => reply(Reply::refusal(&refusal, Form::Whole)),
        (None, Some(conduct)) => conduct,
        (None, None) => reply(answer()),
    };
    Decision { conduct, behaviour: verdict.behaviour.name(), project: Some(verdict.project) }
}

fn record(
    shared: &Arc<Shared>,
    decision: &Decision,
    with: (&Parts, &Bytes),
    credential: &Credential,
) -> Ticket {
    let (parts, body) = with;
    let entry = || Exchange {
        number: 0,
        at: shared.clock.now(),
        key: (!credential.key.is_empty()).then(|| credential.key.clone()),
        key_places: credential.places.clone(),
        project: decision.project.clone(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: without(parts.uri.query().unwrap_or_default(), "key"),
        headers: headers(parts),
        body: body.clone(),
        status: 0,
        behaviour: decision.behaviour,
        hung_up: false,
    };
    let said = (decision.status(), decision.behaviour);
    let number = shared.state().log().record(&credential.key, said, entry);
    Ticket { shared: Arc::clone(shared), number, complete: false }
}

fn headers(parts: &Parts) -> Vec<(String, String)> {
    let shown = parts.headers.iter().filter(|(name, _)| *name != "x-goog-api-key");
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<_> = shown.map(|(name, value)| (name.to_string(), text(value))).collect();
    headers.sort();
    headers
}

/// A simulator on a port of its own, until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it does and has done.
    pub simulator: Simulator,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Running {
    /// Its base address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Closes the listener and every connection, and waits until they are.
    pub async fn stop(self) {
        drop(self.stop);
        // The loop ends with `Ok`, and nobody else can cancel it.
        let _ = self.task.await;
    }
}

/// Serves a script on a free local port.
#[expect(clippy::disallowed_methods, reason = "the caller keeps the handle that ends the task")]
pub async fn start(script: Script, clock: Clock) -> io::Result<Running> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = listener.local_addr()?;
    let simulator = Simulator::new(script, clock);
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async move {
        // Either way, the handle is gone.
        let _ = stopped.await;
    };
    let task = tokio::spawn(simulator.clone().serve(listener, shutdown));
    Ok(Running { address, simulator, stop, task })
}

const NOT_FOUND: &str = "<!DOCTYPE html>\n<html lang=en><title>Error 404 (Not Found)</title>\n\
    <p>The requested URL was not found on this server.</p></html>\n";
