//! Which models a user may ask, and which he sees.

use http::Method;
use pollux_gateway::catalog::{Names, Settings, User};
use pollux_testkit::{chat, native};
use serde_json::Value;

use super::{Club, Terms, first, request};

async fn club() -> Club {
    let models = vec!["gemini-2.5-pro".to_owned(), "gemma-*".to_owned()];
    let aliases = [("gpt-pro", "gemini-2.5-pro-search"), ("gpt-fast", "gemini-2.5-flash")];
    let aliases = aliases.map(|(name, model)| (name.to_owned(), model.to_owned()));
    let names = Names { aliases: aliases.into(), ..Names::default() };
    let settings = Settings { names, ..Settings::default() };
    let user = User { models, ..first() };
    Club::of(Terms { settings, users: vec![user], ..Terms::default() }).await
}

#[tokio::test]
async fn other_models_are_refused_by_every_face_with_those_that_are_not() {
    let club = club().await;
    let path = |model: &str, call: &str| format!("/v1beta/models/{model}:{call}");
    let flash = "gemini-2.5-flash";
    let asks = [
        ("/v1/chat/completions".to_owned(), chat(flash, "hi", false)),
        ("/v1/chat/completions".to_owned(), chat(flash, "hi", true)),
        ("/v1/chat/completions".to_owned(), chat("gpt-fast", "hi", false)),
        (
            "/v1/embeddings".to_owned(),
            r#"{"model":"gemini-embedding-001","input":"hi"}"#.to_owned(),
        ),
        (path(flash, "generateContent"), native("hi")),
        (path(flash, "streamGenerateContent?alt=sse"), native("hi")),
        (path(flash, "countTokens"), native("hi")),
    ];
    for (target, body) in asks {
        let told = club.ask(request(1, Method::POST, &target, body)).await;
        assert_eq!(told.status, 403, "{target}: {}", told.text);
        let message = told.message();
        assert!(message.contains("may not ask gemini-"), "{message}");
        assert!(message.ends_with("gemini-2.5-pro, gemma-*"), "{message}");
    }
    assert!(club.asked().is_empty());
    for model in ["gemini-2.5-pro", "gpt-pro", "gemma-4-31b-it"] {
        let ask = request(1, Method::POST, "/v1/chat/completions", chat(model, "hi", false));
        assert_eq!(club.ask(ask).await.status, 200, "{model}");
    }
    let ask = request(2, Method::POST, "/v1/chat/completions", chat(flash, "hi", false));
    assert_eq!(club.ask(ask).await.status, 200, "another user may");
}

#[tokio::test]
async fn lists_hold_what_the_user_may_ask() {
    let club = club().await;
    let ids = async |user: usize| {
        let told = club.ask(request(user, Method::GET, "/v1/models", "")).await;
        let body: Value = serde_json::from_str(&told.text).unwrap();
        let models = body["data"].as_array().unwrap().iter();
        models.map(|model| model["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids(1).await, ["gemini-2.5-pro", "gemma-4-31b-it", "gpt-pro"]);
    assert_eq!(ids(2).await.len(), 5);
    for (model, status) in [("gemini-2.5-pro", 200), ("gemini-2.5-flash", 404), ("gpt-fast", 404)] {
        let told = club.ask(request(1, Method::GET, &format!("/v1/models/{model}"), "")).await;
        assert_eq!(told.status, status, "{model}");
    }
}

#[tokio::test]
async fn geminis_own_list_holds_it_too() {
    let club = club().await;
    let told = club.ask(request(1, Method::GET, "/v1beta/models", "")).await;
    let want = r#"{"models":[{"name":"models/gemini-2.5-pro"}],"nextPageToken":"more"}"#;
    assert_eq!((told.status, told.text.as_str()), (200, want));
    let told = club.ask(request(1, Method::GET, "/v1beta/models?pageToken=more", "")).await;
    assert_eq!(told.text, super::LAST_PAGE);
    let told = club.ask(request(2, Method::GET, "/v1beta/models", "")).await;
    assert_eq!(told.text, super::LIST);
    let told = club.ask(request(1, Method::GET, "/v1beta/models/gemini-2.5-flash", "")).await;
    assert_eq!(told.status, 403);
}
