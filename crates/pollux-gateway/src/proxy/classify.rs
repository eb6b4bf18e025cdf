//! What a refusal by Gemini says about the key: one table, read from top to bottom.
//!
//! Rows read the parsed body; a row reads the text only where Google sends no
//! details with it. Sources: sections 8, 9 and 9.1 of the wire reference.

use std::time::Duration;

use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_translate::{
    error::Status,
    gemini::{
        error::{Detail, ErrorBody},
        signature,
    },
};

/// One refused attempt, as far as it can be read.
#[derive(Debug)]
pub struct Evidence<'a> {
    http: u16,
    error: Option<&'a ErrorBody>,
    text: &'a str,
}

/// The row for requests that can be mended.
pub const SIGNATURE: &str = "thought signature";

/// A row of the table: the first one that applies decides.
struct Rule {
    name: &'static str,
    applies: fn(&Evidence<'_>) -> bool,
    outcome: fn(&Evidence<'_>) -> Outcome,
}

/// The outcome of an answer with status `http` (or, in a stream, an error event with that code),
/// and the name of the row that decided.
pub fn classify(http: u16, error: Option<&ErrorBody>, text: &str) -> (Outcome, &'static str) {
    let evidence = Evidence { http, error, text };
    RULES
        .iter()
        .find(|rule| (rule.applies)(&evidence))
        .map_or((Outcome::Rejected, "other"), |rule| ((rule.outcome)(&evidence), rule.name))
}

const RULES: &[Rule] = &[
    Rule {
        name: "location not supported",
        applies: |e| e.is(400) && e.begins("user location is not supported"),
        outcome: |_| Outcome::Blocked,
    },
    Rule {
        name: "free tier not offered in this country",
        applies: |e| e.is(400) && e.begins("gemini api free tier is not available in your country"),
        outcome: |_| Outcome::Blocked,
    },
    Rule {
        name: "address blocked",
        applies: |e| e.error.is_none() && e.text.contains("automated queries"),
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
    Rule {
        name: "day quota",
        applies: |e| e.is(429) && e.names_window(&["perday", "daily"]),
        outcome: |_| Outcome::Exhausted { window: Window::Day, retry_after: None },
    },
    Rule {
        name: "minute quota",
        applies: |e| e.is(429) && (e.names_window(&["perminute"]) || e.delay().is_some()),
        outcome: |e| Outcome::Exhausted { window: Window::Minute, retry_after: e.delay() },
    },
    Rule {
        name: "bare refusal",
        applies: |e| e.is(429),
        outcome: |_| Outcome::Exhausted { window: Window::Unknown, retry_after: None },
    },
    Rule {
        name: "upstream trouble",
        applies: |e| matches!(e.http, 408 | 499) || e.http >= 500,
        outcome: |_| Outcome::Unavailable,
    },
];

fn key(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Key }
}

fn project(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Project }
}

impl Evidence<'_> {
    fn is(&self, http: u16) -> bool {
        self.http == http
    }

    /// Whether the message begins with `words`, which are in lower case.
    ///
    /// What follows may be the client's own words, which Google repeats: they must not decide.
    fn begins(&self, words: &str) -> bool {
        let message = self.error.map_or("", |error| error.message.as_str());
        message.get(..words.len()).is_some_and(|start| start.eq_ignore_ascii_case(words))
    }

    fn has_reason(&self, reasons: &[&str]) -> bool {
        self.error.and_then(ErrorBody::reason).is_some_and(|reason| reasons.contains(&reason))
    }

    /// Whether a violated quota is counted over one of `windows`, in lower case without spaces.
    fn names_window(&self, windows: &[&str]) -> bool {
        let Some(error) = self.error else { return false };
        let names = |id: &str| {
            let id = id.to_ascii_lowercase().replace([' ', '_', '-'], "");
            windows.iter().any(|window| id.contains(window))
        };
        let legacy = |detail: &Detail| {
            matches!(detail, Detail::ErrorInfo { metadata, .. }
                if metadata.get("quota_limit").is_some_and(|limit| names(limit)))
        };
        error.quota_violations().any(|violation| names(&violation.quota_id))
            || error.details.iter().any(legacy)
    }

    fn has_zero_limit(&self) -> bool {
        self.error.is_some_and(ErrorBody::has_zero_limit)
    }

    /// The longer of `RetryInfo`, which cuts off fractions, and the figure in the message.
    fn delay(&self) -> Option<Duration> {
        let error = self.error?;
        error.retry_delay().max(error.message_delay())
    }
}

/// The canonical status of a refusal: what Google wrote, else what the HTTP status stands for.
pub fn status(http: u16, error: Option<&ErrorBody>) -> Status {
    error.and_then(|error| error.status).unwrap_or_else(|| Status::from_http(http))
}
