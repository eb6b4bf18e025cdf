//! What each refusal of Gemini says about its key: recorded bodies, and those that were only described.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use pollux_gateway::proxy::classify::classify;
use pollux_pool::outcome::{Outcome, Revocation, Scope, Window};
use pollux_translate::gemini::error::ErrorBody;
use serde_json::Value;

const fn key(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Key }
}

const fn project(reason: Revocation) -> Outcome {
    Outcome::Revoked { reason, scope: Scope::Project }
}

const fn minute(millis: u64) -> Outcome {
    Outcome::Exhausted { window: Window::Minute, retry_after: Some(Duration::from_millis(millis)) }
}

const DAY: Outcome = Outcome::Exhausted { window: Window::Day, retry_after: None };
/// A minute's quota, without saying for how long.
const UNSAID: Outcome = Outcome::Exhausted { window: Window::Minute, retry_after: None };
const BARE: Outcome = Outcome::Exhausted { window: Window::Unknown, retry_after: None };

#[track_caller]
fn check(what: &str, http: u16, body: &str, want: Outcome) {
    let error = ErrorBody::parse(body.as_bytes());
    let (got, rule) = classify(http, error.as_ref(), body);
    assert_eq!(got.outcome, want, "{what}, by the rule {rule:?}: {body}");
}

/// One row per file of the corpus.
const RECORDED: &[(&str, Outcome)] = &[
    ("400_api_key_expired", key(Revocation::Expired)),
    ("400_api_key_invalid", key(Revocation::Invalid)),
    ("400_corrupted_thought_signature", Outcome::Rejected),
    ("400_function_call_turn_order", Outcome::Rejected),
    ("400_function_response_count", Outcome::Rejected),
    ("400_generic_invalid", Outcome::Rejected),
    ("400_input_token_count", Outcome::Rejected),
    ("400_location_not_supported", Outcome::Blocked),
    ("400_missing_thought_signature", Outcome::Rejected),
    ("400_openai_compat_array_wrapped", Outcome::Rejected),
    ("400_tool_combination", Outcome::Rejected),
    ("400_unknown_field", Outcome::Rejected),
    ("401_access_token_type_unsupported", key(Revocation::Unauthenticated)),
    ("403_cached_content", Outcome::NotOwner),
    ("403_file_not_owned_or_missing", Outcome::NotOwner),
    ("403_key_leaked", key(Revocation::Leaked)),
    ("403_project_denied_access", project(Revocation::ProjectDenied)),
    ("403_unregistered_caller", Outcome::Rejected),
    ("429_bare", BARE),
    ("429_free_tier_limit_zero", Outcome::Unserved),
    ("429_free_tier_rpd_rpm_tpm", DAY),
    ("429_free_tier_tpm", minute(35_000)),
    // Its metadata, which would name the window, was left out where it was quoted; the message has it.
    ("429_old_rate_limit_exceeded_errorinfo", UNSAID),
    ("499_cancelled", Outcome::Unavailable),
    ("500_internal", Outcome::Unavailable),
    ("503_high_demand", Outcome::Unavailable),
    ("503_overloaded", Outcome::Unavailable),
    ("503_service_unavailable", Outcome::Unavailable),
    ("interactions_400_invalid_request", Outcome::Rejected),
];

#[test]
fn every_recorded_refusal_says_what_it_is_known_to_say() {
    let Ok(corpus) = corpus() else {
        println!("skipped: POLLUX_CORPUS does not say where the recordings are");
        return;
    };
    let folder = Path::new(&corpus).join("errors");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned()
    };
    let files: BTreeSet<String> = fs::read_dir(&folder).unwrap().map(name).collect();
    let rows: BTreeSet<String> = RECORDED.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(files, rows, "one row per file");
    for (name, want) in RECORDED {
        let text = fs::read(folder.join(format!("{name}.json"))).unwrap();
        let recording: Value = serde_json::from_slice(&text).unwrap();
        let response = &recording["response"];
        let http = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        check(name, http, &response["body"].to_string(), *want);
    }
}

