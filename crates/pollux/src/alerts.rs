//! Tells the owner's webhook before a model runs out of requests for the day.
//!
//! Which forecasts are worth that is decided in the gateway; this is the clock and the way there.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::Full;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use pollux_gateway::{app::Gateway, clock::Clock, forecasts::Alerts};
use rustls::ClientConfig;
use tokio_util::sync::CancellationToken;

use crate::upstream::{AGENT, connector};

/// How often forecasts are looked at.
const LOOK: Duration = Duration::from_mins(1);
/// How long the webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long is waited before each further try.
const PAUSES: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(15), Duration::from_secs(45)];

/// Where alerts go; such addresses hold tokens, and are never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook(Uri);

/// A text that is no address of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address such as https://example.com/hook/token, without a user")]
pub struct NotAWebhook;

/// Alerts that are switched on.
#[derive(Clone, Debug)]
pub struct Alerting {
    webhook: Webhook,
    before: Duration,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    clock: Clock,
}

/// Why an alert did not arrive.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error("it cannot be reached")]
    Unreachable,
    #[error("it did not answer within {} seconds", PATIENCE.as_secs())]
    Silent,
    #[error("it answered {0}")]
    Refused(StatusCode),
}

impl FromStr for Webhook {
    type Err = NotAWebhook;

    fn from_str(text: &str) -> Result<Self, NotAWebhook> {
        let uri: Uri = text.trim().parse().map_err(|_| NotAWebhook)?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        let is_plain = uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        if is_web && is_plain { Ok(Self(uri)) } else { Err(NotAWebhook) }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Webhook(..)")
    }
}

impl Alerting {
    /// Tells `webhook` what happens within `before`.
    pub fn new(webhook: Webhook, before: Duration, tls: &Arc<ClientConfig>, clock: Clock) -> Self {
        let connector = connector(HttpConnector::new(), tls, PATIENCE);
        let client =
            Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { webhook, before, client, clock }
    }

    /// Looks every minute, until `stop`.
    pub async fn run(self, gateway: Gateway, stop: CancellationToken) {
        let mut alerts = Alerts::new(self.before);
        let looking = async {
            loop {
                self.clock.sleep(LOOK).await;
                self.look(&gateway, &mut alerts).await;
            }
        };
        // It ends by the stop alone.
        let _: Option<()> = stop.run_until_cancelled(looking).await;
    }

    async fn look(&self, gateway: &Gateway, alerts: &mut Alerts) {
        for forecast in alerts.due(gateway.forecasts(), gateway.now()) {
            tracing::warn!("{forecast}");
            self.tell(&Bytes::from(forecast.event())).await;
        }
    }

    /// Tries a few times; what arrives in the end is told once.
    async fn tell(&self, event: &Bytes) {
        let mut pauses = PAUSES.iter();
        while let Err(trouble) = self.send(event).await {
            let Some(pause) = pauses.next() else {
                tracing::warn!("an alert did not get to alerts.webhook: {trouble}");
                return;
            };
            tracing::debug!("an alert did not get to alerts.webhook yet: {trouble}");
            self.clock.sleep(*pause).await;
        }
    }

    async fn send(&self, event: &Bytes) -> Result<(), Trouble> {
        let mut request = Request::new(Full::new(event.clone()));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.webhook.0.clone();
        let headers = [
            (header::USER_AGENT, AGENT),
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ];
        request.headers_mut().extend(headers);
        let answer = self.clock.timeout(PATIENCE, self.client.request(request)).await;
        let answer = answer.map_err(|_| Trouble::Silent)?;
        // The error's own words may name the host.
        let status = answer.map_err(|_| Trouble::Unreachable)?.status();
        if status.is_success() { Ok(()) } else { Err(Trouble::Refused(status)) }
    }
}
