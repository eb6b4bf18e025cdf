//! What goes on beside the requests: usage, health, quotas and signatures are written down, a batch a
//! second, what must not be lost at once; what has expired is removed, and what is due is done to keys.

use std::{collections::HashMap, time::Duration};

use pollux_gateway::{app::Gateway, catalog::Retention, ledger::Unsaved, vault::Unwritten};
use pollux_pool::{id::PoolId, time::Timestamp};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{open::Instance, policy::Overseer};

/// The most that a crash can cost of the account.
const PAUSE: Duration = Duration::from_secs(1);
/// So many rows of the account are written at once; what is urgent waits no longer than for these.
const PART: usize = 64;
/// How often what is too old is removed from the account and the log.
const FORGETTING: Duration = Duration::from_mins(1);
/// How often what has expired is removed.
const CLEANING: Duration = Duration::from_mins(10);

/// What has been done so far.
#[derive(Debug, Default)]
struct Progress {
    cleaned: Timestamp,
    overseer: Overseer,
    forgotten: Timestamp,
}

/// Writes the account and what else can wait until `stop`, and once more after it.
pub async fn keep(instance: Instance, stop: CancellationToken) {
    let mut progress = Progress::default();
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        write(&instance, &mut progress).await;
    }
    write(&instance, &mut progress).await;
}

/// Writes health, quotas and spending until `stop`, and once more after it; what Google refused at once, since
/// it would be held against whoever asked again after a crash.
pub async fn keep_state(instance: Instance, stop: CancellationToken) {
    let mut generations = HashMap::new();
    let mut pauses = tokio::time::interval(PAUSE);
    pauses.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            _ = pauses.tick() => {}
            () = instance.ledger.urgent() => {}
        }
        write_state(&instance, &mut generations).await;
        write_spending(&instance).await;
    }
    write_state(&instance, &mut generations).await;
    write_spending(&instance).await;
}

/// Checks keys until `stop`.
pub async fn check(gateway: Gateway, stop: CancellationToken) {
    // It ends by the stop alone.
    let _ = stop.run_until_cancelled(gateway.run_checks()).await;
}

async fn write(instance: &Instance, progress: &mut Progress) {
    write_usage(instance).await;
    if let Err(error) = instance.gateway.write_log().await {
        tracing::warn!("the log of requests could not be written, and is kept: {error}");
    }
    if let Err(error) = instance.gateway.write_key_events().await {
        tracing::warn!("the history of keys could not be written, and is kept: {error}");
    }
    write_signatures(instance).await;
    let now = instance.gateway.now();
    progress.overseer.look(instance, now).await;
    if now >= progress.forgotten + FORGETTING {
        progress.forgotten = now;
        forget(instance, now).await;
    }
    if now >= progress.cleaned + CLEANING {
        progress.cleaned = now;
        clean(instance, now).await;
    }
}

async fn forget(instance: &Instance, now: Timestamp) {
    let Retention { usage, requests, changes, key_events } = instance.gateway.retention();
    if let Err(error) = instance.store.remove_old_usage(usage, now).await {
        tracing::warn!("the oldest usage could not be removed: {error}");
    }
    if let Some(kept) = requests
        && let Err(error) = instance.store.remove_old_requests(now.before(kept)).await
    {
        tracing::warn!("the oldest requests could not be removed from the log: {error}");
    }
    if let Some(kept) = changes
        && let Err(error) = instance.store.remove_old_changes(now.before(kept)).await
    {
        tracing::warn!("the oldest changes could not be removed from the audit log: {error}");
    }
    if let Some(kept) = key_events
        && let Err(error) = instance.store.remove_old_key_events(now.before(kept)).await
    {
        tracing::warn!("the oldest events could not be removed from the history of keys: {error}");
    }
}

async fn clean(instance: &Instance, now: Timestamp) {
    if let Err(error) = instance.store.remove_expired_sessions(now).await {
        tracing::warn!("sessions of admins that are over could not be removed: {error}");
    }
    if let Err(error) = instance.store.remove_expired_signatures(now).await {
        tracing::warn!("expired thought signatures could not be removed: {error}");
    }
    if let Err(error) = instance.store.remove_expired_bindings(now).await {
        tracing::warn!("expired bindings could not be removed: {error}");
    }
    if let Err(error) = instance.store.remove_old_quotas(now).await {
        tracing::warn!("quotas that are over could not be removed: {error}");
    }
    if let Err(error) = instance.store.remove_limits_of_gone().await {
        tracing::warn!("limits of users that are gone could not be removed: {error}");
    }
}

async fn write_usage(instance: &Instance) {
    let recorder = instance.gateway.recorder();
    let batch = recorder.take();
    for (number, part) in batch.chunks(PART).enumerate() {
        if let Err(error) = instance.store.add_usage(part).await {
            tracing::warn!("usage could not be written, and is kept for the next try: {error}");
            return recorder.put_back(batch.into_iter().skip(number * PART).collect());
        }
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

/// Writes what has changed in each pool; `generations` says what was written of it last.
async fn write_state(instance: &Instance, generations: &mut HashMap<PoolId, u64>) {
    let catalog = instance.gateway.catalog();
    generations.retain(|id, _| catalog.pool(*id).is_some());
    for pool in &catalog.pools {
        write_pool(instance, pool.id, generations.entry(pool.id).or_default()).await;
    }
}

async fn write_pool(instance: &Instance, pool: PoolId, generation: &mut u64) {
    let Unsaved { checkpoints, quotas } = instance.ledger.take_unsaved(pool, *generation);
    let (newest, checkpoints) = match &checkpoints {
        Some((newest, checkpoints)) => (*newest, Some(checkpoints.as_slice())),
        None if quotas.is_empty() => return,
        None => (*generation, None),
    };
    match instance.store.save_state(pool, checkpoints, &quotas).await {
        Ok(()) => *generation = newest,
        Err(error) => {
            tracing::warn!("health and quotas could not be written, and are kept: {error}");
            instance.ledger.put_quotas_back(pool, &quotas);
        }
    }
}

async fn write_spending(instance: &Instance) {
    let spending = instance.ledger.take_spending();
    if !spending.is_empty()
        && let Err(error) = instance.store.save_spending(&spending).await
    {
        tracing::warn!("what users spent could not be written, and is kept: {error}");
        instance.ledger.put_spending_back(&spending);
    }
}
