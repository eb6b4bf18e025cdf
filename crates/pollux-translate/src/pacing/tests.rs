//! Texts that go out whole, in order and in time, however they come.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::Value;

use super::{Mode, Pacer, Pacing, Turn};

const MS: Duration = Duration::from_millis(1);

fn pacing(mode: Mode) -> Pacing {
    Pacing { mode, ..Pacing::default() }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// An event with one text, as Google writes it.
fn said(text: &str) -> Bytes {
    let text = Value::from(text);
    let event = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":{text}}}],"role":"model"}},"index":0}}],"usageMetadata":{{"totalTokenCount":7}},"modelVersion":"gemini-x"}}"#
    );
    event.into()
}

fn text_of(event: &Bytes) -> String {
    let event: Value = serde_json::from_slice(event).unwrap();
    let parts = event["candidates"][0]["content"]["parts"].as_array().cloned().unwrap_or_default();
    parts.iter().filter_map(|part| part["text"].as_str()).collect()
}

/// Everything that goes out of a pacer from `now` on, and when.
fn drain(pacer: &mut Pacer, mut now: Duration) -> Vec<(Duration, Bytes)> {
    let mut given = Vec::new();
    loop {
        match pacer.take(now) {
            Turn::Event(event) => given.push((now, event)),
            Turn::Later(moment) => now = moment,
            Turn::Nothing => return given,
        }
    }
}

/// What comes of events that come at once.
fn paced(pacing: Pacing, events: &[Bytes]) -> Vec<(Duration, Bytes)> {
    let mut pacer = Pacer::new(pacing);
    for event in events {
        pacer.push(event, Duration::ZERO);
    }
    drain(&mut pacer, Duration::ZERO)
}

fn texts(given: &[(Duration, Bytes)]) -> Vec<String> {
    given.iter().map(|(_, event)| text_of(event)).filter(|text| !text.is_empty()).collect()
}

#[test]
fn characters_go_out_one_by_one_at_their_pace() {
    let given = paced(pacing(Mode::Char), &[said("one"), said(" t")]);
    assert_eq!(texts(&given), ["o", "n", "e", " ", "t"]);
    let times: Vec<Duration> = given.iter().map(|(at, _)| *at).collect();
    assert_eq!(times, [0, 50, 100, 150, 200].map(|ms| MS * ms));
}

#[test]
fn batches_go_out_together() {
    let given = paced(pacing(Mode::Batch), &[said("one two thr")]);
    assert_eq!(texts(&given), ["one t", "wo th", "r"]);
    assert_eq!(given[2].0, MS * 200);
}

const FAMILY: &str = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
const FLAG: &str = "\u{1f1e9}\u{1f1ea}";
const ACCENT: &str = "e\u{301}";
const HANGUL: &str = "\u{1112}\u{1161}\u{11ab}";

#[test]
fn what_people_see_as_one_character_stays_one() {
    let text = [FAMILY, FLAG, FLAG, ACCENT, HANGUL, "x"].concat();
    let given = paced(pacing(Mode::Char), &[said(&text)]);
    assert_eq!(texts(&given), [FAMILY, FLAG, FLAG, ACCENT, HANGUL, "x"]);
}

#[test]
fn a_character_in_several_deltas_stays_one_when_they_are_there() {
    for character in [FAMILY, FLAG, ACCENT, HANGUL] {
        let events: Vec<Bytes> = character.chars().map(|it| said(&it.to_string())).collect();
        let given = paced(pacing(Mode::Char), &events);
        assert_eq!(texts(&given), [character]);
        assert_eq!(given.len(), events.len(), "every event has its say");
    }
}

#[test]
fn a_character_whose_rest_is_late_is_not_waited_for() {
    let mut pacer = Pacer::new(pacing(Mode::Char));
    pacer.push(&said("e"), Duration::ZERO);
    assert_eq!(texts(&drain(&mut pacer, Duration::ZERO)), ["e"]);
    pacer.push(&said("\u{301}"), MS * 500);
    assert_eq!(texts(&drain(&mut pacer, MS * 500)), ["\u{301}"]);
}

#[test]
fn what_need_not_be_cut_is_as_it_came() {
    let odd = r#"{"candidates": [ {"content":{"parts":[{"text":"\u0041" , "more":1}]}}],"x":1.0}"#;
    let odd = Bytes::from(odd);
    assert_eq!(
        paced(pacing(Mode::Char), std::slice::from_ref(&odd)),
        [(Duration::ZERO, odd.clone())]
    );
}

#[test]
fn only_the_last_piece_brings_the_rest_of_its_event() {
    let given = paced(pacing(Mode::Char), &[said("ab")]);
    let event = |at: usize| serde_json::from_slice::<Value>(&given[at].1).unwrap();
    let first = json(
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"index":0}],"modelVersion":"gemini-x"}"#,
    );
    assert_eq!(event(0), first);
    assert_eq!(event(1)["usageMetadata"]["totalTokenCount"], 7);
    assert!(event(1)["candidates"][0]["index"] == 0);
}

