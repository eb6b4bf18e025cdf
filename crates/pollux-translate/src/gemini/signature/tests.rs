//! Tests of the wordings of the error, and of what mending changes and leaves alone.

use super::*;

fn mended(body: &str) -> Option<String> {
    with_sentinels(body.as_bytes()).map(|body| String::from_utf8(body).unwrap())
}

#[track_caller]
fn check(message: &str, want: bool) {
    let error = ErrorBody { code: 400, message: message.to_owned(), ..ErrorBody::default() };
    assert_eq!(is_signature_error(&error), want, "{message}");
}

#[test]
fn every_wording_of_a_signature_error_is_known() {
    check("Function call is missing a thought_signature in functionCall parts. This is", true);
    check(
        "Unable to submit request because function call `x` in the 5. content block is missing a \
         `thought_signature`. Learn more",
        true,
    );
    check("Corrupted thought signature.", true);
    check("Invalid thought signature.", true);
    check("Thought signature is not valid", true);
    check("Please provide the thoughtSignature of each part.", true);
    check(
        "Invalid value at 'contents[0].parts[0].thought_signature' (TYPE_BYTES), Base64 decoding \
         failed for \"?\"",
        true,
    );
}

#[test]
fn other_errors_are_not_taken_for_one() {
    check("", false);
    check("Request contains an invalid argument.", false);
    check("You thought the signature is good.", false);
    check("Budget 0 is invalid. This model only works in thinking mode.", false);
    check(
        "Invalid JSON payload received. Unknown name \"thoughtSignature\" at 'contents[0]'",
        false,
    );
    let overloaded =
        ErrorBody { code: 503, message: "thought signature".to_owned(), ..ErrorBody::default() };
    assert!(!is_signature_error(&overloaded));
}

#[test]
fn the_first_call_of_each_turn_of_the_model_gets_one() {
    let body = r#"{"contents":[
        {"role":"user","parts":[{"text":"go"}]},
        {"role":"model","parts":[{"text":"I look"},{ "functionCall":{"name":"a"}},{"functionCall":{"name":"b"}}]},
        {"role":"user","parts":[{"functionResponse":{"name":"a"}},{"functionResponse":{"name":"b"}}]},
        {"role":"model","parts":{"function_call":{"name":"c"}}},
        {"role":"model","parts":[{"functionCall":{"name":"d"}}]}
    ]}"#;
    let want = body
        .replace(
            r#"{ "functionCall":{"name":"a"}"#,
            &format!(r#"{{"thoughtSignature":"{SENTINEL}", "functionCall":{{"name":"a"}}"#),
        )
        .replace(
            r#"{"function_call""#,
            &format!(r#"{{"thoughtSignature":"{SENTINEL}","function_call""#),
        );
    assert_eq!(mended(body).as_deref(), Some(want.as_str()));
}

#[test]
fn a_call_that_a_user_seems_to_make_is_not_the_models_first() {
    let call = r#""parts":[{"functionCall":{"name":"a"}}]"#;
    let body = format!(r#"{{"contents":[{{"role":"user",{call}}},{{"role":"model",{call}}}]}}"#);
    let (users, models) = body.split_at(body.find("model").unwrap());
    let models = models.replace(
        r#"{"functionCall""#,
        &format!(r#"{{"thoughtSignature":"{SENTINEL}","functionCall""#),
    );
    assert_eq!(mended(&body), Some([users, &models].concat()));
}

#[test]
fn signatures_in_either_spelling_are_replaced_wherever_they_are() {
    let body = r#"{"contents":[{"role":"model","parts":[
        {"text":"","thoughtSignature":"QUJD"},{"thought_signature" : "RE\u0045F","functionCall":{"name":"a"}},
        {"functionCall":{"name":"b"},"thoughtSignature":"R0hJ"}]}]}"#;
    let sentinel = format!("\"{SENTINEL}\"");
    let want = body.replace("\"QUJD\"", &sentinel).replace("\"RE\\u0045F\"", &sentinel);
    let want = want.replace("\"R0hJ\"", &sentinel);
    assert_eq!(mended(body), Some(want));
}

#[test]
fn a_mended_request_needs_no_mending() {
    let body = r#"{"contents":{"role":"model","parts":[{"functionCall":{"name":"a"}},{"text":"","thoughtSignature":"QUJD"}]}}"#;
    let once = mended(body).unwrap();
    assert_eq!(mended(&once), None);
    assert_eq!(mended(&once.replace(SENTINEL, SENTINEL_BASE64)), None);
}

#[test]
fn an_empty_or_absent_signature_is_none() {
    for written in [r#""""#, "null"] {
        let body = format!(
            r#"{{"contents":[{{"role":"model","parts":[{{"thoughtSignature":{written},"functionCall":{{}}}}]}}]}}"#
        );
        assert!(mended(&body).unwrap().contains(SENTINEL), "{body}");
        let text = body.replace(r#""functionCall":{}"#, r#""text":"a""#);
        assert_eq!(mended(&text), None);
    }
}

#[test]
fn what_is_not_a_signature_keeps_its_bytes() {
    let body = concat!(
        "{ \"n\" : 12345678901234567890123, \"x\":1.0e3,\n\"contents\":[{\"role\":\"model\",\"parts\":[",
        "{\"functionCall\":{\"args\":{\"thoughtSignature\":\"mine\",\"contents\":[]},\"name\":\"\\u00e9\"}}]}],",
        "\t\"tools\":[{\"thoughtSignature\":\"mine\"}] }",
    );
    let want = body.replace(
        "{\"functionCall\"",
        &format!("{{\"thoughtSignature\":\"{SENTINEL}\",\"functionCall\""),
    );
    assert_eq!(mended(body), Some(want));
}

#[test]
fn nothing_is_made_of_what_has_no_calls_and_no_signatures() {
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"contents":null}"#,
        r#"{"contents":[1,null,{"parts":7},{"role":"model","parts":[null,"x"]}]}"#,
        r#"{"contents":[{"role":"user","parts":[{"functionCall":{"name":"a"}}]}]}"#,
        r#"{"contents":[{"role":"model","parts":[{"text":"thought_signature"}]}]}"#,
    ] {
        assert_eq!(mended(body), None, "{body}");
    }
}
