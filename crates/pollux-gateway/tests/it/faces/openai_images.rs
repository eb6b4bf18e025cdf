//! Pictures on the wire: made, changed, refused.
#![expect(clippy::disallowed_methods, reason = "`json!` writes a value out")]

use pollux_testkit::{App, Whole};
use serde_json::{Value, json};

use super::forms::Form;

const MODEL: &str = "gemini-3.1-flash-image";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n--a-boundary\r\n";

async fn draw(app: &App, more: Value) -> Whole {
    let mut body = json!({ "model": MODEL, "prompt": "a cat" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    app.post("/v1/images/generations", body.to_string()).whole().await
}

fn sent(app: &App, at: usize) -> Value {
    serde_json::from_slice(&app.calls()[at].body).unwrap()
}

fn edit() -> Form {
    Form::default().text("model", MODEL).text("prompt", "a hat")
}

#[tokio::test]
async fn a_picture_comes_in_base64_with_what_it_cost() {
    let app = App::start("key-1").await;
    let answer = draw(&app, json!({})).await;
    let body = answer.json();
    assert_eq!(answer.status, 200, "{body}");
    assert!(body["data"][0]["b64_json"].as_str().unwrap().starts_with("iVBORw0KGgo"), "{body}");
    assert!(body["created"].is_i64());
    let usage = &body["usage"];
    let details = &usage["input_tokens_details"];
    assert_eq!(usage["output_tokens"], 1290);
    assert_eq!(details["image_tokens"], 0);
    assert_eq!(details["text_tokens"], usage["input_tokens"]);
    let config = json!({ "responseModalities": ["TEXT", "IMAGE"] });
    assert_eq!(sent(&app, 0)["generationConfig"], config);
    assert_eq!(app.calls()[0].path, format!("/v1beta/models/{MODEL}:generateContent"));
}

#[tokio::test]
async fn as_many_pictures_as_asked_for_take_as_many_calls() {
    let app = App::start("key-1,key-2").await;
    let body = draw(&app, json!({ "n": 7 })).await.json();
    assert_eq!(body["data"].as_array().unwrap().len(), 7, "{body}");
    assert_eq!(body["usage"]["output_tokens"], 7 * 1290);
    assert_eq!(app.calls().len(), 7);
}

#[tokio::test]
async fn size_and_quality_become_a_shape_and_a_size() {
    let app = App::start("key-1").await;
    for (at, (more, want, ignored)) in [
        (json!({ "size": "1536x1024" }), json!({ "aspectRatio": "3:2" }), ""),
        (json!({ "size": "16:9" }), json!({ "aspectRatio": "16:9" }), ""),
        (json!({ "size": "auto" }), Value::Null, ""),
        (json!({ "quality": "high" }), json!({ "imageSize": "2K" }), ""),
        (
            json!({ "size": "4096x4096", "quality": "hd" }),
            json!({ "aspectRatio": "1:1", "imageSize": "4K" }),
            "quality",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = draw(&app, more).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(sent(&app, at)["generationConfig"]["imageConfig"], want);
        assert_eq!(answer.header("x-pollux-ignored"), ignored);
    }
}

#[tokio::test]
async fn a_url_is_a_data_url_and_what_has_no_effect_is_named() {
    let app = App::start("key-1").await;
    let more = json!({
        "response_format": "url", "output_format": "webp", "background": "transparent",
        "style": "vivid", "moderation": "low", "user": "u", "stream": false, "partial_images": 0,
    });
    let answer = draw(&app, more).await;
    let body = answer.json();
    let url = body["data"][0]["url"].as_str().unwrap();
    assert!(url.starts_with("data:image/png;base64,iVBORw0KGgo"), "{url}");
    assert!(body["data"][0].get("b64_json").is_none());
    let ignored = "background, style, moderation, user, output_format";
    let sorted = |list: &str| {
        let mut names: Vec<_> = list.split(", ").map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(sorted(answer.header("x-pollux-ignored")), sorted(ignored));
}

#[tokio::test]
async fn an_edit_sends_the_pictures_and_the_mask_before_the_prompt() {
    let app = App::start("key-1").await;
    let form = edit()
        .file("image[]", ("a.png", "image/png"), PNG)
        .file("image[]", ("b.JPG", "application/octet-stream"), b"jpeg")
        .file("mask", ("m.png", "image/png"), b"mask")
        .text("n", "2")
        .text("size", "1024x1024");
    let answer = form.post(&app, "/v1/images/edits").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()["data"].as_array().unwrap().len(), 2);
    let usage = answer.json()["usage"].clone();
    assert_eq!(usage["input_tokens_details"]["image_tokens"], 2 * 3 * 258, "{usage}");
    let parts = sent(&app, 0)["contents"][0]["parts"].clone();
    let kinds: Vec<_> =
        (0..3).map(|at| parts[at]["inlineData"]["mimeType"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["image/png", "image/jpeg", "image/png"]);
    assert_eq!(parts[0]["inlineData"]["data"], "iVBORw0KGgotLWEtYm91bmRhcnkNCg==");
    assert!(parts[3]["text"].as_str().unwrap().contains("mask"), "{parts}");
    assert_eq!(parts[4]["text"], "a hat");
}

#[tokio::test]
async fn a_picture_that_is_withheld_is_a_clear_refusal() {
    for (script, code, word) in [
        ("key-1=blocked_prompt", json!("content_policy_violation"), "PROHIBITED_CONTENT"),
        ("key-1=safety", json!("content_policy_violation"), "SAFETY"),
    ] {
        let app = App::start(script).await;
        let answer = draw(&app, json!({ "n": 2 })).await;
        let error = answer.json()["error"].clone();
        assert_eq!((answer.status, &error["code"]), (400, &code), "{error}");
        assert!(error["message"].as_str().unwrap().contains(word), "{error}");
    }
    let app = App::start("key-1").await;
    let answer = draw(&app, json!({ "prompt": "say: I would rather not" })).await;
    assert_eq!(answer.status, 400);
    assert!(answer.text().contains("I would rather not"), "{}", answer.text());
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_by_name() {
    let app = App::start("key-1").await;
    for (more, param) in [
        (json!({ "prompt": "" }), "prompt"),
        (json!({ "model": null }), "model"),
        (json!({ "n": 11 }), "n"),
        (json!({ "n": "2" }), "n"),
        (json!({ "size": "7:5" }), "size"),
        (json!({ "quality": "best" }), "quality"),
        (json!({ "response_format": "png" }), "response_format"),
        (json!({ "output_format": "gif" }), "output_format"),
        (json!({ "stream": true }), "stream"),
        (json!({ "partial_images": 2 }), "partial_images"),
    ] {
        let answer = draw(&app, more).await;
        let named = answer.json()["error"]["param"].clone();
        assert_eq!((answer.status, named), (400, json!(param)), "{}", answer.text());
    }
    for (form, param) in [
        (edit(), json!("image")),
        (edit().file("image", ("a.gif", "image/gif"), b"gif"), json!("image")),
        (edit().file("image", ("a.png", ""), b""), json!("image")),
        (edit().file("image", ("a.png", ""), PNG).text("n", "many"), json!("n")),
    ] {
        let answer = form.post(&app, "/v1/images/edits").await;
        let named = answer.json()["error"]["param"].clone();
        assert_eq!((answer.status, named), (400, param), "{}", answer.text());
    }
    let mut many = edit();
    for _ in 0..17 {
        many = many.file("image[]", ("a.png", ""), PNG);
    }
    assert_eq!(many.post(&app, "/v1/images/edits").await.json()["error"]["param"], "image");
    assert!(app.calls().is_empty());
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused() {
    let app = App::start("key-1").await;
    let json = app.post("/v1/images/edits", "{}").whole().await;
    assert_eq!(json.status, 400);
    assert!(json.text().contains("multipart/form-data"), "{}", json.text());
    let cut = app.post("/v1/images/edits", "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n");
    let cut = cut.header("content-type", "multipart/form-data; boundary=x").whole().await;
    assert_eq!(cut.status, 400, "{}", cut.text());
}

#[tokio::test]
async fn aliases_access_and_variations() {
    let app = App::start("key-1").await;
    let body = json!({ "model": MODEL, "prompt": "a cat" }).to_string();
    for prefix in ["", "/v1", "/openai", "/v1beta/openai"] {
        let target = format!("{prefix}/images/generations");
        assert_eq!(app.post(&target, body.clone()).whole().await.status, 200, "{target}");
        let anonymous = app.post(&target, body.clone()).anonymous().whole().await;
        assert_eq!(anonymous.status, 401, "{target}");
    }
    let vary = app.post("/v1/images/variations", "{}").whole().await;
    assert_eq!(vary.status, 404);
    assert!(vary.text().contains("/v1/images/edits"), "{}", vary.text());
    let other = json!({ "model": "gemini-2.5-flash", "prompt": "a cat" }).to_string();
    let other = app.post("/v1/images/generations", other).whole().await;
    assert_eq!(other.status, 400, "a text model draws nothing: {}", other.text());
}
