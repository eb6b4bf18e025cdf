//! What belongs to one project: made with one key, and used with no other whatever comes between.

mod downloads;
mod files;
mod interactions;
mod lists;
mod projects;
mod raw;
mod resources;
mod uploads;

use http::Method;
use pollux_testkit::{App, MODEL, Whole, native};
use serde_json::Value;

/// Four projects that take turns.
const SCRIPT: &str = "key-1,key-2,key-3,key-4";

async fn app() -> App {
    App::start(SCRIPT).await
}

/// Uploads a small file in one request, and returns how it is shown.
async fn upload(app: &App, text: &str) -> Value {
    let request = app
        .post("/upload/v1beta/files", text.to_owned())
        .header("x-goog-upload-protocol", "raw")
        .header("content-type", "text/plain");
    let answer = request.whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["file"].clone()
}

fn name(view: &Value) -> String {
    view["name"].as_str().unwrap().to_owned()
}

/// A prompt about a file.
fn about(uri: &str) -> String {
    let uri = Value::from(uri);
    format!(
        r#"{{"contents":[{{"parts":[{{"fileData":{{"fileUri":{uri},"mimeType":"text/plain"}}}},{{"text":"say: ok"}}]}}]}}"#
    )
}

fn generate() -> String {
    format!("/v1beta/models/{MODEL}:generateContent")
}

/// Moves the turn on, so that the next free choice is another key.
async fn turn(app: &App) {
    assert_eq!(app.post(&generate(), native("say: hi")).whole().await.status, 200);
}

/// The key of the last request that reached Gemini.
fn last_key(app: &App) -> String {
    app.asked().pop().unwrap()
}

/// Asks several times with the turn moving on between, and checks that `owner` answers each.
async fn stays(app: &App, owner: &str, method: Method, target: &str, body: &str) -> Whole {
    let mut last = None;
    for _ in 0..5 {
        turn(app).await;
        let request = app.request(method.clone(), target).body(body.to_owned());
        let answer = request.header("content-type", "application/json").whole().await;
        assert_eq!(answer.status, 200, "{method} {target}: {}", answer.text());
        assert_eq!(last_key(app), owner, "{method} {target}");
        last = Some(answer);
    }
    last.unwrap()
}
