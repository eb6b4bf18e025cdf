//! The client's side of a stream in another dialect than Gemini's.
//!
//! One stream may be made of several upstream answers: one for each answer the
//! client asked for, and further ones where Gemini gives an answer in pieces.
//! As in [`body`](super::body), all work happens while the client polls.

use std::{
    convert::Infallible,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use http_body::Body;
use pollux_pool::id::{KeyId, PoolId};
use pollux_translate::{
    error::ApiError,
    gemini::{
        error::ErrorBody,
        response::{Facts, Response},
    },
    stream::{Source, StreamTranslator},
};

use super::{
    body::{Gathering, Polled},
    commit::{self, AnswerBody, Opened},
    framing::Framing,
    pacing,
    relay::{Next, Relay},
    rest::Rest,
    send::Sent,
    settle::Settlement,
    whole,
};
use crate::{failure::Failure, shared::Shared};

/// Turns Gemini's events into those of another dialect.
#[derive(Debug)]
pub(crate) struct Translated<T> {
    gathering: Gathering,
    translation: Translation<T>,
    answers: Vec<Answer>,
}

#[derive(Debug)]
struct Translation<T> {
    translator: T,
    shared: Arc<Shared>,
    pool: PoolId,
}

/// One upstream answer on its way.
#[derive(Debug)]
struct Answer {
    heard: Heard,
    state: State,
}

/// What is known of an answer over all its pieces.
#[derive(Debug)]
struct Heard {
    source: Source,
    rest: Option<Rest>,
}

enum State {
    Reading(Box<Reading>),
    /// The next piece has been asked for.
    Asking(BoxFuture<'static, Result<Sent, Failure>>),
    Over,
}

#[derive(Debug)]
struct Reading {
    settlement: Settlement,
    framing: Framing,
    relay: Relay,
    facts: Facts,
}

/// A stream that is broken, for this reason.
type Broken = ApiError;

impl<T: StreamTranslator> Translated<T> {
    /// Begins with as many upstream answers as the client asked for; `rest` continues them.
    pub(crate) fn new(
        shared: &Arc<Shared>,
        sent: Vec<Sent>,
        rest: Option<&Rest>,
        translator: T,
    ) -> Self {
        let pool = sent.first().map_or(PoolId(0), |sent| sent.settlement.pool());
        let translation = Translation { translator, shared: Arc::clone(shared), pool };
        let answers = Vec::with_capacity(sent.len());
        let mut stream = Self { gathering: Gathering::default(), translation, answers };
        for (answer, sent) in (0..).zip(sent) {
            let source = Source { answer, hop: 0 };
            let heard = Heard { source, rest: rest.cloned() };
            let mut answer = Answer { heard, state: State::Over };
            let out = &mut stream.gathering.out;
            if let Err(error) = answer.open(sent, &mut stream.translation, out) {
                stream.translation.translator.fail(&error, out);
                stream.gathering.done = true;
            }
            stream.answers.push(answer);
        }
        stream
    }

    /// A stream without any answer, for `error`.
    pub(crate) fn failed(shared: &Arc<Shared>, error: &ApiError, mut translator: T) -> Self {
        let mut gathering = Gathering::default();
        translator.fail(error, &mut gathering.out);
        gathering.done = true;
        let shared = Arc::clone(shared);
        let translation = Translation { translator, shared, pool: PoolId(0) };
        Self { gathering, translation, answers: Vec::new() }
    }

    /// Whatever any of the answers brings next.
    fn poll(&mut self, cx: &mut Context<'_>) -> Polled {
        let Self { gathering, translation, answers } = self;
        gathering.poll(cx, |cx, out| {
            let mut progress = false;
            for answer in &mut *answers {
                match answer.poll(cx, translation, out) {
                    Poll::Ready(Ok(())) => progress = true,
                    Poll::Ready(Err(error)) => {
                        translation.translator.fail(&error, out);
                        answers.clear();
                        return Poll::Ready(true);
                    }
                    Poll::Pending => {}
                }
            }
            if answers.iter().all(|answer| matches!(answer.state, State::Over)) {
                translation.translator.finish(out);
                return Poll::Ready(true);
            }
            if progress { Poll::Ready(false) } else { Poll::Pending }
        })
    }
}

impl Answer {
    /// Takes over a stream that has begun well.
    fn open<T: StreamTranslator>(
        &mut self,
        sent: Sent,
        translation: &mut Translation<T>,
        out: &mut BytesMut,
    ) -> Result<(), Broken> {
        let Sent { answer, settlement, .. } = sent;
        let opened = match answer.body {
            AnswerBody::Stream(opened) => *opened,
            AnswerBody::Whole { body, facts } => whole::opened(body, facts),
            AnswerBody::Bytes(_) => return Err(commit::unreadable()),
        };
        let pool = settlement.pool();
        let opened = pacing::paced(&translation.shared, pool, opened);
        let Opened { raw: _, events, framing, rest, facts: _ } = opened;
        let relay = Relay::new(Arc::clone(&translation.shared), pool, rest);
        let facts = Facts::default();
        let mut reading = Reading { settlement, framing, relay, facts };
        for event in &events {
            if let Err(error) = reading.event(&mut self.heard, event, translation, out) {
                reading.settlement.fail();
                return Err(error);
            }
        }
        self.state = State::Reading(Box::new(reading));
        Ok(())
    }

    fn poll<T: StreamTranslator>(
        &mut self,
        cx: &mut Context<'_>,
        translation: &mut Translation<T>,
        out: &mut BytesMut,
    ) -> Poll<Result<(), Broken>> {
        let reading = match &mut self.state {
            State::Reading(reading) => reading,
            State::Asking(asked) => {
                let sent = std::task::ready!(asked.as_mut().poll(cx));
                self.state = State::Over;
                self.heard.source.hop += 1;
                return Poll::Ready(match sent {
                    Ok(sent) => self.open(sent, translation, out),
                    Err(failure) => {
                        // What was told so far is a shorter answer, and says that it is one.
                        tracing::warn!(
                            "a long answer was not continued: {}",
                            failure.error.message
                        );
                        Ok(())
                    }
                });
            }
            State::Over => return Poll::Pending,
        };
        let next = std::task::ready!(reading.relay.poll_next(cx));
        let read = reading.read(&mut self.heard, next, translation, out);
        Poll::Ready(match read {
            Ok(false) => Ok(()),
            Ok(true) => {
                self.end();
                Ok(())
            }
            Err(error) => {
                reading.settlement.fail();
                Err(error)
            }
        })
    }

    /// Asks for the rest of the answer, or leaves it at that.
    fn end(&mut self) {
        let State::Reading(mut reading) = std::mem::replace(&mut self.state, State::Over) else {
            return;
        };
        let key = reading.settlement.key();
        if let Some(asked) = self.heard.rest.as_mut().and_then(|rest| rest.ask(key)) {
            reading.settlement.pass_on();
            self.state = State::Asking(asked);
        }
    }
}

impl Reading {
    /// Tells the client what came next; returns whether the answer is complete.
    fn read<T: StreamTranslator>(
        &mut self,
        heard: &mut Heard,
        next: Next,
        translation: &mut Translation<T>,
        out: &mut BytesMut,
    ) -> Result<bool, Broken> {
        match next {
            Next::Chunk(chunk) => {
                self.framing.push(chunk);
                while let Some(event) =
                    self.framing.next().map_err(|error| commit::broken(&error))?
                {
                    self.event(heard, &event, translation, out)?;
                }
                Ok(false)
            }
            Next::End => {
                if let Ok(Some(event)) = self.framing.finish() {
                    self.event(heard, &event, translation, out)?;
                }
                if self.facts.finish.is_some() || self.facts.blocked {
                    Ok(true)
                } else {
                    Err(commit::cut())
                }
            }
            Next::Broken(error) => Err(error),
        }
    }

    fn event<T: StreamTranslator>(
        &mut self,
        heard: &mut Heard,
        event: &Bytes,
        translation: &mut Translation<T>,
        out: &mut BytesMut,
    ) -> Result<(), Broken> {
        match Response::parse(event) {
            Ok(response) if response.error.is_none() => {
                let facts = response.facts();
                self.settlement.note(&facts);
                self.facts.merge(&facts);
                if let Some(rest) = &mut heard.rest {
                    rest.hear(&response);
                }
                translation.tell((heard.source, self.settlement.key()), &response, out);
                Ok(())
            }
            Ok(_) | Err(_) => {
                self.settlement.hear(event);
                Err(match ErrorBody::parse(event) {
                    Some(error) => self.relay.scrub(ApiError::from(&error)),
                    None => commit::unreadable(),
                })
            }
        }
    }
}

impl<T: StreamTranslator> Translation<T> {
    fn tell(
        &mut self,
        (source, key): (Source, KeyId),
        response: &Response<'_>,
        out: &mut BytesMut,
    ) {
        self.translator.event(source, response, out);
        let shared = &self.shared;
        for call in self.translator.signed() {
            let until = shared.clock.now() + shared.treatment(self.pool).signature_ttl;
            shared.vault.remember(self.pool, key, call, until);
        }
    }
}

impl<T: StreamTranslator + Unpin> Body for Translated<T> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Polled {
        self.poll(cx)
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reading(reading) => f.debug_tuple("Reading").field(reading).finish(),
            Self::Asking(_) => f.write_str("Asking"),
            Self::Over => f.write_str("Over"),
        }
    }
}
