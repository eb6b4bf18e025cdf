//! Tests of reading and writing errors.

use super::*;

#[track_caller]
fn parsed(body: &str) -> ErrorBody {
    ErrorBody::parse(body.as_bytes()).unwrap()
}

#[track_caller]
fn check(body: &str, code: u16, status: Option<Status>, message: &str) {
    let error = parsed(body);
    assert_eq!((error.code, error.status, error.message.as_str()), (code, status, message));
}

#[test]
fn an_error_is_found_in_every_wrapping() {
    let unavailable = Some(Status::Unavailable);
    let plain = r#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#;
    check(plain, 503, unavailable, "busy");
    check(&format!("[{plain}]"), 503, unavailable, "busy");
    let quoted = |text: &str| Value::from(text).to_string();
    let nested = format!(r#"{{"error":{{"message":{},"code":500,"status":"x"}}}}"#, quoted(plain));
    check(&nested, 503, unavailable, "busy");
    let twice = format!(r#"{{"error":{{"message":{}}}}}"#, quoted(&nested));
    check(&twice, 503, unavailable, "busy");
    check(&format!(r#"{{"error":{}}}"#, quoted(plain)), 503, unavailable, "busy");
    check(
        r#"{"event_type":"error","error":{"code":"not_found","message":"no"}}"#,
        404,
        Some(Status::NotFound),
        "no",
    );
}

#[test]
fn a_code_of_the_interactions_api_keeps_its_text() {
    let error = parsed(r#"{"error":{"code":"invalid_request","message":"no"}}"#);
    assert_eq!((error.code, error.status), (400, Some(Status::InvalidArgument)));
    assert_eq!(error.status_text, "invalid_request");
}

#[test]
fn what_holds_no_error_is_none() {
    for body in [
        "",
        "<html>502</html>",
        "{}",
        "[]",
        "null",
        r#"{"candidates":[]}"#,
        r#"{"error":null}"#,
        "7",
    ] {
        assert_eq!(ErrorBody::parse(body.as_bytes()), None, "{body}");
    }
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    assert_eq!(ErrorBody::parse(deep.as_bytes()), None);
}

#[test]
fn an_error_that_is_only_a_text_keeps_it() {
    check(r#"{"error":"bad gateway"}"#, 0, None, "bad gateway");
}

#[test]
fn details_are_read_in_order() {
    let error = parsed(
        r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"type.googleapis.com/google.rpc.Help","links":[{"description":"d","url":"u"}]},
        {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaMetric":"m",
            "quotaId":"PerDay","quotaDimensions":{"model":"x"},"quotaValue":"20"},{}]},
        {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.07s"},
        {"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"R","domain":"D",
            "metadata":{"service":"s"}},
        {"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"f",
            "description":"d"}]},
        {"@type":"type.googleapis.com/google.rpc.LocalizedMessage","locale":"en","message":"l"},
        {"@type":"type.googleapis.com/google.rpc.DebugInfo"}, 7]}}"#,
    );
    assert_eq!(error.reason(), Some("R"));
    assert_eq!(error.retry_delay(), Some(Duration::from_millis(34_070)));
    let violation = error.quota_violations().next().unwrap();
    assert_eq!(
        (violation.quota_id.as_str(), violation.quota_value.as_deref()),
        ("PerDay", Some("20"))
    );
    assert_eq!(violation.quota_dimensions.get("model").map(String::as_str), Some("x"));
    assert_eq!(error.quota_violations().count(), 2);
    assert_eq!(error.details.len(), 8);
    let other = Detail::Other { type_url: "type.googleapis.com/google.rpc.DebugInfo".to_owned() };
    assert_eq!(error.details.get(6), Some(&other));
}

#[test]
fn the_message_names_the_exact_delay() {
    for (message, millis) in [
        ("limit: 5\nPlease retry in 48.5s.", Some(48_500)),
        ("Please retry in 900ms", Some(900)),
        ("please RETRY in 1h2m3s, thanks", Some(3_723_000)),
        ("Please retry in a moment.", None),
        ("Please retry in ", None),
        ("no", None),
    ] {
        let error = ErrorBody { message: message.to_owned(), ..ErrorBody::default() };
        assert_eq!(error.message_delay(), millis.map(Duration::from_millis), "{message}");
    }
}

#[test]
fn only_a_limit_of_exactly_zero_is_one() {
    for (message, zero) in [
        ("limit: 0, model: x", true),
        ("limit:0", true),
        ("limit: 15\nlimit: 0\n", true),
        ("limit: 0.", true),
        ("limit: 0.5", false),
        ("limit: 05", false),
        ("limit: 10", false),
        ("no limit", false),
    ] {
        let error = ErrorBody { message: message.to_owned(), ..ErrorBody::default() };
        assert_eq!(error.has_zero_limit(), zero, "{message}");
    }
}

#[test]
fn an_error_for_a_client_keeps_status_message_and_the_exact_delay() {
    let body = r#"{"error":{"code":429,"message":"Please retry in 48.5s","status":"RESOURCE_EXHAUSTED",
        "details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"48s"}]}}"#;
    let error = ApiError::from(&parsed(body));
    assert_eq!((error.http, error.status), (429, Status::ResourceExhausted));
    assert_eq!(error.retry_after, Some(Duration::from_millis(48_500)));
    let nameless = ApiError::from(&ErrorBody::default());
    assert_eq!((nameless.http, nameless.status), (500, Status::Internal));
}

#[test]
fn what_is_written_reads_back() {
    let mut error = ApiError::new(Status::ResourceExhausted, "every key is cooling down");
    error.retry_after = Some(Duration::from_millis(2_500));
    error.param = Some("model".to_owned());
    let encoded = encode(&error);
    assert!(encoded.starts_with(b"{\n  \"error\": {\n    \"code\": 429,"));
    let read = ErrorBody::parse(&encoded).unwrap();
    assert_eq!((read.code, read.status), (429, Some(Status::ResourceExhausted)));
    assert_eq!(read.retry_delay(), error.retry_after);
    let violation = FieldViolation { field: "model".to_owned(), description: error.message };
    assert_eq!(
        read.details.first(),
        Some(&Detail::BadRequest { field_violations: vec![violation] })
    );
}
