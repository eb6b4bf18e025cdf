//! A running server: it accepts, it works in the background, and it stops in good order.

use std::{io, net::SocketAddr, time::Duration};

use pollux_gateway::router;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    background,
    listener::{self, Limits},
    open::Instance,
    tasks::Tasks,
    workers::Workers,
};

/// After the grace, streams have this long to write their last event.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A server that is bound to its address.
#[derive(Debug)]
pub struct Service {
    instance: Instance,
    listener: TcpListener,
    limits: Limits,
    grace: Duration,
    workers: Workers,
}

impl Service {
    /// Takes an address; nothing is accepted before [`run`](Self::run).
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        instance: Instance,
        address: SocketAddr,
        limits: Limits,
        grace: Duration,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { instance, listener, limits, grace, workers: Workers::default() })
    }

    /// Spreads connections over `workers`; without any they share the caller's runtime.
    #[must_use]
    pub fn on(self, workers: Workers) -> Self {
        Self { workers, ..self }
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`; then running requests may end within the grace.
    ///
    /// `hurry` cuts the grace short. Whatever still runs after it is answered
    /// with an error in its dialect.
    pub async fn run(self, stop: CancellationToken, hurry: CancellationToken) {
        let Self { instance, listener, limits, grace, workers } = self;
        let connections = Tasks::default();
        let to = (&connections, &workers);
        let keeper = Tasks::default();
        let written = CancellationToken::new();
        keeper.spawn(background::keep(instance.clone(), written.clone()));
        keeper.spawn(background::keep_state(instance.clone(), written.clone()));
        keeper.spawn(background::check(instance.gateway.clone(), stop.clone()));
        if let Some(alerting) = instance.alerting.clone() {
            keeper.spawn(alerting.run(instance.gateway.clone(), stop.clone()));
        }
        let server = router::server(&instance.gateway);
        let graceful = listener::serve(listener, server, limits, to, &stop).await;
        tracing::info!("stopping: running requests have {} s to end", grace.as_secs());
        instance.gateway.close();
        connections.spawn(graceful.shutdown());
        let drained = hurry.run_until_cancelled(connections.finish(grace)).await.unwrap_or(false);
        if !drained {
            instance.gateway.stop();
            if !connections.finish(LAST_WORDS).await {
                tracing::warn!("some connections did not end and are dropped");
            }
        }
        written.cancel();
        keeper.finish(LAST_WORDS).await;
    }
}
