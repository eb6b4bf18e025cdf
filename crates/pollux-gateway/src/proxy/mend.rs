//! One repair: a request refused for its thought signatures goes out once more with the sentinel.

use pollux_pool::plan::Plan;
use pollux_store::secret::Secret;
use pollux_translate::gemini::signature;

use super::{
    call::{Call, Shape},
    classify,
    commit::Attempted,
    route,
    settle::Settlement,
};
use crate::shared::Shared;

/// A call as it goes out: as it came, and from the repair on mended.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    original: &'a Call,
    mended: Option<Call>,
    /// How often it went out by another way.
    detours: u32,
    internal: u32,
}

/// How often a request is sent that Google answers with an internal error, which often means that
/// its context is too long.
const INTERNAL: u32 = 3;

impl<'a> Draft<'a> {
    pub(crate) fn new(original: &'a Call) -> Self {
        Self { original, mended: None, detours: 0, internal: 0 }
    }

    /// The same request for an attempt beside this one.
    pub(crate) fn spare(&self) -> Self {
        Self::new(self.original)
    }

    /// Counts what was done with the spare.
    pub(crate) fn count(&mut self, spare: &Self) {
        self.detours += spare.detours + u32::from(spare.mended.is_some());
        self.internal += spare.internal;
    }

    /// What goes out next.
    pub(crate) fn call(&self) -> &Call {
        self.mended.as_ref().unwrap_or(self.original)
    }

    /// How often Gemini was asked, the repair and detours included, which the plan knows nothing of.
    pub(crate) fn attempts(&self, plan: &Plan) -> u32 {
        plan.attempts() + u32::from(self.mended.is_some()) + self.detours
    }

    /// Asks with one key; where signatures are what is wrong, once more with the same key.
    pub(crate) async fn ask(
        &mut self,
        shared: &Shared,
        secret: &Secret,
        settlement: &mut Settlement,
    ) -> Attempted {
        let attempted = self.attempt(shared, secret, settlement).await;
        self.internal += u32::from(attempted.row == classify::INTERNAL);
        attempted
    }

    /// Whether the request itself seems to be what is wrong, though no answer says so.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.internal >= INTERNAL
    }

    async fn attempt(
        &mut self,
        shared: &Shared,
        secret: &Secret,
        settlement: &mut Settlement,
    ) -> Attempted {
        let call = self.mended.as_ref().unwrap_or(self.original);
        let first = route::attempt(shared, call, secret, settlement, &mut self.detours).await;
        if first.row != classify::SIGNATURE || self.mended.is_some() {
            return first;
        }
        let Some(mended) = mend(self.original) else { return first };
        tracing::debug!("a request was refused for its thought signatures, and is sent without");
        settlement.repeat();
        let mended = self.mended.insert(mended);
        route::attempt(shared, mended, secret, settlement, &mut self.detours).await
    }
}

/// The call with sentinels for signatures; nothing if there is nothing to mend.
fn mend(call: &Call) -> Option<Call> {
    match call.shape {
        Shape::Whole | Shape::Events | Shape::Array => {
            Some(call.with_body(signature::with_sentinels(call.body.bytes())?))
        }
        Shape::Document | Shape::Interaction | Shape::InteractionEvents | Shape::Download => None,
    }
}
