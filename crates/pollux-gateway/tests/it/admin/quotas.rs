//! What projects have used as the admin sees it, and when models will be out of requests.

use std::{fs, time::Duration};

use http::Method;
use pollux_testkit::{App, Face, MODEL, OTHER_MODEL, native};
use serde_json::Value;

use super::{ask, builder, message, show};

async fn use_up(app: &App, model: &str, times: usize) {
    for _ in 0..times {
        Face::Chat.ask_model(app, model, "say: hello").whole().await;
    }
}

fn find<'a>(page: &'a Value, list: &str, field: &str, value: &str) -> &'a Value {
    let list = page[list].as_array().unwrap();
    list.iter().find(|it| it[field] == value).unwrap_or_else(|| panic!("{page}"))
}

#[tokio::test]
async fn a_quota_is_shown_with_its_limit_its_use_and_who_said_so() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pollux.toml");
    fs::write(&path, "[[keys]]\nkey = \"key-1\"\nproject = \"team a\"\n").unwrap();
    let app = builder("key-1=quota:rpd=3").file(&path).set("pool.max_wait", "0s").start().await;
    use_up(&app, MODEL, 4).await;
    app.clock.advance(Duration::from_mins(5));
    let page = show(&app, "/admin/api/quotas").await;
    let quota = find(&page, "quotas", "project", "team a");
    let midnight = r#"{"utc":"2026-01-21T08:00:00Z","pacific":"2026-01-21T00:00:00-08:00"}"#;
    let (input, all) = (&quota["day"]["input_tokens"], &quota["day"]["tokens"]);
    let want = format!(
        r#"{{"pool":1,"project":"team a","model":"{MODEL}",
        "held":{{"reason":"exhausted","window":"day","until":"2026-01-21T08:00:00Z"}},
        "meters":[{{"unit":"requests","window":"day","limit":3,"used":3,"source":"learned",
                    "learned_at":"2026-01-20T20:00:00Z","resets_at":{midnight}}}],
        "minute":{{"requests":0,"input_tokens":0,"tokens":0}},
        "day":{{"requests":3,"input_tokens":{input},"tokens":{all}}},"day_ends_at":{midnight}}}"#
    );
    assert_eq!(*quota, serde_json::from_str::<Value>(&want).unwrap());
    assert!(quota["day"]["input_tokens"].as_u64().unwrap() > 0, "{quota}");
    app.clock.advance(Duration::from_hours(12));
    let page = show(&app, "/admin/api/quotas").await;
    let quota = &page["quotas"][0];
    assert_eq!((&quota["held"], &quota["meters"][0]["used"]), (&Value::Null, &0.into()));
}

/// What Google calls the project of the first key.
async fn consumer(app: &App) -> String {
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    let answer = app.past_the_gateway("key-1", &target, native("hi")).whole().await;
    let details = answer.json()["error"]["details"].clone();
    let mut details = details.as_array().unwrap().iter();
    let number = details.find_map(|it| it["metadata"]["consumer"].as_str()).unwrap();
    number.strip_prefix("projects/").unwrap().to_owned()
}

#[tokio::test]
async fn a_project_that_only_google_named_is_never_shown_by_its_number() {
    let script = "key-1=quota:rpm=1:tells=consumer:project=one,key-2=quota:rpm=1:project=two,\
                  key-3=quota:rpm=1:tells=consumer:project=one";
    let app = builder(script).set("pool.max_wait", "0s").start().await;
    use_up(&app, MODEL, 6).await;
    let page = show(&app, "/admin/api/quotas").await;
    let projects: Vec<&str> = page["quotas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["project"].as_str().unwrap())
        .collect();
    let [masked, "key-2"] = projects[..] else { panic!("{projects:?}") };
    let digits = masked.strip_prefix("consumer-").unwrap();
    assert!(digits.len() == 6, "{masked}");
    let number = consumer(&app).await;
    assert!(number.len() > 5 && !page.to_string().contains(&number), "{page}");
    let keys = show(&app, "/admin/api/keys").await;
    let shown = [0, 1, 2].map(|at| keys["keys"][at]["project"].clone());
    assert_eq!(shown, [masked.into(), Value::Null, masked.into()], "{keys}");
}

#[tokio::test]
async fn quotas_are_found_by_model_and_project_and_come_in_pages() {
    let app = builder("key-1,key-2,key-3").start().await;
    use_up(&app, MODEL, 3).await;
    use_up(&app, OTHER_MODEL, 3).await;
    let list = async |query: &str| {
        let page = show(&app, &format!("/admin/api/quotas{query}")).await;
        let names = page["quotas"].as_array().unwrap().iter().map(|it| {
            format!("{} {}", it["project"].as_str().unwrap(), it["model"].as_str().unwrap())
        });
        (page["total"].as_u64().unwrap(), names.collect::<Vec<_>>())
    };
    let name = |key: u8, model: &str| format!("key-{key} {model}");
    assert_eq!(list("").await.0, 6);
    assert_eq!(list("?project=key-2").await.1, [name(2, MODEL), name(2, OTHER_MODEL)]);
    let query = format!("?model={OTHER_MODEL}&page=2&page_size=2");
    assert_eq!(list(&query).await, (3, vec![name(3, OTHER_MODEL)]));
    assert_eq!(list("?model=gemini-0").await, (0, vec![]));
    let answer = ask(&app, Method::GET, "/admin/api/quotas?modell=x").whole().await;
    assert_eq!(answer.status, 400);
    assert!(
        message(&answer).contains("`model`, `project`, `page`, `page_size`"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn the_end_of_a_days_requests_is_foretold() {
    let app = builder("key-1=quota:rpd=3").set("pool.max_wait", "0s").start().await;
    use_up(&app, MODEL, 4).await;
    use_up(&app, OTHER_MODEL, 1).await;
    let page = show(&app, "/admin/api/forecasts").await;
    assert_eq!(page["forecasts"].as_array().unwrap().len(), 1, "of the other no limit is known");
    let forecast = find(&page, "forecasts", "model", MODEL);
    assert_eq!((&forecast["pool"], &forecast["left"]), (&1.into(), &0.into()));
    assert_eq!(forecast["runs_out_at"]["utc"], "2026-01-20T20:00:00Z");
    assert_eq!(forecast["day_ends_at"]["pacific"], "2026-01-21T00:00:00-08:00");
    let text = forecast["text"].as_str().unwrap();
    assert_eq!(text, format!("pool-1 is out of requests per day for {MODEL} until 08:00 UTC"));
    app.clock.advance(Duration::from_hours(12));
    use_up(&app, MODEL, 2).await;
    let page = show(&app, "/admin/api/forecasts").await;
    let forecast = find(&page, "forecasts", "model", MODEL);
    assert_eq!(forecast["left"], 1, "{forecast}");
    // Two in no time: one more is used within minutes.
    let at = forecast["runs_out_at"]["utc"].as_str().unwrap();
    assert!(at.starts_with("2026-01-21T08:0") || at.starts_with("2026-01-21T08:1"), "{forecast}");
    assert_eq!(
        show(&app, "/admin/api/forecasts?model=gemini-0").await["forecasts"].to_string(),
        "[]"
    );
}

#[tokio::test]
async fn a_model_that_is_on_no_tier_has_no_forecast() {
    let app = builder("key-1=zero_limit").start().await;
    use_up(&app, MODEL, 1).await;
    assert_eq!(show(&app, "/admin/api/forecasts").await["forecasts"].to_string(), "[]");
    let page = show(&app, "/admin/api/quotas").await;
    assert_eq!(page["quotas"][0]["held"]["reason"], "unserved", "{page}");
}
