//! Embeddings on the wire: inputs, encodings, batches, aliases and errors.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use pollux_testkit::App;
use serde_json::{Value, json};

const MODEL: &str = "gemini-embedding-001";

async fn embed(app: &App, more: Value) -> pollux_testkit::Whole {
    let mut body = json!({ "model": MODEL });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/v1/embeddings", body.to_string()).whole().await
}

fn vector(value: &Value) -> Vec<f64> {
    value["embedding"].as_array().unwrap().iter().map(|it| it.as_f64().unwrap()).collect()
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|it| it * it).sum::<f64>().sqrt()
}

/// The parameter that an error names.
fn param(answer: &pollux_testkit::Whole) -> String {
    answer.json()["error"]["param"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn each_text_has_its_vector_in_order() {
    let app = App::start("key-1").await;
    let answer = embed(&app, json!({ "input": ["one", "two", "three"] })).await;
    let body = answer.json();
    assert_eq!((answer.status, &body["object"]), (200, &json!("list")), "{body}");
    assert_eq!(body["model"], MODEL);
    assert_eq!(body["usage"], json!({ "prompt_tokens": 0, "total_tokens": 0 }));
    let data = body["data"].as_array().unwrap();
    let indexes: Vec<_> = data.iter().map(|it| it["index"].as_u64().unwrap()).collect();
    assert_eq!(indexes, [0, 1, 2]);
    assert!(data.iter().all(|it| it["object"] == "embedding" && vector(it).len() == 3072));
    let alone = embed(&app, json!({ "input": "two" })).await.json();
    assert_eq!(alone["data"][0]["embedding"], data[1]["embedding"]);
    assert_eq!(app.calls()[0].path, format!("/v1beta/models/{MODEL}:batchEmbedContents"));
}

#[tokio::test]
async fn a_shortened_vector_has_length_1() {
    let app = App::start("key-1").await;
    let answer = embed(&app, json!({ "input": "one", "dimensions": 256 })).await.json();
    let short = vector(&answer["data"][0]);
    assert_eq!(short.len(), 256);
    assert!((length(&short) - 1.0).abs() < 1e-5, "{}", length(&short));
    let sent: Value = serde_json::from_slice(&app.calls()[0].body).unwrap();
    assert_eq!(sent["requests"][0]["outputDimensionality"], 256);
}

#[tokio::test]
async fn base64_holds_the_same_numbers() {
    let app = App::start("key-1").await;
    let input = json!({ "input": "one", "dimensions": 8 });
    let floats = vector(&embed(&app, input.clone()).await.json()["data"][0]);
    let mut packed = input;
    packed["encoding_format"] = "base64".into();
    let packed = embed(&app, packed).await.json();
    let text = packed["data"][0]["embedding"].as_str().unwrap();
    let bytes = base64(text);
    let unpacked: Vec<f32> =
        bytes.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect();
    #[expect(clippy::cast_possible_truncation, reason = "they were 32 bits wide")]
    let floats: Vec<f32> = floats.into_iter().map(|it| it as f32).collect();
    assert_eq!(unpacked, floats);
}

/// Decodes standard base64.
fn base64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let value = |byte: u8| LETTERS.iter().position(|it| *it == byte);
    let digits: Vec<usize> = text.bytes().map_while(value).collect();
    let bits = digits.iter().flat_map(|digit| (0..6).rev().map(move |bit| digit >> bit & 1));
    let bits: Vec<usize> = bits.collect();
    let byte = |bits: &[usize]| bits.iter().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks_exact(8).map(|bits| u8::try_from(byte(bits)).unwrap()).collect()
}

#[tokio::test]
async fn more_than_a_hundred_texts_go_in_batches_and_come_back_in_order() {
    let app = App::start("key-1,key-2").await;
    let texts: Vec<String> = (0..250).map(|at| format!("text {at}")).collect();
    let answer = embed(&app, json!({ "input": texts, "dimensions": 4 })).await.json();
    let data = answer["data"].as_array().unwrap();
    assert_eq!(data.len(), 250);
    let mut sizes: Vec<_> = app
        .calls()
        .iter()
        .map(|call| {
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            body["requests"].as_array().unwrap().len()
        })
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100, 100]);
    for at in [0, 99, 100, 199, 200, 249] {
        let alone = embed(&app, json!({ "input": texts[at], "dimensions": 4 })).await.json();
        assert_eq!(alone["data"][0]["embedding"], data[at]["embedding"], "{at}");
        assert_eq!(data[at]["index"], at);
    }
}

