//! Requests whose thought signatures Gemini refuses: mended once, without anyone's fault.

use pollux_pool::health::Health;
use pollux_simulator::Exchange;
use pollux_store::usage::Group;
use pollux_testkit::{App, Face, MODEL, Whole, native};
use pollux_translate::gemini::signature::with_sentinels;
use serde_json::Value;

/// A tool turn without a signature, and an odd number that must stay as it is.
const TURN: &str = r#"{"contents":[{"role":"user","parts":[{"text":"say: done"}]},
    {"role":"model","parts":[{"functionCall":{"name":"look","args":{"n":1.50}}}]},
    {"role":"user","parts":[{"functionResponse":{"name":"look","response":{}}}]}]}"#;

/// Faces whose bodies go through as they are.
const NATIVE: [(Face, &str); 3] = [
    (Face::Native, "generateContent"),
    (Face::NativeEvents, "streamGenerateContent?alt=sse"),
    (Face::NativeArray, "streamGenerateContent"),
];

async fn ask(app: &App, call: &str, body: &str) -> Whole {
    app.post(&format!("/v1beta/models/{MODEL}:{call}"), body.to_owned()).whole().await
}

fn keys_and_bodies(calls: &[Exchange]) -> Vec<(&str, &[u8])> {
    calls.iter().map(|call| (call.key.as_deref().unwrap(), &call.body[..])).collect()
}

#[tokio::test]
async fn a_refused_request_goes_out_once_more_with_the_same_key() {
    let mended = with_sentinels(TURN.as_bytes()).unwrap();
    for (face, call) in NATIVE {
        let app = App::start("key-1=bad_signature*1+ok,key-2").await;
        let answer = ask(&app, call, TURN).await;
        assert_eq!(answer.status, 200, "{face:?}: {}", answer.text());
        assert!(face.is_complete(&answer.text()), "{face:?}: {}", answer.text());
        assert_eq!(answer.header("x-pollux-attempts"), "2", "{face:?}");
        let calls = app.calls();
        let want = [("key-1", TURN.as_bytes()), ("key-1", &mended[..])];
        assert_eq!(keys_and_bodies(&calls), want, "{face:?}");
        let key = app.key("key-1");
        assert!(key.health == Health::Active && key.cooldowns.is_empty(), "{key:?}");
        let usage = app.stop().await.usage(Group::Key).await;
        let counts = usage[0].counts;
        assert_eq!((counts.requests, counts.failures, counts.attempts), (1, 0, 2), "{face:?}");
    }
}

#[tokio::test]
async fn what_is_refused_again_reaches_the_client_as_it_is() {
    for (face, call) in NATIVE {
        let app = App::start("key-1=bad_signature,key-2").await;
        let answer = ask(&app, call, TURN).await;
        assert_eq!(answer.status, 400, "{face:?}");
        assert_eq!(face.message(&answer), "Corrupted thought signature.");
        assert_eq!(answer.header("x-pollux-attempts"), "2", "{face:?}");
        assert_eq!(app.asked(), ["key-1", "key-1"], "{face:?}");
        assert_eq!(app.key("key-1").health, Health::Active);
    }
}

#[tokio::test]
async fn a_request_with_nothing_to_mend_is_not_repeated() {
    let app = App::start("key-1=bad_signature").await;
    let answer = ask(&app, "generateContent", &native("say: hi")).await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (400, "1"));
    assert_eq!(app.calls().len(), 1);
}

#[tokio::test]
async fn the_keys_that_follow_get_the_mended_request() {
    let mended = with_sentinels(TURN.as_bytes()).unwrap();
    let app = App::start("key-1=bad_signature*1+overloaded,key-2").await;
    let answer = ask(&app, "generateContent", TURN).await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "3"));
    let calls = app.calls();
    let want = [("key-1", TURN.as_bytes()), ("key-1", &mended[..]), ("key-2", &mended[..])];
    assert_eq!(keys_and_bodies(&calls), want);
}

#[tokio::test]
async fn a_request_is_mended_with_one_attempt_left_too() {
    let builder = App::builder("key-1=bad_signature*1+ok").set("pool.max_attempts", "1");
    let app = builder.start().await;
    assert_eq!(ask(&app, "generateContent", TURN).await.status, 200);
}

/// A tool loop of three steps over the native face; `keep` says what becomes of each turn of the model.
async fn tool_loop(app: &App, keep: fn(&mut Value)) -> String {
    let prompt = r#"{"role":"user","parts":[{"text":"call: look {\"at\":1}\ncall: look {\"at\":2}\nthen call: look\nthen say: done"}]}"#;
    let mut contents: Vec<Value> = vec![serde_json::from_str(prompt).unwrap()];
    for _ in 0..3 {
        let body = format!(
            r#"{{"contents":{},"tools":[{{"functionDeclarations":[{{"name":"look","description":"looks"}}]}}]}}"#,
            Value::from(contents.clone())
        );
        let answer =
            app.post("/v1beta/models/gemini-3.8-flash:generateContent", body).whole().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let mut turn = answer.json()["candidates"][0]["content"].clone();
        let parts = turn["parts"].as_array().unwrap();
        if let Some(text) = parts[0]["text"].as_str() {
            return text.to_owned();
        }
        let response = r#"{"functionResponse":{"name":"look","response":{"output":1}}}"#;
        let responses = vec![response; parts.len()].join(",");
        keep(&mut turn);
        contents.push(turn);
        let responses = format!(r#"{{"role":"user","parts":[{responses}]}}"#);
        contents.push(serde_json::from_str(&responses).unwrap());
    }
    panic!("the loop does not end: {contents:?}")
}

#[tokio::test]
async fn a_tool_loop_survives_a_client_that_drops_signatures() {
    let app = App::start("key-1").await;
    let drop = |turn: &mut Value| {
        for part in turn["parts"].as_array_mut().unwrap() {
            part.as_object_mut().unwrap().remove("thoughtSignature");
        }
    };
    assert_eq!(tool_loop(&app, drop).await, "done");
    assert_eq!(app.calls().len(), 3 + 2, "two of three requests are mended");
}

#[tokio::test]
async fn a_tool_loop_survives_keys_of_different_projects() {
    let app = App::start("key-1,key-2").await;
    assert_eq!(tool_loop(&app, |_| ()).await, "done");
    let app = App::start("key-1=ok:project=p,key-2=ok:project=p").await;
    assert_eq!(tool_loop(&app, |_| ()).await, "done");
    assert_eq!(app.calls().len(), 3, "nothing is mended within a project");
}
