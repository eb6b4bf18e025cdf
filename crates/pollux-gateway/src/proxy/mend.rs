//! One repair: a request refused for its thought signatures goes out once more with the sentinel.

use pollux_pool::plan::Plan;
use pollux_store::secret::Secret;
use pollux_translate::gemini::signature;

use super::{
    call::{Call, Shape},
    commit::{self, Attempted},
    settle::Settlement,
};
use crate::shared::Shared;

/// A call as it goes out: as it came, and from the repair on mended.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    original: &'a Call,
    mended: Option<Call>,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(original: &'a Call) -> Self {
        Self { original, mended: None }
    }

    /// What goes out next.
    pub(crate) fn call(&self) -> &Call {
        self.mended.as_ref().unwrap_or(self.original)
    }

    /// How often Gemini was asked, the repair included, which the plan knows nothing of.
    pub(crate) fn attempts(&self, plan: &Plan) -> u32 {
        plan.attempts() + u32::from(self.mended.is_some())
    }

    /// Asks with one key; where signatures are what is wrong, once more with the same key.
    pub(crate) async fn ask(
        &mut self,
        shared: &Shared,
        secret: &Secret,
        settlement: &mut Settlement,
    ) -> Attempted {
        let first = attempt(shared, self.call(), secret, settlement).await;
        if !first.unsigned || self.mended.is_some() {
            return first;
        }
        let Some(mended) = mend(self.original) else { return first };
        tracing::debug!("a request was refused for its thought signatures, and is sent without");
        settlement.repeat();
        attempt(shared, self.mended.insert(mended), secret, settlement).await
    }
}

/// Asks once, and lets it be known.
async fn attempt(
    shared: &Shared,
    call: &Call,
    secret: &Secret,
    settlement: &Settlement,
) -> Attempted {
    let asked = settlement.asking();
    let attempted = commit::attempt(shared, call, secret).await;
    settlement.heard(asked, &attempted);
    attempted
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
