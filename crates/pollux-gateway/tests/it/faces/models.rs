//! The list of models: every page, once at a time, kept for a while, in each dialect.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::Method;
use pollux_gateway::catalog::{Names, Settings};
use pollux_simulator::Behaviour;

use pollux_testkit::{App, Whole, chat, native};
use pollux_translate::gemini::safety::Safety;
use serde_json::Value;

use crate::{
    admin::{ask, builder},
    bare::{Bare, USERS},
};

const HOUR: Duration = Duration::from_hours(1);

async fn list(app: &App) -> Whole {
    app.get("/v1/models").whole().await
}

#[track_caller]
fn ids(body: &Value) -> Vec<&str> {
    body["data"].as_array().unwrap().iter().map(|model| model["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn each_dialect_lists_the_same_models() {
    let app = App::start("key-1").await;
    let google = app.get("/v1beta/models?pageSize=1000").whole().await.json();
    let names = google["models"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let want: Vec<&str> = names.map(|name| name.strip_prefix("models/").unwrap()).collect();
    assert!(want.len() > 50, "{want:?}");

    for target in
        ["/v1/models", "/models", "/api/models", "/openai/v1/models", "/v1beta/openai/models"]
    {
        let answer = app.get(target).whole().await;
        let body = answer.json();
        assert_eq!((answer.status, body["object"].as_str()), (200, Some("list")), "{target}");
        assert_eq!(ids(&body), want, "{target}");
        assert!(body["data"].as_array().unwrap().iter().all(|it| it["object"] == "model"));
    }
    let anthropic = app.get("/v1/models").header("anthropic-version", "2023-06-01").whole().await;
    let body = anthropic.json();
    assert_eq!(ids(&body), want);
    assert_eq!(
        (body["has_more"].as_bool(), body["data"][0]["type"].as_str()),
        (Some(false), Some("model"))
    );
    let native =
        app.get("/v1/models?pageSize=1000").header("x-goog-api-client", "sdk").whole().await;
    assert!(native.json()["models"].is_array(), "{}", native.text());
}

#[tokio::test]
async fn a_model_is_found_and_an_unknown_one_is_404_in_each_dialect() {
    let app = App::start("key-1").await;
    let get = |target: &str, header: &str| app.get(target).header(header, "2023-06-01");
    for target in [
        "/v1/models/gemini-2.5-flash",
        "/v1/models/models/gemini-2.5-flash",
        "/v1/models/models%2Fgemini-2.5-flash",
    ] {
        let answer = app.get(target).whole().await;
        assert_eq!(
            (answer.status, answer.json()["id"].as_str()),
            (200, Some("gemini-2.5-flash")),
            "{target}"
        );
    }
    let anthropic = get("/v1/models/gemini-2.5-flash", "anthropic-version").whole().await.json();
    assert_eq!(
        (anthropic["type"].as_str(), anthropic["id"].as_str()),
        (Some("model"), Some("gemini-2.5-flash"))
    );

    let answer = app.get("/v1/models/gpt-0").whole().await;
    let error = answer.json()["error"].clone();
    assert_eq!((answer.status, error["code"].as_str()), (404, Some("model_not_found")), "{error}");
    let answer = get("/v1/models/gpt-0", "anthropic-version").whole().await;
    let body = answer.json();
    assert_eq!(
        (answer.status, body["error"]["type"].as_str()),
        (404, Some("not_found_error")),
        "{body}"
    );
    let answer = app.get("/v1beta/models/gpt-0").whole().await;
    let body = answer.json();
    assert_eq!(
        (answer.status, body["error"]["status"].as_str()),
        (404, Some("NOT_FOUND")),
        "{body}"
    );
}

#[tokio::test]
async fn a_hundred_clients_at_once_cost_one_call() {
    let app = App::start("key-1").await;
    let answers = join_all((0..100).map(|_| list(&app))).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(app.calls().len(), 1);
}

#[tokio::test]
async fn a_list_is_kept_for_an_hour() {
    let app = App::start("key-1").await;
    for (passed, calls) in
        [(Duration::ZERO, 1), (Duration::from_secs(3_599), 1), (Duration::from_secs(1), 2)]
    {
        app.clock.advance(passed);
        assert_eq!(list(&app).await.status, 200);
        assert_eq!(app.get("/v1/models/gemini-2.5-flash").whole().await.status, 200);
        assert_eq!(app.calls().len(), calls, "{passed:?}");
    }
}

#[tokio::test]
async fn a_list_that_is_kept_for_no_time_is_asked_for_each_time() {
    let app = App::builder("key-1").set("models.cache", "0").start().await;
    for calls in 1..=3 {
        assert_eq!(list(&app).await.status, 200);
        assert_eq!(app.calls().len(), calls);
    }
}

#[tokio::test]
async fn an_old_list_is_better_than_none() {
    let app = App::start("key-1").await;
    let fresh = list(&app).await;
    app.gemini().set("key-1", Behaviour::Location);
    app.clock.advance(HOUR);
    // While Gemini is in trouble it is asked again now and then, and not with every request.
    for (passed, calls) in [(0, 2), (29, 2), (1, 3), (0, 3)] {
        app.clock.advance(Duration::from_secs(passed));
        let old = list(&app).await;
        assert_eq!((old.status, &old.body), (200, &fresh.body), "{}", old.text());
        assert_eq!(app.calls().len(), calls, "{passed} s later");
    }
    app.gemini().set("key-1", Behaviour::Ok);
    app.clock.advance(Duration::from_secs(30));
    for _ in 0..2 {
        assert_eq!(list(&app).await.status, 200);
        assert_eq!(app.calls().len(), 4);
    }
}

#[tokio::test]
async fn without_any_list_the_trouble_is_told() {
    let app = App::start("key-1=invalid").await;
    let answer = list(&app).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.json()["error"]["message"].is_string(), "{}", answer.text());
}

#[tokio::test]
async fn the_list_fails_over_like_everything_else() {
    let app = App::start("key-1=invalid,key-2").await;
    assert_eq!(list(&app).await.status, 200);
    assert_eq!(app.asked(), ["key-1", "key-2"]);
}

/// Lists the models of a Gemini that sends `pages`; returns the answer and what it was asked.
async fn over_pages(pages: &[&'static str]) -> (u16, Value, Vec<String>) {
    let bare = Bare::over(pages.iter().map(|page| vec![Ok(Bytes::from(*page))]).collect()).await;
    let (status, body) = bare.ask("GET", "/v1/models", "").await;
    (status, serde_json::from_str(&body).unwrap(), bare.asked())
}

#[tokio::test]
async fn all_pages_are_joined_in_order() {
    let (status, body, asked) = over_pages(&[
        r#"{"models":[{"name":"models/a"},{"name":"models/b"}],"nextPageToken":"t/2 ="}"#,
        r#"{"models":[{"name":"models/c"}],"nextPageToken":"t3"}"#,
        r#"{"models":[{"name":"models/d"}]}"#,
    ])
    .await;
    assert_eq!((status, ids(&body)), (200, vec!["a", "b", "c", "d"]));
    let base = "/v1beta/models?pageSize=1000";
    let want =
        [base.to_owned(), format!("{base}&pageToken=t%2F2%20%3D"), format!("{base}&pageToken=t3")];
    assert_eq!(asked, want);
}

#[tokio::test]
async fn a_list_without_end_is_given_up() {
    let (status, body, asked) = over_pages(&[r#"{"models":[],"nextPageToken":"again"}"#]).await;
    assert_eq!((status, asked.len()), (500, 100), "{body}");
}

#[tokio::test]
async fn a_page_that_is_no_list_is_an_error() {
    let (status, body, _) = over_pages(&["<html>"]).await;
    assert_eq!(status, 500, "{body}");
    assert!(body["error"]["message"].as_str().unwrap().contains("could not be read"), "{body}");
}

#[tokio::test]
async fn an_alias_reaches_gemini_as_what_it_stands_for() {
    let aliases =
        "gpt-4o=gemini-2.5-pro,claude-*=gemini-2.5-flash-nothinking,vectors=gemini-embedding-001";
    let app = App::builder("key-1").set("models.aliases", aliases).start().await;
    for (target, body) in [
        ("/v1/chat/completions", chat("gpt-4o", "say: hi", false)),
        ("/v1/completions", r#"{"model":"gpt-4o","prompt":"say: hi"}"#.to_owned()),
        ("/v1beta/models/gpt-4o:generateContent", native("say: hi")),
        ("/v1beta/models/gpt-4o%3AgenerateContent", native("say: hi")),
    ] {
        let answer = app.post(target, body).whole().await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let path = app.calls().last().unwrap().path.clone();
        assert_eq!(path, "/v1beta/models/gemini-2.5-pro:generateContent", "{target}");
    }
    let answer =
        app.post("/v1/chat/completions", chat("claude-x-5", "say: hi", false)).whole().await;
    assert_eq!(answer.json()["model"], "claude-x-5");
    let call = app.calls().last().unwrap().clone();
    assert_eq!(call.path, "/v1beta/models/gemini-2.5-flash:generateContent");
    assert!(String::from_utf8_lossy(&call.body).contains(r#""thinkingBudget":0"#));
    let body = r#"{"model":"vectors","input":"hi"}"#;
    assert_eq!(app.post("/v1/embeddings", body).whole().await.status, 200);
    let listed = app.get("/v1/models").whole().await.text();
    assert!(listed.contains(r#""id":"gpt-4o""#) && !listed.contains("claude-*"), "{listed}");
    assert_eq!(app.get("/v1/models/gpt-4o").whole().await.status, 200);
}

#[tokio::test]
async fn an_unknown_model_is_404_unless_another_stands_in_for_it() {
    let app = App::start("key-1").await;
    let ask = |app: &App| app.post("/v1/chat/completions", chat("gpt-9", "say: hi", false));
    assert_eq!(ask(&app).whole().await.status, 404);
    let app = App::builder("key-1").set("models.default", "gemini-2.5-pro").start().await;
    for target in ["gpt-9", "gemini-2.5-flash", "gemini-2.5-flash-search"] {
        let body = chat(target, "say: hi", false);
        assert_eq!(app.post("/v1/chat/completions", body).whole().await.status, 200, "{target}");
    }
    let asked: Vec<_> = app.calls().into_iter().map(|call| call.path).collect();
    let generated: Vec<_> = asked.iter().filter(|path| path.contains(':')).collect();
    let want = ["gemini-2.5-pro", "gemini-2.5-flash", "gemini-2.5-flash"];
    let want = want.map(|model| format!("/v1beta/models/{model}:generateContent"));
    assert_eq!(generated, want.iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn an_unknown_model_can_be_refused_without_asking_for_it() {
    let app = App::builder("key-1").set("models.unknown", "refuse").start().await;
    for _ in 0..2 {
        let answer =
            app.post("/v1/chat/completions", chat("gpt-9", "say: hi", false)).whole().await;
        let error = answer.json()["error"].clone();
        let said = (error["code"].as_str(), error["param"].as_str());
        assert_eq!((answer.status, said), (404, (Some("model_not_found"), Some("model"))));
        assert!(error["message"].as_str().unwrap().contains("`gpt-9`"), "{error}");
    }
    let native_call = "/v1beta/models/gpt-9:generateContent";
    let answer = app.post(native_call, native("say: hi")).whole().await;
    let status = answer.json()["error"]["status"].clone();
    assert_eq!((answer.status, status.as_str()), (404, Some("NOT_FOUND")));
    assert_eq!(app.calls().len(), 1, "one list is all that Gemini was asked for");
    for model in ["gemini-2.5-flash", "gemini-2.5-flash-search"] {
        let body = chat(model, "say: hi", false);
        assert_eq!(app.post("/v1/chat/completions", body).whole().await.status, 200, "{model}");
    }
}

#[tokio::test]
async fn gemini_may_be_asked_about_an_unknown_model_although_there_is_a_default() {
    let app = App::builder("key-1")
        .set("models.default", "gemini-2.5-pro")
        .set("models.unknown", "ask")
        .start()
        .await;
    let answer = app.post("/v1/chat/completions", chat("gpt-9", "say: hi", false)).whole().await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(app.calls()[0].path, "/v1beta/models/gpt-9:generateContent");
}

#[tokio::test]
async fn only_allowed_models_are_asked_and_listed() {
    let aliases = "fast=gemini-2.5-flash-search,slow=gemini-2.5-pro";
    let app = App::builder("key-1")
        .set("models.allowed", "gemini-2.5-flash*,gemini-embedding-001")
        .set("models.aliases", aliases)
        .start()
        .await;
    let allowed = ["gemini-2.5-flash", "gemini-2.5-flash-search", "fast"];
    for model in allowed {
        let body = chat(model, "say: hi", false);
        assert_eq!(app.post("/v1/chat/completions", body).whole().await.status, 200, "{model}");
    }
    let calls = app.calls().len();
    for model in ["gemini-2.5-pro", "slow"] {
        for stream in [false, true] {
            let body = chat(model, "say: hi", stream);
            let answer = app.post("/v1/chat/completions", body).whole().await;
            let error = answer.json()["error"].clone();
            assert_eq!((answer.status, error["param"].as_str()), (403, Some("model")), "{error}");
            assert!(error["message"].as_str().unwrap().contains("gemini-2.5-pro"), "{error}");
        }
    }
    for call in ["generateContent", "streamGenerateContent?alt=sse", "countTokens"] {
        let target = format!("/v1beta/models/gemini-2.5-pro:{call}");
        let answer = app.post(&target, native("say: hi")).whole().await;
        let status = answer.json()["error"]["status"].clone();
        assert_eq!((answer.status, status.as_str()), (403, Some("PERMISSION_DENIED")), "{call}");
    }
    assert_eq!(app.calls().len(), calls, "Gemini was not asked");

    let body = list(&app).await.json();
    let ids = ids(&body);
    assert!(ids.contains(&"gemini-2.5-flash") && ids.contains(&"fast"), "{ids:?}");
    assert!(
        ids.iter().all(|id| id.starts_with("gemini-2.5-flash")
            || ["gemini-embedding-001", "fast"].contains(id))
    );
    assert_eq!(app.get("/v1/models/gemini-2.5-pro").whole().await.status, 404);
    let google = app.get("/v1beta/models?pageSize=1000").whole().await.json();
    let native = google["models"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap());
    let own: Vec<String> =
        ids.iter().filter(|id| **id != "fast").map(|id| format!("models/{id}")).collect();
    assert_eq!(native.collect::<Vec<_>>(), own);
}

#[tokio::test]
async fn the_bytes_of_allowed_models_and_the_rest_of_a_page_stay() {
    const PAGE: &str = r#"{ "models": [ {"name":"models/a", "x":1.0}, {"name":"models/b"},
 {"name" : "models/c","y":[]} ] ,
 "nextPageToken":"t" }"#;
    let names = Names { allowed: vec!["a".to_owned(), "c".to_owned()], ..Names::default() };
    let settings = Settings { names, ..Settings::default() };
    let bare = Bare::with(vec![vec![Ok(Bytes::from(PAGE))]], settings).await;
    let (status, body) = bare.ask("GET", "/v1beta/models", "").await;
    let want = r#"{ "models": [{"name":"models/a", "x":1.0},{"name" : "models/c","y":[]}] ,
 "nextPageToken":"t" }"#;
    assert_eq!((status, body.as_str()), (200, want));
}

#[tokio::test]
async fn a_list_can_be_fetched_before_its_time() {
    let app = builder("key-1").start().await;
    assert_eq!(list(&app).await.status, 200);
    let refresh = ask(&app, Method::POST, "/admin/api/pools/1/models/refresh");
    let refreshed = refresh.whole().await.json();
    assert_eq!(app.calls().len(), 2);
    let count = refreshed["models"].as_array().unwrap().len();
    assert_eq!(ids(&list(&app).await.json()).len(), count);
    assert_eq!(app.calls().len(), 2, "the new one is kept");
    app.gemini().set("key-1", Behaviour::Location);
    assert_ne!(refresh.whole().await.status, 200);
    assert_eq!(list(&app).await.status, 200, "the old one stays");
}

/// Whatever decides about a request is that of the pool which serves it.
#[tokio::test]
async fn each_pool_treats_its_requests_in_its_own_way() {
    let names = Names {
        allowed: vec!["gemini-2.5-pro".to_owned()],
        aliases: vec![("mine".to_owned(), "gemini-2.5-pro".to_owned())],
        ..Names::default()
    };
    let safety = Safety::parse("off").unwrap();
    let own = Settings { names, safety, strict: true, ..Settings::default() };
    let said = r#"{"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]}"#;
    let pieces = vec![vec![Ok(Bytes::from(said))]];
    let bare = Bare::treating(pieces, [Settings::default(), own]).await;
    let ask = async |user: usize, body: &str| {
        bare.ask_as(USERS[user].0, "POST", "/v1/chat/completions", body).await.0
    };
    let flash = chat("gemini-2.5-flash", "hi", false);
    assert_eq!((ask(0, &flash).await, ask(2, &flash).await), (200, 403));
    assert_eq!(ask(2, &chat("mine", "hi", false)).await, 200);
    assert!(bare.asked().last().unwrap().contains("gemini-2.5-pro"), "{:?}", bare.asked());
    let settings = |body: &String| body.contains("safetySettings");
    assert_eq!(bare.sent().iter().map(settings).collect::<Vec<_>>(), [false, true]);
    let odd =
        |model: &str| chat(model, "hi", false).replace("\"stream\"", "\"user\":\"x\",\"stream\"");
    assert_eq!((ask(0, &odd("gemini-2.5-pro")).await, ask(2, &odd("mine")).await), (200, 400));
}