#[tokio::test]
async fn a_batch_that_fails_fails_the_request() {
    let app = App::start("key-1=ok*1+overloaded*9").await;
    let texts = vec!["a"; 150];
    let answer = embed(&app, json!({ "input": texts })).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert_eq!(answer.json()["error"]["type"], "server_error");
}

#[tokio::test]
async fn a_failing_key_is_passed_over() {
    let app = App::start("key-1=invalid,key-2").await;
    for _ in 0..2 {
        assert_eq!(embed(&app, json!({ "input": "a" })).await.status, 200);
    }
}

#[tokio::test]
async fn what_cannot_be_embedded_is_refused_by_name() {
    let app = App::start("key-1").await;
    for (more, at) in [
        (json!({}), "input"),
        (json!({ "input": "" }), "input"),
        (json!({ "input": [] }), "input"),
        (json!({ "input": ["a", ""] }), "input[1]"),
        (json!({ "input": [1, 2, 3] }), "input"),
        (json!({ "input": [[1, 2], [3]] }), "input"),
        (json!({ "input": vec!["a"; 2049] }), "input"),
        (json!({ "input": { "text": "a" } }), "input"),
        (json!({ "input": "a", "encoding_format": "int8" }), "encoding_format"),
        (json!({ "input": "a", "dimensions": 0 }), "dimensions"),
        (json!({ "input": "a", "model": "" }), "model"),
        (json!({ "input": "a", "model": "../files" }), "model"),
    ] {
        let answer = embed(&app, more).await;
        assert_eq!((answer.status, param(&answer).as_str()), (400, at), "{}", answer.text());
        assert_eq!(answer.json()["error"]["type"], "invalid_request_error");
    }
    assert!(app.calls().is_empty());
    let tokens = embed(&app, json!({ "input": [1] })).await;
    assert!(tokens.text().contains("send the text itself"), "{}", tokens.text());
}

#[tokio::test]
async fn a_purpose_reaches_gemini_and_the_rest_is_named() {
    let app = App::start("key-1").await;
    let google = json!({ "task_type": "RETRIEVAL_DOCUMENT", "title": "T", "odd": 1 });
    let more = json!({ "input": "a", "user": "u", "extra_body": { "google": google } });
    let answer = embed(&app, more).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let sent: Value = serde_json::from_slice(&app.calls()[0].body).unwrap();
    assert_eq!(sent["requests"][0]["taskType"], "RETRIEVAL_DOCUMENT");
    assert_eq!(sent["requests"][0]["title"], "T");
    assert_eq!(answer.header("x-pollux-ignored"), "extra_body.google.odd, user");
    let plain = embed(&app, json!({ "input": "a", "task_type": "CLUSTERING" })).await;
    assert_eq!(plain.status, 200, "{}", plain.text());
    let sent: Value = serde_json::from_slice(&app.calls()[1].body).unwrap();
    assert_eq!(sent["requests"][0]["taskType"], "CLUSTERING");
}

#[tokio::test]
async fn every_alias_answers_and_an_unknown_model_is_not_found() {
    let app = App::start("key-1").await;
    let ask = |model: &str| json!({ "model": model, "input": "a", "dimensions": 2 }).to_string();
    for target in [
        "/v1/embeddings",
        "/embeddings",
        "/api/embeddings",
        "/openai/v1/embeddings",
        "/v1beta/openai/embeddings",
    ] {
        let answer = app.post(target, ask(MODEL)).whole().await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let refused = app.post(target, ask(MODEL)).anonymous().whole().await;
        assert_eq!(refused.status, 401, "{target}");
    }
    let unknown = app.post("/v1/embeddings", ask("text-embedding-3-small")).whole().await;
    assert_eq!(unknown.status, 404, "{}", unknown.text());
    assert_eq!(unknown.json()["error"]["code"], "model_not_found");
}
