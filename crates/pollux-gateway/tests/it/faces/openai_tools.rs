//! Tools, signatures, several answers and long ones in chats, over sockets.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use bytes::Bytes;
use pollux_gateway::catalog::Settings;
use pollux_store::usage::Group;
use pollux_testkit::{App, Whole};
use pollux_translate::openai::chat::Policy;
use serde_json::{Value, json};

use crate::bare::Bare;

/// A model that demands signatures.
const SIGNING: &str = "gemini-3-flash-preview";

const LOOP: &str = "call: look {\"at\": \"a\"}\ncall: count {}\nthen call: look {\"at\": \"b\"}\n\
                    then call: write {\"text\": \"c\"}\nthen say: all done";

fn tools() -> Value {
    let tool = |name: &str| json!({"type": "function", "function": {"name": name, "parameters": {"type": "object"}}});
    json!([tool("look"), tool("count"), tool("write")])
}

async fn ask(app: &App, body: &Value) -> Whole {
    app.post("/v1/chat/completions", body.to_string()).whole().await
}

/// The message of a whole answer.
async fn message(app: &App, body: &Value) -> Value {
    let answer = ask(app, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["choices"][0]["message"].clone()
}

/// The chunks of a streamed answer.
fn chunks(answer: &Whole) -> Vec<Value> {
    let text = answer.text();
    let events = text.split("\n\n").filter_map(|block| block.strip_prefix("data: "));
    events
        .filter(|data| *data != "[DONE]")
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// What a client keeps of an answer that knows OpenAI's own fields only.
fn stripped(message: &Value) -> Value {
    let mut calls = message["tool_calls"].clone();
    for call in calls.as_array_mut().into_iter().flatten() {
        call.as_object_mut().unwrap().remove("extra_content");
    }
    json!({"role": "assistant", "content": message["content"], "tool_calls": calls})
}

/// Answers every call of a message, the last one first.
fn results(message: &Value) -> Vec<Value> {
    let calls = message["tool_calls"].as_array().unwrap();
    let result = |call: &Value| {
        let name = &call["function"]["name"];
        json!({"role": "tool", "tool_call_id": call["id"], "content": format!("{name} done")})
    };
    calls.iter().rev().map(result).collect()
}

/// Runs the loop to its end and returns how many steps it took.
async fn run(app: &App, keep: fn(&Value) -> Value) -> usize {
    let mut messages = vec![json!({"role": "user", "content": LOOP})];
    for step in 0..9 {
        let body = json!({"model": SIGNING, "messages": messages, "tools": tools()});
        let message = message(app, &body).await;
        if message["tool_calls"].is_null() {
            assert_eq!(message["content"], "all done");
            return step;
        }
        messages.push(keep(&message));
        messages.extend(results(&message));
    }
    panic!("the loop has no end");
}

/// The signatures that Gemini was sent in its last call.
fn signatures(app: &App) -> Vec<String> {
    let body: Value = serde_json::from_slice(&app.calls().last().unwrap().body).unwrap();
    let parts = body["contents"].as_array().unwrap().iter();
    let parts = parts.flat_map(|content| content["parts"].as_array().unwrap().clone());
    parts.filter_map(|part| Some(part["thoughtSignature"].as_str()?.to_owned())).collect()
}

#[tokio::test]
async fn a_tool_loop_ends_with_a_client_that_keeps_signatures() {
    let app = App::start("key-1").await;
    assert_eq!(run(&app, Value::clone).await, 3);
    assert_eq!(signatures(&app).len(), 3);
    assert_eq!(app.asked().len(), 4, "nothing was refused and mended");
}

#[tokio::test]
async fn a_tool_loop_ends_with_a_client_that_drops_them() {
    let app = App::start("key-1").await;
    assert_eq!(run(&app, stripped).await, 3);
    let sent = signatures(&app);
    assert!(sent.len() == 3 && sent.iter().all(|it| !it.contains("skip")), "{sent:?}");
    assert_eq!(app.asked().len(), 4, "nothing was refused and mended");
}

#[tokio::test]
async fn signatures_outlive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let app = App::builder("key-1").directory(directory.path()).start().await;
    let messages = vec![json!({"role": "user", "content": LOOP})];
    let body = json!({"model": SIGNING, "messages": messages, "tools": tools()});
    let first = message(&app, &body).await;
    let signature = &first["tool_calls"][0]["extra_content"]["google"]["thought_signature"];
    app.stop().await;
    let app = App::builder("key-1").directory(directory.path()).start().await;
    let mut messages = messages;
    messages.push(stripped(&first));
    messages.extend(results(&first));
    let body = json!({"model": SIGNING, "messages": messages, "tools": tools()});
    assert!(message(&app, &body).await["tool_calls"].is_array());
    assert_eq!(signatures(&app), [signature.as_str().unwrap()]);
}

#[tokio::test]
async fn calls_that_nobody_has_a_signature_for_get_the_sentinel() {
    let app = App::start("key-1").await;
    let call = json!({"id": "call_x", "type": "function",
        "function": {"name": "look", "arguments": "{}"}});
    let messages = json!([{"role": "user", "content": "call: look {}\nthen say: fine"},
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_x", "content": "ok"}]);
    let body = json!({"model": SIGNING, "messages": messages, "tools": tools()});
    assert_eq!(message(&app, &body).await["content"], "fine");
    assert_eq!(signatures(&app), ["skip_thought_signature_validator"]);
}

#[tokio::test]
async fn parallel_calls_in_a_stream_have_their_own_index_id_and_name() {
    let app = App::start("key-1").await;
    let body = json!({"model": SIGNING, "stream": true, "tools": tools(),
        "messages": [{"role": "user", "content": LOOP}]});
    let answer = ask(&app, &body).await;
    let chunks = chunks(&answer);
    let calls: Vec<&Value> =
        chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"][0]).collect();
    let calls: Vec<&Value> = calls.into_iter().filter(|call| !call.is_null()).collect();
    let seen: Vec<_> = calls.iter().map(|it| (&it["index"], &it["function"]["name"])).collect();
    assert_eq!(seen, [(&json!(0), &json!("look")), (&json!(1), &json!("count"))]);
    assert_ne!(calls[0]["id"], calls[1]["id"]);
    assert_eq!(calls[0]["function"]["arguments"], r#"{"at":"a"}"#);
    let finish = chunks.iter().rev().find_map(|it| it["choices"][0]["finish_reason"].as_str());
    assert_eq!(finish, Some("tool_calls"));
    // The vault learned of them, though they came in a stream.
    let message = json!({"content": null, "tool_calls": calls});
    let mut messages = vec![json!({"role": "user", "content": LOOP}), stripped(&message)];
    messages.extend(results(&message));
    let body = json!({"model": SIGNING, "messages": messages, "tools": tools()});
    assert_eq!(ask(&app, &body).await.status, 200);
    assert!(!signatures(&app)[0].contains("skip"));
}

#[tokio::test]
async fn several_answers_come_as_choices_of_one() {
    let app = App::start("key-1,key-2,key-3").await;
    let mut body = json!({"model": SIGNING, "n": 3,
        "messages": [{"role": "user", "content": "say: one of many"}]});
    let answer = ask(&app, &body).await.json();
    let choices = answer["choices"].as_array().unwrap();
    let texts: Vec<_> =
        choices.iter().map(|it| (&it["index"], &it["message"]["content"])).collect();
    let text = json!("one of many");
    assert_eq!(texts, [(&json!(0), &text), (&json!(1), &text), (&json!(2), &text)]);
    assert_eq!(app.asked().len(), 3);
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let streamed = ask(&app, &body).await;
    let chunks = chunks(&streamed);
    for index in 0..3 {
        let of_choice = chunks.iter().filter(|it| it["choices"][0]["index"] == index);
        let said: String = of_choice
            .clone()
            .filter_map(|it| it["choices"][0]["delta"]["content"].as_str())
            .collect();
        let finishes = of_choice.filter(|it| it["choices"][0]["finish_reason"].is_string());
        assert_eq!((said.as_str(), finishes.count()), ("one of many", 1));
    }
    let usage = &chunks.last().unwrap()["usage"];
    assert_eq!(usage["total_tokens"], answer["usage"]["total_tokens"], "{usage}");
    assert_eq!(app.in_flight(), 0);
}

#[tokio::test]
async fn a_long_answer_is_fetched_to_its_end_with_the_same_key() {
    let app = App::start("key-1,key-2").await;
    let said = "one two three four five six seven eight nine";
    let prompt = format!("continue: 3\nsay: {said}");
    let mut body = json!({"model": "gemini-4-argon",
        "messages": [{"role": "user", "content": prompt}]});
    let whole = ask(&app, &body).await.json();
    assert_eq!(whole["choices"][0]["message"]["content"], said, "{whole}");
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    let keys = app.asked();
    assert_eq!(keys.len(), 3, "{keys:?}");
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    body["stream"] = json!(true);
    body["stream_options"] = json!({"include_usage": true});
    let streamed = ask(&app, &body).await;
    let chunks = chunks(&streamed);
    let deltas = chunks.iter().filter_map(|it| it["choices"][0]["delta"]["content"].as_str());
    assert_eq!(deltas.collect::<String>(), said, "{}", streamed.text());
    let finishes: Vec<_> =
        chunks.iter().filter_map(|it| it["choices"][0]["finish_reason"].as_str()).collect();
    assert_eq!(finishes, ["stop"]);
    assert_eq!(chunks.last().unwrap()["usage"], whole["usage"]);
    assert_eq!(app.asked().len(), 6);
    assert_eq!(app.in_flight(), 0);
    let usage = app.stop().await.usage(Group::Model).await;
    assert_eq!((usage[0].counts.requests, usage[0].counts.attempts), (2, 6), "{usage:?}");
}

#[tokio::test]
async fn a_long_answer_that_cannot_go_on_is_a_shorter_one() {
    let app = App::start("key-1=ok*1+overloaded").await;
    let body = json!({"model": "gemini-4-argon", "messages":
        [{"role": "user", "content": "continue: 3\nsay: one two three four five six"}]});
    let answer = ask(&app, &body).await.json();
    let choice = &answer["choices"][0];
    assert_eq!(choice["finish_reason"], "length", "{answer}");
    let said = choice["message"]["content"].as_str().unwrap();
    assert!("one two three four five six".starts_with(said) && !said.is_empty(), "{said}");
}

#[tokio::test]
async fn strict_mode_refuses_what_would_have_no_effect() {
    let body = json!({"model": SIGNING, "logit_bias": {"1": 2}, "user": "ann",
        "messages": [{"role": "user", "content": "say: hi"}]});
    let app = App::builder("key-1").set("openai.strict", "true").start().await;
    let refused = ask(&app, &body).await;
    assert_eq!(refused.status, 400);
    let error = &refused.json()["error"];
    let text = error["message"].as_str().unwrap();
    assert!(text.contains("logit_bias, user"), "{error}");
    assert_eq!(error["param"], "logit_bias");
    let post = || app.post("/v1/chat/completions", body.to_string());
    let lenient = post().header("x-pollux-strict", "false").whole().await;
    assert_eq!(lenient.status, 200);
    assert_eq!(lenient.header("x-pollux-ignored"), "logit_bias, user");
    assert_eq!(app.asked().len(), 1);
    for (target, body) in [
        ("/v1/embeddings", r#"{"model":"gemini-embedding-001","input":"a","user":"ann"}"#),
        ("/v1/completions", r#"{"model":"gemini-2.5-flash","prompt":"a","user":"ann"}"#),
        (
            "/v1/images/generations",
            r#"{"model":"gemini-3.1-flash-image","prompt":"a","user":"ann"}"#,
        ),
        (
            "/v1/audio/speech",
            r#"{"model":"gemini-3.8-flash-tts","input":"a","voice":"nova","user":"ann"}"#,
        ),
    ] {
        let refused = app.post(target, body).whole().await;
        assert_eq!(refused.json()["error"]["param"], "user", "{target}: {}", refused.text());
    }
    assert_eq!(app.asked().len(), 1);
}

#[tokio::test]
async fn an_image_behind_a_private_address_is_not_fetched() {
    let app = App::start("key-1").await;
    for url in ["http://169.254.169.254/x.png", "http://127.0.0.1:9/x.png", "http://0x7f.1/x.png"] {
        let body = json!({"model": SIGNING, "messages": [{"role": "user", "content": [
            {"type": "text", "text": "say: seen"},
            {"type": "image_url", "image_url": {"url": url}}]}]});
        let answer = ask(&app, &body).await;
        assert_eq!(answer.status, 400, "{url}: {}", answer.text());
        assert_eq!(answer.json()["error"]["param"], "messages[0].content[1].image_url.url");
        assert!(app.asked().is_empty());
    }
}

#[tokio::test]
async fn thoughts_go_where_the_server_says() {
    for (setting, field, content) in
        [("reasoning_content", true, false), ("think_tags", false, true), ("hidden", false, false)]
    {
        let app = App::builder("key-1").set("chat.thoughts", setting).start().await;
        let body = json!({"model": SIGNING, "reasoning_effort": "high",
            "messages": [{"role": "user", "content": "say: hi"}]});
        let message = message(&app, &body).await;
        assert_eq!(message["reasoning_content"].is_string(), field, "{setting}: {message}");
        let said = message["content"].as_str().unwrap();
        assert_eq!(said.starts_with("<think>\n"), content, "{setting}: {said}");
        assert!(said.ends_with("hi"), "{setting}: {said}");
    }
}

#[tokio::test]
async fn citations_point_at_the_characters_that_the_client_got() {
    let app = App::start("key-1").await;
    let body = json!({"model": format!("{SIGNING}-search"),
        "messages": [{"role": "user", "content": "say: Köln liegt am Rhein. 日本は島国です。"}]});
    let message = message(&app, &body).await;
    let content: Vec<char> = message["content"].as_str().unwrap().chars().collect();
    let annotations = message["annotations"].as_array().unwrap();
    assert!(!annotations.is_empty(), "{message}");
    let metadata = &message["extra_content"]["google"]["grounding_metadata"];
    let supports = metadata["groundingSupports"].as_array().unwrap();
    for support in supports {
        let text = support["segment"]["text"].as_str().unwrap();
        let found = annotations.iter().any(|annotation| {
            let place = |name: &str| {
                usize::try_from(annotation["url_citation"][name].as_u64().unwrap()).unwrap()
            };
            content[place("start_index")..place("end_index")].iter().collect::<String>() == text
        });
        assert!(found, "{text}: {annotations:?}");
    }
    assert_eq!(app.calls()[0].path, format!("/v1beta/models/{SIGNING}:generateContent"));
}

#[tokio::test]
async fn an_answer_cut_at_the_models_limit_is_continued_and_joined_when_that_is_switched_on() {
    let answer = |text: &str, reason: &str| {
        let body = json!({"candidates": [{"content": {"role": "model", "parts": [{"text": text}]},
            "finishReason": reason}], "usageMetadata": {"promptTokenCount": 5,
            "candidatesTokenCount": 2, "totalTokenCount": 7}});
        vec![Ok(Bytes::from(body.to_string()))]
    };
    let events = |text: &str, reason: &str| {
        let body = answer(text, reason).remove(0).unwrap();
        vec![Ok(Bytes::from(format!("data: {}\r\n\r\n", String::from_utf8_lossy(&body))))]
    };
    let body = |stream: bool, more: &str| {
        format!(
            r#"{{"model":"{SIGNING}","stream":{stream},"messages":[{{"role":"user","content":"Count"}}]{more}}}"#
        )
    };
    let ask = async |bodies, on, body: String| {
        let settings = Settings {
            chat: Policy { continuations: if on { 3 } else { 0 }, ..Policy::default() },
            ..Settings::default()
        };
        let bare = Bare::with(bodies, settings).await;
        let (status, text) = bare.ask("POST", "/v1/chat/completions", &body).await;
        assert_eq!(status, 200, "{text}");
        (text, bare.sent())
    };
    let cut = || vec![answer("one, two", "MAX_TOKENS"), answer(", three", "STOP")];
    let (text, sent) = ask(cut(), true, body(false, "")).await;
    let whole: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(whole["choices"][0]["message"]["content"], "one, two, three");
    assert_eq!(whole["choices"][0]["finish_reason"], "stop");
    assert_eq!(whole["usage"]["completion_tokens"], 4);
    assert_eq!(sent.len(), 2);
    assert!(sent[1].contains(r#"{"role":"model","parts":[{"text":"one, two"}]}"#), "{}", sent[1]);
    let bodies = vec![events("one, two", "MAX_TOKENS"), events(", three", "STOP")];
    let (text, sent) = ask(bodies, true, body(true, "")).await;
    assert!(text.contains(r#""content":", three""#) && text.contains(r#""finish_reason":"stop""#));
    assert_eq!((text.matches("finish_reason\":\"").count(), sent.len()), (1, 2), "{text}");
    for (on, more) in [(false, ""), (true, r#","max_tokens":4000"#)] {
        let (text, sent) = ask(cut(), on, body(false, more)).await;
        assert!(text.contains(r#""finish_reason":"length""#), "{text}");
        assert_eq!(sent.len(), 1);
    }
}

#[tokio::test]
async fn a_tool_loop_stays_with_the_project_that_signed_while_that_can_serve() {
    for keep in [Value::clone, stripped] {
        let app = App::start("key-1=ok:project=p1,key-2=ok:project=p2,key-3=ok:project=p3").await;
        assert_eq!(run(&app, keep).await, 3);
        let keys = app.asked();
        assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
        assert!(signatures(&app).iter().all(|it| !it.contains("skip")));
    }
    // The others take over where it cannot, with signatures that they do not refuse.
    let app = App::start("key-1=ok:project=p1*1+invalid,key-2=ok:project=p2").await;
    assert_eq!(run(&app, stripped).await, 3);
    assert!(app.asked().iter().any(|key| key == "key-2"), "{:?}", app.asked());
}
