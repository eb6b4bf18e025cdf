//! Pictures, sounds, and answers by a schema.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use pollux_simulator::Script;
use serde_json::{Value, json};

use crate::wire::{Answer, post, started};

async fn generate(model: &str, text: &str, config: Value) -> Answer {
    let server = started(Script::open()).await;
    let body = json!({
        "contents": [{ "parts": [{ "text": text }] }],
        "generationConfig": config,
    });
    post(&server, &format!("/v1beta/models/{model}:generateContent"), &body.to_string()).await
}

fn part(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["candidates"][0]["content"]["parts"][0].clone()
}

#[tokio::test]
async fn an_image_model_draws_when_asked_to() {
    let config = json!({ "responseModalities": ["TEXT", "IMAGE"] });
    let answer = generate("gemini-3.1-flash-image", "a cat", config.clone()).await;
    let picture = part(&answer)["inlineData"].clone();
    assert_eq!(picture["mimeType"], "image/png");
    assert!(picture["data"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{picture}");
    assert_eq!(answer.json()["usageMetadata"]["candidatesTokenCount"], 1290);
    let other = generate("gemini-3.1-flash-image", "a dog", config.clone()).await;
    assert_ne!(part(&other)["inlineData"], picture);
    let text = generate("gemini-3.1-flash-image", "say: no", config.clone()).await;
    assert_eq!(part(&text)["text"], "no");
    assert_eq!(generate("gemini-2.5-flash", "a cat", config).await.status, 400);
}

#[tokio::test]
async fn a_speech_model_speaks_when_asked_to() {
    let config = json!({ "responseModalities": ["AUDIO"] });
    let answer = generate("gemini-3.8-flash-tts", "hello", config.clone()).await;
    let sound = part(&answer)["inlineData"].clone();
    assert_eq!(sound["mimeType"], "audio/L16;codec=pcm;rate=24000");
    assert_eq!(sound["data"].as_str().unwrap().len(), 2_400 * 2 / 3 * 4);
    assert_eq!(generate("gemini-3.1-flash-image", "a cat", config).await.status, 400);
}

#[tokio::test]
async fn a_schema_shapes_the_answer() {
    let schema = json!({
        "type": "object",
        "properties": {
            "list": { "type": "array", "minItems": 2, "items": { "$ref": "#/$defs/span" } },
            "kind": { "enum": ["a", "b"] },
            "sure": { "type": ["boolean", "null"] },
        },
        "required": ["list"],
        "$defs": { "span": {
            "type": "object",
            "properties": {
                "end": { "type": "number" },
                "start": { "type": "number" },
                "text": { "type": "string" },
            },
            "required": ["start", "end"],
        } },
    });
    let config = json!({ "responseMimeType": "application/json", "responseJsonSchema": schema });
    let answer = part(&generate("gemini-2.5-flash", "say: hi", config.clone()).await);
    let inner: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    let want = json!({
        "list": [
            { "start": 0, "end": 1, "text": "hi" },
            { "start": 2, "end": 3, "text": "hi" },
        ],
        "kind": "a",
        "sure": true,
    });
    assert_eq!(inner, want);
    let exact = part(&generate("gemini-2.5-flash", r#"say: {"x":1}"#, config).await);
    assert_eq!(exact["text"], r#"{"x":1}"#);
}
