//! Conversations stay with the project that served them before, while it can.

use std::{collections::BTreeMap, fs, time::Duration};

use pollux_gateway::catalog::Settings;
use pollux_pool::{balance::Strategy, pool};
use pollux_testkit::{App, Builder, Face, MODEL, Request};
use serde_json::{Value, json};

use super::turns::ANSWER;
use crate::paced::{Asked, Course, Told};

/// Every key is of a project of its own.
const KEYS: &str = "key-1,key-2,key-3,key-4,key-5,key-6,key-7,key-8";

/// What a client sends at a turn of the conversation that begins with `first`: all that was said.
fn body(face: Face, first: &str, turn: usize) -> String {
    if face.is_chat() { chat(first, turn, face.is_stream()) } else { native(first, turn) }
}

fn chat(first: &str, turn: usize, stream: bool) -> String {
    let mut messages = vec![
        json!({"role": "system", "content": "You are terse."}),
        json!({"role": "user", "content": format!("say: {first}")}),
    ];
    for at in 1..turn {
        let id = format!("call_{at}");
        let call = json!({"name": "look", "arguments": format!("{{\"at\":{at}}}")});
        messages.extend([
            json!({"role": "assistant", "content": null,
                   "tool_calls": [{"id": id, "type": "function", "function": call}]}),
            json!({"role": "tool", "tool_call_id": id, "content": "nothing"}),
            json!({"role": "assistant", "content": first}),
            json!({"role": "user", "content": format!("say: turn {at}")}),
        ]);
    }
    let tools: Vec<Value> = ["look", "find"].map(|name| tool(name, "parameters")).into();
    let tools: Vec<Value> =
        tools.into_iter().map(|it| json!({"type": "function", "function": it})).collect();
    let (temperature, user) = (turn, "someone");
    json!({"model": MODEL, "messages": messages, "tools": tools, "stream": stream,
           "temperature": temperature.min(1), "user": user})
    .to_string()
}

fn native(first: &str, turn: usize) -> String {
    let user = |text: String| json!({"role": "user", "parts": [{"text": text}]});
    let mut contents = vec![user(format!("say: {first}"))];
    for at in 1..turn {
        contents.extend([
            json!({"role": "model", "parts": [{"text": first}]}),
            user(format!("say: turn {at}")),
        ]);
    }
    let tools = json!([{"functionDeclarations": [tool("look", "parametersJsonSchema")]}]);
    json!({"contents": contents, "tools": tools, "generationConfig": {"maxOutputTokens": 50 * turn},
           "systemInstruction": {"parts": [{"text": "You are terse."}]}})
    .to_string()
}

fn tool(name: &str, schema: &str) -> Value {
    let parameters = json!({"type": "object", "properties":
        {"at": {"type": "integer"}, "name": {"type": "string"}, "all": {"type": "boolean"}}});
    json!({"name": name, "description": "Looks.", schema: parameters})
}

fn request(app: &App, face: Face, first: &str, turn: usize) -> Request {
    face.ask(app, "").body(body(face, first, turn))
}

/// Sends it, and returns the keys that were asked for it.
async fn keys_for(app: &App, request: &Request) -> Vec<String> {
    app.gemini().clear();
    let answer = request.whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    app.asked()
}

async fn turn(app: &App, face: Face, first: &str, turn: usize) -> Vec<String> {
    keys_for(app, &request(app, face, first, turn)).await
}

/// How often each key was asked.
fn shares(app: &App) -> BTreeMap<String, usize> {
    let mut shares = BTreeMap::new();
    app.asked().into_iter().for_each(|key| *shares.entry(key).or_default() += 1);
    shares
}

#[tokio::test]
async fn five_turns_of_a_conversation_stay_on_one_key_while_others_go_on_beside_it() {
    for face in Face::ALL {
        let app = App::start(KEYS).await;
        let mut homes = Vec::new();
        for first in ["alpha", "beta", "gamma"] {
            homes.push((first, turn(&app, face, first, 1).await));
        }
        assert!(homes[0].1 != homes[1].1 && homes[1].1 != homes[2].1, "{face:?}: {homes:?}");
        for at in 2..=5 {
            for (first, home) in &homes {
                assert_eq!(turn(&app, face, first, at).await, *home, "{face:?}: {first}, {at}");
            }
        }
    }
}

#[tokio::test]
async fn conversations_stay_under_the_strategy_that_chooses_by_chance_too() {
    let app = App::builder(KEYS).set("pool.strategy", "adaptive").start().await;
    for first in ["alpha", "beta", "gamma"] {
        let home = turn(&app, Face::Chat, first, 1).await;
        for at in 2..=5 {
            assert_eq!(turn(&app, Face::Chat, first, at).await, home, "{first}, {at}");
        }
    }
}

#[tokio::test]
async fn twenty_conversations_are_spread_over_the_keys() {
    let app = App::start(KEYS).await;
    for at in 0..20 {
        let first = format!("conversation {at}");
        assert_eq!(request(&app, Face::Native, &first, 1).whole().await.status, 200);
    }
    let shares = shares(&app);
    assert_eq!(shares.len(), 8, "{shares:?}");
    assert!(shares.values().all(|share| (2..=3).contains(share)), "{shares:?}");
}

