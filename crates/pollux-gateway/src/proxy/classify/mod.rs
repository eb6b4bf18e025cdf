//! What a refusal by Gemini says about the key: one table, read from top to bottom.
//!
//! Sources: sections 8, 9 and 9.1 of the wire reference.

mod rules;

use std::time::Duration;

use pollux_pool::{
    id::ProjectName,
    outcome::{Lesson, Outcome, Window},
    quota::{Dimension, Violation},
};
use pollux_translate::{error::Status, gemini::error::ErrorBody};

use self::rules::RULES;

pub(crate) use self::rules::{INTERNAL, SIGNATURE};

/// One refused attempt, as far as it can be read.
#[derive(Debug)]
struct Evidence<'a> {
    http: u16,
    error: Option<&'a ErrorBody>,
    text: &'a str,
}

/// What is learned from an answer with status `http` (or, in a stream, from an error event with
/// that code), and the name of the row that decided.
pub fn classify(http: u16, error: Option<&ErrorBody>, text: &str) -> (Lesson, &'static str) {
    let evidence = Evidence { http, error, text };
    let (outcome, row) = RULES
        .iter()
        .find(|rule| (rule.applies)(&evidence))
        .map_or((Outcome::Rejected, ""), |rule| ((rule.outcome)(&evidence), rule.name));
    let lesson = Lesson { outcome, violations: evidence.violations(), project: evidence.project() };
    (lesson, row)
}

/// The names of the table's rows, in order.
pub fn rows() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.name)
}

/// The status of an error that came where an answer was due: what it says itself, else 500.
pub(crate) fn http_of(error: &ErrorBody) -> u16 {
    if (400..600).contains(&error.code) { error.code } else { 500 }
}

/// The canonical status of a refusal: what Google wrote, else what the HTTP status stands for.
pub fn status(http: u16, error: Option<&ErrorBody>) -> Status {
    error.and_then(|error| error.status).unwrap_or_else(|| Status::from_http(http))
}

impl Evidence<'_> {
    fn is(&self, http: u16) -> bool {
        self.http == http
    }

    /// Whether a page for people stands where an error was due.
    fn is_page(&self) -> bool {
        self.error.is_none() && self.text.trim_start().starts_with('<')
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

    /// The canonical status, where the body names one.
    fn status(&self) -> Option<Status> {
        self.error.and_then(|error| error.status)
    }

    /// The quotas that are used up; whose model they name is not asked, since Google has names of
    /// its own for models.
    fn violations(&self) -> Vec<Violation> {
        let quotas = self.error.filter(|_| self.is(429)).map(ErrorBody::quotas);
        let violations = quotas.into_iter().flatten().map(|quota| Violation {
            dimension: Dimension::parse(quota.id, quota.metric),
            limit: quota.limit,
        });
        violations.collect()
    }

    fn project(&self) -> Option<ProjectName> {
        self.error.and_then(ErrorBody::project).map(ProjectName::new)
    }

    /// Whether a violated quota is counted over `window`.
    fn names(&self, window: Window) -> bool {
        self.violations().iter().any(|violation| violation.dimension.window == window)
    }

    fn has_zero_limit(&self) -> bool {
        self.error.is_some_and(ErrorBody::has_zero_limit)
    }

    /// Out for as long as the answer says, or for a minute.
    fn until_told(&self) -> Outcome {
        Outcome::Exhausted { window: Window::Minute, retry_after: self.delay() }
    }

    /// The longer of `RetryInfo`, which cuts off fractions, and the figure in the message.
    fn delay(&self) -> Option<Duration> {
        let error = self.error?;
        error.retry_delay().max(error.message_delay())
    }
}
