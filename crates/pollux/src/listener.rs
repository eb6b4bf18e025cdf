//! Accepts connections, serves HTTP/1.1 on them, and drains them at a stop.

use std::{
    convert::Infallible,
    io,
    net::{SocketAddr, TcpStream as StdStream},
    sync::Arc,
    time::Duration,
};

use axum::body::Body;
use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulShutdown, Watcher},
};
use pollux_gateway::router::Server;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use crate::{tasks::Tasks, workers::Workers};

/// How connections are treated.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The most connections at a time; more wait to be accepted.
    pub connections: usize,
    /// How long a client may take to send a request's head.
    pub head_timeout: Duration,
}

/// Serves until `stop`; each connection is one of the tasks and stays with one of the workers.
///
/// Resolves as soon as no new connection is accepted, with what drains the others.
pub async fn serve(
    listener: TcpListener,
    server: Server,
    limits: Limits,
    to: (&Tasks, &Workers),
    stop: &CancellationToken,
) -> GracefulShutdown {
    let (tasks, workers) = to;
    let graceful = GracefulShutdown::new();
    let permits = Arc::new(Semaphore::new(limits.connections));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = stop.cancelled() => return graceful,
        };
        match accepted {
            Ok((stream, peer, permit)) => {
                let connection = Connection { server: server.clone(), limits, peer };
                let work = connection.run(stream, graceful.watcher(), permit);
                tasks.spawn_on(&workers.next(), work);
            }
            Err(error) => {
                // Out of file descriptors, most likely: a tight loop would not free any.
                tracing::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(StdStream, SocketAddr, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    stream.set_nodelay(true)?;
    Ok((stream.into_std()?, peer, permit))
}

struct Connection {
    server: Server,
    limits: Limits,
    peer: SocketAddr,
}

impl Connection {
    async fn run(self, stream: StdStream, watcher: Watcher, permit: OwnedSemaphorePermit) {
        let Self { server, limits, peer } = self;
        // Only here is it known which runtime the socket belongs to.
        let stream = match TcpStream::from_std(stream) {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!(%peer, "a connection was lost: {error}"),
        };
        let service = service_fn(move |request: Request<Incoming>| {
            let server = server.clone();
            let from = Some(peer.ip());
            async move { Ok::<_, Infallible>(server.answer_plain(request.map(Body::new), from).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_timeout)
            .serve_connection(TokioIo::new(stream), service);
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%peer, "connection ended: {error}");
        }
        drop(permit);
    }
}
