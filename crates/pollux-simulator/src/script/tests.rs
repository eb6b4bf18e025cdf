//! Tests of the notations of a script.

use std::time::Duration;

use super::{Behaviour, Chunking, Quota, Script, Steps, Tier};

#[track_caller]
fn check(text: &str, want: impl Into<Steps>) {
    assert_eq!(text.parse::<Steps>().unwrap(), want.into());
}

#[track_caller]
fn check_refused(text: &str, want: &str) {
    assert_eq!(text.parse::<Script>().unwrap_err().to_string(), want);
}

#[test]
fn every_plain_behaviour_is_read_by_its_name() {
    for behaviour in &super::behaviour::PLAIN {
        check(behaviour.name(), behaviour.clone());
    }
}

#[test]
fn settings_are_read() {
    let quota = Quota {
        requests_per_minute: Some(5),
        input_tokens_per_minute: Some(6),
        requests_per_day: Some(7),
        tier: Tier::Paid,
        tells_consumer: true,
    };
    check("quota:rpm=5:tpm=6:rpd=7:tier=paid:tells=consumer", Behaviour::Quota(quota));
    let slow = |first, chunk| Behaviour::Slow {
        first_byte: Duration::from_millis(first),
        chunk: Duration::from_millis(chunk),
    };
    check("slow:first=200ms:chunk=2s", slow(200, 2_000));
    check("slow:chunk=30", slow(0, 30));
    check("cut", Behaviour::Cut { after: None });
    check("cut:after=0", Behaviour::Cut { after: Some(0) });
    check("error_midstream:after=3", Behaviour::ErrorMidstream { after: 3 });
    check("plain_error_midstream", Behaviour::PlainErrorMidstream { after: 1 });
}

#[test]
fn steps_have_counts() {
    check(
        "empty*1+cut:after=2*3+ok",
        vec![
            Behaviour::Empty.times(1),
            Behaviour::Cut { after: Some(2) }.times(3),
            super::Step::default(),
        ],
    );
}

#[test]
fn a_line_says_what_the_builder_says() {
    let line = "k1,k2=invalid, k3=quota:rpm=5:project=p1,k1@gemini-2.5-pro=zero_limit,*=ok";
    let quota = Quota { requests_per_minute: Some(5), ..Quota::default() };
    let built = Script::open()
        .key("k1", Behaviour::Ok)
        .key("k2", Behaviour::Invalid)
        .key("k3", Behaviour::Quota(quota))
        .project("k3", "p1")
        .key_on("k1", "gemini-2.5-pro", Behaviour::ZeroLimit);
    assert_eq!(line.parse::<Script>().unwrap(), built);
}

#[test]
fn a_document_says_what_the_line_says() {
    let document = r#"{
        "keys": {
            "k1": {"steps": "ok", "models": {"gemini-2.5-pro": ["zero_limit*1", "ok"]}},
            "k2": "invalid",
            "k3": {"project": "p1", "steps": "quota:rpm=5"}
        },
        "others": "ok",
        "chunking": {"bytes": 4},
        "strict": false,
        "log_capacity": 7
    }"#;
    let line = "k1,k2=invalid,k3=quota:rpm=5:project=p1,k1@gemini-2.5-pro=zero_limit*1+ok,*=ok";
    let built =
        line.parse::<Script>().unwrap().chunking(Chunking::Bytes(4)).strict(false).log_capacity(7);
    assert_eq!(Script::from_json(document.as_bytes()).unwrap(), built);
}

#[test]
fn mistakes_are_named() {
    check_refused("k=nope", "no behaviour is called \"nope\"");
    check_refused("k=ok:speed=1", "\"speed\" is not a setting of this behaviour");
    check_refused("k=ok*x", "\"x\" is not a possible value");
    check_refused("k=quota:rpm=many", "\"many\" is not a possible value");
    check_refused("=ok", "\"=ok\" names no key or model");
    check_refused("k@=ok", "\"k@=ok\" names no key or model");
    let unknown = Script::from_json(br#"{"key": {}}"#).unwrap_err().to_string();
    assert!(unknown.contains("unknown field `key`"), "{unknown}");
}

#[test]
fn whatever_concerns_the_key_has_a_refusal() {
    for behaviour in &super::behaviour::PLAIN {
        let refusal = crate::refusal::Refusal::of_key(behaviour, "k", "p");
        assert_eq!(refusal.is_some(), behaviour.concerns_key(), "{behaviour:?}");
    }
}
