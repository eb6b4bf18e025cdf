//! What is remembered of one request.

use std::time::Duration;

use http::Method;
use pollux_pool::{
    id::{KeyId, ModelName, PoolId, UserId},
    outcome::Outcome,
    survey::Survey,
    time::Timestamp,
};
use pollux_store::usage::Charge;
use pollux_translate::usage::Usage;

/// Attempts beyond these are only counted: a request may ask for thousands of answers.
pub(super) const MAX_ATTEMPTS: usize = 64;

/// One request, from its arrival to its end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its name, as `x-request-id` says it.
    pub(crate) id: String,
    pub(crate) at: Timestamp,
    /// Nobody where what the request names was enough to admit it.
    pub(crate) user: Option<(UserId, String)>,
    /// The pool that serves it; none where it did not come to one.
    pub(crate) pool: Option<PoolId>,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The model that was asked; none when nothing was.
    pub(crate) model: Option<ModelName>,
    pub(crate) is_stream: bool,
    /// The keys as it found them.
    pub(crate) found: Option<Survey>,
    /// How long it waited for a key to cool down.
    pub(crate) waited: Duration,
    pub(crate) attempts: Vec<Attempt>,
    /// Attempts that are counted and not described.
    pub(crate) more_attempts: usize,
    /// When a second key was asked while the first was still at it.
    pub(crate) hedged: Option<Timestamp>,
    /// Whether another request's attempts answered it, which asked the same.
    pub(crate) has_joined: bool,
    pub(crate) usage: Usage,
    /// What that cost.
    pub(crate) charge: Charge,
    /// The key whose answer, or refusal, went to the client.
    pub(crate) served_by: Option<KeyId>,
    /// Whether what went to the client was, or ended in, an error.
    pub(crate) has_failed: bool,
    /// The status of the answer; none when the client left before it.
    pub(crate) status: Option<u16>,
    /// The error that the client was told.
    pub(crate) error: Option<String>,
    pub(crate) first_byte: Option<Duration>,
    pub(crate) total: Duration,
    pub(crate) ending: Ending,
}

/// One question to Gemini.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) key: KeyId,
    pub(crate) at: Timestamp,
    /// None when the client left before there was one.
    pub(crate) verdict: Option<Verdict>,
}

/// What an attempt taught.
#[derive(Clone, Debug)]
pub(crate) struct Verdict {
    pub(crate) took: Duration,
    pub(crate) outcome: Outcome,
    /// The row of the table that decided, where Gemini refused.
    pub(crate) rule: Option<&'static str>,
    /// What Gemini answered with; none where it did not.
    pub(crate) http: Option<u16>,
    /// What was said, without secrets.
    pub(crate) message: Option<String>,
}

/// How a request ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client got a whole answer.
    Complete,
    /// The client got an error, or an answer that broke off in one.
    Failed,
    /// The client left before the end.
    #[default]
    ClientGone,
}

impl Record {
    /// What it cost, in millionths of a dollar, where the prices of all that it used are known.
    pub(crate) fn cost(&self) -> Option<u64> {
        let Charge { cost, unpriced } = self.charge;
        (unpriced == 0).then_some(cost)
    }
}

impl Ending {
    /// All of them, as they are asked for.
    pub(crate) const ALL: [Self; 3] = [Self::Complete, Self::Failed, Self::ClientGone];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::ClientGone => "client_gone",
        }
    }
}
