//! What is withheld where a request does not say.

use pollux_testkit::{App, Face, MODEL, chat, native};
use serde_json::Value;

/// The safety settings of the last call that reached Gemini.
fn asked(app: &App) -> Vec<(String, String)> {
    let call = app.calls().pop().unwrap();
    let body: Value = serde_json::from_slice(&call.body).unwrap();
    let settings = body["safetySettings"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    settings.iter().map(|it| (text(&it["category"]), text(&it["threshold"]))).collect()
}

fn all(threshold: &str) -> Vec<(String, String)> {
    let categories = ["HARASSMENT", "HATE_SPEECH", "SEXUALLY_EXPLICIT", "DANGEROUS_CONTENT"];
    categories.map(|it| (format!("HARM_CATEGORY_{it}"), threshold.to_owned())).into()
}

#[tokio::test]
async fn nothing_is_said_of_safety_unless_it_is_set() {
    let app = App::start("key-1").await;
    for face in Face::ALL {
        assert_eq!(face.ask(&app, "say: hi").whole().await.status, 200);
        assert_eq!(asked(&app), [], "{face:?}");
        if !face.is_chat() {
            assert_eq!(app.calls().pop().unwrap().body, native("say: hi"));
        }
    }
}

#[tokio::test]
async fn a_default_is_for_every_face_and_every_category() {
    let app = App::builder("key-1").set("safety.default", "off").start().await;
    for face in Face::ALL {
        assert_eq!(face.ask(&app, "say: hi").whole().await.status, 200);
        assert_eq!(asked(&app), all("OFF"), "{face:?}");
    }
    let target = format!("/v1beta/models/{MODEL}:countTokens");
    assert_eq!(app.post(&target, native("hi")).whole().await.status, 200);
    assert_eq!(app.calls().pop().unwrap().body, native("hi"), "counting withholds nothing");
}

#[tokio::test]
async fn what_a_request_says_wins() {
    let app = App::builder("key-1").set("safety.default", "none").start().await;
    let own = r#"{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_LOW_AND_ABOVE"}"#;
    let mut want = all("BLOCK_NONE");
    want[0].1 = "BLOCK_LOW_AND_ABOVE".to_owned();
    let google = format!(r#""extra_body":{{"google":{{"safety_settings":[{own}]}}}},"stream""#);
    let body = chat(MODEL, "say: hi", false).replace("\"stream\"", &google);
    assert_eq!(app.post("/v1/chat/completions", body).whole().await.status, 200);
    assert_eq!(asked(&app), want);
    let body = native("say: hi").replacen('{', &format!(r#"{{"safetySettings":[{own}],"#), 1);
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    assert_eq!(app.post(&target, body).whole().await.status, 200);
    assert_eq!(asked(&app), want);
}
