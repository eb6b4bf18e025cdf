//! The way to the web, for files that clients name by URL: no credentials, no cookies, no proxies.
//!
//! A name is resolved here, once, and only addresses that the guard admits are
//! handed to the connector: the address that was checked is the one that is dialled.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::{self, BoxFuture};
use http::{HeaderValue, Request, Response, header};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::{
    client::legacy::{
        Client,
        connect::{HttpConnector, dns::Name},
    },
    rt::TokioExecutor,
};
use pollux_gateway::{
    fetch::guard::{Guard, Target},
    proxy::upstream::{UpstreamBody, UpstreamError},
};
use rustls::ClientConfig;
use tower_service::Service;

use crate::upstream::{AGENT, connector, innermost};

/// Finds the addresses of a name.
pub type Lookup = Arc<dyn Fn(String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> + Send + Sync>;

/// Fetches files, each over a connection of its own.
pub struct Web {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    lookup: Lookup,
}

impl Web {
    /// Resolves names with the system's resolver.
    pub fn new(tls: Arc<ClientConfig>, connect_timeout: Duration) -> Self {
        Self { tls, connect_timeout, lookup: Arc::new(|name| Box::pin(system(name))) }
    }

    /// Resolves names with `lookup`.
    #[must_use]
    pub fn with_lookup(self, lookup: Lookup) -> Self {
        Self { lookup, ..self }
    }

    /// Asks for `target` at an address that `guard` admits, and resolves at the head of the answer.
    ///
    /// # Errors
    /// When there is no such address, or nobody answers there.
    pub async fn get(
        &self,
        target: &Target,
        guard: &Guard,
    ) -> Result<Response<UpstreamBody>, UpstreamError> {
        let addresses = self.admitted(target, guard).await?;
        let tcp = HttpConnector::new_with_resolver(Resolved(addresses));
        let connector = connector(tcp, &self.tls, self.connect_timeout);
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        let response = client.request(request(target)).await;
        let response = response.map_err(|error| UpstreamError::Connect(innermost(&error)))?;
        let broken = |error: hyper::Error| UpstreamError::Broken(innermost(&error));
        Ok(response.map(|body| body.map_err(broken).boxed_unsync()))
    }

    /// The addresses of a target that may be dialled, at least one.
    async fn admitted(
        &self,
        target: &Target,
        guard: &Guard,
    ) -> Result<Vec<SocketAddr>, UpstreamError> {
        let found = match target.address() {
            Some(address) => vec![address],
            None => (self.lookup)(target.to_string())
                .await
                .map_err(|error| UpstreamError::Connect(error.to_string()))?,
        };
        let admitted = found.into_iter().filter(|address| guard.admits(target, *address));
        // The connector puts the port of the address that is asked for in its place.
        let admitted: Vec<_> = admitted.map(|address| SocketAddr::new(address, 0)).collect();
        if admitted.is_empty() {
            return Err(UpstreamError::Connect("it has no address that may be dialled".to_owned()));
        }
        Ok(admitted)
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web")
            .field("connect_timeout", &self.connect_timeout)
            .finish_non_exhaustive()
    }
}

async fn system(name: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

fn request(target: &Target) -> Request<Empty<Bytes>> {
    let mut request = Request::new(Empty::new());
    *request.uri_mut() = target.uri().clone();
    let headers = [
        (header::USER_AGENT, AGENT),
        (header::ACCEPT, HeaderValue::from_static("*/*")),
        (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
    ];
    request.headers_mut().extend(headers);
    request
}

/// A resolver that knows one answer, which was checked before.
#[derive(Clone, Debug)]
struct Resolved(Vec<SocketAddr>);

impl Service<Name> for Resolved {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = future::Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        future::ready(Ok(self.0.clone().into_iter()))
    }
}
