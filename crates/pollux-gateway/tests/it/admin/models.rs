//! The models that a pool can reach, as the admin sees them.

use http::Method;
use pollux_testkit::App;
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

const MODELS: &str = "/admin/api/pools/1/models";

async fn models(app: &App, query: &str) -> Vec<Value> {
    show(app, &format!("{MODELS}{query}")).await["models"].as_array().unwrap().clone()
}

fn find<'m>(models: &'m [Value], id: &str) -> &'m Value {
    models.iter().find(|model| model["id"] == id).unwrap_or_else(|| panic!("{id}: {models:?}"))
}

#[tokio::test]
async fn a_model_is_told_with_all_that_is_known_of_it() {
    let app = builder("key-1")
        .set("models.aliases", "gpt-4o=gemini-2.5-flash,claude-*=gemini-2.5-flash,x=gemini-2.5-pro")
        .set("models.prices", "gemini-2.5-flash=0.3/0.075/2.5")
        .start()
        .await;
    let models = models(&app, "").await;
    let flash = find(&models, "gemini-2.5-flash");
    let want = json!({
        "id": "gemini-2.5-flash",
        "display_name": flash["display_name"],
        "allowed": true,
        "methods": ["generateContent", "countTokens", "createCachedContent", "batchGenerateContent"],
        "input_limit": 1_048_576,
        "output_limit": 65_536,
        "thinking": true,
        "price": {"input": 0.3, "cached": 0.075, "output": 2.5},
        "aliases": ["gpt-4o", "claude-*"],
    });
    assert_eq!(*flash, want);
    assert!(flash["display_name"].as_str().unwrap().contains("Flash"), "{flash}");
    let embedding = find(&models, "gemini-embedding-001");
    assert_eq!((&embedding["thinking"], &embedding["price"]), (&false.into(), &Value::Null));
    assert_eq!(embedding["aliases"], json!([]));
}

#[tokio::test]
async fn models_that_may_not_be_asked_are_listed_for_who_asks_for_all() {
    let app = builder("key-1").start().await;
    let all = models(&app, "?all=true").await;
    assert!(all.iter().all(|model| model["allowed"] == true));
    let body = json!({"models.allowed": "gemini-2.5-*"});
    let changed = change(&app, Method::PATCH, "/admin/api/pools/1/settings", body).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let is_allowed = |model: &Value| model["id"].as_str().unwrap().starts_with("gemini-2.5-");
    let allowed = models(&app, "").await;
    assert!(!allowed.is_empty() && allowed.iter().all(is_allowed), "{allowed:?}");
    let again = models(&app, "?all=true").await;
    assert_eq!(again.len(), all.len());
    for model in &again {
        assert_eq!(model["allowed"], is_allowed(model), "{model}");
    }
    let refresh = ask(&app, Method::POST, &format!("{MODELS}/refresh?all=true")).whole().await;
    assert_eq!(refresh.json()["models"].as_array().unwrap().len(), all.len());
    let refresh = ask(&app, Method::POST, &format!("{MODELS}/refresh")).whole().await;
    assert_eq!(refresh.json()["models"].as_array().unwrap().len(), allowed.len());
    let refused = ask(&app, Method::GET, &format!("{MODELS}?all=maybe")).whole().await;
    assert_eq!(refused.status, 400);
    assert!(message(&refused).contains("true"), "{}", refused.text());
}
