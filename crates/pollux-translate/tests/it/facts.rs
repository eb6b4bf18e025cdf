//! What the gateway learns from an answer, whichever way it is read.

use pollux_translate::gemini::finish::FinishReason;
use pollux_translate::gemini::model::{self, Page};
use pollux_translate::gemini::response::{Facts, Glance, Response};
use pollux_translate::usage::Usage;

#[track_caller]
fn check(body: &str, want: &Facts) {
    assert_eq!(&Response::parse(body.as_bytes()).unwrap().facts(), want, "read in full");
    assert_eq!(&Glance::parse(body.as_bytes()).unwrap().facts(), want, "read at a glance");
}

fn says(part: &str) -> String {
    format!(r#"{{"candidates":[{{"content":{{"parts":[{part}],"role":"model"}}}}]}}"#)
}

#[test]
fn a_part_that_carries_anything_is_content() {
    let content = Facts { has_content: true, ..Facts::default() };
    for part in [
        r#"{"text":"a"}"#,
        r#"{"text":"\n"}"#,
        r#"{"text":"","thoughtSignature":"c2ln"}"#,
        r#"{"text":"hm","thought":true}"#,
        r#"{"functionCall":{"name":"f"}}"#,
        r#"{"inlineData":{"mimeType":"image/png","data":"AA=="}}"#,
        r#"{"text":""},{"executableCode":{"code":"1"}}"#,
        r#"{"somethingNew":{"a":1}}"#,
    ] {
        check(&says(part), &content);
    }
    check(r#"{"candidates":{"content":{"parts":{"text":"a"}}}}"#, &content);
}

#[test]
fn empty_parts_are_not_content() {
    for part in ["", "{}", r#"{"text":""}"#, r#"{"thought":true}"#, r#"{"text":null,"new":[ ]}"#] {
        check(&says(part), &Facts::default());
    }
    check(r#"{"candidates":[{"content":{}},{"content":null},{}]}"#, &Facts::default());
    check(r#"{"candidates":null}"#, &Facts::default());
    check("{}", &Facts::default());
    check("[]", &Facts::default());
}

#[test]
fn a_finish_reason_is_known_or_kept() {
    for (name, reason) in [
        (r#""STOP""#, FinishReason::Stop),
        (r#""PUP_LIMITED_DISABLED""#, FinishReason::PupLimitedDisabled),
        (r#""CONTINUATION""#, FinishReason::Continuation),
        (r#""BORED""#, FinishReason::Unknown("BORED".into())),
        ("3", FinishReason::Unknown("3".into())),
    ] {
        let body = format!(r#"{{"candidates":[{{"index":1}},{{"finishReason":{name}}}]}}"#);
        check(&body, &Facts { finish: Some(reason), ..Facts::default() });
    }
}

#[test]
fn a_blocked_prompt_is_told_from_mere_feedback() {
    let blocked = Facts { blocked: true, ..Facts::default() };
    check(r#"{"promptFeedback":{"blockReason":"NEW_REASON","safetyRatings":[]}}"#, &blocked);
    check(r#"{"promptFeedback":{"safetyRatings":[]}}"#, &Facts::default());
    let unspecified = r#"{"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}}"#;
    check(unspecified, &Facts::default());
}

#[test]
fn counts_may_be_strings_or_absent() {
    let usage = Usage { prompt: 7, cached: 4, tool_prompt: 0, output: 0, thoughts: 9, total: 16 };
    let counts = r#""promptTokenCount":"7","cachedContentTokenCount":4,"thoughtsTokenCount":9"#;
    let body = format!(r#"{{"usageMetadata":{{{counts},"candidatesTokenCount":null,"new":[]}}}}"#);
    check(&body, &Facts { usage: Some(usage), ..Facts::default() });
}

#[test]
fn an_error_in_place_of_an_answer_is_seen() {
    let error = Facts { error: true, ..Facts::default() };
    check(r#"{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}"#, &error);
    check(r#"[{"error":{"code":503}}]"#, &error);
    check(r#"{"error":null}"#, &Facts::default());
}

#[test]
fn a_model_keeps_the_fields_that_are_not_read() {
    let raw = r#"{ "name":"models/a", "inputTokenLimit":"10", "new":{"b":1.50}, "thinking":true }"#;
    let body = format!(r#"{{"models":[{raw},{{"name":"models/b"}}],"nextPageToken":"t"}}"#);
    let page = Page::parse(body.as_bytes()).unwrap();
    let model = page.models.first().unwrap();
    assert_eq!((model.id(), model.input_token_limit, model.raw.get()), ("a", Some(10), raw));
    assert_eq!((page.models.len(), page.next()), (2, Some("t")));
    let kept = model::only(body.as_bytes(), |id| id == "a").unwrap();
    let want = format!(r#"{{"models":[{raw}],"nextPageToken":"t"}}"#);
    assert_eq!(String::from_utf8(kept).unwrap(), want);
    assert_eq!(Page::parse(br#"{"nextPageToken":""}"#).unwrap().next(), None);
}
