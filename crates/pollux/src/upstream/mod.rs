//! The way to Gemini: HTTP/1.1 clients with warm connections, for each thread and egress.
//!
//! HTTP/1.1 on purpose: a client of ours never opens a second HTTP/2 connection
//! to a host, so that a hundred long streams would hold up all that follow
//! (`docs/decisions/0003-http1-upstream.md`).

mod clients;
mod dial;
mod line;

use std::{error::Error, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{
    HeaderName, HeaderValue, Request, Response, Uri, header,
    uri::{Authority, PathAndQuery, Scheme},
};
use http_body_util::{BodyExt as _, Either, Full};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{self, connect::HttpConnector};
use pollux_gateway::{
    egress::Egress,
    fetch::guard::{Guard, Target},
    proxy::{
        call::{Call, CallBody},
        upload::UploadBody,
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
};
use pollux_store::secret::Secret;
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use self::{clients::Clients, line::Used};
use crate::web::{Lookup, Web};

const KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
/// Who is asking.
pub(crate) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("pollux/", env!("CARGO_PKG_VERSION")));

/// All of a body, or one that is still arriving.
type RequestBody = Either<Full<Bytes>, UploadBody>;

/// Sends calls to one base URL.
pub struct HttpUpstream {
    base: Base,
    web: Web,
    clients: Clients,
}

/// Where every call goes.
#[derive(Debug)]
struct Base {
    scheme: Scheme,
    authority: Authority,
    /// Without a slash at its end; often empty.
    path: String,
}

/// The HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// TLS could not be set up.
    #[error("TLS for the upstream could not be set up")]
    Tls(#[from] rustls::Error),
    /// The base URL has no scheme or no host.
    #[error("gemini_base_url has no scheme or no host")]
    BaseUrl,
}

impl HttpUpstream {
    /// Makes a client for `base`, which has no version segment.
    ///
    /// # Errors
    /// When TLS cannot be set up, or `base` is not absolute.
    pub fn new(base: &Uri, connect_timeout: Duration) -> Result<Self, ClientError> {
        let tls = tls()?;
        let (Some(scheme), Some(authority)) = (base.scheme(), base.authority()) else {
            return Err(ClientError::BaseUrl);
        };
        let path = base.path().trim_end_matches('/').to_owned();
        Ok(Self {
            base: Base { scheme: scheme.clone(), authority: authority.clone(), path },
            web: Web::new(Arc::clone(&tls), connect_timeout),
            clients: Clients::new(tls, connect_timeout),
        })
    }

    /// Resolves the names in clients' URLs with `lookup` instead of the system's resolver.
    #[must_use]
    pub fn with_lookup(self, lookup: Lookup) -> Self {
        Self { web: self.web.with_lookup(lookup), ..self }
    }

    async fn exchange(
        &self,
        call: &Call,
        secret: &Secret,
        via: &Egress,
    ) -> Result<Response<UpstreamBody>, UpstreamError> {
        let request = self.request(call, secret)?;
        let response = match self.clients.warm(via).request(request).await {
            Err(error) if is_stale(&error) => match self.request(call, secret) {
                Ok(again) => self.clients.cold(via).request(again).await,
                // The body of an upload is gone.
                Err(_) => Err(error),
            },
            response => response,
        };
        let mut response = response.map_err(|error| {
            let text = innermost(&error);
            if error.is_connect() {
                UpstreamError::Connect(text)
            } else {
                UpstreamError::Broken(text)
            }
        })?;
        Used::mark(response.extensions_mut());
        let broken = |error: hyper::Error| UpstreamError::Broken(innermost(&error));
        Ok(response.map(|body| body.map_err(broken).boxed_unsync()))
    }

    fn request(&self, call: &Call, secret: &Secret) -> Result<Request<RequestBody>, UpstreamError> {
        let unusable = UpstreamError::Unsendable;
        let mut key = HeaderValue::from_str(secret.expose()).map_err(|_| unusable("the key"))?;
        key.set_sensitive(true);
        let Base { scheme, authority, path } = &self.base;
        let path = [path.as_str(), &call.path_and_query].concat();
        let mut uri = http::uri::Parts::default();
        uri.scheme = Some(scheme.clone());
        uri.authority = Some(authority.clone());
        uri.path_and_query = Some(PathAndQuery::try_from(path).map_err(|_| unusable("the path"))?);
        let mut request = Request::new(body(call).ok_or_else(|| unusable("the body"))?);
        *request.method_mut() = call.method.clone();
        *request.uri_mut() = Uri::from_parts(uri).map_err(|_| unusable("the address"))?;
        *request.headers_mut() = call.headers.clone();
        request.headers_mut().insert(KEY, key);
        request.headers_mut().entry(header::USER_AGENT).or_insert(AGENT);
        request.headers_mut().entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        Ok(request)
    }
}

impl Upstream for HttpUpstream {
    fn send<'a>(
        &'a self,
        call: &'a Call,
        secret: &'a Secret,
        via: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(self.exchange(call, secret, via))
    }

    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        guard: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(self.web.get(target, guard))
    }
}

impl fmt::Debug for HttpUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpUpstream").field("base", &self.base).finish_non_exhaustive()
    }
}

/// TLS as a client that trusts whom browsers trust.
pub(crate) fn tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(tls))
}

/// The body of a call; `None` when it has been taken already.
fn body(call: &Call) -> Option<RequestBody> {
    match &call.body {
        CallBody::Bytes(bytes) => Some(Either::Left(Full::new(bytes.clone()))),
        CallBody::Stream(upload) => upload.take().map(Either::Right),
    }
}

/// Whether a connection that was kept warm was closed at the moment when it was used again.
///
/// Nothing of an answer has come over it, so the request may go out once more.
fn is_stale(error: &legacy::Error) -> bool {
    let cause = error.source().and_then(|cause| cause.downcast_ref::<hyper::Error>());
    let is_cut = cause.is_some_and(|cause| !cause.is_parse() && !cause.is_user());
    is_cut && Used::before(error)
}

/// Opens connections, plain or over TLS, whatever finds their addresses.
pub(crate) fn connector<R>(
    mut tcp: HttpConnector<R>,
    tls: &ClientConfig,
    timeout: Duration,
) -> HttpsConnector<HttpConnector<R>> {
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(timeout));
    over(tcp, tls)
}

/// TLS, where the scheme asks for it, over what another connector opens.
fn over<C>(inner: C, tls: &ClientConfig) -> HttpsConnector<C> {
    HttpsConnectorBuilder::new()
        .with_tls_config(tls.clone())
        .https_or_http()
        .enable_http1()
        .wrap_connector(inner)
}

/// The innermost cause: the outer texts only say that something went wrong.
pub(crate) fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
