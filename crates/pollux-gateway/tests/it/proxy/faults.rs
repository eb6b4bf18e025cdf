//! Every fault that can be scripted, on every face: what the client sees, and at what price.

use pollux_testkit::{App, Face, Whole};

/// A fault of the only key there is, or of the first of two.
struct Fault {
    /// In the simulator's notation.
    script: &'static str,
    /// The status that a client sees when there is no other key.
    alone: u16,
    /// How many calls that costs.
    calls: usize,
    /// What the message holds then; empty for an answer that is no error.
    says: &'static str,
    /// Whether a second key saves the request.
    rescued: bool,
}

const fn fault(script: &'static str, alone: u16, calls: usize, says: &'static str) -> Fault {
    Fault { script, alone, calls, says, rescued: true }
}

const fn hopeless(script: &'static str, alone: u16, says: &'static str) -> Fault {
    Fault { script, alone, calls: 1, says, rescued: false }
}

/// Faults that look the same on every face.
const FAULTS: &[Fault] = &[
    fault("invalid", 503, 1, "no key in the pool can serve"),
    fault("expired", 503, 1, "no key in the pool can serve"),
    fault("suspended", 503, 1, "no key in the pool can serve"),
    fault("leaked", 503, 1, "no key in the pool can serve"),
    fault("unauthenticated", 503, 1, "no key in the pool can serve"),
    fault("service_disabled", 503, 1, "no key in the pool can serve"),
    fault("project_denied", 503, 1, "no key in the pool can serve"),
    fault("account_limited", 503, 1, "no key in the pool can serve"),
    fault("zero_limit", 503, 1, "no key in the pool can serve"),
    fault("bare_429", 429, 1, "every key is out of quota"),
    fault("overloaded", 503, 4, "high demand"),
    fault("unavailable", 503, 4, "currently unavailable"),
    fault("internal", 500, 3, "An internal error has occurred"),
    fault("cancelled", 499, 4, "The operation was cancelled."),
    fault("deadline", 504, 4, "Deadline expired"),
    fault("html_502", 502, 4, "without saying why"),
    fault("cut", 503, 4, "connection"),
    fault("cut:after=0", 503, 4, "connection"),
    fault("empty", 200, 2, ""),
    fault("empty_stop", 200, 2, ""),
    hopeless("location", 400, "User location is not supported"),
    hopeless("file_not_owned", 403, "You do not have permission to access the File"),
    hopeless("bad_signature", 400, "Corrupted thought signature."),
    hopeless("blocked_prompt", 200, ""),
    hopeless("safety", 200, ""),
];

/// Faults of a stream's very beginning, which a whole answer does not have.
const STREAM_FAULTS: &[Fault] = &[
    fault("error_midstream:after=0", 503, 4, "high demand"),
    fault("plain_error_midstream:after=0", 503, 4, ""),
];

async fn check(fault: &Fault, face: Face) {
    let Fault { script, alone, calls, says, rescued } = fault;
    let what = format!("{script} on {face:?}");

    let app = App::builder(&format!("key-1={script}")).set("pool.max_wait", "0s").start().await;
    let answer = face.ask(&app, "say: hello").whole().await;
    assert_eq!(answer.status, *alone, "{what}: {}", answer.text());
    assert_eq!(app.asked(), vec!["key-1"; *calls], "{what}");
    assert_eq!(app.in_flight(), 0, "{what}");
    check_headers(&what, &answer, *calls);
    if *alone != 200 {
        let message = face.message(&answer);
        assert!(message.contains(says), "{what}: {message}");
    }

    let app = App::start(&format!("key-1={script},key-2")).await;
    let answer = face.ask(&app, "say: hello").whole().await;
    if *rescued {
        let text = answer.text();
        assert_eq!(answer.status, 200, "{what}, rescued: {text}");
        assert_eq!(face.text(&text), "hello", "{what}, rescued: {text}");
        assert!(face.is_complete(&text), "{what}, rescued: {text}");
        assert_eq!(app.asked(), ["key-1", "key-2"], "{what}, rescued");
        check_headers(&what, &answer, 2);
    } else {
        assert_eq!(answer.status, *alone, "{what}, with another key");
        assert_eq!(app.asked(), ["key-1"], "{what}, with another key");
    }
    assert_eq!(app.in_flight(), 0, "{what}");
}

fn check_headers(what: &str, answer: &Whole, attempts: usize) {
    assert_eq!(answer.header("x-pollux-attempts"), attempts.to_string(), "{what}");
    let id = answer.header("x-request-id");
    assert!(id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit()), "{what}: {id}");
    let waits = answer.status == 429;
    assert_eq!(answer.headers.contains_key("retry-after"), waits, "{what}");
}

async fn check_all(face: Face) {
    for fault in FAULTS {
        check(fault, face).await;
    }
}

#[tokio::test]
async fn a_whole_chat_survives_every_fault_that_another_key_can_mend() {
    check_all(Face::Chat).await;
}

#[tokio::test]
async fn a_streamed_chat_survives_every_fault_that_another_key_can_mend() {
    check_all(Face::ChatStream).await;
}

#[tokio::test]
async fn a_native_answer_survives_every_fault_that_another_key_can_mend() {
    check_all(Face::Native).await;
}

#[tokio::test]
async fn native_events_survive_every_fault_that_another_key_can_mend() {
    check_all(Face::NativeEvents).await;
}

#[tokio::test]
async fn a_native_array_survives_every_fault_that_another_key_can_mend() {
    check_all(Face::NativeArray).await;
}

#[tokio::test]
async fn an_error_in_place_of_a_streams_first_event_goes_to_the_next_key() {
    for face in Face::STREAMS {
        for fault in STREAM_FAULTS {
            check(fault, face).await;
        }
    }
}

#[tokio::test]
async fn a_whole_answer_that_breaks_off_in_the_middle_is_asked_for_again() {
    for face in [Face::Chat, Face::Native] {
        check(&fault("cut:after=1", 503, 4, "connection"), face).await;
    }
}

#[tokio::test]
async fn what_google_withheld_is_told_in_the_dialects_own_words() {
    for (script, chat, native) in [
        ("safety", "content_filter", "SAFETY"),
        ("blocked_prompt", "content_filter", ""),
        ("empty_stop", "stop", "STOP"),
    ] {
        let app = App::start(&format!("key-1={script}")).await;
        for face in Face::ALL {
            let answer = face.ask(&app, "say: hello").whole().await;
            let text = answer.text();
            let want = if face.is_chat() { chat } else { native };
            assert_eq!(face.finish(&text), want, "{script} on {face:?}: {text}");
            assert_eq!(face.text(&text), "", "{script} on {face:?}: {text}");
        }
    }
}
