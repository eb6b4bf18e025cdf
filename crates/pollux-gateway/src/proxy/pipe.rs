//! The client's side of a download: bytes that are passed on as they come, whatever they mean.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pollux_translate::error::ApiError;

use super::{
    relay::{Next, Relay},
    settle::Settlement,
    upstream::UpstreamBody,
};
use crate::shared::Shared;

/// Passes bytes on; when the upstream breaks, so does the client's connection.
#[derive(Debug)]
pub(crate) struct Piped {
    relay: Relay,
    settlement: Settlement,
    left: SizeHint,
}

impl Piped {
    pub(crate) fn new(shared: Arc<Shared>, rest: UpstreamBody, settlement: Settlement) -> Self {
        let left = rest.size_hint();
        let relay = Relay::new(shared, settlement.pool(), Some(rest));
        Self { relay, settlement, left }
    }
}

impl Body for Piped {
    type Data = Bytes;
    type Error = ApiError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, ApiError>>> {
        match std::task::ready!(self.relay.poll_next(cx)) {
            Next::Chunk(chunk) => {
                self.left = less(&self.left, chunk.len());
                Poll::Ready(Some(Ok(Frame::data(chunk))))
            }
            Next::End => Poll::Ready(None),
            Next::Broken(error) => {
                self.settlement.fail();
                Poll::Ready(Some(Err(error)))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.left
    }
}

fn less(left: &SizeHint, sent: usize) -> SizeHint {
    let sent = u64::try_from(sent).unwrap_or(u64::MAX);
    match left.exact() {
        Some(exact) => SizeHint::with_exact(exact.saturating_sub(sent)),
        None => SizeHint::default(),
    }
}
