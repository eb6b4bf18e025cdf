//! A paced answer: what Gemini streams, given on in smaller events, each when it is due.
//!
//! It takes the place of the upstream's body, so that every face reads the smaller events as if
//! Gemini had sent them. It reads ahead of what it gives, up to a bound, and no further: a client
//! that is slow slows Gemini down as well.

use std::{
    borrow::Cow,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use pollux_pool::{id::PoolId, time::Timestamp};
use pollux_translate::{
    compact::compact,
    pacing::{Mode, Pacer, Turn},
};

use super::{
    call::Shape,
    commit::Opened,
    framing::Framing,
    upstream::{UpstreamBody, UpstreamError},
};
use crate::{clock::Clock, shared::Shared};

/// The same answer at the pace of the pool; as it is where the pool has none.
pub(super) fn paced(shared: &Arc<Shared>, pool: PoolId, opened: Opened) -> Opened {
    let treatment = shared.treatment(pool);
    let shape = opened.framing.shape();
    if treatment.pacing.mode == Mode::Off || !shape.is_generated_in_pieces() {
        return opened;
    }
    let Opened { raw, events, framing, rest, facts } = opened;
    let mut paced = Paced {
        clock: shared.clock.clone(),
        began: shared.clock.now(),
        pacer: Pacer::new(treatment.pacing.clone()),
        framing,
        shape,
        rest,
        broken: None,
        is_closed: raw.trim_ascii_end().ends_with(b"]"),
        given: 0,
        alarm: None,
        is_over: false,
    };
    for event in &events {
        paced.pacer.push(event, Duration::ZERO);
    }
    let rest = Some(paced.boxed_unsync());
    Opened { raw: BytesMut::new(), events: Vec::new(), framing: Framing::of(shape), rest, facts }
}

struct Paced {
    clock: Clock,
    began: Timestamp,
    pacer: Pacer,
    framing: Framing,
    shape: Shape,
    rest: Option<UpstreamBody>,
    /// How the upstream ended, where that was no end.
    broken: Option<UpstreamError>,
    /// Whether the array of the upstream was closed.
    is_closed: bool,
    /// How many events were given.
    given: u64,
    alarm: Option<BoxFuture<'static, ()>>,
    is_over: bool,
}

impl Paced {
    /// Takes what the upstream has at hand.
    fn listen(&mut self, cx: &mut Context<'_>) {
        while !self.pacer.is_full()
            && let Some(rest) = &mut self.rest
        {
            match Pin::new(rest).poll_frame(cx) {
                Poll::Pending => return,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.hear(data);
                    }
                }
                Poll::Ready(Some(Err(error))) => self.end(Err(error)),
                Poll::Ready(None) => self.end(Ok(())),
            }
        }
    }

    fn hear(&mut self, data: Bytes) {
        if let Some(last) = data.trim_ascii_end().last() {
            self.is_closed = *last == b']';
        }
        self.framing.push(data);
        let now = self.now();
        loop {
            match self.framing.next() {
                Ok(Some(event)) => self.pacer.push(&event, now),
                Ok(None) => return,
                Err(error) => return self.end(Err(error)),
            }
        }
    }

    fn end(&mut self, how: Result<(), UpstreamError>) {
        self.rest = None;
        let last = how.and_then(|()| self.framing.finish());
        match last {
            Ok(Some(event)) => self.pacer.push(&event, self.now()),
            Ok(None) => {}
            Err(error) => self.broken = Some(error),
        }
    }

    fn now(&self) -> Duration {
        self.clock.now().since(self.began)
    }

    /// Ready when it is `moment`.
    fn poll_until(&mut self, moment: Duration, cx: &mut Context<'_>) -> Poll<()> {
        let left = moment.saturating_sub(self.now());
        let alarm = self.alarm.get_or_insert_with(|| self.clock.sleep(left));
        std::task::ready!(alarm.as_mut().poll(cx));
        self.alarm = None;
        Poll::Ready(())
    }

    /// An event as Gemini frames it.
    fn framed(&mut self, event: &[u8]) -> Bytes {
        let is_first = self.given == 0;
        self.given += 1;
        let (before, after): (&[u8], &[u8]) = match (self.shape == Shape::Array, is_first) {
            (true, true) => (b"[", b""),
            (true, false) => (b",\r\n", b""),
            (false, _) => (b"data: ", b"\r\n\r\n"),
        };
        let is_one_line = self.shape == Shape::Array || !event.contains(&b'\n');
        let event = if is_one_line { Cow::Borrowed(event) } else { compact(event).into() };
        [before, &event, after].concat().into()
    }

    /// What comes after the last event.
    fn close(&mut self) -> Option<Result<Frame<Bytes>, UpstreamError>> {
        if std::mem::replace(&mut self.is_over, true) {
            return None;
        }
        if let Some(error) = self.broken.take() {
            return Some(Err(error));
        }
        let closes = self.shape == Shape::Array && self.is_closed && self.given > 0;
        closes.then(|| Ok(Frame::data(Bytes::from_static(b"\n]"))))
    }
}

impl Body for Paced {
    type Data = Bytes;
    type Error = UpstreamError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UpstreamError>>> {
        loop {
            self.listen(cx);
            let now = self.now();
            match self.pacer.take(now) {
                Turn::Event(event) => {
                    self.alarm = None;
                    return Poll::Ready(Some(Ok(Frame::data(self.framed(&event)))));
                }
                Turn::Later(moment) => std::task::ready!(self.poll_until(moment, cx)),
                Turn::Nothing if self.rest.is_none() => return Poll::Ready(self.close()),
                Turn::Nothing => return Poll::Pending,
            }
        }
    }
}

impl fmt::Debug for Paced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Paced").field("pacer", &self.pacer).finish_non_exhaustive()
    }
}
