//! Keeps the connection of a client awake while its stream has nothing to say.
//!
//! A comment says so, which only server-sent events have, and which Google's own clients
//! take for JSON: native streams go without.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body::{Body, Frame};
use pollux_pool::{id::PoolId, time::Timestamp};

use super::body::Polled;
use crate::{clock::Clock, shared::Shared};

const COMMENT: Bytes = Bytes::from_static(b": keep-alive\n\n");

/// A stream of whole events, with a comment wherever it pauses for long.
pub(crate) struct Alive<B> {
    body: B,
    clock: Clock,
    /// How long nothing may be sent; zero is for ever.
    pause: Duration,
    sent: Timestamp,
    alarm: Option<BoxFuture<'static, ()>>,
}

impl<B> Alive<B> {
    pub(crate) fn new(shared: &Shared, pool: PoolId, body: B) -> Self {
        let pause = shared.treatment(pool).streams.keep_alive;
        Self { body, clock: shared.clock.clone(), pause, sent: shared.clock.now(), alarm: None }
    }

    /// The same after a pause already, so that the comment comes first.
    pub(crate) fn silent(shared: &Shared, pool: PoolId, body: B) -> Self {
        Self { sent: Timestamp::from_seconds(0), ..Self::new(shared, pool, body) }
    }

    /// Ready when it is time for a comment.
    fn poll_silence(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let left = (self.sent + self.pause).since(self.clock.now());
            if left.is_zero() {
                return Poll::Ready(());
            }
            // The alarm is not set anew with each event: when it rings it is asked what is left.
            let clock = &self.clock;
            let alarm = self.alarm.get_or_insert_with(|| clock.sleep(left));
            std::task::ready!(alarm.as_mut().poll(cx));
            self.alarm = None;
        }
    }
}

impl<B> Body for Alive<B>
where
    B: Body<Data = Bytes, Error = Infallible> + Unpin,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let mut polled = Pin::new(&mut self.body).poll_frame(cx);
        if self.pause.is_zero() {
            return polled;
        }
        if polled.is_pending() {
            std::task::ready!(self.poll_silence(cx));
            polled = Poll::Ready(Some(Ok(Frame::data(COMMENT))));
        }
        self.sent = self.clock.now();
        polled
    }
}

impl<B: fmt::Debug> fmt::Debug for Alive<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alive").field("body", &self.body).finish_non_exhaustive()
    }
}