#[tokio::test]
async fn a_session_that_the_client_names_stays_whatever_its_requests_begin_with() {
    for name in ["x-pollux-session", "x-claude-code-session-id", "session_id"] {
        let app = App::start(KEYS).await;
        let ask = |session: &str, text: &str, face: Face| {
            face.ask(&app, text).header(name, &format!("{name}-{session}"))
        };
        let one = keys_for(&app, &ask("one", "say: first", Face::Native)).await;
        let two = keys_for(&app, &ask("two", "say: first", Face::Chat)).await;
        assert_ne!(one, two, "{name}");
        for (at, face) in Face::ALL.into_iter().enumerate() {
            let text = format!("say: number {at}");
            assert_eq!(keys_for(&app, &ask("one", &text, face)).await, one, "{name}, {face:?}");
            assert_eq!(keys_for(&app, &ask("two", &text, face)).await, two, "{name}, {face:?}");
        }
    }
}

#[tokio::test]
async fn a_conversation_whose_project_is_out_of_quota_moves_once_and_stays_there() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    let table = |at| format!("[[keys]]\nkey = \"key-{at}\"\nproject = \"team\"\n");
    fs::write(&file, format!("{}{}", table(1), table(2))).unwrap();
    let quota = "quota:rpm=3";
    let script = format!(
        "key-1={quota}:project=one,key-2={quota}:project=one,key-3=quota:rpm=20,key-4=quota:rpm=20"
    );
    let app = App::builder(&script).file(&file).set("pool.max_wait", "0s").start().await;
    for at in 1..=3 {
        assert_eq!(turn(&app, Face::Chat, "alpha", at).await, ["key-1"]);
    }
    // The other key of that project is as empty, and nobody has to find out.
    let moved = turn(&app, Face::Chat, "alpha", 4).await;
    assert_eq!((moved.len(), moved[0].as_str()), (2, "key-1"), "{moved:?}");
    assert!(["key-3", "key-4"].contains(&moved[1].as_str()), "{moved:?}");
    for at in 5..=7 {
        assert_eq!(turn(&app, Face::Chat, "alpha", at).await, moved[1..], "{at}");
    }
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(turn(&app, Face::Chat, "alpha", 8).await, moved[1..], "key-1 is back");
}

#[tokio::test]
async fn a_key_with_many_streams_is_left_and_then_the_next_one() {
    let slow: Vec<String> = KEYS.split(',').map(|key| format!("{key}=slow:chunk=3600s")).collect();
    let app = App::start(&slow.join(",")).await;
    let ask = || Face::ChatStream.ask(&app, "say: one two").header("x-pollux-session", "one");
    let mut streams = Vec::new();
    for _ in 0..12 {
        streams.push(ask().send().await);
    }
    let asked = app.asked();
    assert_eq!(asked[..5], vec![asked[0].clone(); 5], "{asked:?}");
    assert_ne!(asked[0], asked[5], "{asked:?}");
    assert!(shares(&app).values().all(|share| *share <= 5), "{asked:?}");
}

#[tokio::test]
async fn without_affinity_every_turn_takes_the_next_key() {
    let app = App::builder(KEYS).set("pool.affinity", "false").start().await;
    let mut asked = Vec::new();
    for at in 1..=8 {
        asked.extend(turn(&app, Face::Native, "alpha", at).await);
    }
    assert_eq!(asked, KEYS.split(',').collect::<Vec<_>>());
}

#[tokio::test]
async fn short_first_requests_that_are_equal_are_no_conversation_but_long_ones_are_cached() {
    let ask = async |builder: Builder, text: &str| {
        let app = builder.start().await;
        for _ in 0..9 {
            assert_eq!(Face::Chat.ask(&app, text).whole().await.status, 200);
        }
        shares(&app).into_values().collect::<Vec<_>>()
    };
    assert_eq!(ask(App::builder("key-1,key-2,key-3"), "say: hello").await, [3, 3, 3]);
    let long = format!("{} say: hello", "word ".repeat(4_000));
    assert_eq!(ask(App::builder("key-1,key-2,key-3"), &long).await, [9]);
    let builder = App::builder("key-1,key-2,key-3").set("pool.affinity", "false");
    assert_eq!(ask(builder, &long).await, [3, 3, 3]);
}

#[tokio::test]
async fn a_session_of_one_name_is_another_one_for_another_user() {
    let pool = pool::Settings { strategy: Strategy::RoundRobin, ..pool::Settings::default() };
    let script = |_: &Asked| Told(Duration::ZERO, 200, ANSWER.to_owned());
    let course = Course::new(8, (Settings::default(), pool, 0.0), script).await;
    let ask = async |user: i64, text: &str| {
        let body = pollux_testkit::chat(MODEL, text, false);
        let request = ("/v1/chat/completions", body.as_str());
        let answer = course.ask(user, &[("x-pollux-session", "one")], request).await;
        assert_eq!(answer.0, 200, "{}", answer.2);
        course.asked(0).pop().unwrap().key
    };
    let homes = [ask(1, "first").await, ask(2, "first").await];
    assert_ne!(homes[0], homes[1]);
    for text in ["second", "third", "fourth"] {
        assert_eq!([ask(1, text).await, ask(2, text).await], homes, "{text}");
    }
}
