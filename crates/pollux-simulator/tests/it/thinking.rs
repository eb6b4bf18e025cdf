//! Thinking: what each family of models takes, what it shows, and what it costs.

use pollux_simulator::Script;
use serde_json::Value;

use crate::wire::{Answer, post, started};

async fn generate(model: &str, config: &str) -> Answer {
    let server = started(Script::open()).await;
    let body = format!(
        r#"{{"contents":[{{"parts":[{{"text":"say: hi"}}]}}],"generationConfig":{{{config}}}}}"#
    );
    post(&server, &format!("/v1beta/models/{model}:generateContent"), &body).await
}

async fn check(model: &str, thinking: &str, want: Option<&str>) {
    let answer = generate(model, &format!(r#""thinkingConfig":{{{thinking}}}"#)).await;
    let message = answer.json()["error"]["message"].clone();
    assert_eq!(message.as_str(), want, "{model} {thinking}");
    let status = if want.is_some() { 400 } else { 200 };
    assert_eq!(answer.status, status, "{model} {thinking}");
}

#[tokio::test]
async fn each_family_takes_its_own_levels_and_budgets() {
    let never = Some("Thinking is not enabled for this model");
    let always = Some("Budget 0 is invalid. This model only works in thinking mode.");
    let no_level = Some("Thinking level is not supported for this model.");
    let minimal = Some("Thinking level MINIMAL is not supported for this model.");
    let xhigh = Some("Thinking level XHIGH is not supported for this model.");
    for (model, thinking, want) in [
        ("gemini-4-hydrogen", r#""thinkingLevel":"XHIGH""#, None),
        ("gemini-4-hydrogen", r#""thinkingLevel":"MINIMAL""#, minimal),
        ("gemini-4-argon", r#""thinkingLevel":"minimal""#, minimal),
        ("gemini-4-argon", r#""thinkingLevel":"XHIGH""#, xhigh),
        ("gemini-4-carbon", r#""thinkingBudget":0"#, always),
        ("gemini-3.8-flash", r#""thinkingLevel":"MINIMAL""#, minimal),
        ("gemini-3.8-flash", r#""thinkingLevel":"medium""#, None),
        ("gemini-3.5-flash", r#""thinkingLevel":"MINIMAL""#, None),
        ("gemini-3.5-flash", r#""thinkingBudget":0"#, None),
        ("gemini-3.1-pro-preview", r#""thinkingBudget":0"#, always),
        ("gemini-3.1-pro-preview", r#""thinking_budget":128"#, None),
        ("gemini-3-pro-preview", r#""thinkingLevel":"LOW""#, None),
        ("gemini-2.5-pro", r#""thinkingBudget":0"#, always),
        ("gemini-2.5-pro", r#""thinkingBudget":-1"#, None),
        ("gemini-2.5-pro", r#""thinkingBudget":128"#, None),
        ("gemini-2.5-flash", r#""thinkingBudget":0"#, None),
        ("gemini-2.5-flash", r#""thinkingBudget":24576"#, None),
        ("gemini-2.5-flash", r#""thinkingLevel":"LOW""#, no_level),
        ("gemini-2.0-flash", r#""includeThoughts":true"#, never),
        ("gemini-2.0-flash", "", None),
        ("gemma-3-4b-it", r#""thinkingBudget":0"#, never),
        ("gemma-4-31b-it", r#""thinkingLevel":"LOW""#, None),
    ] {
        check(model, thinking, want).await;
    }
    for (model, budget) in
        [("gemini-2.5-pro", 127), ("gemini-2.5-flash", 24_577), ("gemini-2.5-flash-lite", 511)]
    {
        let config = format!(r#""thinkingConfig":{{"thinkingBudget":{budget}}}"#);
        let answer = generate(model, &config).await;
        let wanted = format!("The thinking budget {budget} is invalid.");
        assert!(answer.status == 400 && answer.text().contains(&wanted), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_level_and_a_budget_exclude_each_other() {
    let both = r#""thinkingLevel":"LOW","thinkingBudget":100"#;
    let want = Some("You can only set only one of thinking budget and thinking level.");
    check("gemini-3.5-flash", both, want).await;
}

#[tokio::test]
async fn a_cap_covers_the_thoughts_too() {
    for (max, thoughts, text) in [(10, 10, None), (24, 24, None), (25, 24, Some("hi"))] {
        let answer = generate("gemini-3.8-flash", &format!(r#""maxOutputTokens":{max}"#)).await;
        let body = answer.json();
        let candidate = &body["candidates"][0];
        let finish = if text.is_some() { "STOP" } else { "MAX_TOKENS" };
        assert_eq!(candidate["finishReason"], finish, "{max}: {body}");
        assert_eq!(candidate["content"]["parts"][0]["text"].as_str(), text, "{max}: {body}");
        assert_eq!(candidate["content"].get("parts").is_some(), text.is_some(), "{max}: {body}");
        assert_eq!(body["usageMetadata"]["thoughtsTokenCount"], thoughts, "{max}: {body}");
    }
}

#[tokio::test]
async fn a_stream_that_only_thought_ends_without_parts() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse";
    let body = r#"{"contents":[{"parts":[{"text":"say: hi"}]}],"generationConfig":{"maxOutputTokens":5,
        "thinkingConfig":{"includeThoughts":true}}}"#;
    let events = post(&server, path, body).await.events();
    let last = events.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "MAX_TOKENS");
    assert!(events.iter().all(|event| event["candidates"][0]["content"].get("parts").is_none()));
}

#[tokio::test]
async fn the_lowest_level_leaves_all_tokens_to_the_answer() {
    let config = r#""maxOutputTokens":1,"thinkingConfig":{"thinkingLevel":"minimal"}"#;
    let body = generate("gemini-3.5-flash", config).await.json();
    assert_eq!(body["candidates"][0]["content"]["parts"][0]["text"], "hi");
    assert_eq!(body["usageMetadata"].get("thoughtsTokenCount"), None::<&Value>);
}
