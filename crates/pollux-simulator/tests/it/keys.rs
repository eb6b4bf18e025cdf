//! What keys do: refusals, sequences, empty and withheld answers.

use pollux_simulator::{Behaviour, Script};
use serde_json::Value;

use crate::wire::{ask, exchange, get, post, post_with, read, started};

/// Runs one request under a script in compact form, as key `k`.
async fn check(script: &str, status: u16, pointer: &str, want: &str) -> Value {
    let server = started(script.parse().unwrap()).await;
    let answer = ask(&server, "k", "hi").await;
    assert_eq!(answer.status, status, "{}", answer.text());
    let body = answer.json();
    assert_eq!(body.pointer(pointer).and_then(Value::as_str), Some(want), "{}", answer.text());
    body
}

#[tokio::test]
async fn refusals_carry_googles_reason_and_words() {
    let invalid = "API key not valid. Please pass a valid API key.";
    let expired = "API key expired. Please renew the API key.";
    let leaked = "Your API key was reported as leaked. Please use another API key.";
    let denied = "Your project has been denied access. Please contact support.";
    let bare = "Resource has been exhausted (e.g. check quota).";
    let cases = [
        ("k=invalid", 400, "/error/message", invalid),
        ("k=invalid", 400, "/error/details/0/reason", "API_KEY_INVALID"),
        ("k=invalid", 400, "/error/details/1/message", invalid),
        ("other=ok", 400, "/error/message", invalid),
        ("k=expired", 400, "/error/message", expired),
        ("k=leaked", 403, "/error/message", leaked),
        ("k=unauthenticated", 401, "/error/details/0/reason", "ACCESS_TOKEN_TYPE_UNSUPPORTED"),
        ("k=service_disabled", 403, "/error/details/0/reason", "SERVICE_DISABLED"),
        ("k=project_denied", 403, "/error/message", denied),
        ("k=location", 400, "/error/status", "FAILED_PRECONDITION"),
        ("k=bare_429", 429, "/error/message", bare),
        ("k=overloaded", 503, "/error/status", "UNAVAILABLE"),
        ("k=unavailable", 503, "/error/message", "The service is currently unavailable."),
        ("k=internal", 500, "/error/status", "INTERNAL"),
        ("k=cancelled", 499, "/error/status", "CANCELLED"),
        ("k=deadline", 504, "/error/status", "DEADLINE_EXCEEDED"),
        ("k=bad_signature", 400, "/error/message", "Corrupted thought signature."),
        ("k=account_limited", 200, "/candidates/0/finishReason", "PUP_LIMITED_DISABLED"),
        ("k=safety", 200, "/candidates/0/finishReason", "SAFETY"),
        ("k=blocked_prompt", 200, "/promptFeedback/blockReason", "PROHIBITED_CONTENT"),
        ("k=empty_stop", 200, "/candidates/0/finishReason", "STOP"),
    ];
    for (script, status, pointer, want) in cases {
        check(script, status, pointer, want).await;
    }
}

#[tokio::test]
async fn a_refusal_has_googles_layout() {
    let server = started("k=leaked".parse().unwrap()).await;
    assert_eq!(
        ask(&server, "k", "hi").await.text(),
        "{\n  \"error\": {\n    \"code\": 403,\n    \"message\": \"Your API key was reported as \
         leaked. Please use another API key.\",\n    \"status\": \"PERMISSION_DENIED\"\n  }\n}\n"
    );
}

#[tokio::test]
async fn a_suspended_key_is_echoed_in_three_places() {
    let server = started(Script::new().key("AIzaSecret", Behaviour::Suspended)).await;
    let body = ask(&server, "AIzaSecret", "hi").await;
    assert_eq!(body.status, 403);
    assert_eq!(body.text().matches("api_key:AIzaSecret").count(), 3);
    let container = &body.json()["error"]["details"][0]["metadata"]["containerInfo"];
    assert_eq!(container, "api_key:AIzaSecret");
}

#[tokio::test]
async fn an_empty_answer_has_neither_parts_nor_reason() {
    let body = check("k=empty", 200, "/modelVersion", "gemini-2.5-flash").await;
    assert_eq!(body["candidates"][0]["content"], read("{}"));
    assert!(body["candidates"][0].get("finishReason").is_none());
}

#[tokio::test]
async fn a_bad_gateway_is_a_page() {
    let server = started("k=html_502".parse().unwrap()).await;
    let answer = ask(&server, "k", "hi").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (502, Some("text/html; charset=UTF-8"))
    );
}