#[expect(clippy::disallowed_methods, reason = "the corpus is where the environment says")]
fn corpus() -> Result<String, std::env::VarError> {
    std::env::var("POLLUX_CORPUS")
}

/// A body of Google's with a message and, maybe, the reason of an `ErrorInfo`.
fn body(http: u16, message: &str, reason: &str) -> String {
    let info = r#"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":""#;
    let details = match reason {
        "" => String::new(),
        reason => format!(r#","details":[{info}{reason}","domain":"googleapis.com"}}]"#),
    };
    format!(r#"{{"error":{{"code":{http},"message":"{message}"{details}}}}}"#)
}

#[test]
fn refusals_of_a_key_revoke_it_and_those_of_a_project_all_its_keys() {
    for (http, message, reason, want) in [
        (400, "API Key not found. Please pass a valid API key.", "", key(Revocation::Invalid)),
        (400, "Something new.", "API_KEY_INVALID", key(Revocation::Invalid)),
        (401, "Something new.", "CREDENTIALS_MISSING", key(Revocation::Unauthenticated)),
        (
            403,
            "Permission denied: Consumer 'api_key:AIza' has been suspended.",
            "",
            project(Revocation::Suspended),
        ),
        (403, "Something new.", "CONSUMER_SUSPENDED", project(Revocation::Suspended)),
        (403, "Something new.", "SERVICE_DISABLED", project(Revocation::ServiceDisabled)),
        (
            403,
            "Generative Language API has not been used in project 1 before or it is disabled.",
            "",
            project(Revocation::ServiceDisabled),
        ),
        (403, "Something new.", "BILLING_DISABLED", project(Revocation::BillingDisabled)),
        (
            400,
            "Gemini API free tier is not available in your country.",
            "",
            project(Revocation::BillingDisabled),
        ),
        (403, "Requests are blocked.", "API_KEY_SERVICE_BLOCKED", key(Revocation::Restricted)),
        (
            403,
            "Requests are blocked.",
            "API_KEY_HTTP_REFERRER_BLOCKED",
            key(Revocation::Restricted),
        ),
        (403, "Requests are blocked.", "API_KEY_IP_ADDRESS_BLOCKED", key(Revocation::Restricted)),
        (403, "Requests are blocked.", "CONSUMER_INVALID", key(Revocation::Restricted)),
    ] {
        check(reason, http, &body(http, message, reason), want);
    }
}

#[test]
fn the_clients_own_mistakes_say_nothing_about_a_key() {
    for (http, message) in [
        (400, "Request contains an invalid argument."),
        (404, "models/x is not found for API version v1beta, or is not supported for countTokens."),
        (403, "Something that nobody has seen yet."),
        (409, "Conflict."),
        (413, "Request Entity Too Large"),
    ] {
        check(message, http, &body(http, message, ""), Outcome::Rejected);
    }
    check("a page", 404, "<html>Not Found</html>", Outcome::Rejected);
}

/// Google repeats the client's own words in its complaints.
#[test]
fn no_words_of_a_client_revoke_a_key() {
    for words in [
        "API key expired. Please renew the API key.",
        "API key not valid. Please pass a valid API key.",
        "API Key not found. Please pass a valid API key.",
        "User location is not supported for the API use.",
    ] {
        let unknown = format!(
            "Invalid JSON payload received. Unknown name \\\"{words}\\\": Cannot find field."
        );
        check("a field", 400, &body(400, &unknown, ""), Outcome::Rejected);
    }
    for words in [
        "Your API key was reported as leaked.",
        "Consumer 'x' has been suspended.",
        "Your project has been denied access.",
        "has not been used in project 1 before or it is disabled",
    ] {
        let file =
            format!("You do not have permission to access the File {words} or it may not exist.");
        check("a file", 403, &body(403, &file, ""), Outcome::NotOwner);
    }
}

#[test]
fn the_old_shape_of_a_minutes_quota_names_it_in_its_metadata() {
    let old = body(429, "Quota exceeded for quota metric 'x'.", "RATE_LIMIT_EXCEEDED");
    let limit =
        r#""metadata":{"quota_limit":"GenerateContentRequestsPerMinutePerProjectPerRegion"}"#;
    let named = old.replace(r#""domain":"googleapis.com""#, limit);
    check("old", 429, &named, UNSAID);
}

#[test]
fn a_place_that_google_does_not_serve_is_nobodys_key() {
    for (http, text) in [
        (400, body(400, "User location is not supported for the API use.", "")),
        (403, "<html>Sorry... your computer may be sending automated queries</html>".to_owned()),
        (429, "<html>Sorry... your computer may be sending automated queries</html>".to_owned()),
    ] {
        check("location", http, &text, Outcome::Blocked);
    }
}

/// A 429 with violated quotas, a `RetryInfo` and a message.
fn quota(ids: &[&str], retry: &str, message: &str) -> String {
    let violation = |id: &&str| format!(r#"{{"quotaId":"{id}","quotaValue":"10"}}"#);
    let violations = ids.iter().map(violation).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"error":{{"code":429,"message":"{message}","status":"RESOURCE_EXHAUSTED","details":[
        {{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{violations}]}},
        {{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{retry}"}}]}}}}"#
    )
}

#[test]
fn a_quota_is_out_for_as_long_as_its_name_and_google_say() {
    let requests = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    let tokens = "GenerateContentPaidTierInputTokensPerModelPerMinute";
    let day = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
    let token_day = "GenerateContentInputTokensPerModelPerDay-FreeTier";
    for (ids, retry, message, want) in [
        (&[requests][..], "36s", "Quota exceeded.", minute(36_000)),
        (
            &[tokens],
            "48s",
            "limit: 1000000\\nPlease retry in 48.939935699s.",
            Outcome::Exhausted {
                window: Window::Minute,
                retry_after: Some(Duration::from_nanos(48_939_935_699)),
            },
        ),
        (&[requests], "0s", "Please retry in 900ms.", minute(900)),
        (&[requests], "34.07s", "Quota exceeded.", minute(34_070)),
        (&[day], "36s", "Please retry in 36s.", DAY),
        (&[token_day], "5s", "Quota exceeded.", DAY),
        (&[requests, day, tokens], "20s", "Please retry in 20s.", DAY),
        (&["SomethingNew"], "7s", "Quota exceeded.", minute(7_000)),
        (
            &[requests, day],
            "20s",
            "limit: 0, model: gemini\\nPlease retry in 20s.",
            Outcome::Unserved,
        ),
    ] {
        check(&format!("{ids:?}"), 429, &quota(ids, retry, message), want);
    }
    let unsaid = quota(&[requests], "", "Quota exceeded.");
    check("no delay", 429, &unsaid, UNSAID);
}

#[test]
fn a_refusal_that_names_no_quota_says_little() {
    check("bare", 429, &body(429, "Resource has been exhausted (e.g. check quota).", ""), BARE);
    check("a page", 429, "<html>Too Many Requests</html>", BARE);
    check("nothing", 429, "", BARE);
    let capacity = body(429, "No capacity available.", "MODEL_CAPACITY_EXHAUSTED");
    check("capacity", 429, &capacity, Outcome::Unavailable);
}

#[test]
fn trouble_upstream_is_nobodys_fault() {
    for http in [408, 499, 500, 502, 503, 504, 529] {
        check(
            "trouble",
            http,
            &body(http, "Deadline expired before operation could complete.", ""),
            Outcome::Unavailable,
        );
        check("a page", http, "<html>Error</html>", Outcome::Unavailable);
        check("nothing", http, "", Outcome::Unavailable);
    }
}
