//! The simulator told what to do while it runs, and asked what it saw.

use pollux_simulator::{Behaviour, Script};
use serde_json::Value;

use crate::wire::{Answer, ask, exchange, read, started};

async fn control(
    server: &pollux_simulator::Running,
    method: &str,
    path: &str,
    body: &str,
) -> Answer {
    exchange(server, &format!("{method} /_simulator/{path} HTTP/1.1"), body.as_bytes()).await
}

#[tokio::test]
async fn requests_are_told_in_order_with_their_answers() {
    let server = started("k=ok,b=invalid".parse().unwrap()).await;
    ask(&server, "k", "first").await;
    ask(&server, "b", "second").await;
    let log = control(&server, "GET", "requests", "").await.json();
    let told = |at: usize, name: &str| log["requests"][at][name].clone();
    assert_eq!((told(0, "number"), told(1, "number")), (1.into(), 2.into()));
    assert_eq!((told(0, "key"), told(1, "key")), ("k".into(), "b".into()));
    assert_eq!((told(0, "status"), told(1, "status")), (200.into(), 400.into()));
    assert_eq!(told(1, "behaviour"), "invalid");
    assert_eq!(told(0, "path"), "/v1beta/models/gemini-2.5-flash:generateContent");
    assert!(told(0, "body").as_str().unwrap().contains("first"));
    assert_eq!(told(0, "headers")["host"], "test");
    assert_eq!(told(0, "headers").get("x-goog-api-key"), None);
}

#[tokio::test]
async fn the_summary_counts_by_key_behaviour_and_status() {
    let server = started("k=overloaded*1+ok".parse().unwrap()).await;
    for _ in 0..3 {
        ask(&server, "k", "hi").await;
    }
    let summary = control(&server, "GET", "summary", "").await.json();
    let key = &summary["keys"]["k"];
    assert_eq!((&summary["calls"], &key["calls"]), (&3.into(), &Value::from(3)));
    assert_eq!(key["behaviours"], read(r#"{"ok": 2, "overloaded": 1}"#));
    assert_eq!(key["statuses"], read(r#"{"200": 2, "503": 1}"#));
}

#[tokio::test]
async fn the_log_is_bounded_and_the_counts_are_not() {
    let server = started(Script::open().log_capacity(2)).await;
    for _ in 0..3 {
        ask(&server, "k", "hi").await;
    }
    let numbers: Vec<_> = server.simulator.requests().iter().map(|one| one.number).collect();
    assert_eq!((numbers, server.simulator.calls("k")), (vec![2, 3], 3));
    let off = started(Script::open().log_capacity(0)).await;
    ask(&off, "k", "hi").await;
    assert_eq!((off.simulator.requests().len(), off.simulator.calls("k")), (0, 1));
}

#[tokio::test]
async fn what_is_deleted_is_forgotten() {
    let server = started(Script::open()).await;
    ask(&server, "k", "hi").await;
    assert_eq!(control(&server, "DELETE", "requests", "").await.status, 200);
    assert_eq!((server.simulator.requests().len(), server.simulator.calls("k")), (0, 0));
}

#[tokio::test]
async fn a_key_changes_while_the_simulator_runs() {
    let server = started("k=ok".parse().unwrap()).await;
    for (body, status) in [("invalid", 400), (r#"["overloaded*1", "ok"]"#, 503)] {
        assert_eq!(control(&server, "PUT", "keys/k", body).await.status, 200);
        assert_eq!(ask(&server, "k", "hi").await.status, status);
    }
    assert_eq!(control(&server, "PUT", "keys/k", "nope").await.status, 400);
    server.simulator.set("k", Behaviour::Leaked);
    assert_eq!(ask(&server, "k", "hi").await.status, 403);
}

#[tokio::test]
async fn a_script_replaces_another() {
    let server = started("k=invalid".parse().unwrap()).await;
    let script = r#"{"keys": {"k": {"project": "p", "steps": "ok",
        "models": {"gemini-2.5-pro": "zero_limit"}}}, "answer": "fixed", "chunking": {"bytes": 3}}"#;
    assert_eq!(control(&server, "PUT", "script", script).await.status, 200);
    assert!(ask(&server, "k", "hi").await.text().contains("\"fixed\""));
    assert_eq!(server.simulator.requests()[0].project.as_deref(), Some("p"));
    let broken = control(&server, "PUT", "script", r#"{"keys": {"k": "nope"}}"#).await;
    assert_eq!(broken.status, 400);
    assert!(broken.text().contains("no behaviour is called"));
}

#[tokio::test]
async fn a_recording_in_a_script_is_replayed_in_its_bytes() {
    let server = started(Script::open()).await;
    let script = r#"{"keys": {"k": [{"replay": {"response": {"status": 418,
        "headers": {"content-type": "text/plain"}, "text": "tea\r\n"}}, "times": 1}, "ok"]}}"#;
    assert_eq!(control(&server, "PUT", "script", script).await.status, 200);
    let answer = ask(&server, "k", "hi").await;
    assert_eq!((answer.status, answer.text().as_str()), (418, "tea\r\n"));
    assert_eq!(ask(&server, "k", "hi").await.status, 200);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let server = started(Script::open()).await;
    assert_eq!(control(&server, "GET", "nothing", "").await.status, 404);
}
