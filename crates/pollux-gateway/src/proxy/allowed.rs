//! Which models a request may ask: asked once for each call, whatever face it came by.

use super::call::Call;
use crate::{failure::Failure, models::LISTING, visit::Visit};

/// Whether the call may be made for whoever was let in.
///
/// # Errors
/// 403 when its model is none of those.
pub(super) fn check(call: &Call, visit: &Visit) -> Result<(), Failure> {
    let model = call.model.as_str();
    // Lists and what is kept are of no model.
    if model == LISTING {
        return Ok(());
    }
    match visit.user().filter(|user| !user.may_ask(model)) {
        Some(user) => Err(Failure::model_not_allowed(model, &user.models)),
        None => Ok(()),
    }
}
