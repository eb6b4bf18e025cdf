//! Equal questions that are asked at the same time become one call, whose answer all of them get.
//!
//! Whoever of the askers is still there drives the call; it ends with the last of them. Each
//! asker is a request of its own user's; attempts and tokens count once, for who asked first.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt as _, WeakShared};
use http::{HeaderMap, Method, StatusCode};
use pollux_pool::{
    id::{KeyId, PoolId},
    lease::Tiers,
};
use pollux_translate::gemini::{
    path::{self, Target},
    response::Facts,
    steady,
};

use super::{
    call::{Call, CallBody, Shape},
    commit::{self, Answer, AnswerBody},
    send::{self, Caller, Sent},
    settle::Settlement,
};
use crate::{failure::Failure, shared::Shared, trace::Trace};

/// The calls that are under way, by what they ask.
#[derive(Default)]
pub(crate) struct UnderWay {
    calls: Mutex<HashMap<Question, Running>>,
    next: AtomicU64,
}

/// A call that can be joined, and its number.
type Running = (u64, WeakShared<Answering>);

type Answering = BoxFuture<'static, Arc<Result<Told, Failure>>>;

/// What makes two calls one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pool: PoolId,
    /// What one may send to a free key another must not.
    tiers: Tiers,
    method: Method,
    path_and_query: String,
    body: Bytes,
}

/// An answer that several can be given.
struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    facts: Facts,
    attempts: u32,
    key: KeyId,
}

/// Takes a call off the list when it ends, also by being given up.
struct Listed {
    shared: Arc<Shared>,
    question: Question,
    number: u64,
}

impl Question {
    /// What `call` asks, if it may share its answer: it is switched on, and the answer would be the same.
    pub(crate) fn of(shared: &Shared, call: &Call, caller: Caller) -> Option<Self> {
        if !shared.treatment(caller.pool).coalesce {
            return None;
        }
        let CallBody::Bytes(body) = &call.body else { return None };
        let is_whole = matches!(call.shape, Shape::Whole | Shape::Document);
        let target = Target::parse(&call.path_and_query).ok().filter(|_| is_whole)?;
        let is_steady = match target.call()? {
            path::Method::CountTokens
            | path::Method::EmbedContent
            | path::Method::BatchEmbedContents => true,
            path::Method::GenerateContent => steady::is_steady(body),
            path::Method::StreamGenerateContent | path::Method::Other => false,
        };
        is_steady.then(|| Self {
            pool: caller.pool,
            tiers: caller.wishes.tiers,
            method: call.method.clone(),
            path_and_query: call.path_and_query.clone(),
            body: body.clone(),
        })
    }
}

/// Joins the call that asks the same, or begins it.
///
/// # Errors
/// Those of the one call, to all who ask.
pub(crate) async fn send(
    shared: &Arc<Shared>,
    call: &Call,
    caller: Caller,
    (question, trace): (Question, &Trace),
) -> Result<Sent, Failure> {
    let (answering, leads) = {
        let mut calls = shared.under_way.calls();
        let running = calls.get(&question).and_then(|(_, running)| running.upgrade());
        if let Some(answering) = running {
            (answering, false)
        } else {
            let number = shared.under_way.next.fetch_add(1, Ordering::Relaxed);
            let shared = Arc::clone(shared);
            let listed = Listed { shared, question: question.clone(), number };
            let body = question.body.clone();
            let answering: Answering =
                Box::pin(ask(listed, call.with_body(body), caller, trace.clone()));
            let answering = answering.shared();
            if let Some(running) = answering.downgrade() {
                calls.insert(question, (number, running));
            }
            (answering, true)
        }
    };
    if !leads {
        trace.joining();
    }
    match &*answering.await {
        Ok(told) => {
            let from = (told.key, call.model.clone());
            let mut settlement = Settlement::joined(shared, caller, from, trace);
            settlement.deliver();
            let body = AnswerBody::Whole { body: told.body.clone(), facts: told.facts.clone() };
            let answer = Answer { status: told.status, headers: told.headers.clone(), body };
            Ok(Sent { answer, settlement, attempts: told.attempts })
        }
        Err(failure) => Err(failure.clone()),
    }
}

async fn ask(
    listed: Listed,
    call: Call,
    caller: Caller,
    trace: Trace,
) -> Arc<Result<Told, Failure>> {
    let told = match send::alone(&listed.shared, &call, caller, &trace).await {
        Ok(sent) => told(sent),
        Err(failure) => Err(failure),
    };
    Arc::new(told)
}

fn told(sent: Sent) -> Result<Told, Failure> {
    let Sent { answer, mut settlement, attempts } = sent;
    let Answer { status, headers, body } = answer;
    let AnswerBody::Whole { body, facts } = body else { return Err(commit::unreadable().into()) };
    settlement.note(&facts);
    // Those who get the answer count as the requests.
    settlement.pass_on();
    Ok(Told { status, headers, body, facts, attempts, key: settlement.key() })
}

impl UnderWay {
    fn calls(&self) -> MutexGuard<'_, HashMap<Question, Running>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut calls = self.shared.under_way.calls();
        if calls.get(&self.question).is_some_and(|(number, _)| *number == self.number) {
            calls.remove(&self.question);
        }
    }
}

impl fmt::Debug for UnderWay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnderWay").field("calls", &self.calls().len()).finish_non_exhaustive()
    }
}
