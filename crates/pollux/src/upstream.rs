//! The way to Gemini: one HTTP/1.1 client with warm connections.
//!
//! HTTP/1.1 on purpose: a client of ours never opens a second HTTP/2 connection
//! to a host, so that a hundred long streams would hold up all that follow
//! (`docs/decisions/0003-http1-upstream.md`).

use std::{fmt, time::Duration};

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
    client: Client,
    base: String,
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
        Ok(Self { client, base: base.as_str().trim_end_matches('/').to_owned() })
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
            .client
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
