//! The edge proxy's `/monitor`, which was open to all and told whole keys.

use http::Method;
use serde_json::json;

use super::{GOOD, OTHER, builder, chat, fields, no_secret, show};
use crate::admin::ask;

#[tokio::test]
async fn each_view_is_there_and_tells_no_key() {
    let app = builder().start().await;
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let health = show(&app, "/monitor/health").await;
    assert_eq!(health["status"], "healthy");
    let counts =
        json!({"total": 2, "healthy": 2, "rate_limited": 0, "unhealthy": 0, "disabled": 0});
    assert_eq!(health["keys"], counts);
    let keys = show(&app, "/monitor/keys").await;
    assert_eq!((&keys["total"], &keys["keys"][0]["key"]), (&2.into(), &"...0001".into()));
    let streams = show(&app, "/monitor/streams").await;
    assert_eq!(streams["total"], 0);
    let performance = show(&app, "/monitor/performance").await;
    assert_eq!(performance["requests"], 1);
    let full = show(&app, "/monitor/full").await;
    let want = ["errors", "health", "keys", "metrics", "performance", "streams"];
    assert_eq!(fields(&full), want);
}

#[tokio::test]
async fn errors_and_streams_are_of_the_last_requests() {
    let app =
        crate::admin::builder(&format!("{GOOD}=blocked_prompt,{OTHER}=invalid")).start().await;
    let body = json!({"model": "no-such-model", "messages": [{"role": "user", "content": "x"}]});
    let answer = app.post("/v1/chat/completions", body.to_string()).whole().await;
    assert!(answer.status >= 400, "{}", answer.text());
    let errors = show(&app, "/monitor/errors").await;
    assert_eq!(errors["total"], 1, "{errors}");
    assert_eq!(errors["by_status"], json!({answer.status.to_string(): 1}), "{errors}");
    assert_eq!(errors["recent"][0]["status"], answer.status, "{errors}");
    assert!(!errors["recent"][0]["message"].as_str().unwrap().is_empty(), "{errors}");
}

#[tokio::test]
async fn metrics_are_read_by_prometheus_and_tell_no_key() {
    let app = builder().start().await;
    assert_eq!(chat(&app, pollux_testkit::ACCESS_KEY).whole().await.status, 200);
    let text = pollux_testkit::within("the request is counted", async {
        loop {
            let target = "/monitor/metrics?format=prometheus";
            let answer = ask(&app, Method::GET, target).whole().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
            no_secret(&answer);
            if answer.text().contains("\npollux_requests_total 1\n") {
                break answer.text();
            }
        }
    });
    let text = text.await;
    assert!(text.contains("# TYPE pollux_key_attempts_total counter\n"), "{text}");
    assert!(text.contains("pollux_key_attempts_total{key=\"1\",pool=\"1\"} 1\n"), "{text}");
    assert!(text.contains("pollux_key_usable{key=\"2\",pool=\"1\"} 1\n"), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (_, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
    }
    assert_eq!(show(&app, "/monitor/metrics").await["requests"]["total"], 1);
    let other = ask(&app, Method::GET, "/monitor/metrics?format=xml").whole().await;
    assert_eq!(other.status, 400, "{}", other.text());
    assert!(other.json()["error"]["message"].as_str().unwrap().contains("prometheus"));
}
