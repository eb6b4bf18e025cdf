//! The OpenAI face on the wire: shapes, usage, parameters, aliases.

use pollux_testkit::{App, Face, MODEL, START, chat};
use serde_json::Value;

/// The events of a stream, and whether `[DONE]` ends it.
fn events(body: &str) -> (Vec<Value>, bool) {
    let mut blocks: Vec<&str> = body.split("\n\n").filter(|block| !block.is_empty()).collect();
    let done = blocks.last() == Some(&"data: [DONE]");
    if done {
        blocks.pop();
    }
    let read = |block: &&str| serde_json::from_str(block.strip_prefix("data: ").unwrap()).unwrap();
    (blocks.iter().map(read).collect(), done)
}

/// A chat request with more members.
fn chat_with(messages: &str, more: &str) -> String {
    format!(r#"{{"model":"{MODEL}","messages":{messages}{more}}}"#)
}

/// One message of a user.
const HELLO: &str = r#"[{"role":"user","content":"say: hello"}]"#;

/// What Gemini is sent for a chat request.
async fn sent(app: &App, body: &str) -> Value {
    app.gemini().clear();
    let answer = app.post("/v1/chat/completions", body.to_owned()).whole().await;
    assert_eq!(answer.status, 200, "{body}: {}", answer.text());
    serde_json::from_slice(&app.calls()[0].body).unwrap()
}

#[tokio::test]
async fn a_whole_chat_has_the_shape_that_clients_expect() {
    let app = App::start("key-1").await;
    let answer = Face::Chat.ask(&app, "say: hello there").whole().await;
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["created"], START.as_seconds());
    assert_eq!(body["model"], MODEL);
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-"), "{body}");
    assert_eq!(body["id"].as_str().unwrap(), format!("chatcmpl-{}", answer.header("x-request-id")));
    let choice = &body["choices"][0];
    assert_eq!(choice["message"]["role"], "assistant");
    assert_eq!(choice["message"]["content"], "hello there");
    assert_eq!(
        (choice["index"].as_u64(), choice["finish_reason"].as_str()),
        (Some(0), Some("stop"))
    );
    let usage = &body["usage"];
    let tokens = |name: &str| usage[name].as_u64().unwrap();
    assert_eq!(tokens("prompt_tokens") + tokens("completion_tokens"), tokens("total_tokens"));
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 24);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(app.calls()[0].path, format!("/v1beta/models/{MODEL}:generateContent"));
}

#[tokio::test]
async fn a_streamed_chat_begins_with_the_role_and_ends_with_one_finish_and_done() {
    let app = App::start("key-1").await;
    let answer = Face::ChatStream.ask(&app, "say: ha hahaha! ha").whole().await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-cache");
    let (events, done) = events(&answer.text());
    assert!(done, "{}", answer.text());
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let deltas: Vec<&str> = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["content"].as_str())
        .collect();
    assert_eq!(deltas, ["", "ha ", "hahaha! ", "ha"]);
    let finishes = events.iter().filter(|event| !event["choices"][0]["finish_reason"].is_null());
    assert_eq!(finishes.count(), 1);
    assert!(events.iter().all(|event| event["object"] == "chat.completion.chunk"));
    assert!(events.iter().all(|event| event.get("usage").is_none()));
    assert_eq!(app.calls()[0].query, "alt=sse");
}

#[tokio::test]
async fn usage_comes_last_in_a_stream_that_asks_for_it() {
    let app = App::start("key-1").await;
    let more = r#","stream":true,"stream_options":{"include_usage":true}"#;
    let answer = app.post("/v1/chat/completions", chat_with(HELLO, more)).whole().await;
    let (events, done) = events(&answer.text());
    let last = events.last().unwrap();
    assert!(done && last["choices"].as_array().is_some_and(Vec::is_empty), "{last}");
    assert!(last["usage"]["total_tokens"].as_u64() > Some(0), "{last}");
    let whole = Face::Chat.ask(&app, "say: hello").whole().await.json();
    assert_eq!(last["usage"], whole["usage"]);
}

