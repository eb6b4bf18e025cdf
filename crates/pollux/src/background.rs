//! What goes on beside the requests: usage and health are written down, a batch a second, and
//! what has expired is removed, at the start and every hour.

use std::time::Duration;

use pollux_store::store::DEFAULT_POOL;
use tokio_util::sync::CancellationToken;

use crate::open::Instance;

/// The most that a crash can cost of the account.
const PAUSE: Duration = Duration::from_secs(1);
/// After how many pauses what has expired is removed.
const CLEANING: u32 = 3600;

/// Writes until `stop`, and once more after it.
pub async fn keep(instance: Instance, stop: CancellationToken) {
    let mut generation = 0;
    for pause in (0..CLEANING).cycle() {
        if pause == 0 {
            clean(&instance).await;
        }
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            break;
        }
        write(&instance, &mut generation).await;
    }
    write(&instance, &mut generation).await;
}

async fn clean(instance: &Instance) {
    if let Err(error) = instance.store.remove_expired_bindings(instance.gateway.now()).await {
        tracing::warn!("what has expired could not be removed: {error}");
    }
}

async fn write(instance: &Instance, generation: &mut u64) {
    let recorder = instance.gateway.recorder();
    let batch = recorder.take();
    if !batch.is_empty()
        && let Err(error) = instance.store.add_usage(&batch).await
    {
        tracing::warn!("usage could not be written, and is kept for the next try: {error}");
        recorder.put_back(batch);
    }
    let Some((newest, checkpoints)) = instance.ledger.checkpoint(DEFAULT_POOL, *generation) else {
        return;
    };
    match instance.store.save_checkpoints(DEFAULT_POOL, &checkpoints).await {
        Ok(()) => *generation = newest,
        Err(error) => tracing::warn!("key health could not be written: {error}"),
    }
}
