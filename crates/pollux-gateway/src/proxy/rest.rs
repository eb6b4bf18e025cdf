//! The rest of an answer that Gemini gives in several pieces.
//!
//! A model of the fourth generation ends a long answer with a token that asks
//! for the rest (section 6.3 of the wire reference). The same body goes out
//! again with it, to the same project, since nobody says that another one
//! knows the token. When that fails the answer ends where it stands.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use pollux_pool::id::KeyId;
use pollux_translate::gemini::{request, response::Response};

use super::{
    call::Call,
    commit::AnswerBody,
    send::{self, Caller, Sent},
};
use crate::{catalog::User, failure::Failure, shared::Shared};

/// An answer in more pieces than this is not asked for any further.
const MAX_HOPS: u32 = 64;

/// Asks for the rest of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    shared: Arc<Shared>,
    user: Arc<User>,
    call: Arc<Call>,
    hops: u32,
}

/// A whole answer, in the pieces in which Gemini gave it.
#[derive(Debug)]
pub(crate) struct Pieces {
    pub(crate) bodies: Vec<Bytes>,
    pub(crate) attempts: u32,
}

impl Rest {
    /// Begins with the call that the first piece answers.
    pub(crate) fn of(shared: &Arc<Shared>, user: &Arc<User>, call: &Arc<Call>) -> Self {
        let (shared, user, call) = (Arc::clone(shared), Arc::clone(user), Arc::clone(call));
        Self { shared, user, call, hops: 0 }
    }

    /// Asks for what `token` stands for, which came with an answer to `key`.
    pub(crate) fn ask(
        &mut self,
        token: &str,
        key: KeyId,
    ) -> Option<BoxFuture<'static, Result<Sent, Failure>>> {
        self.hops += 1;
        if self.hops >= MAX_HOPS {
            return None;
        }
        let mut call =
            self.call.with_body(request::with_continuation(self.call.body.bytes(), token)?);
        let owner = || self.shared.catalog.load().owner(self.user.pool, key);
        call.owner = Some(self.call.owner.clone().unwrap_or_else(owner));
        let (shared, caller) = (Arc::clone(&self.shared), Caller::from(&*self.user));
        Some(Box::pin(async move { send::send(&shared, &call, caller).await }))
    }
}

/// Asks for a whole answer, to its end.
///
/// # Errors
/// When not even the first piece came.
pub(crate) async fn whole(
    shared: Arc<Shared>,
    user: Arc<User>,
    call: Arc<Call>,
) -> Result<Pieces, Failure> {
    let mut rest = Rest::of(&shared, &user, &call);
    let mut sent = send::send(&shared, &call, Caller::from(&*user)).await?;
    let mut pieces = Pieces { bodies: Vec::new(), attempts: sent.attempts };
    loop {
        let Sent { answer, mut settlement, .. } = sent;
        let AnswerBody::Whole { body, facts } = answer.body else { return Ok(pieces) };
        settlement.note(&facts);
        let token = Response::parse(&body)
            .ok()
            .and_then(|response| response.continuation().map(str::to_owned));
        pieces.bodies.push(body);
        let key = settlement.key();
        drop(settlement);
        let Some(next) = token.and_then(|token| rest.ask(&token, key)) else { return Ok(pieces) };
        match next.await {
            Ok(next) => sent = next,
            Err(failure) => {
                tracing::warn!("a long answer was not continued: {}", failure.error.message);
                return Ok(pieces);
            }
        }
    }
}
