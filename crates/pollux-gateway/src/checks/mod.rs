//! Asks Google about one key: whether it is known, allowed, and has quota left.
//!
//! The question is a list of one model, which uses no quota, or a tiny generation where that is
//! asked for. What the answer says is classified by the table that all answers go through.

mod bell;
mod job;
mod orders;
pub(crate) mod run;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use pollux_pool::{
    id::ModelName,
    outcome::{Lesson, Outcome, Window},
};
use pollux_store::secret::Secret;
use pollux_translate::gemini::path;

use crate::{
    egress::Egress,
    models::LISTING,
    proxy::{
        call::{Call, Shape},
        commit::{self, Attempted},
    },
    scrub::Scrubber,
    shared::Shared,
};

pub(crate) use self::{
    job::{Checked, Job, State, Target},
    orders::Orders,
};

/// A key that has not answered by then is not known to be bad.
const LIMIT: Duration = Duration::from_secs(10);
/// The smallest question that makes a model answer; thoughts count too.
const TINY: &str = r#"{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":16}}"#;

/// What a key is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// For a list of one model, which uses no quota.
    List,
    /// For a few tokens of this model.
    Generate(ModelName),
}

/// What came of a check.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    pub(crate) lesson: Lesson,
    /// What Google said, without secrets; nothing where the key is good.
    pub(crate) message: Option<String>,
    /// The status with which Google refused; nothing where it did not.
    pub(crate) http: Option<u16>,
}

/// What a finding says about the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It serves.
    Good,
    /// It is known, and out of quota.
    RateLimited,
    /// It is known, and its tier does not include the model.
    Unserved,
    /// Google refuses it.
    Revoked,
    /// Nothing is learned about it.
    Unknown,
}

impl Verdict {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::Good, Self::RateLimited, Self::Unserved, Self::Revoked, Self::Unknown];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::RateLimited => "rate_limited",
            Self::Unserved => "unserved",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        }
    }
}

/// Asks with `secret` alone, by the way on which requests of its key would go.
pub(crate) async fn ask(
    shared: &Shared,
    (pool, key): Target,
    secret: &Secret,
    question: &Question,
) -> Finding {
    let catalog = shared.catalog.load_full();
    let call = question.call(&catalog.treatment(pool).api_version);
    let via = shared.troubles.choose(catalog.ways.of(pool, key), key, shared.clock.now());
    let attempt = commit::attempt(shared, pool, &call, (secret, via.unwrap_or(&Egress::Direct)));
    let asked = shared.clock.timeout(LIMIT, attempt).await;
    let Ok(Attempted { lesson, result, row }) = asked else {
        let message = Some(format!("Google did not answer within {} s", LIMIT.as_secs()));
        return Finding { lesson: Outcome::Unavailable.into(), message, http: None };
    };
    // The key may be nobody's here, so that the catalog's scrubber does not know it.
    let scrubber = Scrubber::new([secret]);
    let refusal = result.err().map(|failure| failure.error);
    let http = refusal.as_ref().filter(|_| !row.is_empty()).map(|error| error.http);
    let message = refusal.map(|error| scrubber.scrub(&error.message).into_owned());
    Finding { lesson, message, http }
}

impl Question {
    fn call(&self, version: &str) -> Call {
        let (method, path_and_query, model, shape) = match self {
            Self::List => {
                let path = format!("/{version}/models?pageSize=1");
                (Method::GET, path, ModelName::new(LISTING), Shape::Document)
            }
            Self::Generate(model) => {
                let path = path::generate(version, model.as_str(), false);
                (Method::POST, path, model.clone(), Shape::Whole)
            }
        };
        let json = HeaderValue::from_static("application/json");
        let (headers, body) = match self {
            Self::List => (HeaderMap::new(), Bytes::new()),
            Self::Generate(_) => {
                let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, json)]);
                (headers, Bytes::from_static(TINY.as_bytes()))
            }
        };
        let body = body.into();
        Call { method, path_and_query, headers, body, model, shape, owner: None, prefer: None }
    }
}

impl Finding {
    /// The key was removed before it could be asked.
    fn gone() -> Self {
        let message = Some("the key was just removed".to_owned());
        Self { lesson: Outcome::Unavailable.into(), message, http: None }
    }

    pub(crate) fn verdict(&self) -> Verdict {
        match self.lesson.outcome {
            Outcome::Success | Outcome::Empty => Verdict::Good,
            Outcome::Exhausted { .. } => Verdict::RateLimited,
            Outcome::Unserved => Verdict::Unserved,
            Outcome::Revoked { .. } => Verdict::Revoked,
            Outcome::NotOwner | Outcome::Rejected | Outcome::Blocked | Outcome::Unavailable => {
                Verdict::Unknown
            }
        }
    }

    /// What it means, for people.
    pub(crate) fn sentence(&self) -> String {
        let said = self.message.as_deref().unwrap_or("nothing");
        match self.lesson.outcome {
            Outcome::Success | Outcome::Empty => "Google takes this key.".to_owned(),
            Outcome::Exhausted { window: Window::Day, .. } => {
                "Google takes this key; its quota for the day is used up.".to_owned()
            }
            Outcome::Exhausted { window: Window::Minute | Window::Unknown, .. } => {
                "Google takes this key; it is out of quota for the moment.".to_owned()
            }
            Outcome::Unserved => {
                "Google takes this key; its tier does not include the model.".to_owned()
            }
            Outcome::Revoked { reason, .. } => reason.sentence().to_owned(),
            Outcome::Blocked => {
                "Google does not serve this server's location, whatever the key.".to_owned()
            }
            Outcome::NotOwner | Outcome::Rejected => {
                format!("Google refused the question, which says nothing about the key: {said}")
            }
            Outcome::Unavailable => {
                format!("Nothing is learned about this key: {said}")
            }
        }
    }
}
