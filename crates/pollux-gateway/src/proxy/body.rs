//! The client's side of a native stream: Gemini's own bytes.
//!
//! All work happens while the client polls for the next frame, so its pace is
//! the back-pressure, and dropping the body ends the upstream call at once.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};

use super::{
    commit::Opened,
    framing::Framing,
    pacing,
    relay::{Next, Relay},
    settle::Settlement,
};
use crate::shared::Shared;

pub(super) type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

/// A frame that has grown to this goes out at once.
const FULL: usize = 16 << 10;
/// How often the upstream is asked once more: its connection needs two turns for a chunk.
const PATIENCE: u8 = 2;

/// Gathers what the upstream has at hand into one frame.
///
/// A burst of chunks comes out of the upstream connection one poll at a time, and every frame
/// costs a system call. So a frame is held while the upstream is asked once more, after the
/// other tasks of the thread had their turn; no time passes otherwise.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    pub(super) out: BytesMut,
    /// How often the upstream was asked in vain since it gave something.
    asked: u8,
    pub(super) done: bool,
}

impl Gathering {
    /// Lets `write` add to the frame what the upstream brings next, until it says that it is done.
    pub(super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&mut Context<'_>, &mut BytesMut) -> Poll<bool>,
    ) -> Polled {
        while !self.done && self.out.len() < FULL {
            match write(cx, &mut self.out) {
                Poll::Ready(done) => {
                    self.asked = 0;
                    self.done = done;
                }
                Poll::Pending if self.out.is_empty() => return Poll::Pending,
                Poll::Pending if self.asked == PATIENCE => break,
                Poll::Pending => {
                    self.asked += 1;
                    cx.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
        self.asked = 0;
        if self.out.is_empty() {
            return Poll::Ready(None);
        }
        Poll::Ready(Some(Ok(Frame::data(self.out.split().freeze()))))
    }
}

/// Passes Gemini's bytes on untouched and reads the usage from the side.
#[derive(Debug)]
pub(crate) struct Passed {
    gathering: Gathering,
    relay: Relay,
    passing: Passing,
}

#[derive(Debug)]
struct Passing {
    settlement: Settlement,
    framing: Framing,
    /// The beginning of an event that is not whole yet: what follows a break must not meet it.
    held: BytesMut,
    /// An event was too long to be read, so that nothing after it is.
    unread: bool,
}

impl Passed {
    pub(crate) fn new(shared: Arc<Shared>, opened: Opened, settlement: Settlement) -> Self {
        let opened = pacing::paced(&shared, settlement.pool(), opened);
        let Opened { mut raw, events: _, framing, rest, facts: _ } = opened;
        let held = raw.split_off(raw.len().saturating_sub(framing.pending()));
        Self {
            gathering: Gathering { out: raw, ..Gathering::default() },
            relay: Relay::new(shared, settlement.pool(), rest),
            passing: Passing { settlement, framing, held, unread: false },
        }
    }
}

impl Passing {
    fn write(&mut self, next: Next, out: &mut BytesMut) -> bool {
        match next {
            Next::Chunk(chunk) => {
                self.pass(&chunk, out);
                return false;
            }
            Next::End => {
                if let Ok(Some(event)) = self.framing.finish() {
                    self.note(&event);
                }
                out.unsplit(self.held.split());
            }
            Next::Broken(error) => {
                self.settlement.fail();
                out.extend_from_slice(&self.framing.error(&error));
            }
        }
        true
    }

    /// Passes everything up to the end of the last whole event.
    fn pass(&mut self, chunk: &Bytes, out: &mut BytesMut) {
        self.read(chunk);
        if self.unread {
            out.unsplit(self.held.split());
            return out.extend_from_slice(chunk);
        }
        let pending = self.framing.pending();
        if pending >= chunk.len() {
            let whole = (self.held.len() + chunk.len()).saturating_sub(pending);
            out.extend_from_slice(&self.held.split_to(whole));
            self.held.extend_from_slice(chunk);
            return;
        }
        let (whole, rest) = chunk.split_at(chunk.len() - pending);
        out.extend_from_slice(&self.held);
        out.extend_from_slice(whole);
        self.held.clear();
        self.held.extend_from_slice(rest);
    }

    fn read(&mut self, chunk: &Bytes) {
        if !self.unread {
            self.framing.push(chunk.clone());
        }
        while !self.unread {
            match self.framing.next() {
                Ok(Some(event)) => self.note(&event),
                Ok(None) => return,
                Err(_) => self.unread = true,
            }
        }
    }

    fn note(&mut self, event: &[u8]) {
        let Ok(facts) = self.framing.facts(event) else { return };
        self.settlement.note(&facts);
        if facts.error {
            self.settlement.hear(event);
            self.settlement.fail();
        }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let Self { gathering, relay, passing } = &mut *self;
        gathering.poll(cx, |cx, out| relay.poll_next(cx).map(|next| passing.write(next, out)))
    }
}
