//! Whole answers: text, counts, vectors, the list of models.

use pollux_simulator::Script;
use serde_json::Value;

use crate::wire::{Answer, get, post, read, started};

/// Asks `gemini-2.5-flash` with a text and more top-level members.
async fn generate(model: &str, text: &str, more: &str) -> Answer {
    let server = started(Script::open()).await;
    let body = format!(r#"{{"contents":{{"parts":{{"text":{text:?}}}}}{more}}}"#);
    post(&server, &format!("/v1beta/models/{model}:generateContent"), &body).await
}

#[track_caller]
fn check(answer: &Answer, pointer: &str, want: impl Into<Value>) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json().pointer(pointer), Some(&want.into()), "{}", answer.text());
}

#[tokio::test]
async fn a_whole_answer_has_googles_layout() {
    let answer = generate("gemini-2.5-flash", "say: a<b", "").await;
    let text = answer.text();
    let id = answer.json()["responseId"].as_str().unwrap().to_owned();
    assert_eq!(
        text,
        format!(
            r#"{{
  "candidates": [
    {{
      "content": {{
        "parts": [
          {{
            "text": "a\u003cb"
          }}
        ],
        "role": "model"
      }},
      "finishReason": "STOP",
      "index": 0
    }}
  ],
  "usageMetadata": {{
    "promptTokenCount": 2,
    "candidatesTokenCount": 1,
    "totalTokenCount": 27,
    "promptTokensDetails": [
      {{
        "modality": "TEXT",
        "tokenCount": 2
      }}
    ],
    "thoughtsTokenCount": 24,
    "serviceTier": "standard"
  }},
  "modelVersion": "gemini-2.5-flash",
  "responseId": "{id}"
}}
"#
        )
    );
    assert_eq!(answer.header("content-type"), Some("application/json; charset=UTF-8"));
    assert_eq!(answer.header("x-gemini-service-tier"), Some("standard"));
}

#[tokio::test]
async fn the_same_request_is_answered_alike() {
    let first = generate("gemini-3.8-flash", "hello", "").await;
    let second = generate("gemini-3.8-flash", "hello", "").await;
    assert_eq!(first.text(), second.text());
    assert!(first.text().contains("hello"));
}

#[tokio::test]
async fn only_newer_models_sign_their_text() {
    let signature = "/candidates/0/content/parts/0/thoughtSignature";
    let old = generate("gemini-2.5-flash", "say: hi", "").await;
    assert_eq!(old.json().pointer(signature), None);
    let new = generate("gemini-3.8-flash", "say: hi", "").await;
    assert!(new.json().pointer(signature).is_some());
}

#[tokio::test]
async fn too_small_a_budget_cuts_between_characters() {
    let config = r#","generationConfig":{"maxOutputTokens":25}"#;
    let answer = generate("gemini-2.5-flash", "say: ab\u{e9}\u{20ac}", config).await;
    check(&answer, "/candidates/0/content/parts/0/text", "ab\u{e9}");
    check(&answer, "/candidates/0/finishReason", "MAX_TOKENS");
}

#[tokio::test]
async fn a_stop_sequence_ends_the_text_before_it() {
    let config = r#","generation_config":{"stop_sequences":["three","two"]}"#;
    let answer = generate("gemini-2.5-flash", "say: one two three", config).await;
    check(&answer, "/candidates/0/content/parts/0/text", "one ");
    check(&answer, "/candidates/0/finishReason", "STOP");
}