#[tokio::test]
async fn a_foreign_file_is_named() {
    let server = started("k=file_not_owned".parse().unwrap()).await;
    let body =
        r#"{"contents":[{"parts":[{"fileData":{"fileUri":"https://x/v1beta/files/abc"}}]}]}"#;
    let answer = post(&server, "/v1beta/models/gemini-2.5-flash:generateContent", body).await;
    assert_eq!(
        answer.json()["error"]["message"],
        "You do not have permission to access the File abc or it may not exist."
    );
}

#[tokio::test]
async fn steps_follow_each_other() {
    let server = started("k=overloaded*2+empty*1+ok".parse().unwrap()).await;
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(ask(&server, "k", "hi").await.status);
    }
    assert_eq!(statuses, [503, 503, 200, 200, 200]);
    let behaviours: Vec<_> = server.simulator.requests().iter().map(|one| one.behaviour).collect();
    assert_eq!(behaviours, ["overloaded", "overloaded", "empty", "ok", "ok"]);
}

#[tokio::test]
async fn a_mistaken_request_does_not_use_up_a_step() {
    let server = started("k=overloaded*1+ok".parse().unwrap()).await;
    let path = "/v1beta/models/gemini-2.5-flash:generateContent";
    assert_eq!(post(&server, path, "{}").await.status, 400);
    assert_eq!(ask(&server, "k", "hi").await.status, 503);
}

#[tokio::test]
async fn a_model_may_have_steps_of_its_own() {
    let server = started("k=ok,k@gemini-2.5-pro=zero_limit".parse().unwrap()).await;
    assert_eq!(ask(&server, "k", "hi").await.status, 200);
    let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
    let answer = post(&server, "/v1beta/models/gemini-2.5-pro:generateContent", body).await;
    assert_eq!(answer.status, 429);
    assert!(answer.text().contains("limit: 0, model: gemini-2.5-pro"));
    assert!(!answer.text().contains("quotaValue"));
}

#[tokio::test]
async fn every_unnamed_key_goes_its_own_way() {
    let server = started("*=overloaded*1+ok".parse().unwrap()).await;
    for key in ["a", "b"] {
        assert_eq!(ask(&server, key, "hi").await.status, 503);
        assert_eq!(ask(&server, key, "hi").await.status, 200);
    }
}

#[tokio::test]
async fn a_key_may_stand_in_the_query() {
    let server = started("k=ok".parse().unwrap()).await;
    let answer = exchange(&server, "GET /v1beta/models?key=k HTTP/1.1", b"").await;
    assert_eq!(answer.status, 200);
    let request = server.simulator.requests().remove(0);
    assert_eq!((request.key.as_deref(), request.query.as_str()), (Some("k"), ""));
    assert_eq!(request.key_places, ["?key="]);
}

#[tokio::test]
async fn no_key_is_an_unregistered_caller() {
    let server = started(Script::open()).await;
    let answer = exchange(&server, "GET /v1beta/models HTTP/1.1", b"").await;
    assert_eq!(answer.status, 403);
    assert!(answer.text().contains("doesn't allow unregistered callers"));
    let path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent";
    let array = exchange(&server, &format!("POST {path} HTTP/1.1"), b"{}").await;
    assert!(array.json()[0]["error"].is_object());
    let head = "GET /v1beta/models HTTP/1.1\r\nauthorization: Bearer k";
    assert_eq!(exchange(&server, head, b"").await.status, 401);
}

#[tokio::test]
async fn a_bad_key_is_refused_before_its_request_is_read() {
    let server = started("k=invalid".parse().unwrap()).await;
    let answer = post_with(&server, "k", "/v1beta/models/nope:generateContent", "nonsense").await;
    assert!(answer.text().contains("API_KEY_INVALID"));
    assert_eq!(get(&server, "/v1beta/models").await.status, 400);
}

#[tokio::test]
async fn a_look_at_what_is_there_has_steps_of_its_own() {
    let server = started("k@models.list=bare_429*1+ok,other=overloaded".parse().unwrap()).await;
    let list = async |key: &str| {
        let head = format!("GET /v1beta/models HTTP/1.1\r\nx-goog-api-key: {key}");
        exchange(&server, &head, b"").await.status
    };
    assert_eq!(ask(&server, "k", "hi").await.status, 200);
    assert_eq!((list("k").await, list("k").await), (429, 200));
    assert_eq!(list("other").await, 200, "what troubles a model troubles no list");
}
