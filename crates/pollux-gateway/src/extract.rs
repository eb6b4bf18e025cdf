//! Reads a request body, within a size and without waiting for ever.

use axum::body::Body;
use bytes::Bytes;
use http_body::Body as _;
use http_body_util::BodyExt as _;

use crate::{failure::Failure, gather::Gather, shared::Shared};

/// The whole body.
///
/// # Errors
/// 413 when it is too large, 408 when it stalls, 400 when the client breaks off.
pub(crate) async fn body(shared: &Shared, mut body: Body) -> Result<Bytes, Failure> {
    let (limit, pause) = {
        let catalog = shared.catalog.load();
        (catalog.settings.max_body_bytes, catalog.settings.body_timeout)
    };
    let too_large = |_| Failure::too_large(limit);
    let mut gather = Gather::new(limit, body.size_hint().lower()).map_err(too_large)?;
    loop {
        let frame = shared.clock.timeout(pause, body.frame()).await;
        let Some(frame) = frame.map_err(|_| Failure::slow_body())? else { break };
        let frame = frame.map_err(|_| Failure::broken_body())?;
        if let Ok(data) = frame.into_data() {
            gather.push(data).map_err(too_large)?;
        }
    }
    Ok(gather.finish())
}
