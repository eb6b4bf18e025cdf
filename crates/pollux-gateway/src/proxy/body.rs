//! The client's side of a stream: Gemini's own bytes, or another dialect's.
//!
//! All work happens while the client polls for the next frame, so its pace is
//! the back-pressure, and dropping the body ends the upstream call at once.

use std::{
    convert::Infallible,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use pollux_translate::{
    error::ApiError,
    gemini::{
        self,
        error::ErrorBody,
        glance::Glance,
        response::{Facts, Response},
    },
    stream::StreamTranslator,
};

use super::{
    commit::Opened,
    framing::Framing,
    relay::{Next, Relay},
    settle::Settlement,
};
use crate::app::Shared;

type Polled = Poll<Option<Result<Frame<Bytes>, Infallible>>>;

/// Passes Gemini's bytes on untouched and reads the usage from the side.
#[derive(Debug)]
pub(crate) struct Passed {
    relay: Relay,
    settlement: Settlement,
    framing: Framing,
    /// The beginning of an event that is not whole yet: what follows a break must not meet it.
    held: BytesMut,
    first: Option<Bytes>,
    done: bool,
}

impl Passed {
    pub(crate) fn new(shared: Arc<Shared>, opened: Opened, settlement: Settlement) -> Self {
        let mut opened = opened;
        let held = opened.raw.split_off(opened.raw.len().saturating_sub(opened.framing.pending()));
        Self {
            relay: Relay::new(shared, opened.rest),
            settlement,
            framing: opened.framing,
            held,
            first: Some(opened.raw.freeze()),
            done: false,
        }
    }

    /// Everything up to the end of the last whole event.
    fn pass(&mut self, chunk: Bytes) -> Bytes {
        self.framing.push(chunk.clone());
        while let Ok(Some(event)) = self.framing.next() {
            self.note(&event);
        }
        let pending = self.framing.pending();
        if self.held.is_empty() && pending == 0 {
            return chunk;
        }
        self.held.extend_from_slice(&chunk);
        let whole = self.held.len().saturating_sub(pending);
        self.held.split_to(whole).freeze()
    }

    fn note(&mut self, event: &[u8]) {
        let Ok(glance) = Glance::parse(event) else { return };
        let facts = glance.facts();
        self.settlement.note(&facts);
        if facts.error {
            self.settlement.fail();
        }
    }

    fn fail(&mut self, error: &ApiError) -> Bytes {
        self.settlement.fail();
        self.framing.error(&gemini::error::encode(error))
    }
}

impl Body for Passed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        if let Some(first) = self.first.take().filter(|first| !first.is_empty()) {
            return frame(first);
        }
        while !self.done {
            let bytes = match ready!(self.relay.poll_next(cx)) {
                Next::Chunk(chunk) => self.pass(chunk),
                Next::End => {
                    self.done = true;
                    if let Ok(Some(event)) = self.framing.finish() {
                        self.note(&event);
                    }
                    self.held.split().freeze()
                }
                Next::Broken(error) => {
                    self.done = true;
                    self.fail(&error)
                }
            };
            if !bytes.is_empty() {
                return frame(bytes);
            }
        }
        Poll::Ready(None)
    }
}

/// Turns Gemini's events into those of another dialect.
#[derive(Debug)]
pub(crate) struct Translated<T> {
    relay: Relay,
    settlement: Settlement,
    framing: Framing,
    events: std::vec::IntoIter<Bytes>,
    translator: T,
    facts: Facts,
    out: BytesMut,
    done: bool,
}

impl<T: StreamTranslator> Translated<T> {
    pub(crate) fn new(
        shared: Arc<Shared>,
        opened: Opened,
        settlement: Settlement,
        translator: T,
    ) -> Self {
        Self {
            relay: Relay::new(shared, opened.rest),
            settlement,
            framing: opened.framing,
            events: opened.events.into_iter(),
            translator,
            facts: Facts::default(),
            out: BytesMut::new(),
            done: false,
        }
    }

    fn translate(&mut self, event: &Bytes) {
        if self.done {
            return;
        }
        match Response::parse(event) {
            Ok(response) if response.error.is_none() => {
                let facts = response.facts();
                self.settlement.note(&facts);
                self.facts.merge(&facts);
                self.translator.event(&response, &mut self.out);
            }
            Ok(_) | Err(_) => self.fail(&self.refusal(event)),
        }
    }

    /// What an event that is not an answer says, in words that may leave.
    fn refusal(&self, event: &[u8]) -> ApiError {
        match ErrorBody::parse(event) {
            Some(error) => self.relay.scrub(ApiError::from(&error)),
            None => super::commit::unreadable(),
        }
    }

    fn drain(&mut self) {
        loop {
            match self.framing.next() {
                Ok(Some(event)) => self.translate(&event),
                Ok(None) => return,
                Err(error) => return self.fail(&super::commit::broken(&error)),
            }
        }
    }

    fn end(&mut self) {
        if let Ok(Some(event)) = self.framing.finish() {
            self.translate(&event);
        }
        if self.done {
            return;
        }
        if self.facts.finish.is_some() || self.facts.blocked {
            self.translator.finish(&mut self.out);
            self.done = true;
        } else {
            self.fail(&super::commit::cut());
        }
    }

    fn fail(&mut self, error: &ApiError) {
        self.settlement.fail();
        self.translator.fail(error, &mut self.out);
        self.done = true;
    }
}

impl<T: StreamTranslator + Unpin> Body for Translated<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        while let Some(event) = self.events.next() {
            self.translate(&event);
        }
        while self.out.is_empty() && !self.done {
            match ready!(self.relay.poll_next(cx)) {
                Next::Chunk(chunk) => {
                    self.framing.push(chunk);
                    self.drain();
                }
                Next::End => self.end(),
                Next::Broken(error) => self.fail(&error),
            }
        }
        if self.out.is_empty() { Poll::Ready(None) } else { frame(self.out.split().freeze()) }
    }
}

fn frame(bytes: Bytes) -> Polled {
    Poll::Ready(Some(Ok(Frame::data(bytes))))
}
