//! The way to Gemini: an HTTP/1.1 client with warm connections for each thread.
//!
//! HTTP/1.1 on purpose: a client of ours never opens a second HTTP/2 connection
//! to a host, so that a hundred long streams would hold up all that follow
//! (`docs/decisions/0003-http1-upstream.md`).

use std::{
    collections::HashMap,
    fmt,
    sync::{PoisonError, RwLock},
    thread::{self, ThreadId},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http::{HeaderName, HeaderValue, Response, header};
use http_body_util::BodyExt as _;
use pollux_gateway::proxy::{
    call::Call,
    upstream::{Upstream, UpstreamBody, UpstreamError},
};
use pollux_store::secret::Secret;
use reqwest::{Certificate, Client, Url, redirect};

const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");

/// Sends calls to one base URL.
pub struct HttpUpstream {
    connect_timeout: Duration,
    base: String,
    /// A connection is driven by the runtime that opened it; no other should have to wait for that.
    clients: RwLock<HashMap<ThreadId, Client>>,
}

/// The HTTP client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up")]
pub struct ClientError(#[from] reqwest::Error);

impl HttpUpstream {
    /// Makes a client for `base`, which has no version segment and no trailing slash.
    ///
    /// # Errors
    /// When the TLS roots cannot be loaded.
    pub fn new(base: &Url, connect_timeout: Duration) -> Result<Self, ClientError> {
        // The provider may be set already, by a test or by another client: either one serves.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let first = client(connect_timeout)?;
        Ok(Self {
            connect_timeout,
            base: base.as_str().trim_end_matches('/').to_owned(),
            clients: RwLock::new(HashMap::from([(thread::current().id(), first)])),
        })
    }

    /// The client of this thread, made when it first asks.
    fn client(&self) -> Result<Client, UpstreamError> {
        let thread = thread::current().id();
        let known =
            self.clients.read().unwrap_or_else(PoisonError::into_inner).get(&thread).cloned();
        if let Some(client) = known {
            return Ok(client);
        }
        let made = client(self.connect_timeout)
            .map_err(|error| UpstreamError::Connect(error.to_string()))?;
        let mut clients = self.clients.write().unwrap_or_else(PoisonError::into_inner);
        clients.insert(thread, made.clone());
        Ok(made)
    }

    async fn exchange(
        &self,
        call: &Call,
        secret: &Secret,
    ) -> Result<Response<UpstreamBody>, UpstreamError> {
        let mut key = HeaderValue::from_str(secret.expose())
            .map_err(|_| UpstreamError::Connect("the key is not visible ASCII".to_owned()))?;
        key.set_sensitive(true);
        let mut request = self
            .client()?
            .request(call.method.clone(), format!("{}{}", self.base, call.path_and_query))
            .headers(call.headers.clone())
            .header(KEY, key);
        if !call.body.is_empty() {
            request = request.body(call.body.clone());
        } else if call.method != http::Method::GET {
            request = request.header(header::CONTENT_LENGTH, 0);
        }
        let response = request.send().await.map_err(|error| trouble(&error))?;
        let response: Response<reqwest::Body> = response.into();
        Ok(response.map(|body| body.map_err(|error| trouble(&error)).boxed_unsync()))
    }
}

fn client(connect_timeout: Duration) -> Result<Client, ClientError> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS
        .iter()
        .filter_map(|der| Certificate::from_der(der).ok());
    let client = Client::builder()
        .connect_timeout(connect_timeout)
        .http1_only()
        .no_proxy()
        // A redirect would carry the key to wherever it leads.
        .redirect(redirect::Policy::none())
        .tcp_nodelay(true)
        .tls_certs_only(roots)
        .user_agent(concat!("pollux/", env!("CARGO_PKG_VERSION")))
        .build()?;
    Ok(client)
}

impl Upstream for HttpUpstream {
    fn send<'a>(
        &'a self,
        call: &'a Call,
        secret: &'a Secret,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(self.exchange(call, secret))
    }
}

impl fmt::Debug for HttpUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpUpstream").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The innermost cause: the outer texts repeat the URL.
fn trouble(error: &reqwest::Error) -> UpstreamError {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = if std::ptr::addr_eq(cause, error) {
        "the connection was closed".to_owned()
    } else {
        cause.to_string()
    };
    match () {
        () if error.is_timeout() => UpstreamError::Timeout,
        () if error.is_connect() => UpstreamError::Connect(text),
        () => UpstreamError::Broken(text),
    }
}
