//! Which quotas an error says are used up, and of which project, in every shape Google has for that.

use super::ErrorBody;
use super::detail::{Detail, QuotaViolation};

/// How the message that follows the old shape of a quota begins.
const OLD: &str = "Quota exceeded for quota metric '";
/// What stands before a quota in the message that follows the new shape.
const NEW: &str = "Quota exceeded for metric: ";
/// What stands before the project's number when the API is not switched on in it.
const DISABLED: &str = "Generative Language API has not been used in project ";

/// One quota that is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quota<'a> {
    /// Its id, for example `GenerateRequestsPerDayPerProjectPerModel-FreeTier`; empty when unsaid.
    pub id: &'a str,
    /// What it counts, for example `generativelanguage.googleapis.com/generate_content_free_tier_requests`.
    pub metric: &'a str,
    /// The limit, where it is told.
    pub limit: Option<u64>,
}

impl ErrorBody {
    /// Returns the quotas that are used up: from the details, or from the message where they have none.
    pub fn quotas(&self) -> Vec<Quota<'_>> {
        let details: Vec<Quota<'_>> = self.violated().chain(self.old_limits()).collect();
        if !details.is_empty() {
            return details;
        }
        let told: Vec<Quota<'_>> = self.told().collect();
        if told.is_empty() { self.told_before().into_iter().collect() } else { told }
    }

    /// Returns whether a quota's limit is 0: the model is not served to this project at all.
    pub fn has_zero_limit(&self) -> bool {
        // A model's name ends the line, and is the client's own word.
        let lines = self.message.lines().filter_map(|line| line.split("model:").next());
        lines.flat_map(|line| line.split("limit:").skip(1)).any(starts_with_zero)
            || self
                .quota_violations()
                .any(|violation| violation.quota_value.as_deref() == Some("0"))
    }

    /// Returns the project of the key that asked, as far as the error tells it.
    pub fn project(&self) -> Option<&str> {
        let info = self.details.iter().find_map(|detail| match detail {
            Detail::ErrorInfo { metadata, .. } => metadata.get("consumer"),
            Detail::QuotaFailure { .. }
            | Detail::RetryInfo { .. }
            | Detail::BadRequest { .. }
            | Detail::LocalizedMessage { .. }
            | Detail::Help { .. }
            | Detail::Other { .. } => None,
        });
        if let Some(project) = info.and_then(|consumer| named(consumer)) {
            return Some(project);
        }
        if let Some(rest) = self.message.strip_prefix(DISABLED) {
            return word(rest);
        }
        let (_, consumer) = self.message.strip_prefix(OLD)?.split_once("for consumer '")?;
        named(consumer)
    }

    fn violated(&self) -> impl Iterator<Item = Quota<'_>> {
        self.quota_violations().enumerate().map(|(at, violation)| {
            let QuotaViolation { quota_metric, quota_id, quota_value, .. } = violation;
            let limit = quota_value.as_deref().and_then(|value| value.parse().ok());
            let limit = limit.or_else(|| self.told_limit(at, quota_metric));
            Quota { id: quota_id, metric: quota_metric, limit }
        })
    }

    /// The limit that the message tells for the violation number `at`: it has a line for each.
    fn told_limit(&self, at: usize, metric: &str) -> Option<u64> {
        let line = self.told().nth(at)?;
        line.limit.filter(|_| line.metric == metric)
    }

    fn told(&self) -> impl Iterator<Item = Quota<'_>> {
        self.message.lines().filter_map(|line| {
            let line = line.trim_start_matches(['*', ' ']).strip_prefix(NEW)?;
            let (metric, rest) = line.split_once(',')?;
            let limit = rest.trim_start().strip_prefix("limit:").and_then(number);
            Some(Quota { id: "", metric: metric.trim(), limit })
        })
    }

    /// The old shape: an `ErrorInfo` whose metadata name the limit.
    fn old_limits(&self) -> impl Iterator<Item = Quota<'_>> {
        self.details.iter().filter_map(|detail| {
            let Detail::ErrorInfo { metadata, .. } = detail else { return None };
            let text = |name: &str| metadata.get(name).map(String::as_str);
            Some(Quota {
                id: text("quota_limit")?,
                metric: text("quota_metric").unwrap_or_default(),
                limit: text("quota_limit_value").and_then(|value| value.parse().ok()),
            })
        })
    }

    /// The old shape without its metadata.
    fn told_before(&self) -> Option<Quota<'_>> {
        let (metric, rest) = self.message.strip_prefix(OLD)?.split_once('\'')?;
        let (id, _) = rest.strip_prefix(" and limit '")?.split_once('\'')?;
        Some(Quota { id, metric, limit: None })
    }
}

