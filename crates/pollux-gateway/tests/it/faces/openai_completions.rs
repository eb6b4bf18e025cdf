//! The older completions on the wire, and what Open WebUI sends after a chat.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use pollux_testkit::{App, MODEL, Whole};
use serde_json::{Value, json};

async fn complete(app: &App, more: Value) -> Whole {
    let mut body = json!({ "model": MODEL, "prompt": "say: hello you" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/v1/completions", body.to_string()).whole().await
}

fn events(body: &str) -> Vec<Value> {
    let blocks = body.split("\n\n").filter_map(|block| block.strip_prefix("data: "));
    blocks.filter_map(|block| serde_json::from_str(block).ok()).collect()
}

#[tokio::test]
async fn a_whole_completion_has_the_shape_that_clients_expect() {
    let app = App::start("key-1").await;
    let answer = complete(&app, json!({})).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["object"]), (200, &json!("text_completion")), "{body}");
    assert!(body["id"].as_str().unwrap().starts_with("cmpl-"));
    assert_eq!(body["model"], MODEL);
    let choice =
        json!({ "text": "hello you", "index": 0, "logprobs": null, "finish_reason": "stop" });
    assert_eq!(body["choices"], json!([choice]));
    assert!(body["usage"]["completion_tokens"].as_u64() > Some(0), "{body}");
    let sent: Value = serde_json::from_slice(&app.calls()[0].body).unwrap();
    assert!(sent.get("generationConfig").is_none(), "no limit is invented: {sent}");
}

#[tokio::test]
async fn a_streamed_completion_says_the_same_and_ends_with_done() {
    let app = App::start("key-1").await;
    let more = json!({ "stream": true, "stream_options": { "include_usage": true } });
    let answer = complete(&app, more).await;
    assert_eq!(answer.header("content-type"), "text/event-stream; charset=utf-8");
    assert!(answer.text().ends_with("data: [DONE]\n\n"), "{}", answer.text());
    let events = events(&answer.text());
    let text: String =
        events.iter().filter_map(|event| event["choices"][0]["text"].as_str()).collect();
    assert_eq!(text, "hello you");
    let finishes: Vec<_> =
        events.iter().filter_map(|event| event["choices"][0]["finish_reason"].as_str()).collect();
    assert_eq!(finishes, ["stop"]);
    let last = events.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"], complete(&app, json!({})).await.json()["usage"]);
    let plain = complete(&app, json!({ "stream": true })).await;
    assert!(!plain.text().contains("usage"), "{}", plain.text());
}

#[tokio::test]
async fn several_prompts_are_answered_in_order() {
    let app = App::start("key-1,key-2").await;
    let prompts: Vec<String> = (0..6).map(|at| format!("say: {at}")).collect();
    let answer = complete(&app, json!({ "prompt": prompts, "n": 2, "echo": true })).await.json();
    let choices = answer["choices"].as_array().unwrap();
    let said: Vec<_> = choices
        .iter()
        .map(|it| (it["index"].as_u64().unwrap(), it["text"].as_str().unwrap().to_owned()))
        .collect();
    let want: Vec<_> = (0..12).map(|at| (at, format!("say: {}{}", at / 2, at / 2))).collect();
    assert_eq!(said, want);
    assert_eq!(app.calls().len(), 6);
}

#[tokio::test]
async fn what_shapes_the_answer_reaches_gemini_and_the_rest_is_named() {
    let app = App::start("key-1").await;
    let more = json!({
        "max_tokens": 64, "temperature": 0, "top_p": 0.5, "stop": ["END"], "seed": 7,
        "best_of": 3, "user": "u", "logit_bias": { "1": 2 },
    });
    let answer = complete(&app, more).await;
    assert_eq!(answer.header("x-pollux-ignored"), "best_of, logit_bias, user");
    let sent: Value = serde_json::from_slice(&app.calls()[0].body).unwrap();
    let want = json!({
        "temperature": 0, "topP": 0.5, "maxOutputTokens": 64, "stopSequences": ["END"], "seed": 7,
    });
    assert_eq!(sent["generationConfig"], want);
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_by_name() {
    let app = App::start("key-1").await;
    for (more, param) in [
        (json!({ "prompt": null }), "prompt"),
        (json!({ "prompt": "" }), "prompt"),
        (json!({ "prompt": [1, 2] }), "prompt"),
        (json!({ "prompt": [[1], [2]] }), "prompt"),
        (json!({ "prompt": ["a", "b"], "stream": true }), "prompt"),
        (json!({ "suffix": "end" }), "suffix"),
        (json!({ "logprobs": 2 }), "logprobs"),
        (json!({ "temperature": 3 }), "temperature"),
        (json!({ "n": 0 }), "n"),
        (json!({ "stream": "yes" }), "stream"),
    ] {
        let answer = complete(&app, more).await;
        let named = answer.json()["error"]["param"].clone();
        assert_eq!((answer.status, named), (400, json!(param)), "{}", answer.text());
    }
    assert!(app.calls().is_empty());
}

#[tokio::test]
async fn a_stream_that_breaks_is_no_clean_stop() {
    let app = App::start("key-1=cut:after=1").await;
    let answer = complete(&app, json!({ "prompt": "say: a b c d", "stream": true })).await;
    let text = answer.text();
    assert!(text.contains(r#""error""#) && !text.contains("[DONE]"), "{text}");
    assert!(!text.contains(r#""finish_reason":"stop""#), "{text}");
}

#[tokio::test]
async fn a_blocked_prompt_ends_with_content_filter() {
    let app = App::start("key-1=blocked_prompt").await;
    let answer = complete(&app, json!({})).await.json();
    assert_eq!(answer["choices"][0]["finish_reason"], "content_filter", "{answer}");
}

#[tokio::test]
async fn a_chat_that_is_over_comes_back_as_it_was_sent() {
    let app = App::start("key-1").await;
    let chat = r#"{"model":"m", "messages":[{"role":"user","content":"hi"}],"chat_id":"c"}"#;
    for target in ["/api/chat/completed", "/openai/api/chat/completed"] {
        let answer = app.post(target, chat).whole().await;
        assert_eq!((answer.status, answer.text().as_str()), (200, chat), "{target}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    let refused = app.post("/api/chat/completed", chat).anonymous().whole().await;
    assert_eq!(refused.status, 401);
    for body in ["[1]", "{", "hello"] {
        assert_eq!(app.post("/api/chat/completed", body).whole().await.status, 400, "{body}");
    }
    assert!(app.calls().is_empty());
}
