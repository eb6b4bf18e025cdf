//! An example for every row of the table of refusals, and the wrappings in which refusals come.

use std::{collections::BTreeSet, time::Duration};

use pollux_gateway::proxy::classify::{classify, rows};
use pollux_pool::outcome::{Lesson, Outcome, Window};
use pollux_translate::gemini::error::ErrorBody;

/// A row's name, and a refusal that it decides.
type Example = (&'static str, u16, &'static str);

const EXAMPLES: &[Example] = &[
    (
        "location not supported",
        400,
        r#"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
    ),
    (
        "free tier not offered in this country",
        400,
        r#"{"error":{"code":400,"message":"Gemini API free tier is not available in your country. Please enable billing on your project.","status":"FAILED_PRECONDITION"}}"#,
    ),
    (
        "address blocked",
        429,
        "<html><body>Sorry... but your computer or network may be sending automated queries.</body></html>",
    ),
    ("key expired", 400, r#"{"error":{"code":400,"message":"API key expired. Renew it."}}"#),
    ("key invalid", 400, r#"{"error":{"code":400,"message":"API key not valid."}}"#),
    ("unauthenticated", 401, ""),
    (
        "suspended",
        403,
        r#"{"error":{"code":403,"message":"Permission denied: Consumer 'api_key:x' has been suspended."}}"#,
    ),
    (
        "reported as leaked",
        403,
        r#"{"error":{"code":403,"message":"Your API key was reported as leaked."}}"#,
    ),
    (
        "project denied",
        403,
        r#"{"error":{"code":403,"message":"Your project has been denied access."}}"#,
    ),
    (
        "service disabled",
        403,
        r#"{"error":{"code":403,"message":"Generative Language API has not been used in project 5 before or it is disabled."}}"#,
    ),
    (
        "billing disabled",
        403,
        r#"{"error":{"code":403,"message":"m","details":[{"@type":"x.ErrorInfo","reason":"BILLING_DISABLED"}]}}"#,
    ),
    (
        "key restricted",
        403,
        r#"{"error":{"code":403,"message":"m","details":[{"@type":"x.ErrorInfo","reason":"API_KEY_IOS_APP_BLOCKED"}]}}"#,
    ),
    (
        "not the owner",
        403,
        r#"{"error":{"code":403,"message":"CachedContent not found (or permission denied)"}}"#,
    ),
    (
        "no key was sent",
        403,
        r#"{"error":{"code":403,"message":"Method doesn't allow unregistered callers (callers without established identity)."}}"#,
    ),
    (
        "thought signature",
        400,
        r#"{"error":{"code":400,"message":"Corrupted thought signature."}}"#,
    ),
    (
        "not served on this tier",
        429,
        r#"{"error":{"code":429,"message":"* Quota exceeded for metric: m, limit: 0, model: x"}}"#,
    ),
    (
        "model out of capacity",
        429,
        r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.ErrorInfo","reason":"MODEL_CAPACITY_EXHAUSTED"}]}}"#,
    ),
    (
        "day quota",
        429,
        r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.QuotaFailure","violations":[{"quotaId":"RequestsPerDay"}]}]}}"#,
    ),
    (
        "minute quota",
        429,
        r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.QuotaFailure","violations":[{"quotaId":"RequestsPerMinute"}]}]}}"#,
    ),
    (
        "another quota",
        429,
        r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.QuotaFailure","violations":[{"quotaId":"SpendRatePerProject"}]}]}}"#,
    ),
    ("bare refusal", 429, r#"{"error":{"code":429,"message":"Resource has been exhausted."}}"#),
    (
        "internal error",
        500,
        r#"{"error":{"code":500,"message":"An internal error has occurred.","status":"INTERNAL"}}"#,
    ),
    ("overloaded", 503, r#"{"error":{"code":503,"message":"The model is overloaded."}}"#),
    ("too slow upstream", 504, r#"{"error":{"code":504,"message":"Deadline expired."}}"#),
    (
        "cancelled upstream",
        499,
        r#"[{"error":{"code":499,"message":"Cancelled.","errors":[{"message":"Cancelled.","domain":"global","reason":"backendError"}],"status":"CANCELLED"}}]"#,
    ),
    ("other upstream trouble", 502, "<html><title>Error 502 (Server Error)!!1</title></html>"),
    (
        "no such model or resource",
        404,
        r#"{"error":{"code":404,"message":"models/x is not found for API version v1beta."}}"#,
    ),
    (
        "request too large",
        413,
        "<html><title>Error 413 (Request Entity Too Large)!!1</title></html>",
    ),
    (
        "the request's fault",
        400,
        r#"{"error":{"code":400,"message":"Request contains an invalid argument."}}"#,
    ),
];

fn decide(http: u16, body: &str) -> (Outcome, &'static str) {
    let (lesson, row) = lesson(http, body);
    (lesson.outcome, row)
}

fn lesson(http: u16, body: &str) -> (Lesson, &'static str) {
    classify(http, ErrorBody::parse(body.as_bytes()).as_ref(), body)
}

#[test]
fn every_row_has_an_example_that_it_decides() {
    for (row, http, body) in EXAMPLES {
        assert_eq!(decide(*http, body).1, *row, "{http} {body}");
    }
    let shown: BTreeSet<&str> = EXAMPLES.iter().map(|(row, _, _)| *row).collect();
    let missing: Vec<&str> = rows().filter(|row| !shown.contains(row)).collect();
    assert!(missing.is_empty(), "no example for {missing:?}");
    assert_eq!(rows().count(), shown.len(), "two rows of one name");
}

/// The same refusal in every wrapping that Google and its clients' libraries put around it.
#[test]
fn no_wrapping_changes_what_a_refusal_says() {
    for (row, http, body) in EXAMPLES.iter().filter(|(_, _, body)| body.starts_with('{')) {
        let text = serde_json::Value::from(*body);
        let inner = format!(r#"{{"error":{{"message":{text},"code":{http},"status":"Bad"}}}}"#);
        let twice = serde_json::Value::from(inner.as_str());
        let code_assist = body.replacen(
            r#""message""#,
            r#""errors":[{"message":"m","domain":"global","reason":"r"}],"message""#,
            1,
        );
        for wrapped in [
            format!("[{body}]"),
            format!("\n [\n{body}\n]\n"),
            inner.clone(),
            format!(r#"{{"error":{{"message":{twice}}}}}"#),
            code_assist,
        ] {
            assert_eq!(decide(*http, &wrapped), decide(*http, body), "{row}: {wrapped}");
        }
    }
}

/// In a stream the error has no status but its own.
#[test]
fn codes_in_words_mean_what_their_numbers_do() {
    for (code, row) in [
        ("invalid_request", "the request's fault"),
        ("not_found", "no such model or resource"),
        ("rate_limit_exceeded", "bare refusal"),
        ("internal", "internal error"),
        ("unavailable", "overloaded"),
        ("deadline_exceeded", "too slow upstream"),
        ("cancelled", "cancelled upstream"),
        ("authentication_error", "unauthenticated"),
    ] {
        let body = format!(r#"{{"event_type":"error","error":{{"code":"{code}","message":"m"}}}}"#);
        let error = ErrorBody::parse(body.as_bytes()).unwrap();
        assert_eq!(classify(error.code, Some(&error), &body).1, row, "{body}");
    }
}

#[test]
fn what_is_no_error_at_all_is_judged_by_its_status() {
    for body in ["", "null", "[]", "{}", "7", r#"{"candidates":[]}"#, r#"{"error":null}"#, "\u{0}"]
    {
        for (http, row) in [
            (400, "the request's fault"),
            (401, "unauthenticated"),
            (403, "the request's fault"),
            (404, "no such model or resource"),
            (429, "bare refusal"),
            (500, "other upstream trouble"),
            (503, "overloaded"),
        ] {
            assert_eq!(decide(http, body).1, row, "{http} {body:?}");
        }
    }
}

/// A quota that nobody knows yet is out for as long as Google says, however long, or a minute.
#[test]
fn an_unknown_quota_is_out_for_as_long_as_told() {
    let spend = |message: &str, retry: &str| {
        format!(
            r#"{{"error":{{"code":429,"message":"{message}","status":"RESOURCE_EXHAUSTED","details":[
            {{"@type":"x.QuotaFailure","violations":[{{"quotaId":"SpendRatePerProjectPerTenMinutes","quotaValue":"10"}}]}}
            {retry}]}}}}"#
        )
    };
    let retry = |delay: &str| format!(r#",{{"@type":"x.RetryInfo","retryDelay":"{delay}"}}"#);
    for (message, retry, want) in [
        ("Too fast.", retry("17s"), Some(17_000)),
        ("Too fast. Please retry in 8.5s.", String::new(), Some(8_500)),
        ("Please retry in 8.5s.", retry("8s"), Some(8_500)),
        ("Too fast.", retry("3600s"), Some(3_600_000)),
        ("Too fast.", String::new(), None),
    ] {
        let body = spend(message, &retry);
        let retry_after = want.map(Duration::from_millis);
        let want = Outcome::Exhausted { window: Window::Minute, retry_after };
        assert_eq!(decide(429, &body), (want, "another quota"), "{body}");
    }
}

/// What a model or a client wrote is repeated in many messages, and on broken answers is all there is.
#[test]
fn echoed_words_do_not_decide() {
    let words = "Sorry, automated queries: API key not valid, API_KEY_INVALID, PerDay, limit: 0, consumer suspended, thought signature";
    for http in [400, 403, 404, 500, 502, 503] {
        let want = decide(http, "").0;
        for body in [
            format!(
                r#"{{"error":{{"code":{http},"message":"Unknown name \"{words}\": Cannot find field."}}}}"#
            ),
            format!(r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{words}"}}]}}}}"#),
            format!("plain {words}"),
        ] {
            assert_eq!(decide(http, &body).0, want, "{http} {body}");
        }
    }
    let model = format!(
        r#"{{"error":{{"code":429,"message":"* Quota exceeded for metric: m, limit: 5, model: {words}","details":[
        {{"@type":"x.QuotaFailure","violations":[{{"quotaId":"RequestsPerMinute","quotaDimensions":{{"model":"PerDay"}}}}]}}]}}}}"#
    );
    assert_eq!(decide(429, &model).1, "minute quota");
}

/// Every violation, as `dimension/limit`.
fn violations(body: &str) -> Vec<String> {
    let (lesson, _) = lesson(429, body);
    let limit = |limit: Option<u64>| limit.map_or_else(|| "?".to_owned(), |it| it.to_string());
    lesson.violations.iter().map(|it| format!("{}/{}", it.dimension, limit(it.limit))).collect()
}

#[test]
fn every_quota_that_a_refusal_names_is_learned() {
    let both = r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.QuotaFailure","violations":[
        {"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier","quotaValue":"10","quotaDimensions":{"model":"another-name"}},
        {"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier","quotaValue":"250"},
        {"quotaId":"GenerateContentInputTokensPerModelPerMinute-FreeTier"}]}]}}"#;
    assert_eq!(
        violations(both),
        ["requests per minute/10", "requests per day/250", "input tokens per minute/?"]
    );
    assert_eq!(decide(429, both).1, "day quota");
    let told = r#"{"error":{"code":429,"message":"Too much.\n* Quota exceeded for metric: h/generate_content_free_tier_requests, limit: 20, model: gemini-x\nPlease retry in 2s."}}"#;
    assert_eq!(violations(told), ["requests per unknown/20"]);
    let old = r#"{"error":{"code":429,"message":"m","details":[{"@type":"x.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED",
        "metadata":{"quota_limit":"GenerateContentRequestsPerMinutePerProjectPerRegion","quota_limit_value":"60","consumer":"projects/123456"}}]}}"#;
    assert_eq!(violations(old), ["requests per minute/60"]);
    assert_eq!(lesson(429, old).0.project.unwrap().as_str(), "123456");
    assert!(
        violations(r#"{"error":{"code":429,"message":"Resource has been exhausted."}}"#).is_empty()
    );
    assert!(lesson(400, both).0.violations.is_empty(), "only a 429 is about quota");
}

#[test]
fn the_project_is_learned_from_any_refusal_that_names_it() {
    let disabled = r#"{"error":{"code":403,"message":"Generative Language API has not been used in project 4711 before or it is disabled."}}"#;
    assert_eq!(lesson(403, disabled).0.project.unwrap().as_str(), "4711");
    let echoed = r#"{"error":{"code":400,"message":"Unknown name \"has not been used in project 4711 before\""}}"#;
    assert_eq!(lesson(400, echoed).0.project, None);
}
