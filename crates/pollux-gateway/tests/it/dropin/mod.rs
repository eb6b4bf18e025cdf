//! The admin routes of the gateways that Pollux takes the place of: as theirs, less their holes.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

mod door;
mod monitor;
mod panel;
mod pools;
mod worker;

use http::Method;
use pollux_testkit::{App, Builder, MODEL, Request, Whole};
use serde_json::{Value, json};

use crate::admin::{PASSWORD, ask, change};

pub(crate) const GOOD: &str = "good-key-of-the-pool-0001";
pub(crate) const OTHER: &str = "good-key-of-the-pool-0002";

/// An app with two keys, whose admin has a password.
pub(crate) fn builder() -> Builder {
    crate::admin::builder(&format!("{GOOD},{OTHER}"))
}

/// What the admin is shown.
pub(crate) async fn show(app: &App, target: &str) -> Value {
    let answer = ask(app, Method::GET, target).whole().await;
    assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    no_secret(&answer);
    answer.json()
}

/// What comes of a change by the admin.
pub(crate) async fn post(app: &App, target: &str, body: Value) -> Whole {
    change(app, Method::POST, target, body).await
}

/// No Gemini key of an app, and no password, is in an answer.
pub(crate) fn no_secret(answer: &Whole) {
    let text = format!("{:?}{}", answer.headers, answer.text());
    for secret in [GOOD, OTHER, PASSWORD] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The names of an object's fields, in their order.
pub(crate) fn fields(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A chat with an access key.
pub(crate) fn chat(app: &App, secret: &str) -> Request {
    let body = json!({"model": MODEL, "messages": [{"role": "user", "content": "say: hi"}]});
    let request = app.post("/v1/chat/completions", body.to_string()).anonymous();
    request.header("authorization", &format!("Bearer {secret}"))
}

/// A request with the first part of the cookie that an answer sets, among others.
pub(crate) fn with_cookie(app: &App, method: Method, target: &str, answer: &Whole) -> Request {
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    let cookies = format!("theme=dark; {cookie}; last=1");
    app.request(method, target).anonymous().header("cookie", &cookies)
}
