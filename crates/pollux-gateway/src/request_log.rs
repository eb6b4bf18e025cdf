//! The log of requests: what became of each, never what was asked and answered.

use pollux_pool::id::{KeyId, ModelName};
use pollux_store::{requests::RequestRow, store::StoreError};

use crate::{catalog::Catalog, shared::Shared, trace::Record};

/// So many rows are written at once.
const PART: usize = 256;

/// Writes what has ended since the last time.
pub(crate) async fn write(shared: &Shared) -> Result<usize, StoreError> {
    let log = shared.recorder.log();
    let mut written = 0;
    loop {
        let part = log.take(PART);
        if part.is_empty() {
            return Ok(written);
        }
        let catalog = shared.catalog.load_full();
        let rows: Vec<RequestRow> = part.iter().map(|record| row(record, &catalog)).collect();
        if let Err(error) = shared.store.add_requests(&rows).await {
            log.put_back(part);
            return Err(error);
        }
        written += rows.len();
    }
}

fn row(record: &Record, catalog: &Catalog) -> RequestRow {
    let scrubber = &catalog.scrubber;
    // A client may write anything into these, also what is secret.
    let clean = |text: &str| scrubber.scrub(text).into_owned();
    let last4 = |key: KeyId| catalog.secret(key).map(|it| it.last4().to_owned());
    let usage = &record.usage;
    RequestRow {
        name: record.id.clone(),
        at: record.at,
        pool: record.pool,
        user: record.user.clone(),
        key: record.attempts.last().map(|it| (it.key, last4(it.key).unwrap_or_default())),
        method: record.method.to_string(),
        path: clean(&record.path),
        model: record.model.as_ref().map(|model| ModelName::new(&clean(model.as_str()))),
        is_stream: record.is_stream,
        status: record.status,
        outcome: record.ending.as_str().to_owned(),
        reason: record.reason().map_or("", |reason| reason.as_str()).to_owned(),
        error: record.error.as_deref().map(clean).unwrap_or_default(),
        attempts: u64::try_from(record.attempts.len() + record.more_attempts).unwrap_or(u64::MAX),
        waited: record.waited,
        first_byte: record.first_byte,
        total: record.total,
        prompt_tokens: usage.prompt + usage.tool_prompt,
        cached_tokens: usage.cached,
        output_tokens: usage.output,
        thought_tokens: usage.thoughts,
        cost: record.cost(),
    }
}
