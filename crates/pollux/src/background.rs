//! What goes on beside the requests: usage, health, quotas and signatures are written down, a batch a
//! second, what must not be lost at once; what has expired is removed, and what is due is done to keys.

use std::time::Duration;

use pollux_gateway::{app::Gateway, ledger::Unsaved, vault::Unwritten};
use pollux_pool::time::Timestamp;
use pollux_store::store::DEFAULT_POOL;
use tokio::time::MissedTickBehavior;
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
    let mut pauses = tokio::time::interval(PAUSE);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = pauses.tick() => write(&instance, &mut progress).await,
            // Google has said something that it would hold against whoever asked again after a crash.
            () = instance.ledger.urgent() => write_state(&instance, &mut progress.generation).await,
        }
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
    write_state(instance, &mut progress.generation).await;
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
    if let Err(error) = instance.store.remove_old_quotas(now).await {
        tracing::warn!("quotas that are over could not be removed: {error}");
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

async fn write_state(instance: &Instance, generation: &mut u64) {
    let Unsaved { checkpoints, quotas } = instance.ledger.take_unsaved(DEFAULT_POOL, *generation);
    let (newest, checkpoints) = match &checkpoints {
        Some((newest, checkpoints)) => (*newest, Some(checkpoints.as_slice())),
        None if quotas.is_empty() => return,
        None => (*generation, None),
    };
    match instance.store.save_state(DEFAULT_POOL, checkpoints, &quotas).await {
        Ok(()) => *generation = newest,
        Err(error) => {
            tracing::warn!("health and quotas could not be written, and are kept: {error}");
            instance.ledger.put_quotas_back(DEFAULT_POOL, &quotas);
        }
    }
}
