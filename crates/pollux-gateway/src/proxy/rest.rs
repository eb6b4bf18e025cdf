//! The rest of an answer that does not come at once.
//!
//! A model of the fourth generation ends a long answer with a token that asks
//! for the rest (section 6.3 of the wire reference): the same body goes out
//! again with it. An answer that ended at the model's own limit is continued
//! where the server is told to: the body goes out with what was said so far.
//! Both go to the same project, and when they fail the answer ends where it
//! stands.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use pollux_pool::id::KeyId;
use pollux_translate::gemini::{family::Family, finish::FinishReason, request, response::Response};

use super::{call::Call, commit::AnswerBody, send::Sent};
use crate::{app::Gateway, catalog::User, failure::Failure};

/// An answer in more pieces than this is not asked for any further.
const MAX_HOPS: u32 = 64;

/// Listens to one answer and asks for what is missing of it.
#[derive(Clone, Debug)]
pub(crate) struct Rest {
    gateway: Gateway,
    user: Arc<User>,
    call: Arc<Call>,
    hops: u32,
    /// How often it may be continued after the model's own limit.
    continuations: u32,
    token: Option<String>,
    /// What was said so far, where it may have to be continued.
    said: String,
    is_cut: bool,
    has_calls: bool,
}

/// A whole answer, in the pieces in which Gemini gave it.
#[derive(Debug)]
pub(crate) struct Pieces {
    pub(crate) bodies: Vec<Bytes>,
    pub(crate) attempts: u32,
    /// The key that gave them.
    pub(crate) key: KeyId,
}

impl Rest {
    /// Begins with the call that is answered.
    pub(crate) fn of(
        gateway: &Gateway,
        user: &Arc<User>,
        call: &Arc<Call>,
        continuations: u32,
    ) -> Self {
        Self {
            gateway: gateway.clone(),
            user: Arc::clone(user),
            call: Arc::clone(call),
            hops: 0,
            continuations,
            token: None,
            said: String::new(),
            is_cut: false,
            has_calls: false,
        }
    }

    /// Takes note of an answer, or of an event of one.
    pub(crate) fn hear(&mut self, response: &Response<'_>) {
        if let Some(token) = response.continuation() {
            self.token = Some(token.to_owned());
        }
        if self.continuations == 0 {
            return;
        }
        let Some(candidate) = response.candidates.first() else { return };
        for part in candidate.parts().iter().filter(|part| !part.is_thought()) {
            self.said.push_str(part.text.as_deref().unwrap_or_default());
            self.has_calls |= part.function_call.is_some();
        }
        self.is_cut |= candidate.finish_reason == Some(FinishReason::MaxTokens);
    }

    /// Asks for what is missing, of the project of `key`, which answered; nothing when all is there.
    pub(crate) fn ask(&mut self, key: KeyId) -> Option<BoxFuture<'static, Result<Sent, Failure>>> {
        let body = self.body()?;
        let mut call = self.call.with_body(body);
        let owner = || self.gateway.shared().catalog.load().owner(self.user.pool, key);
        call.owner = Some(self.call.owner.clone().unwrap_or_else(owner));
        let (gateway, user) = (self.gateway.clone(), Arc::clone(&self.user));
        Some(Box::pin(async move { gateway.send(&call, &user).await }))
    }

    fn body(&mut self) -> Option<Vec<u8>> {
        self.hops += 1;
        let body = self.call.body.bytes();
        if let Some(token) = self.token.take() {
            return request::with_continuation(body, &token).filter(|_| self.hops < MAX_HOPS);
        }
        let is_cut = std::mem::take(&mut self.is_cut);
        if !is_cut || self.has_calls || self.said.is_empty() || self.continuations == 0 {
            return None;
        }
        self.continuations -= 1;
        let prefills = Family::of(self.call.model.as_str()).prefills;
        request::with_said(body, &self.said, prefills)
    }
}

/// Asks for a whole answer, to its end.
///
/// # Errors
/// When not even the first piece came.
pub(crate) async fn whole(mut rest: Rest) -> Result<Pieces, Failure> {
    let mut sent = rest.gateway.send(&rest.call, &rest.user).await?;
    let key = sent.settlement.key();
    let mut pieces = Pieces { bodies: Vec::new(), attempts: sent.attempts, key };
    loop {
        let Sent { answer, mut settlement, .. } = sent;
        let AnswerBody::Whole { body, facts } = answer.body else { return Ok(pieces) };
        settlement.note(&facts);
        if let Ok(response) = Response::parse(&body) {
            rest.hear(&response);
        }
        pieces.bodies.push(body);
        let Some(next) = rest.ask(settlement.key()) else { return Ok(pieces) };
        settlement.pass_on();
        drop(settlement);
        match next.await {
            Ok(next) => sent = next,
            Err(failure) => {
                tracing::warn!("a long answer was not continued: {}", failure.error.message);
                return Ok(pieces);
            }
        }
    }
}
