//! The table itself: the first row that applies decides.
//!
//! Rows read the parsed body; a row reads words only where Google sends no details
//! with them, and then only how the message begins: what follows may be the client's.

use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_translate::{error::Status, gemini::signature};

use super::Evidence;

/// A row of the table.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) applies: fn(&Evidence<'_>) -> bool,
    pub(super) outcome: fn(&Evidence<'_>) -> Outcome,
}

/// The row for requests that can be mended.
pub(crate) const SIGNATURE: &str = "thought signature";
/// The row for errors that often mean a context too long, which no key can mend.
pub(crate) const INTERNAL: &str = "internal error";

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "location not supported",
        applies: |e| e.is(400) && e.begins("user location is not supported"),
        outcome: |_| Outcome::Blocked,
    },
    // A project with billing is served there: another key may help, and this one after that.
    Rule {
        name: "free tier not offered in this country",
        applies: |e| e.is(400) && e.begins("gemini api free tier is not available in your country"),
        outcome: |_| project(Revocation::BillingDisabled),
    },
    Rule {
        name: "address blocked",
        applies: |e| e.is_page() && e.text.contains("automated queries"),
        outcome: |_| Outcome::Blocked,
    },
    Rule {
        name: "key expired",
        applies: |e| e.is(400) && e.begins("api key expired"),
        outcome: |_| key(Revocation::Expired),
    },
    Rule {
        name: "key invalid",
        applies: |e| {
            e.has_reason(&["API_KEY_INVALID"])
                || e.is(400) && (e.begins("api key not valid") || e.begins("api key not found"))
        },
        outcome: |_| key(Revocation::Invalid),
    },
    Rule {
        name: "unauthenticated",
        applies: |e| e.is(401),
        outcome: |_| key(Revocation::Unauthenticated),
    },
    Rule {
        name: "suspended",
        applies: |e| {
            e.is(403)
                && (e.has_reason(&["CONSUMER_SUSPENDED"])
                    || e.begins("permission denied: consumer"))
        },
        outcome: |_| project(Revocation::Suspended),
    },
    Rule {
        name: "reported as leaked",
        applies: |e| e.is(403) && e.begins("your api key was reported as leaked"),
        outcome: |_| key(Revocation::Leaked),
    },
    Rule {
        name: "project denied",
        applies: |e| e.is(403) && e.begins("your project has been denied access"),
        outcome: |_| project(Revocation::ProjectDenied),
    },
    Rule {
        name: "service disabled",
        applies: |e| {
            e.is(403)
                && (e.has_reason(&["SERVICE_DISABLED"])
                    || e.begins("generative language api has not been used in project"))
        },
        outcome: |_| project(Revocation::ServiceDisabled),
    },
    Rule {
        name: "billing disabled",
        applies: |e| e.is(403) && e.has_reason(&["BILLING_DISABLED"]),
        outcome: |_| project(Revocation::BillingDisabled),
    },
    Rule {
        name: "key restricted",
        applies: |e| {
            e.is(403)
                && e.has_reason(&[
                    "API_KEY_SERVICE_BLOCKED",
                    "API_KEY_HTTP_REFERRER_BLOCKED",
                    "API_KEY_IP_ADDRESS_BLOCKED",
                    "API_KEY_ANDROID_APP_BLOCKED",
                    "API_KEY_IOS_APP_BLOCKED",
                    "CONSUMER_INVALID",
                ])
        },
        outcome: |_| key(Revocation::Restricted),
    },
    Rule {
        name: "not the owner",
        applies: |e| {
            e.is(403)
                && (e.begins("you do not have permission to access the file")
                    || e.begins("cachedcontent not found"))
        },
        outcome: |_| Outcome::NotOwner,
    },
    // The key did not arrive, so that nothing is said about it.
    Rule {
        name: "no key was sent",
        applies: |e| e.is(403) && e.begins("method doesn't allow unregistered callers"),
        outcome: |_| Outcome::Rejected,
    },
    // The request is mended and sent once more; the key has nothing to do with it.
    Rule {
        name: SIGNATURE,
        applies: |e| e.is(400) && e.error.is_some_and(signature::is_signature_error),
        outcome: |_| Outcome::Rejected,
    },
    Rule {
        name: "not served on this tier",
        applies: |e| e.is(429) && e.has_zero_limit(),
        outcome: |_| Outcome::Unserved,
    },
    Rule {
        name: "model out of capacity",
        applies: |e| e.is(429) && e.has_reason(&["MODEL_CAPACITY_EXHAUSTED"]),
        outcome: |_| Outcome::Unavailable,
    },
    // Whatever `RetryInfo` says: it is a few seconds even when the day is over.
    Rule {
        name: "day quota",
        applies: |e| e.is(429) && e.names(Window::Day),
        outcome: |_| Outcome::Exhausted { window: Window::Day, retry_after: None },
    },
    Rule {
        name: "minute quota",
        applies: |e| e.is(429) && e.names(Window::Minute),
        outcome: |e| e.until_told(),
    },
    // One that this version does not know, such as the limit on spending.
    Rule {
        name: "another quota",
        applies: |e| e.is(429) && (!e.violations().is_empty() || e.delay().is_some()),
        outcome: |e| e.until_told(),
    },
    Rule {
        name: "bare refusal",
        applies: |e| e.is(429),
        outcome: |_| Outcome::Exhausted { window: Window::Unknown, retry_after: None },
    },
    Rule {
        name: INTERNAL,
        applies: |e| e.is(500) && e.status() == Some(Status::Internal),
        outcome: |_| Outcome::Unavailable,
    },
    Rule { name: "overloaded", applies: |e| e.is(503), outcome: |_| Outcome::Unavailable },
    Rule {
        name: "too slow upstream",
        applies: |e| e.is(408) || e.is(504),
        outcome: |_| Outcome::Unavailable,
    },
    // Under load too, and not only for a client that is gone.
    Rule { name: "cancelled upstream", applies: |e| e.is(499), outcome: |_| Outcome::Unavailable },
    Rule {
        name: "other upstream trouble",
        applies: |e| e.http >= 500,
        outcome: |_| Outcome::Unavailable,
    },
    Rule {
        name: "no such model or resource",
        applies: |e| e.is(404),
        outcome: |_| Outcome::Rejected,
    },
    Rule { name: "request too large", applies: |e| e.is(413), outcome: |_| Outcome::Rejected },
    Rule { name: "the request's fault", applies: |_| true, outcome: |_| Outcome::Rejected },
];

fn key(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Key }
}

fn project(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Project }
}
