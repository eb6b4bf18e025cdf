//! The body of an answer: pieces, pauses, and how it ends.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use std::{io, vec};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Sleep;

use super::Ticket;

/// How a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// As HTTP wants it.
    Complete,
    /// With the connection.
    Cut,
}

/// Pieces that are sent one by one.
pub(super) struct Pieces {
    rest: vec::IntoIter<Bytes>,
    pause: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    ending: Ending,
    /// Whether what was sent has had the time to leave before a cut.
    settled: bool,
    ticket: Option<Ticket>,
}

impl Pieces {
    /// Sends `pieces` with a pause before each but the first.
    pub(super) fn new(pieces: Vec<Bytes>, pause: Duration, ending: Ending) -> Self {
        Self {
            rest: pieces.into_iter(),
            pause,
            waiting: None,
            ending,
            settled: false,
            ticket: None,
        }
    }

    /// Reports to `ticket` whether it was sent to its end.
    pub(super) fn watched(mut self, ticket: Option<Ticket>) -> Self {
        self.ticket = ticket;
        self
    }

    fn finish(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            ticket.complete();
        }
    }

    fn next(&mut self) -> Option<Bytes> {
        let piece = self.rest.next()?;
        if !self.pause.is_zero() && self.rest.len() > 0 {
            self.waiting = Some(Box::pin(tokio::time::sleep(self.pause)));
        }
        if self.rest.len() == 0 && self.ending == Ending::Complete {
            self.finish();
        }
        Some(piece)
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(waiting) = &mut self.waiting {
            std::task::ready!(waiting.as_mut().poll(cx));
            self.waiting = None;
        }
        if let Some(piece) = self.next() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.ending {
            Ending::Complete => {
                self.finish();
                Poll::Ready(None)
            }
            Ending::Cut if self.settled => {
                self.finish();
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            Ending::Cut => {
                self.settled = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.ending == Ending::Complete && self.rest.len() == 0
    }

    fn size_hint(&self) -> SizeHint {
        match (self.rest.as_slice(), self.ending) {
            ([], Ending::Complete) => SizeHint::with_exact(0),
            ([whole], Ending::Complete) => {
                SizeHint::with_exact(u64::try_from(whole.len()).unwrap_or(u64::MAX))
            }
            _ => SizeHint::default(),
        }
    }
}
