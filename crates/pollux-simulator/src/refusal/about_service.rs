//! Refusals that concern neither the key nor the request.

use super::Refusal;
use crate::Behaviour;

/// Code, status and text of every failure that needs no more than its name.
const FAILURES: [(Behaviour, u16, &str, &str); 7] = [
    (
        Behaviour::Bare429,
        429,
        "RESOURCE_EXHAUSTED",
        "Resource has been exhausted (e.g. check quota).",
    ),
    (Behaviour::Overloaded, 503, "UNAVAILABLE", OVERLOADED),
    (Behaviour::Unavailable, 503, "UNAVAILABLE", "The service is currently unavailable."),
    (
        Behaviour::Internal,
        500,
        "INTERNAL",
        "An internal error has occurred. Please retry or report in \
         https://developers.generativeai.google/guide/troubleshooting",
    ),
    (Behaviour::Cancelled, 499, "CANCELLED", "The operation was cancelled."),
    (
        Behaviour::Deadline,
        504,
        "DEADLINE_EXCEEDED",
        "Deadline expired before operation could complete.",
    ),
    (Behaviour::BadSignature, 400, "INVALID_ARGUMENT", "Corrupted thought signature."),
];

impl Refusal {
    /// What a failing service says; absent for behaviours that are no failure.
    pub(crate) fn of_service(behaviour: &Behaviour) -> Option<Self> {
        let (_, code, status, message) = FAILURES.iter().find(|row| row.0 == *behaviour)?;
        Some(Self::new(*code, status, *message))
    }

    /// The error that breaks a stream which has begun.
    pub(crate) fn overloaded() -> Self {
        Self::new(503, "UNAVAILABLE", OVERLOADED)
    }
}

const OVERLOADED: &str = "This model is currently experiencing high demand. Spikes in demand are \
                          usually temporary. Please try again later.";
