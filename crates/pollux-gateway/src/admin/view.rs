//! How moments and durations are written, and what is said of a key.

use std::time::Duration;

use pollux_pool::{
    health::{Cooldown, Health},
    id::ModelName,
    outcome::Outcome,
    survey::{Candidate, Standing},
    time::Timestamp,
};
use serde::{Serialize, Serializer};

/// A moment, as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment(pub(super) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_microsecond(self.0.as_micros()) {
            Ok(moment) => serializer.collect_str(&moment),
            // Beyond the calendar, which no clock shows.
            Err(_) => serializer.serialize_none(),
        }
    }
}

/// Whole milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a key may be used at all.
#[derive(Debug, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum HealthView {
    Active,
    Revoked {
        reason: &'static str,
        sentence: &'static str,
        since: Moment,
        next_check: Moment,
        refusals: u32,
    },
}

impl From<Health> for HealthView {
    fn from(health: Health) -> Self {
        match health {
            Health::Active => Self::Active,
            Health::Revoked { reason, since, probe_at, streak } => Self::Revoked {
                reason: reason.as_str(),
                sentence: reason.sentence(),
                since: Moment(since),
                next_check: Moment(probe_at),
                refusals: streak,
            },
        }
    }
}

/// Why a key may not be used for one model.
#[derive(Debug, Serialize)]
pub(super) struct CooldownView {
    model: String,
    reason: &'static str,
    window: Option<&'static str>,
    until: Option<Moment>,
}

impl From<(ModelName, Cooldown)> for CooldownView {
    fn from((model, cooldown): (ModelName, Cooldown)) -> Self {
        let model = model.as_str().to_owned();
        match cooldown {
            Cooldown::Exhausted { window, until, streak: _ } => Self {
                model,
                reason: "exhausted",
                window: Some(window.as_str()),
                until: Some(Moment(until)),
            },
            Cooldown::Unserved => Self { model, reason: "unserved", window: None, until: None },
        }
    }
}

/// One key as a request found it, and why it was passed over.
#[derive(Debug, Default, Serialize)]
pub(super) struct CandidateView {
    key: i64,
    standing: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Moment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

impl From<&Candidate> for CandidateView {
    fn from(candidate: &Candidate) -> Self {
        let plain = |standing| Self { key: candidate.key.0, standing, ..Self::default() };
        match &candidate.standing {
            Standing::Ready => plain("ready"),
            Standing::Tried => plain("tried"),
            Standing::OtherTier => plain("other_tier"),
            Standing::NotOwner => plain("not_owner"),
            Standing::Busy => plain("busy"),
            Standing::Unserved => plain("unserved"),
            Standing::Cooling { window, until } => Self {
                window: Some(window.as_str()),
                until: Some(Moment(*until)),
                ..plain("cooling")
            },
            Standing::OutOfQuota { dimension, until } => Self {
                quota: Some(dimension.to_string()),
                until: Some(Moment(*until)),
                ..plain("out_of_quota")
            },
            Standing::Revoked(reason) => Self { reason: Some(reason.as_str()), ..plain("revoked") },
        }
    }
}

/// The word for what an attempt taught.
pub(super) const fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Success => "success",
        Outcome::Revoked { .. } => "revoked",
        Outcome::Exhausted { .. } => "exhausted",
        Outcome::Unserved => "unserved",
        Outcome::NotOwner => "not_owner",
        Outcome::Rejected => "rejected",
        Outcome::Blocked => "blocked",
        Outcome::Unavailable => "unavailable",
        Outcome::Empty => "empty",
    }
}
