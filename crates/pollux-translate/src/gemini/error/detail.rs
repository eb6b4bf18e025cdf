//! The details that Google attaches to an error.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::gemini::duration;

const PREFIX: &str = "type.googleapis.com/google.rpc.";

/// One entry of an error's `details`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// The cause as a constant.
    ErrorInfo {
        /// For example `API_KEY_INVALID`.
        reason: String,
        /// Who says so, for example `googleapis.com`.
        domain: String,
        /// What else is known; may hold a key or a project number.
        metadata: BTreeMap<String, String>,
    },
    /// The quotas that are used up.
    QuotaFailure {
        /// One entry for each.
        violations: Vec<QuotaViolation>,
    },
    /// When to come back.
    RetryInfo {
        /// In whole seconds as a rule; absent when it cannot be read.
        retry_delay: Option<Duration>,
    },
    /// The fields at fault.
    BadRequest {
        /// One entry for each.
        field_violations: Vec<FieldViolation>,
    },
    /// The message again, for people.
    LocalizedMessage {
        /// For example `en-US`.
        locale: String,
        /// The text.
        message: String,
    },
    /// Where to read on.
    Help {
        /// The places.
        links: Vec<Link>,
    },
    /// A kind that is not read here.
    Other {
        /// Its `@type`; empty when it has none.
        type_url: String,
    },
}

/// One quota that is used up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuotaViolation {
    /// For example `generativelanguage.googleapis.com/generate_content_free_tier_requests`.
    pub quota_metric: String,
    /// For example `GenerateRequestsPerDayPerProjectPerModel-FreeTier`.
    pub quota_id: String,
    /// What the quota is counted by; the model may be a backend's name.
    pub quota_dimensions: BTreeMap<String, String>,
    /// The limit; often left out.
    pub quota_value: Option<String>,
}

/// One field at fault.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldViolation {
    /// Its path; often left out.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

/// A place to read on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// What is there.
    pub description: String,
    /// Its address; may hold a project number.
    pub url: String,
}

impl Detail {
    pub(super) fn read(value: &Value) -> Self {
        let type_url = text(value, "@type");
        match type_url.rsplit('.').next().unwrap_or_default() {
            "ErrorInfo" => Self::ErrorInfo {
                reason: text(value, "reason"),
                domain: text(value, "domain"),
                metadata: texts(value, "metadata"),
            },
            "QuotaFailure" => Self::QuotaFailure {
                violations: list(value, "violations", |violation| QuotaViolation {
                    quota_metric: text(violation, "quotaMetric"),
                    quota_id: text(violation, "quotaId"),
                    quota_dimensions: texts(violation, "quotaDimensions"),
                    quota_value: violation.get("quotaValue").and_then(scalar),
                }),
            },
            "RetryInfo" => {
                Self::RetryInfo { retry_delay: duration::parse(&text(value, "retryDelay")) }
            }
            "BadRequest" => Self::BadRequest {
                field_violations: list(value, "fieldViolations", |violation| FieldViolation {
                    field: text(violation, "field"),
                    description: text(violation, "description"),
                }),
            },
            "LocalizedMessage" => Self::LocalizedMessage {
                locale: text(value, "locale"),
                message: text(value, "message"),
            },
            "Help" => Self::Help {
                links: list(value, "links", |link| Link {
                    description: text(link, "description"),
                    url: text(link, "url"),
                }),
            },
            _ => Self::Other { type_url },
        }
    }

    pub(super) fn reason(&self) -> Option<&str> {
        if let Self::ErrorInfo { reason, .. } = self { Some(reason) } else { None }
    }

    pub(super) fn quota_violations(&self) -> &[QuotaViolation] {
        if let Self::QuotaFailure { violations } = self { violations } else { &[] }
    }

    pub(super) fn retry_delay(&self) -> Option<Duration> {
        if let Self::RetryInfo { retry_delay } = self { *retry_delay } else { None }
    }
}

/// A detail as Pollux writes it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Wire<'a> {
    #[serde(rename = "@type")]
    type_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_delay: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field_violations: Option<[WireField<'a>; 1]>,
}

#[derive(Serialize)]
struct WireField<'a> {
    field: &'a str,
    description: &'a str,
}

impl<'a> Wire<'a> {
    /// Makes the detail that names the field at fault.
    pub(super) fn field(field: &'a str, description: &'a str) -> Self {
        let field_violations = Some([WireField { field, description }]);
        Self { type_url: format!("{PREFIX}BadRequest"), retry_delay: None, field_violations }
    }

    /// Makes the detail that says when to come back.
    pub(super) fn retry(delay: Duration) -> Self {
        let retry_delay = Some(format!("{}s", delay.as_secs_f64()));
        Self { type_url: format!("{PREFIX}RetryInfo"), retry_delay, field_violations: None }
    }
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn scalar(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned).or_else(|| value.as_number().map(ToString::to_string))
}

fn texts(value: &Value, name: &str) -> BTreeMap<String, String> {
    let entries = value.get(name).and_then(Value::as_object);
    let pairs = entries.into_iter().flatten();
    pairs.filter_map(|(key, value)| Some((key.clone(), scalar(value)?))).collect()
}

fn list<T>(value: &Value, name: &str, read: impl Fn(&Value) -> T) -> Vec<T> {
    value.get(name).and_then(Value::as_array).into_iter().flatten().map(read).collect()
}
