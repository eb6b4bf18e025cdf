//! Which models a request may ask: asked once for each call, whatever face it came by.

use pollux_pool::id::PoolId;

use super::call::Call;
use crate::{failure::Failure, models::LISTING, shared::Shared, visit::Visit};

/// Whether the call may be made by a pool, for whoever was let in.
///
/// # Errors
/// 403 when its model is none of those.
pub(super) fn check(
    shared: &Shared,
    call: &Call,
    (pool, visit): (PoolId, &Visit),
) -> Result<(), Failure> {
    let model = call.model.as_str();
    // Lists and what is kept are of no model.
    if model == LISTING {
        return Ok(());
    }
    let treatment = shared.treatment(pool);
    if !treatment.names.allows(model) {
        return Err(Failure::model_not_allowed(model, &treatment.names.allowed));
    }
    match visit.user().filter(|user| !user.may_ask(model)) {
        Some(user) => Err(Failure::model_not_allowed(model, &user.models)),
        None => Ok(()),
    }
}
