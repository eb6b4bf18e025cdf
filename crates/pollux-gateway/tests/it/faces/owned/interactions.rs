//! Interactions: passed byte by byte, with their own errors and their own account.

use http::Method;
use pollux_store::usage::Group;
use pollux_testkit::{App, within};
use tokio::io::AsyncWriteExt as _;

use super::{app, last_key, raw::Raw, stays, turn};

fn body(more: &str) -> String {
    format!(r#"{{"model":"gemini-3.5-flash","input":"say: one two three"{more}}}"#)
}

#[tokio::test]
async fn an_interaction_goes_on_with_the_key_that_began_it() {
    let app = app().await;
    for stream in [false, true] {
        turn(&app).await;
        let begun =
            app.post("/v1/interactions", body(&format!(r#","stream":{stream}"#))).whole().await;
        assert_eq!(begun.status, 200, "{}", begun.text());
        let owner = last_key(&app);
        let text = begun.text();
        let id = text.split('"').find(|word| word.starts_with("v1_")).unwrap();
        let target = format!("/v1beta/interactions/{id}");
        stays(&app, &owner, Method::GET, &target, "").await;
        let again = stays(&app, &owner, Method::GET, &format!("{target}?stream=true"), "").await;
        assert!(again.text().starts_with("event: interaction.created\n"), "{}", again.text());
        for field in ["previous_interaction_id", "previousInteractionId"] {
            let next = body(&format!(r#","{field}":"{id}""#));
            let next = stays(&app, &owner, Method::POST, "/v1beta/interactions", &next).await;
            assert_eq!(next.json()["status"], "completed");
        }
        stays(&app, &owner, Method::POST, &format!("{target}/cancel"), "").await;
        turn(&app).await;
        assert_eq!(app.request(Method::DELETE, &target).whole().await.status, 200);
        assert_eq!(last_key(&app), owner);
        let gone = app.get(&target).whole().await;
        assert_eq!((gone.status, &gone.json()["error"]["code"]), (404, &"not_found".into()));
    }
}

#[tokio::test]
async fn a_stream_passes_as_it_came() {
    let app = App::start("key-1").await;
    let request = body(r#","stream":true"#);
    let answer = app.post("/v1beta/interactions", request.clone()).whole().await;
    let want = app.past_the_gateway("key-1", "/v1beta/interactions", request).whole().await;
    // Only the id is another one.
    let id = |text: &str| text.split('"').find(|word| word.starts_with("v1_")).unwrap().to_owned();
    let (got, want_text) = (answer.text(), want.text());
    assert_eq!(got.replace(&id(&got), "ID"), want_text.replace(&id(&want_text), "ID"));
    assert_eq!(answer.header("content-type"), want.header("content-type"));
    assert!(got.ends_with("data: [DONE]\n\n"), "{got}");
}

#[tokio::test]
async fn what_an_interaction_used_is_accounted() {
    let app = App::start("key-1").await;
    app.post("/v1beta/interactions", body("")).whole().await;
    app.post("/v1beta/interactions", body(r#","stream":true"#)).whole().await;
    let usage = app.stop().await.usage(Group::Model).await;
    let [total] = usage.as_slice() else { panic!("{usage:?}") };
    assert_eq!(total.model.as_ref().map(ToString::to_string).as_deref(), Some("gemini-3.5-flash"));
    let counts = total.counts;
    assert_eq!((counts.requests, counts.failures), (2, 0));
    assert_eq!((counts.prompt_tokens, counts.output_tokens, counts.thought_tokens), (14, 8, 10));
}

#[tokio::test]
async fn a_refusal_passes_in_its_own_shape() {
    let app = app().await;
    let answer = app.post("/v1beta/interactions", r#"{"input":"x"}"#).whole().await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.json()["error"]["code"], "invalid_request", "{}", answer.text());
    assert_eq!(app.asked().len(), 1);
}

#[tokio::test]
async fn a_cut_stream_ends_with_an_error_event_and_no_half_event_before_it() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-1").await;
    let request = app.post("/v1beta/interactions", body(r#","stream":true"#));
    let created = "event: interaction.created\ndata: {\"interaction\":{\"id\":\"v1_x\",\"object\":\
        \"interaction\"},\"event_type\":\"interaction.created\"}\n\n";
    let upstream = async {
        let (mut stream, _) = gemini.until("\"stream\":true}").await;
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\
             content-length: 5000\r\n\r\n{created}event: step.delta\ndata: {{\"ind"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    };
    let both = async { tokio::join!(request.whole(), upstream) };
    let (answer, ()) = within("a cut stream", both).await;
    let text = answer.text();
    let rest = text.strip_prefix(created).unwrap_or_else(|| panic!("{text}"));
    let data = rest.strip_prefix("event: error\ndata: ").and_then(|rest| rest.strip_suffix("\n\n"));
    let event: serde_json::Value = serde_json::from_str(data.unwrap()).unwrap();
    assert_eq!(
        (&event["event_type"], &event["error"]["code"]),
        (&"error".into(), &"unavailable".into())
    );
}

#[tokio::test]
async fn an_error_before_the_first_event_is_mended_with_another_key() {
    let app = App::start("key-1=suspended,key-2").await;
    let answer = app.post("/v1beta/interactions", body(r#","stream":true"#)).whole().await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "2"));
    assert!(answer.text().starts_with("event: interaction.created\n"));
}
