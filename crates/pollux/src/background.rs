//! What goes on beside the requests: usage, health and signatures are written down, a batch a second,
//! what has expired is removed, and what is due is done to keys.

use std::time::Duration;

use pollux_gateway::{app::Gateway, vault::Unwritten};
use pollux_pool::time::Timestamp;
use pollux_store::store::DEFAULT_POOL;
use tokio_util::sync::CancellationToken;

use crate::{disabling::Disabling, open::Instance};

/// The most that a crash can cost of the account.
const PAUSE: Duration = Duration::from_secs(1);
/// How often what has expired is removed.
const CLEANING: Duration = Duration::from_mins(10);

/// What has been written so far.
#[derive(Debug, Default)]
struct Progress {
    generation: u64,
    cleaned: Timestamp,
    disabling: Disabling,
}

/// Writes until `stop`, and once more after it.
pub async fn keep(instance: Instance, stop: CancellationToken) {
    let mut progress = Progress::default();
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        write(&instance, &mut progress).await;
    }
    write(&instance, &mut progress).await;
}

/// Checks keys until `stop`.
pub async fn check(gateway: Gateway, stop: CancellationToken) {
    // It ends by the stop alone.
    let _ = stop.run_until_cancelled(gateway.run_checks()).await;
}

async fn write(instance: &Instance, progress: &mut Progress) {
    write_usage(instance).await;
    write_signatures(instance).await;
    write_health(instance, &mut progress.generation).await;
    let now = instance.gateway.now();
    progress.disabling.look(instance, now).await;
    if now >= progress.cleaned + CLEANING {
        progress.cleaned = now;
        clean(instance, now).await;
    }
}

async fn clean(instance: &Instance, now: Timestamp) {
    if let Err(error) = instance.store.remove_expired_signatures(now).await {
        tracing::warn!("expired thought signatures could not be removed: {error}");
    }
    if let Err(error) = instance.store.remove_expired_bindings(now).await {
        tracing::warn!("expired bindings could not be removed: {error}");
    }
}

async fn write_usage(instance: &Instance) {
    let recorder = instance.gateway.recorder();
    let batch = recorder.take();
    if !batch.is_empty()
        && let Err(error) = instance.store.add_usage(&batch).await
    {
        tracing::warn!("usage could not be written, and is kept for the next try: {error}");
        recorder.put_back(batch);
    }
}

async fn write_signatures(instance: &Instance) {
    let vault = instance.gateway.vault();
    let Unwritten { rows, dropped } = vault.take();
    if dropped > 0 {
        tracing::warn!(dropped, "{dropped} thought signatures came faster than they are written");
    }
    if !rows.is_empty()
        && let Err(error) = instance.store.add_signatures(&rows).await
    {
        tracing::warn!("thought signatures could not be written, and are kept: {error}");
        vault.put_back(rows);
    }
}

async fn write_health(instance: &Instance, generation: &mut u64) {
    let Some((newest, checkpoints)) = instance.ledger.checkpoint(DEFAULT_POOL, *generation) else {
        return;
    };
    match instance.store.save_checkpoints(DEFAULT_POOL, &checkpoints).await {
        Ok(()) => *generation = newest,
        Err(error) => tracing::warn!("key health could not be written: {error}"),
    }
}