/// Whatever is in an event but text is there once, in its place.
#[test]
fn calls_signatures_and_thoughts_are_left_alone() {
    let parts = [
        r#"{"text":"hm\u0301m","thought":true}"#,
        r#"{"text":"ab","thoughtSignature":"c2ln"}"#,
        r#"{"functionCall":{"name":"f","args":{"text":"not this"}}}"#,
        r#"{"text":"cd"}"#,
        r#"{"inlineData":{"mimeType":"image/png","data":"AAAA"},"thoughtSignature":"eA=="}"#,
    ];
    let event = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{}]}},"finishReason":"STOP"}}]}}"#,
        parts.join(",")
    );
    let given = paced(pacing(Mode::Char), &[event.into()]);
    let told: Vec<Value> = given.iter().map(|it| serde_json::from_slice(&it.1).unwrap()).collect();
    let parts_of: Vec<&Value> =
        told.iter().map(|it| &it["candidates"][0]["content"]["parts"]).collect();
    let want = [
        parts[0],
        r#"{"text":"a"}"#,
        r#"{"text":"b","thoughtSignature":"c2ln"}"#,
        parts[2],
        r#"{"text":"c"}"#,
        r#"{"text":"d"}"#,
        parts[4],
    ];
    let want = want.map(|part| json(&format!("[{part}]")));
    assert_eq!(parts_of, want.iter().collect::<Vec<_>>());
    let finishes = told.iter().filter(|it| it["candidates"][0]["finishReason"] == "STOP").count();
    assert_eq!((finishes, told[6]["candidates"][0]["finishReason"].as_str()), (1, Some("STOP")));
    assert_eq!(given[6].0, given[5].0, "a picture waits for nothing of its own");
}

#[test]
fn what_is_no_text_of_one_answer_stays_whole() {
    for event in [
        r#"{"error":{"code":503}}"#,
        r#"{"usageMetadata":{"totalTokenCount":1}}"#,
        r#"{"candidates":[{"finishReason":"STOP"}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":""}]},"finishReason":"STOP"}]}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"ab"}]}},{"content":{"parts":[]},"index":1}]}"#,
        "not json",
        "",
    ] {
        let event = Bytes::from(event);
        assert_eq!(
            paced(pacing(Mode::Char), std::slice::from_ref(&event)),
            [(Duration::ZERO, event.clone())]
        );
    }
}

#[test]
fn a_long_answer_becomes_fast_and_small_ones_do_not() {
    for mode in [Mode::Char, Mode::Batch, Mode::Adaptive] {
        let long = "word ".repeat(1000);
        let given = paced(pacing(mode), &[said(&long)]);
        assert_eq!(texts(&given).concat(), long);
        assert!(given.last().unwrap().0 < Duration::from_secs(1), "{mode:?}");
    }
    let given = paced(pacing(Mode::Char), &[said(&"word ".repeat(20))]);
    assert_eq!(given.last().unwrap().0, MS * 50 * 99);
}

#[test]
fn no_text_is_later_than_half_a_minute_or_so() {
    let given = paced(pacing(Mode::Char), &[said(&"word ".repeat(390))]);
    assert!(given.len() > 600, "{}", given.len());
    assert!(given.last().unwrap().0 < Duration::from_secs(31), "{:?}", given.last());
}

#[test]
fn the_adaptive_pace_keeps_within_its_bounds() {
    let text = "Some words, and then: more of them. ".repeat(4);
    let given = paced(pacing(Mode::Adaptive), &[said(&text), said("and an end")]);
    assert_eq!(texts(&given).concat(), text + "and an end");
    for pair in given.windows(2) {
        let pause = pair[1].0.saturating_sub(pair[0].0);
        assert!(pause >= MS * 2 && pause <= MS * 23, "{pause:?}");
    }
    assert!(texts(&given).contains(&"s,".to_owned()), "a batch ends with a comma: {given:?}");
    let sizes = texts(&given).iter().map(|it| it.chars().count()).max();
    assert!(sizes <= Some(6), "{sizes:?}");
}

#[test]
fn a_large_delta_is_given_out_quickly() {
    let pauses = |text: &str| {
        let given = paced(pacing(Mode::Adaptive), &[said(text)]);
        given[1].0.saturating_sub(given[0].0)
    };
    assert_eq!(pauses(&"word ".repeat(60)), MS);
    assert!(pauses(&"word ".repeat(10)) > MS);
}

#[test]
fn a_pacer_that_holds_a_lot_is_full_until_it_has_given_it_out() {
    let mut pacer = Pacer::new(pacing(Mode::Char));
    pacer.push(&said(&"a".repeat(300_000)), Duration::ZERO);
    assert!(pacer.is_full());
    drain(&mut pacer, Duration::ZERO);
    assert!(!pacer.is_full());
}

proptest! {
    /// Deltas add up to what came, whatever they hold and however they are cut.
    #[test]
    fn no_text_is_lost_or_moved(
        deltas in proptest::collection::vec(
            prop_oneof!["[a-z ,.]{0,30}", "\\PC{0,8}", Just(FAMILY.to_owned()), Just("\u{200d}".to_owned())],
            0..12,
        ),
        mode in prop_oneof![Just(Mode::Char), Just(Mode::Batch), Just(Mode::Adaptive)],
    ) {
        let events: Vec<Bytes> = deltas.iter().map(|delta| said(delta)).collect();
        let given = paced(pacing(mode), &events);
        prop_assert_eq!(texts(&given).concat(), deltas.concat());
        let bring_usage = given.iter().filter(|(_, event)| {
            serde_json::from_slice::<Value>(event).unwrap().get("usageMetadata").is_some()
        });
        prop_assert_eq!(bring_usage.count(), events.len());
    }
}
