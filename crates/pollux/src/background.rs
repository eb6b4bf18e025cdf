//! What goes on beside the requests: usage and health are written down, a batch a second.

use std::time::Duration;

use pollux_store::store::DEFAULT_POOL;
use tokio_util::sync::CancellationToken;

use crate::open::Instance;

/// The most that a crash can cost of the account.
const PAUSE: Duration = Duration::from_secs(1);

/// Writes until `stop`, and once more after it.
pub async fn keep(instance: Instance, stop: CancellationToken) {
    let mut generation = 0;
    while stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_some() {
        write(&instance, &mut generation).await;
    }
    write(&instance, &mut generation).await;
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
