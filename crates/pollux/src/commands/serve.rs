//! `pollux serve`: clients in front, Gemini behind.

use std::{error::Error, net::SocketAddr, sync::Arc};

use arc_swap::ArcSwap;
use pollux_gateway::scrub::Scrubber;
use tokio_util::sync::CancellationToken;

use super::say;
use crate::{
    clock,
    config::{self, Config, Given, Sources},
    listener::Limits,
    open::{self, Access, Entrances, Instance},
    reload::Reload,
    service::Service,
    signals::{Hangups, Stops},
    tasks::Tasks,
    telemetry,
    workers::Workers,
};

/// Serves until the process is told to stop.
///
/// # Errors
/// When a setting, the state or the address cannot be used.
pub async fn run(sources: &Sources) -> Result<(), Box<dyn Error>> {
    let given = Given::read(sources)?;
    let config = given.config()?;
    let (hangups, stops) = (Hangups::new()?, Stops::new()?);
    let scrubber = Arc::new(ArcSwap::from_pointee(Scrubber::default()));
    let level = telemetry::start(config.log_level, config.log_format, Arc::clone(&scrubber));
    for name in config::unknown_variables(sources) {
        tracing::warn!("{name} is set, but there is no such setting: docs/CONFIG.md has them all");
    }
    for (name, why) in config::unsupported_variables(sources) {
        tracing::warn!("{name} is set and has no effect: {why}");
    }
    let database = open::database(&config).await?;
    let clock = clock::system();
    let store = open::store(&config, Arc::clone(&database) as _, &clock).await?;
    let instance = open::gateway(&given, store, clock, &scrubber).await?;
    level.set(instance.log_level);
    let limits = Limits { connections: config.connections, head_timeout: config.head_timeout };
    let service = Service::bind(instance.clone(), config.listen, limits, config.grace)
        .await
        .map_err(|error| format!("cannot listen on {} (listen): {error}", config.listen))?;
    let workers = Workers::start(config.threads)
        .map_err(|error| format!("cannot start {} threads (threads): {error}", config.threads))?;
    let service = service.on(workers);
    greet(&config, &instance, service.address()?);
    let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
    Tasks::default().spawn(await_signals(stops, stop.clone(), hurry.clone()));
    let reload = Reload::new(sources.clone(), given, instance, scrubber, level);
    Tasks::default().spawn(reload.run(hangups, stop.clone()));
    service.run(stop, hurry).await;
    database.close().await;
    Ok(())
}

/// The first signal stops the server, the second one stops its patience.
async fn await_signals(mut stops: Stops, stop: CancellationToken, hurry: CancellationToken) {
    for token in [stop, hurry] {
        if let Err(error) = stops.next().await {
            tracing::error!("signals cannot be received: {error}");
            return;
        }
        token.cancel();
    }
}

/// What is said of a secret; `variable` sets another one.
pub(super) fn shown(access: &Access, variable: &str) -> String {
    match access {
        Access::Made(secret) => {
            format!("{}   (made just now; shown only this once)", secret.expose())
        }
        Access::Configured => "the one that is configured".to_owned(),
        Access::Kept(last4) if last4.is_empty() => {
            format!("the one made on first start; {variable} sets another")
        }
        Access::Kept(last4) => {
            format!("the one made on first start, ...{last4}; {variable} sets another")
        }
    }
}

fn greet(config: &Config, instance: &Instance, address: SocketAddr) {
    let Entrances { access, password } = &instance.entrances;
    let access = shown(access, "POLLUX_ACCESS_KEY");
    let password = shown(password, "POLLUX_ADMIN_PASSWORD");
    let strategy = config.pool.strategy.as_str();
    say(&format!(
        "Pollux {version}\n\
         OpenAI clients    http://{address}/v1\n\
         Gemini clients    http://{address}\n\
         Console           http://{address}/console/\n\
         Access key        {access}\n\
         Admin password    {password}   (user admin)\n\
         Gemini keys       {keys}, {strategy}\n\
         Upstream          {upstream}\n\
         State             {state}",
        version = env!("CARGO_PKG_VERSION"),
        keys = instance.keys(),
        upstream = config.gemini_base_url,
        state = config.data_dir.display(),
    ));
    if instance.keys() == 0 {
        tracing::warn!(
            "there is no Gemini key to use: add some in the console, or set GEMINI_API_KEY to key1,key2"
        );
    }
    for (key, _) in config.named_keys() {
        if key.expose().len() < 8 {
            tracing::warn!("a Gemini key is shorter than any that Google issues");
        }
    }
}
