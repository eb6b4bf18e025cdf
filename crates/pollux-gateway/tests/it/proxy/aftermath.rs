//! What an answer teaches about its key after it has begun, when no other key can help any more.

use std::time::Duration;

use pollux_gateway::catalog::Settings;
use pollux_pool::{
    health::{Cooldown, Health},
    outcome::{Revocation, Window},
};
use pollux_testkit::{MODEL, START, chat, native};

use crate::scripted::{Reply, Scene};

const BEGUN: &str = r#"{"candidates":[{"content":{"parts":[{"text":"one "}]}}]}"#;
const LIMITED: &str = r#"{"candidates":[{"content":{"parts":[{"text":"two"}]},"finishReason":"PUP_LIMITED_DISABLED"}]}"#;

/// How each face asks, and how Gemini frames the answer.
const FACES: &[(&str, &str)] = &[
    ("chat", "/v1/chat/completions"),
    ("events", "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"),
    ("array", "/v1beta/models/gemini-2.5-flash:streamGenerateContent"),
    ("interaction", "/v1beta/interactions"),
];

/// Streams an answer that begins well and has `event` next, and returns the gateway it went through.
async fn stream(face: &str, target: &str, event: &str) -> Scene {
    assert_eq!(MODEL, "gemini-2.5-flash");
    let (face, event) = (face.to_owned(), event.to_owned());
    let (request, framed) = match face.as_str() {
        "chat" => (chat(MODEL, "hi", true), format!("data: {event}\r\n\r\n")),
        "events" => (native("hi"), format!("data: {event}\r\n\r\n")),
        "array" => (native("hi"), format!(",\r\n{event}\n]")),
        _ => (
            format!(r#"{{"model":"{MODEL}","input":"hi","stream":true}}"#),
            format!("event: error\ndata: {event}\n\n"),
        ),
    };
    let begun = match face.as_str() {
        "array" => format!("[{BEGUN}\n"),
        "interaction" => {
            "event: interaction.created\ndata: {\"event_type\":\"interaction.created\"}\n\n"
                .to_owned()
        }
        _ => format!("data: {BEGUN}\r\n\r\n"),
    };
    let scene =
        Scene::new(1, Settings::default(), move |_| Reply::pieces([begun.clone(), framed.clone()]))
            .await;
    let (status, body) = scene.whole(target, &request).await;
    assert_eq!(status, 200, "{face}: {body}");
    assert_eq!((scene.asked(), scene.open()), (1, 0), "{face}: {body}");
    scene
}

#[tokio::test]
async fn a_quota_that_runs_out_in_the_middle_benches_the_model() {
    let event = r#"{"event_type":"error","error":{"code":429,"message":"Quota exceeded.","status":"RESOURCE_EXHAUSTED","details":[
        {"@type":"x.QuotaFailure","violations":[{"quotaId":"RequestsPerMinute","quotaValue":"5"}]},
        {"@type":"x.RetryInfo","retryDelay":"30s"}]}}"#
        .replace('\n', "");
    for (face, target) in FACES {
        let scene = stream(face, target, &event).await;
        let keys = scene.keys();
        let [(model, cooldown)] = keys[0].cooldowns.as_slice() else { panic!("{face}: {keys:?}") };
        assert_eq!(model.as_str(), MODEL, "{face}");
        let Cooldown::Exhausted { window, until, .. } = cooldown else { panic!("{cooldown:?}") };
        assert_eq!((*window, *until), (Window::Minute, START + Duration::from_secs(30)), "{face}");
        assert_eq!(scene.counted().failures, 1, "{face}");
    }
}

#[tokio::test]
async fn a_key_that_is_refused_in_the_middle_is_revoked_once() {
    let event = r#"{"event_type":"error","error":{"code":403,"message":"Your API key was reported as leaked.","status":"PERMISSION_DENIED"}}"#;
    for (face, target) in FACES {
        let scene = stream(face, target, event).await;
        let health = scene.keys()[0].health;
        let Health::Revoked { reason, streak, .. } = health else { panic!("{face}: {health:?}") };
        assert_eq!((reason, streak), (Revocation::Leaked, 1), "{face}");
    }
}

#[tokio::test]
async fn trouble_of_the_service_in_the_middle_holds_nothing_against_the_key() {
    let event = r#"{"event_type":"error","error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}"#;
    for (face, target) in FACES {
        let scene = stream(face, target, event).await;
        let keys = scene.keys();
        assert!(keys[0].cooldowns.is_empty() && keys[0].health == Health::Active, "{face}");
    }
}

#[tokio::test]
async fn an_account_that_turns_out_to_be_limited_is_revoked() {
    for (face, target) in FACES.iter().filter(|(face, _)| *face != "interaction") {
        let scene = stream(face, target, LIMITED).await;
        let health = scene.keys()[0].health;
        let Health::Revoked { reason, streak, .. } = health else { panic!("{face}: {health:?}") };
        assert_eq!((reason, streak), (Revocation::AccountLimited, 1), "{face}");
    }
}
