//! The client's side of a stream: Gemini's own bytes, or another dialect's.
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
use pollux_translate::{
    error::ApiError,
    gemini::{
        error::ErrorBody,
        response::{Facts, Response},
    },
    stream::StreamTranslator,
};

use super::{
    commit::{self, Opened},
    framing::Framing,
    relay::{Next, Relay},
    settle::Settlement,
};
use crate::shared::Shared;

type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

/// A frame that has grown to this goes out at once.
const FULL: usize = 16 << 10;
/// How often the upstream is asked once more: its connection needs two turns for a chunk.
const PATIENCE: u8 = 2;

/// Gathers what the upstream has at hand into one frame.
///
/// A burst of chunks comes out of the upstream connection one poll at a time, and every frame
/// costs a system call. So a frame is held while the upstream is asked once more, after the
/// other tasks of the thread had their turn; no time passes otherwise.
#[derive(Debug)]
struct Gathering {
    relay: Relay,
    out: BytesMut,
    /// How often the upstream was asked in vain since it gave something.
    asked: u8,
    done: bool,
}

impl Gathering {
    fn new(relay: Relay, out: BytesMut) -> Self {
        Self { relay, out, asked: 0, done: false }
    }

    /// Lets `write` add to the frame what becomes of each chunk, until it says that it is done.
    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        mut write: impl FnMut(&Relay, Next, &mut BytesMut) -> bool,
    ) -> Polled {
        while !self.done && self.out.len() < FULL {
            match self.relay.poll_next(cx) {
                Poll::Ready(next) => {
                    self.asked = 0;
                    self.done = write(&self.relay, next, &mut self.out);
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
        let Opened { mut raw, events: _, framing, rest, facts: _ } = opened;
        let held = raw.split_off(raw.len().saturating_sub(framing.pending()));
        Self {
            gathering: Gathering::new(Relay::new(shared, rest), raw),
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
            self.settlement.fail();
        }
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let Self { gathering, passing } = &mut *self;
        gathering.poll(cx, |_, next, out| passing.write(next, out))
    }
}

/// Turns Gemini's events into those of another dialect.
#[derive(Debug)]
pub(crate) struct Translated<T> {
    gathering: Gathering,
    translating: Translating<T>,
}

#[derive(Debug)]
struct Translating<T> {
    settlement: Settlement,
    framing: Framing,
    translator: T,
    facts: Facts,
    done: bool,
}

impl<T: StreamTranslator> Translated<T> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        opened: Opened,
        settlement: Settlement,
        translator: T,
    ) -> Self {
        let Opened { raw: _, events, framing, rest, facts: _ } = opened;
        let facts = Facts::default();
        let mut translating = Translating { settlement, framing, translator, facts, done: false };
        let relay = Relay::new(shared, rest);
        let mut out = BytesMut::new();
        for event in &events {
            translating.translate(&relay, event, &mut out);
        }
        let mut gathering = Gathering::new(relay, out);
        gathering.done = translating.done;
        Self { gathering, translating }
    }
}

impl<T: StreamTranslator> Translating<T> {
    fn write(&mut self, relay: &Relay, next: Next, out: &mut BytesMut) -> bool {
        match next {
            Next::Chunk(chunk) => {
                self.framing.push(chunk);
                self.drain(relay, out);
            }
            Next::End => self.end(relay, out),
            Next::Broken(error) => self.fail(&error, out),
        }
        self.done
    }

    fn drain(&mut self, relay: &Relay, out: &mut BytesMut) {
        loop {
            match self.framing.next() {
                Ok(Some(event)) => self.translate(relay, &event, out),
                Ok(None) => return,
                Err(error) => return self.fail(&commit::broken(&error), out),
            }
        }
    }

    fn translate(&mut self, relay: &Relay, event: &Bytes, out: &mut BytesMut) {
        if self.done {
            return;
        }
        match Response::parse(event) {
            Ok(response) if response.error.is_none() => {
                let facts = response.facts();
                self.settlement.note(&facts);
                self.facts.merge(&facts);
                self.translator.event(&response, out);
            }
            Ok(_) | Err(_) => {
                let error = match ErrorBody::parse(event) {
                    Some(error) => relay.scrub(ApiError::from(&error)),
                    None => commit::unreadable(),
                };
                self.fail(&error, out);
            }
        }
    }

    fn end(&mut self, relay: &Relay, out: &mut BytesMut) {
        if let Ok(Some(event)) = self.framing.finish() {
            self.translate(relay, &event, out);
        }
        if self.done {
            return;
        }
        if self.facts.finish.is_some() || self.facts.blocked {
            self.translator.finish(out);
            self.done = true;
        } else {
            self.fail(&commit::cut(), out);
        }
    }

    fn fail(&mut self, error: &ApiError, out: &mut BytesMut) {
        if self.done {
            return;
        }
        self.settlement.fail();
        self.translator.fail(error, out);
        self.done = true;
    }
}

impl<T: StreamTranslator + Unpin> Body for Translated<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        let Self { gathering, translating } = &mut *self;
        gathering.poll(cx, |relay, next, out| translating.write(relay, next, out))
    }
}
