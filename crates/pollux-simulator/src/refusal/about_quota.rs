//! The refusals of a used-up quota.
//!
//! Shapes follow a recorded refusal of August 2026: `Help`, `QuotaFailure`,
//! `RetryInfo`, the exact delay in the message and whole seconds in the
//! details.

use std::fmt::Write;

use serde::Serialize;

use super::about_key::{DOMAIN, SERVICE, project_number};
use super::{Detail, Link, Pairs, Refusal};
use crate::Tier;
use crate::quota::{Dimension, Exhausted, Violation};

const DOCS: &str = "https://ai.google.dev/gemini-api/docs/rate-limits";

/// One quota that is used up.
#[derive(Debug, Serialize)]
pub(super) struct QuotaViolation {
    #[serde(rename = "quotaMetric")]
    metric: String,
    #[serde(rename = "quotaId")]
    id: &'static str,
    #[serde(rename = "quotaDimensions")]
    dimensions: Dimensions,
    #[serde(rename = "quotaValue", skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

#[derive(Debug, Serialize)]
struct Dimensions {
    model: String,
    location: &'static str,
}

impl Refusal {
    /// 429 that names every quota that is used up, and the project where the script wants that.
    pub(crate) fn exhausted(exhausted: &Exhausted, model: &str, project: &str) -> Self {
        let refusal = Self::used_up(exhausted, model);
        if !exhausted.tells_consumer {
            return refusal;
        }
        refusal.with(Detail::ErrorInfo {
            reason: "RATE_LIMIT_EXCEEDED",
            domain: DOMAIN,
            metadata: Pairs(vec![
                ("consumer", format!("projects/{}", project_number(project))),
                ("service", SERVICE.into()),
            ]),
        })
    }

    fn used_up(exhausted: &Exhausted, model: &str) -> Self {
        let Exhausted { violations, retry_micros, tier, tells_consumer: _ } = exhausted;
        let mut message = format!(
            "You exceeded your current quota, please check your plan and billing details. For \
             more information on this error, head to: {DOCS}. To monitor your current usage, head \
             to: https://ai.dev/rate-limit. "
        );
        let mut named = Vec::new();
        for violation in violations {
            let metric = metric(violation.dimension, *tier);
            let limit = violation.limit;
            // Writing to a string does not fail.
            let _ = write!(
                message,
                "\n* Quota exceeded for metric: {metric}, limit: {limit}, model: {model}"
            );
            named.push(QuotaViolation {
                metric,
                id: quota_id(violation.dimension, *tier),
                dimensions: Dimensions { model: model.to_owned(), location: "global" },
                value: (limit > 0).then(|| limit.to_string()),
            });
        }
        let (seconds, micros) = (retry_micros / 1_000_000, retry_micros % 1_000_000);
        let exact = format!("{seconds}.{micros:06}");
        let exact = exact.trim_end_matches('0').trim_end_matches('.');
        let _ = write!(message, "\nPlease retry in {exact}s.");
        Self::new(429, "RESOURCE_EXHAUSTED", message)
            .with(Detail::Help {
                links: vec![Link {
                    description: "Learn more about Gemini API quotas",
                    url: DOCS.to_owned(),
                }],
            })
            .with(Detail::QuotaFailure { violations: named })
            .with(Detail::RetryInfo { retry_delay: format!("{seconds}s") })
    }

    /// 429 of a model that the project's tier does not have.
    pub(crate) fn zero_limit(model: &str) -> Self {
        let none = |dimension| Violation { dimension, limit: 0 };
        let exhausted = Exhausted {
            violations: vec![
                none(Dimension::InputTokensPerMinute),
                none(Dimension::RequestsPerMinute),
                none(Dimension::RequestsPerDay),
            ],
            retry_micros: 20_044_661,
            tier: Tier::Free,
            tells_consumer: false,
        };
        Self::used_up(&exhausted, model)
    }
}

fn metric(dimension: Dimension, tier: Tier) -> String {
    let tier = match tier {
        Tier::Free => "free",
        Tier::Paid => "paid",
    };
    let what = match dimension {
        Dimension::RequestsPerMinute | Dimension::RequestsPerDay => "requests",
        Dimension::InputTokensPerMinute => "input_token_count",
    };
    format!("generativelanguage.googleapis.com/generate_content_{tier}_tier_{what}")
}

/// The quota's name. Of the paid ones only the token quota has been seen; the
/// other two are named like it.
fn quota_id(dimension: Dimension, tier: Tier) -> &'static str {
    match (dimension, tier) {
        (Dimension::RequestsPerMinute, Tier::Free) => {
            "GenerateRequestsPerMinutePerProjectPerModel-FreeTier"
        }
        (Dimension::InputTokensPerMinute, Tier::Free) => {
            "GenerateContentInputTokensPerModelPerMinute-FreeTier"
        }
        (Dimension::RequestsPerDay, Tier::Free) => {
            "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
        }
        (Dimension::RequestsPerMinute, Tier::Paid) => {
            "GenerateContentPaidTierRequestsPerModelPerMinute"
        }
        (Dimension::InputTokensPerMinute, Tier::Paid) => {
            "GenerateContentPaidTierInputTokensPerModelPerMinute"
        }
        (Dimension::RequestsPerDay, Tier::Paid) => "GenerateContentPaidTierRequestsPerModelPerDay",
    }
}
