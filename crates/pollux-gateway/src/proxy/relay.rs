//! The upstream side of a stream that has been committed: chunks, or how it ended.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::Body as _;
use pollux_pool::{id::PoolId, time::Timestamp};
use pollux_translate::error::ApiError;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{
    commit::broken,
    upstream::{UpstreamBody, UpstreamError},
};
use crate::{failure::Failure, shared::Shared};

/// What the upstream did next.
#[derive(Debug)]
pub(crate) enum Next {
    Chunk(Bytes),
    End,
    Broken(ApiError),
}

/// Reads the rest of an answer, watching for silence and for the server's stop.
pub(crate) struct Relay {
    shared: Arc<Shared>,
    rest: Option<UpstreamBody>,
    idle: Duration,
    heard: Timestamp,
    alarm: Option<BoxFuture<'static, ()>>,
    stop: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Relay {
    pub(crate) fn new(shared: Arc<Shared>, pool: PoolId, rest: Option<UpstreamBody>) -> Self {
        let idle = shared.treatment(pool).timeouts.idle;
        let heard = shared.clock.now();
        Self { shared, rest, idle, heard, alarm: None, stop: None }
    }

    /// The next chunk; after `End` or `Broken` the upstream call is closed.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let next = match self.poll_body(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                self.heard = self.shared.clock.now();
                return Poll::Ready(Next::Chunk(chunk));
            }
            Poll::Ready(Some(Err(error))) => Next::Broken(broken(&error)),
            Poll::Ready(None) => Next::End,
            Poll::Pending => std::task::ready!(self.poll_trouble(cx)),
        };
        self.rest = None;
        Poll::Ready(next)
    }

    /// The error without the pool's secrets.
    pub(crate) fn scrub(&self, error: ApiError) -> ApiError {
        let message = self.shared.catalog.load().scrubber.scrub(&error.message).into_owned();
        ApiError { message, ..error }
    }

    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamError>>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        loop {
            match std::task::ready!(Pin::new(&mut *rest).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }

    /// Ready when the upstream has been silent for too long, or the server stops.
    fn poll_trouble(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let shared = &self.shared;
        let stop = self.stop.get_or_insert_with(|| Box::pin(shared.stop.clone().cancelled_owned()));
        if stop.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Next::Broken(Failure::stopping().error));
        }
        loop {
            let left = (self.heard + self.idle).since(self.shared.clock.now());
            if left.is_zero() {
                return Poll::Ready(Next::Broken(broken(&UpstreamError::Timeout)));
            }
            // The alarm is not set anew with each chunk: when it rings it is asked what is left.
            let shared = &self.shared;
            let alarm = self.alarm.get_or_insert_with(|| shared.clock.sleep(left));
            std::task::ready!(alarm.as_mut().poll(cx));
            self.alarm = None;
        }
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("idle", &self.idle).finish_non_exhaustive()
    }
}