#[tokio::test]
async fn as_many_candidates_answer_as_were_asked() {
    let config = r#","generationConfig":{"candidateCount":2}"#;
    let answer = generate("gemini-2.5-flash", "say: hi", config).await;
    check(&answer, "/candidates/1/index", 1);
    check(&answer, "/usageMetadata/candidatesTokenCount", 2);
    assert_eq!(answer.json()["candidates"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn thoughts_are_shown_when_asked_for() {
    let config = r#","generationConfig":{"thinkingConfig":{"includeThoughts":true}}"#;
    let answer = generate("gemini-2.5-flash", "say: hi", config).await;
    check(&answer, "/candidates/0/content/parts/0/thought", true);
    check(&answer, "/candidates/0/content/parts/1/text", "hi");
}

#[tokio::test]
async fn no_budget_means_no_thoughts() {
    let config = r#","generationConfig":{"thinkingConfig":{"thinkingBudget":0}}"#;
    let answer = generate("gemini-2.5-flash", "say: hi", config).await;
    assert_eq!(answer.json().pointer("/usageMetadata/thoughtsTokenCount"), None);
    check(&answer, "/usageMetadata/totalTokenCount", 46 / 16 + 1);
}

#[tokio::test]
async fn json_is_answered_when_json_is_asked_for() {
    let config = r#","generationConfig":{"responseMimeType":"application/json"}"#;
    let answer = generate("gemini-2.5-flash", "a \"quote\"", config).await;
    let text = answer.json()["candidates"][0]["content"]["parts"][0]["text"].clone();
    let inner: Value = serde_json::from_str(text.as_str().unwrap()).unwrap();
    assert_eq!(inner["answer"], "a \"quote\"");
}

#[tokio::test]
async fn a_dictated_call_needs_a_declaration() {
    let tools = r#","tools":[{"functionDeclarations":[{"name":"look","description":"looks"}]}]"#;
    let text = "call: look {\"at\":1}\ncall: jump";
    let answer = generate("gemini-3.8-flash", text, tools).await;
    check(&answer, "/candidates/0/content/parts/0/functionCall/name", "look");
    check(&answer, "/candidates/0/content/parts/0/functionCall/args", read(r#"{"at": 1}"#));
    check(&answer, "/candidates/0/finishMessage", "Model generated function call(s).");
    assert_eq!(answer.json()["candidates"][0]["content"]["parts"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tokens_are_counted_in_both_forms_alike() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-2.5-flash:countTokens";
    let turns = r#""contents":[{"parts":[{"text":"12345678"}]}]"#;
    let plain = post(&server, path, &format!("{{{turns}}}")).await;
    check(&plain, "/totalTokens", 2);
    let whole =
        format!(r#"{{"generateContentRequest":{{"model":"models/gemini-2.5-flash",{turns}}}}}"#);
    assert_eq!(post(&server, path, &whole).await.text(), plain.text());
}

#[tokio::test]
async fn vectors_have_the_wanted_length_and_repeat() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    let one = |more: &str| {
        format!(
            r#"{{"model":"models/gemini-embedding-001","content":{{"parts":[{{"text":"a"}}]}}{more}}}"#
        )
    };
    let requests =
        format!(r#"{{"requests":[{},{}]}}"#, one(""), one(r#","outputDimensionality":8"#));
    let answer = post(&server, path, &requests).await.json();
    let full = answer["embeddings"][0]["values"].as_array().unwrap();
    let short = answer["embeddings"][1]["values"].as_array().unwrap();
    assert_eq!((full.len(), short.len()), (3_072, 8));
    assert_eq!(full[..8], short[..]);
    let length: f64 = full.iter().map(|value| value.as_f64().unwrap().powi(2)).sum();
    assert!((length - 1.0).abs() < 1e-4);
    let alone = post(&server, "/v1beta/models/gemini-embedding-001:embedContent", &one("")).await;
    assert_eq!(alone.json()["embedding"]["values"], answer["embeddings"][0]["values"]);
}

#[tokio::test]
async fn a_batch_holds_a_hundred_texts() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-embedding-001:batchEmbedContents";
    let one = r#"{"model":"models/gemini-embedding-001","content":{"parts":{"text":"a"}}}"#;
    for (count, status) in [(100, 200), (101, 400)] {
        let body = format!(r#"{{"requests":[{}]}}"#, vec![one; count].join(","));
        assert_eq!(post(&server, path, &body).await.status, status, "{count}");
    }
}

#[tokio::test]
async fn models_come_in_pages() {
    let server = started(Script::open()).await;
    let first = get(&server, "/v1beta/models").await.json();
    assert_eq!(first["models"].as_array().unwrap().len(), 50);
    let token = first["nextPageToken"].as_str().unwrap();
    let second = get(&server, &format!("/v1beta/models?pageToken={token}")).await.json();
    let more = second["models"].as_array().unwrap().len();
    assert!(more >= 10 && second.get("nextPageToken").is_none());
    let all = get(&server, "/v1beta/models?pageSize=5000").await.json();
    assert_eq!(all["models"].as_array().unwrap().len(), 50 + more);
    let model = &all["models"][0];
    assert_eq!(model["name"], "models/gemini-2.5-flash");
    assert_eq!(model["inputTokenLimit"], 1_048_576);
    assert_eq!(get(&server, "/v1beta/models/gemini-2.5-flash").await.json(), *model);
}

#[tokio::test]
async fn aliases_are_not_on_the_stable_version() {
    let server = started(Script::open()).await;
    assert_eq!(get(&server, "/v1beta/models/gemini-flash-latest").await.status, 200);
    let answer = get(&server, "/v1/models/gemini-flash-latest").await;
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("is not found for API version v1."));
}

#[tokio::test]
async fn an_unknown_model_is_named_in_the_refusal() {
    let answer = generate("gemini-9", "hi", "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(
        answer.json()["error"]["message"],
        "models/gemini-9 is not found for API version v1beta, or is not supported for \
         generateContent. Call ModelService.ListModels to see the list of available models and \
         their supported methods."
    );
}

#[tokio::test]
async fn an_unknown_path_is_a_page() {
    let server = started(Script::open()).await;
    let answer = get(&server, "/v2/models").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (404, Some("text/html; charset=UTF-8"))
    );
}

#[tokio::test]
async fn an_escaped_colon_is_a_colon() {
    let server = started(Script::open()).await;
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let answer = post(&server, "/v1/models/gemini-2.5-flash%3AgenerateContent", body).await;
    assert_eq!(answer.status, 200);
}