/// A project as a consumer names it: `projects/N` or `project_number:N`; a consumer may be a key.
fn named(consumer: &str) -> Option<&str> {
    let kinds = ["projects/", "project_number:", "project_id:"];
    kinds.iter().find_map(|kind| consumer.strip_prefix(kind)).and_then(word)
}

fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    text.get(..end.unwrap_or(text.len())).filter(|word| !word.is_empty())
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_digit());
    text.get(..end.unwrap_or(text.len()))?.parse().ok()
}

/// Returns whether a number that begins the text is 0 and not 0.5 or 01.
fn starts_with_zero(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix('0') else { return false };
    let fraction = rest.strip_prefix('.').unwrap_or(rest);
    !fraction.starts_with(|c: char| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(message: &str, details: &str) -> ErrorBody {
        let message = serde_json::Value::from(message);
        let body =
            format!(r#"{{"error":{{"code":429,"message":{message},"details":[{details}]}}}}"#);
        ErrorBody::parse(body.as_bytes()).unwrap()
    }

    #[track_caller]
    fn check(message: &str, details: &str, want: &[(&str, &str, Option<u64>)]) {
        let error = error(message, details);
        let quotas = error.quotas();
        let got: Vec<_> = quotas.iter().map(|it| (it.id, it.metric, it.limit)).collect();
        assert_eq!(got, want, "{message} {details}");
    }

    const FAILURE: &str =
        r#"{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":["#;

    #[test]
    fn every_violated_quota_is_found_and_its_limit_where_it_is_told() {
        let both = format!(
            r#"{FAILURE}{{"quotaMetric":"m","quotaId":"PerMinute","quotaValue":"10"}},{{"quotaMetric":"m","quotaId":"PerDay"}}]}}"#
        );
        let ten = ("PerMinute", "m", Some(10));
        check("", &both, &[ten, ("PerDay", "m", None)]);
        let lines = "x \n* Quota exceeded for metric: m, limit: 9, model: a\n* Quota exceeded for metric: m, limit: 20, model: a";
        check(lines, &both, &[ten, ("PerDay", "m", Some(20))]);
        let others = lines.replace("metric: m", "metric: n");
        check(&others, &both, &[ten, ("PerDay", "m", None)]);
    }

    #[test]
    fn the_message_names_the_quota_where_no_details_do() {
        let line = "You exceeded.\n* Quota exceeded for metric: h/requests, limit: 20, model: x\nPlease retry in 3s.";
        check(line, "", &[("", "h/requests", Some(20))]);
        check("* Quota exceeded for metric: m, limit: ", "", &[("", "m", None)]);
        check("Resource has been exhausted (e.g. check quota).", "", &[]);
    }

    #[test]
    fn the_old_shape_names_it_in_metadata_or_in_words() {
        let words = "Quota exceeded for quota metric 'Requests per minute' and limit 'Limit per minute for a region' of service 's' for consumer 'project_number:12'.";
        check(words, "", &[("Limit per minute for a region", "Requests per minute", None)]);
        let info = r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED",
            "metadata":{"quota_limit":"RequestsPerMinute","quota_limit_value":"60","quota_metric":"m"}}"#;
        check(words, info, &[("RequestsPerMinute", "m", Some(60))]);
    }

    #[test]
    fn the_project_is_told_by_its_consumer_or_in_googles_own_words() {
        let info = |consumer: &str| {
            format!(
                r#"{{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","metadata":{{"consumer":"{consumer}"}}}}"#
            )
        };
        for (message, details, want) in [
            ("m", info("projects/123"), Some("123")),
            ("m", info("api_key:AIza"), None),
            ("m", info("projects/"), None),
            (
                "Generative Language API has not been used in project 77 before or it is disabled.",
                String::new(),
                Some("77"),
            ),
            (
                "Quota exceeded for quota metric 'a' and limit 'b' of service 's' for consumer 'project_number:12'.",
                String::new(),
                Some("12"),
            ),
            // The client's own words.
            ("Unknown name \"has not been used in project 5 before\"", String::new(), None),
        ] {
            assert_eq!(error(message, &details).project(), want, "{message} {details}");
        }
    }

    #[test]
    fn a_models_name_is_no_limit() {
        assert!(
            !error("* Quota exceeded for metric: m, limit: 5, model: limit: 0", "")
                .has_zero_limit()
        );
    }
}