#[tokio::test]
async fn every_alias_answers_like_the_path_itself() {
    let app = App::start("key-1").await;
    for target in [
        "/v1/chat/completions",
        "/api/chat/completions",
        "/chat/completions",
        "/chat",
        "/openai/chat/completions",
        "/openai/v1/chat/completions",
        "/v1beta/openai/chat/completions",
        "/v1/v1/chat/completions",
        "/v1/chat/completions/",
        "//v1//chat/completions",
    ] {
        let answer = app.post(target, chat(MODEL, "say: hello", false)).whole().await;
        assert_eq!(Face::Chat.text(&answer.text()), "hello", "{target}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_the_client_set_reaches_gemini_and_nothing_else_does() {
    let app = App::start("key-1").await;
    let messages = r#"[{"role":"system","content":"Be brief."},
        {"role":"developer","content":"Be kind."},{"role":"user","content":"say: hello"}]"#;
    let plain = sent(&app, &chat_with(messages, "")).await;
    let instruction = plain["systemInstruction"]["parts"].to_string();
    assert!(instruction.contains("Be brief.") && instruction.contains("Be kind."), "{plain}");
    assert_eq!(plain["contents"].as_array().map(Vec::len), Some(1), "{plain}");
    assert!(plain.get("generationConfig").is_none(), "no default is invented: {plain}");
    for (set, name, want) in [
        (r#""temperature":0"#, "temperature", "0"),
        (r#""top_p":0.5"#, "topP", "0.5"),
        (r#""seed":7"#, "seed", "7"),
        (r#""max_tokens":10000"#, "maxOutputTokens", "10000"),
        (r#""max_completion_tokens":10000"#, "maxOutputTokens", "10000"),
        (r#""stop":["END"]"#, "stopSequences", r#"["END"]"#),
        (r#""stop":"END""#, "stopSequences", r#"["END"]"#),
        (r#""presence_penalty":0.25"#, "presencePenalty", "0.25"),
        (r#""frequency_penalty":0.5"#, "frequencyPenalty", "0.5"),
        (r#""logprobs":true"#, "responseLogprobs", "true"),
        (r#""top_k":40"#, "topK", "40"),
    ] {
        let body = sent(&app, &chat_with(messages, &format!(",{set}"))).await;
        let config = body["generationConfig"].as_object().unwrap();
        assert_eq!(config.len(), 1, "{set}: {body}");
        let got = config[name].to_string();
        assert_eq!(got.trim_end_matches(".0"), want, "{set}: {body}");
    }
}

#[tokio::test]
async fn an_error_of_google_keeps_its_status_and_message_in_openais_shape() {
    let app = App::start("key-1").await;
    for stream in [false, true] {
        let answer = app.post("/v1/chat/completions", chat("gemini-0", "hi", stream)).whole().await;
        let error = answer.json()["error"].clone();
        assert_eq!(answer.status, 404, "{error}");
        assert_eq!(
            (error["type"].as_str(), error["code"].as_str()),
            (Some("invalid_request_error"), Some("model_not_found"))
        );
        assert!(
            error["message"].as_str().unwrap().contains("models/gemini-0 is not found"),
            "{error}"
        );
        assert_eq!(answer.header("content-type"), "application/json");
    }
}

#[tokio::test]
async fn fields_without_an_effect_are_named() {
    let app = App::start("key-1").await;
    let body = chat_with(HELLO, r#","logit_bias":{"50256":-100}"#);
    let answer = app.post("/v1/chat/completions", body).whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.header("x-pollux-ignored").contains("logit_bias"), "{:?}", answer.headers);
}

#[tokio::test]
async fn the_api_version_of_translated_calls_can_be_set() {
    let app = App::builder("key-1").set("gemini_api_version", "v1alpha").start().await;
    assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    assert_eq!(app.calls()[0].path, format!("/v1alpha/models/{MODEL}:generateContent"));
}
