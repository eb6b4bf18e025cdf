//! The admin API: who is let in, and what is shown.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

mod access;
mod admins;
mod costs;
mod edits;
mod history;
mod keys;
mod models;
mod openapi;
mod pools;
mod quotas;
mod requests;
mod server;
mod settings;
mod stats;
mod transfer;
mod users;

use http::Method;
use pollux_testkit::{App, Builder, Request, Whole};
use serde_json::Value;

pub(crate) const PASSWORD: &str = "of-the-admin-alone";

/// An app whose admin API is open.
pub(crate) fn builder(script: &str) -> Builder {
    App::builder(script).set("admin_password", PASSWORD)
}

/// A request of the admin's.
pub(crate) fn ask(app: &App, method: Method, target: &str) -> Request {
    app.request(method, target).header("authorization", &format!("Bearer {PASSWORD}"))
}

/// A change of the admin's.
pub(crate) async fn change(app: &App, method: Method, target: &str, body: Value) -> Whole {
    ask(app, method, target).body(body.to_string()).whole().await
}

/// What the admin is shown.
pub(crate) async fn show(app: &App, target: &str) -> Value {
    let answer = ask(app, Method::GET, target).whole().await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json", "{target}");
    answer.json()
}

/// The message of an error in Google's shape.
pub(crate) fn message(answer: &Whole) -> String {
    let error = &answer.json()["error"];
    assert_eq!(error["code"], answer.status, "{}", answer.text());
    error["message"].as_str().unwrap_or_default().to_owned()
}
