//! Settings and what the store holds, taken over while the server runs: at a signal, and whenever an
//! admin has changed something. The master key is exchanged here too, between two of those.

use std::sync::Arc;

use arc_swap::ArcSwap;
use pollux_gateway::scrub::Scrubber;
use tokio_util::sync::CancellationToken;

use crate::{
    commands::with_causes,
    config::{ConfigError, Given, Sources},
    contents, master_key,
    open::{self, Instance, OpenError},
    signals::Hangups,
    telemetry::Level,
};

/// Why settings were not taken over.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// A setting or the file cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database does not take them.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// What was taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reloaded {
    /// How many Gemini keys there are to use.
    pub keys: usize,
    /// The settings that changed and wait for the next start.
    pub waiting: Vec<&'static str>,
}

/// A running server, and where its settings come from.
#[derive(Debug)]
pub struct Reload {
    sources: Sources,
    given: Given,
    instance: Instance,
    scrubber: Arc<ArcSwap<Scrubber>>,
    level: Level,
}

impl Reload {
    /// Takes what `instance` was opened with; `level` is what its log follows.
    pub const fn new(
        sources: Sources,
        given: Given,
        instance: Instance,
        scrubber: Arc<ArcSwap<Scrubber>>,
        level: Level,
    ) -> Self {
        Self { sources, given, instance, scrubber, level }
    }

    /// Reads the settings anew and takes them over.
    ///
    /// # Errors
    /// When any of them cannot be used; then everything stays as it was.
    pub async fn reload(&mut self) -> Result<Reloaded, ReloadError> {
        let mut given = Given::read(&self.sources)?;
        let waiting = given.stay(&self.given);
        let Instance { gateway, store, .. } = &self.instance;
        contents::ensure(&given.config()?, store, gateway.now()).await?;
        self.given = given;
        self.take_over().await?;
        Ok(Reloaded { keys: self.instance.keys(), waiting })
    }

    /// Takes over what the store holds; what was given outside of it stays.
    async fn take_over(&self) -> Result<(), OpenError> {
        let config = open::reconfigure(&self.given, &self.instance, &self.scrubber).await?;
        self.level.set(config.log_level);
        Ok(())
    }

    /// Puts another master key in the place of the present one.
    async fn exchange(&self) -> Result<(), ReloadError> {
        master_key::exchange(&self.given.config()?, &self.instance.store).await?;
        Ok(self.take_over().await?)
    }

    /// Does so until `stop`: all of it at a signal, what is in the store whenever it has changed.
    pub async fn run(mut self, mut hangups: Hangups, stop: CancellationToken) {
        let gateway = self.instance.gateway.clone();
        let (mut round, mut exchanged) = (0, 0);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = hangups.next() => self.at_signal().await,
                next = gateway.renewal().asked(round) => {
                    round = next;
                    let taken = self.take_over().await;
                    let trouble = taken.err().map(|error| with_causes(&error));
                    gateway.renewal().finish(round, trouble);
                }
                next = gateway.exchange().asked(exchanged) => {
                    exchanged = next;
                    let trouble = self.exchange().await.err().map(|error| with_causes(&error));
                    gateway.exchange().finish(exchanged, trouble);
                }
            }
        }
    }

    async fn at_signal(&mut self) {
        match self.reload().await {
            Ok(Reloaded { keys, waiting }) => {
                tracing::info!(keys, "the settings were read anew; Gemini keys: {keys}");
                for name in waiting {
                    tracing::warn!("{name} has changed, which counts from the next start on");
                }
            }
            Err(error) => tracing::error!(
                "the settings stay as they are, since they cannot be read anew: {}",
                with_causes(&error)
            ),
        }
    }
}
