//! Opens connections to Gemini by one egress, TLS and the handshake of a proxy included, in bounded time.

use std::{
    error::Error,
    io,
    net::SocketAddr,
    task::{Context, Poll},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures_util::future::BoxFuture;
use http::{HeaderValue, Uri, uri::Authority};
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::connect::{
    HttpConnector,
    proxy::{SocksV5, Tunnel},
};
use pollux_gateway::egress::{Egress, Login, Protocol, Proxy};
use rustls::ClientConfig;
use tower_service::Service;

use super::{connector, line::Line, over};

type BoxError = Box<dyn Error + Send + Sync>;

/// Opens connections by one egress.
#[derive(Clone, Debug)]
pub(super) struct Dialer {
    way: Way,
    timeout: Duration,
}

/// An egress, with what it takes to go there.
#[derive(Clone, Debug)]
enum Way {
    Direct(HttpsConnector<HttpConnector>),
    Tunnel(HttpsConnector<Tunnel<HttpsConnector<HttpConnector>>>),
    Socks(HttpsConnector<Socks>),
}

impl Dialer {
    /// Each connection is there within `timeout`, or there is none.
    pub(super) fn new(via: &Egress, tls: &ClientConfig, timeout: Duration) -> Self {
        let direct = || connector(HttpConnector::new(), tls, timeout);
        let way = match via {
            Egress::Direct => Way::Direct(direct()),
            Egress::Proxy(proxy) => match proxy.protocol() {
                Protocol::Http | Protocol::Https => {
                    let tunnel = Tunnel::new(proxy.address().clone(), direct());
                    let tunnel = match basic(proxy) {
                        Some(login) => tunnel.with_auth(login),
                        None => tunnel,
                    };
                    Way::Tunnel(over(tunnel, tls))
                }
                Protocol::Socks5 | Protocol::Socks5h => {
                    Way::Socks(over(Socks::new(proxy, timeout), tls))
                }
            },
        };
        Self { way, timeout }
    }

    async fn dial(self, target: Uri) -> Result<Line, BoxError> {
        Ok(match self.way {
            Way::Direct(way) => Line::new(open(way, target).await?),
            Way::Tunnel(way) => Line::new(open(way, target).await?),
            Way::Socks(way) => Line::new(open(way, target).await?),
        })
    }
}

impl Service<Uri> for Dialer {
    type Response = Line;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Line, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let dialer = self.clone();
        Box::pin(async move {
            let timeout = dialer.timeout;
            let line = tokio::time::timeout(timeout, dialer.dial(with_port(target)?)).await;
            line.unwrap_or_else(|_| {
                Err(format!("there was no connection within {timeout:?}").into())
            })
        })
    }
}

/// SOCKS 5, over names that are resolved here or there.
#[derive(Clone, Debug)]
struct Socks {
    handshake: SocksV5<HttpConnector>,
    resolves: bool,
}

impl Socks {
    fn new(proxy: &Proxy, timeout: Duration) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(timeout));
        let handshake = SocksV5::new(proxy.address().clone(), tcp);
        let handshake = match proxy.login() {
            Some(Login { user, password }) => {
                handshake.with_auth(user.clone(), password.expose().to_owned())
            }
            None => handshake,
        };
        Self { handshake, resolves: proxy.protocol() == Protocol::Socks5 }
    }
}

impl Service<Uri> for Socks {
    type Response = <SocksV5<HttpConnector> as Service<Uri>>::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Self { handshake, resolves } = self.clone();
        Box::pin(async move {
            let target = if resolves { resolved(target).await? } else { target };
            open(handshake, target).await
        })
    }
}

async fn open<S>(mut service: S, target: Uri) -> Result<S::Response, BoxError>
where
    S: Service<Uri>,
    S::Error: Into<BoxError>,
{
    std::future::poll_fn(|cx| service.poll_ready(cx)).await.map_err(Into::into)?;
    service.call(target).await.map_err(Into::into)
}

/// What `CONNECT` says about the user of a proxy.
fn basic(proxy: &Proxy) -> Option<HeaderValue> {
    let Login { user, password } = proxy.login()?;
    let login = STANDARD.encode(format!("{user}:{}", password.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {login}")).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The same target with its port told: proxies take one that is not for that of https.
fn with_port(target: Uri) -> Result<Uri, BoxError> {
    if target.port().is_some() {
        return Ok(target);
    }
    let port = if target.scheme_str() == Some("http") { 80 } else { 443 };
    let authority = format!("{}:{port}", target.host().unwrap_or_default());
    with_authority(target, authority.parse()?)
}

/// The same target by an address of its name, of the old kind where it has one: every proxy takes that.
async fn resolved(target: Uri) -> Result<Uri, BoxError> {
    let authority = target.authority().map_or("", Authority::as_str);
    let found: Vec<SocketAddr> = tokio::net::lookup_host(authority).await?.collect();
    let address = found.iter().find(|address| address.is_ipv4()).or(found.first());
    let address = address.ok_or_else(|| io::Error::other("its name has no address"))?;
    with_authority(target, address.to_string().parse()?)
}

fn with_authority(target: Uri, authority: Authority) -> Result<Uri, BoxError> {
    let mut parts = target.into_parts();
    parts.authority = Some(authority);
    Ok(Uri::from_parts(parts)?)
}
