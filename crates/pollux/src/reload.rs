//! Settings that are read anew while the server runs: what can change does so at the next request.

use std::sync::Arc;

use arc_swap::ArcSwap;
use pollux_gateway::scrub::Scrubber;
use tokio_util::sync::CancellationToken;

use crate::{
    commands::with_causes,
    config::{self, Config, ConfigError, Sources},
    open::{self, Instance, OpenError},
    signals::Hangups,
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
    running: Config,
    instance: Instance,
    scrubber: Arc<ArcSwap<Scrubber>>,
}

impl Reload {
    /// Takes what `instance` was opened with.
    pub const fn new(
        sources: Sources,
        running: Config,
        instance: Instance,
        scrubber: Arc<ArcSwap<Scrubber>>,
    ) -> Self {
        Self { sources, running, instance, scrubber }
    }

    /// Reads the settings anew and takes them over.
    ///
    /// # Errors
    /// When any of them cannot be used; then everything stays as it was.
    pub async fn reload(&mut self) -> Result<Reloaded, ReloadError> {
        let mut config = config::load(&self.sources)?;
        let waiting = config.stay(&self.running);
        let keys = open::reconfigure(&config, &self.instance, &self.scrubber).await?;
        self.running = config;
        Ok(Reloaded { keys, waiting })
    }

    /// Does so at every signal until `stop`.
    pub async fn at_signals(mut self, mut hangups: Hangups, stop: CancellationToken) {
        while stop.run_until_cancelled(hangups.next()).await.is_some() {
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
}
