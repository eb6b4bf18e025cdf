//! How moments and durations are written, and what is said of a key.

use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use jiff::tz::TimeZone;
use pollux_pool::{
    health::{Cooldown, Health},
    id::ModelName,
    key::Tier,
    outcome::Outcome,
    project::Project,
    survey::{Candidate, Standing},
    time::Timestamp,
};
use pollux_store::{admins::Role, cipher::Cipher};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::ToSchema;

/// Where Google's quota day begins and ends.
static PACIFIC: TimeZone = jiff::tz::get!("America/Los_Angeles");
/// How many digits of a fingerprint tell one consumer from another.
const DIGITS: usize = 6;

/// A moment, as RFC 3339 in UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment(pub(crate) Timestamp);

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match jiff::Timestamp::from_microsecond(self.0.as_micros()) {
            Ok(moment) => serializer.collect_str(&moment),
            // Beyond the calendar, which no clock shows.
            Err(_) => serializer.serialize_none(),
        }
    }
}

/// A moment that an admin names: RFC 3339.
#[derive(Clone, Copy, Debug)]
pub(super) struct When(pub(super) Timestamp);

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let moment: Result<jiff::Timestamp, _> = text.parse();
        let allowed = "a moment such as 2026-12-31T23:59:59Z";
        let moment =
            moment.map_err(|_| de::Error::invalid_value(de::Unexpected::Str(&text), &allowed))?;
        Ok(Self(Timestamp::from_micros(moment.as_microsecond())))
    }
}

/// What an admin may do.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RoleWord {
    Owner,
    Viewer,
}

impl From<RoleWord> for Role {
    fn from(word: RoleWord) -> Self {
        match word {
            RoleWord::Owner => Self::Owner,
            RoleWord::Viewer => Self::Viewer,
        }
    }
}

/// Who pays for a key's requests.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum TierWord {
    Free,
    Paid,
}

impl From<TierWord> for Tier {
    fn from(word: TierWord) -> Self {
        match word {
            TierWord::Free => Self::Free,
            TierWord::Paid => Self::Paid,
        }
    }
}

/// An error, in Google's shape.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what other code writes")]
pub(super) struct Failed {
    error: FailedError,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what other code writes")]
pub(super) struct FailedError {
    /// The HTTP status.
    code: u16,
    /// What happened and what to do.
    message: String,
    /// The word for it, as `INVALID_ARGUMENT`.
    status: String,
}

/// An answer without content.
pub(super) fn nothing() -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// A moment in UTC and in Google's own time.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(super) struct Turn {
    utc: Moment,
    #[schema(value_type = Moment)]
    pacific: Pacific,
}

impl From<Timestamp> for Turn {
    fn from(at: Timestamp) -> Self {
        Self { utc: Moment(at), pacific: Pacific(at) }
    }
}

/// A moment, as RFC 3339 with the offset of Los Angeles.
#[derive(Clone, Copy, Debug)]
struct Pacific(Timestamp);

impl Serialize for Pacific {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Ok(moment) = jiff::Timestamp::from_microsecond(self.0.as_micros()) else {
            return serializer.serialize_none();
        };
        serializer.collect_str(&moment.display_with_offset(PACIFIC.to_offset(moment)))
    }
}

/// What people call a project: the name that its owner gave it, or its single key.
///
/// The number of one that Google named is for nobody to read; a few digits tell it from others.
pub(super) fn project(project: &Project, cipher: &Cipher) -> String {
    match project {
        Project::Named(name) => name.as_str().to_owned(),
        Project::Consumer(name) => {
            let print = cipher.fingerprint(name.as_str().as_bytes()).to_string();
            format!("consumer-{}", print.get(..DIGITS).unwrap_or_default())
        }
        Project::Of(key) => key.to_string(),
    }
}

/// Dollars, of millionths of one.
#[expect(clippy::cast_precision_loss, reason = "nobody spends so much")]
pub(super) fn dollars(cost: u64) -> f64 {
    cost as f64 / 1e6
}

/// Whole milliseconds.
pub(crate) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a key may be used at all.
#[derive(Debug, Serialize, ToSchema)]
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
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CooldownView {
    model: String,
    #[serde(flatten)]
    held: HeldView,
}

/// What Google said of a model, while it holds.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HeldView {
    reason: &'static str,
    window: Option<&'static str>,
    until: Option<Moment>,
}

impl From<(ModelName, Cooldown)> for CooldownView {
    fn from((model, cooldown): (ModelName, Cooldown)) -> Self {
        Self { model: model.as_str().to_owned(), held: cooldown.into() }
    }
}

impl From<Cooldown> for HeldView {
    fn from(cooldown: Cooldown) -> Self {
        match cooldown {
            Cooldown::Exhausted { window, until, streak: _ } => Self {
                reason: "exhausted",
                window: Some(window.as_str()),
                until: Some(Moment(until)),
            },
            Cooldown::Unserved => Self { reason: "unserved", window: None, until: None },
        }
    }
}

/// One key as a request found it, and why it was passed over.
#[derive(Debug, Default, Serialize, ToSchema)]
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
