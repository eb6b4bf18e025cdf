//! The native face: Gemini's own bytes in both directions, whatever they say.

use http::Method;
use pollux_simulator::Exchange;
use pollux_testkit::{ACCESS_KEY, App, Face, MODEL, Whole, native};

/// A body with fields that nobody knows, odd spacing, and characters that parsers like to change.
const ODD: &str = "{ \"contents\" : [{\"parts\":[{\"text\":\"say: hi\"}], \"x\":1.0}],\n\t\"unknownField\": \
    {\"a\":[1e3,0.10,\"\\u00e9\u{2028}\\/\"]}, \"n\": 12345678901234567890, \"n\": 2 }";

async fn lenient() -> App {
    App::builder("key-1").script(|script| script.strict(false)).start().await
}

/// Asks through the gateway; returns the answer and the one call that it took.
async fn through(app: &App, target: &str, body: &str) -> (Whole, Exchange) {
    app.gemini().clear();
    let answer = app.post(target, body.to_owned()).whole().await;
    let mut calls = app.calls();
    assert_eq!(calls.len(), 1, "{target}: {} {}", answer.status, answer.text());
    (answer, calls.swap_remove(0))
}

#[tokio::test]
async fn the_clients_bytes_reach_gemini_as_they_are() {
    let app = lenient().await;
    for call in
        ["generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse", "countTokens"]
    {
        let target = format!("/v1beta/models/{MODEL}:{call}");
        let (answer, call) = through(&app, &target, ODD).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        assert_eq!(std::str::from_utf8(&call.body), Ok(ODD), "{target}");
    }
}

#[tokio::test]
async fn geminis_bytes_reach_the_client_as_they_are() {
    let app = App::start("key-1").await;
    let embedding = "gemini-embedding-001";
    let embed = r#"{"content":{"parts":[{"text":"hi"}]}}"#;
    let batch = r#"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"hi"}]}}]}"#;
    let prompt = native("say: one <two> & \u{1f600}");
    for (model, call, body) in [
        (MODEL, "generateContent", prompt.as_str()),
        ("gemini-3.5-flash", "generateContent", &prompt),
        ("gemini-3.5-flash", "streamGenerateContent", &prompt),
        ("gemini-3.5-flash", "streamGenerateContent?alt=sse", &prompt),
        (MODEL, "countTokens", &prompt),
        (embedding, "embedContent", embed),
        (embedding, "batchEmbedContents", batch),
        (MODEL, "generateContent", "{"),
        (MODEL, "streamGenerateContent", r#"{"bogus":1}"#),
        ("gemini-0", "generateContent", "{}"),
        (MODEL, "embedContent", embed),
    ] {
        let target = format!("/v1beta/models/{model}:{call}");
        let (answer, _) = through(&app, &target, body).await;
        let want = app.past_the_gateway("key-1", &target, body.to_owned()).whole().await;
        assert_eq!((answer.status, answer.text()), (want.status, want.text()), "{target}");
        assert_eq!(answer.header("content-type"), want.header("content-type"), "{target}");
        if answer.status == 200 {
            for name in ["x-gemini-service-tier", "server-timing", "x-content-type-options"] {
                assert_eq!(answer.header(name), want.header(name), "{target}: {name}");
            }
        }
    }
}

#[tokio::test]
async fn alt_sse_on_a_whole_answer_is_framed_as_gemini_frames_it() {
    let app = App::start("key-1").await;
    let target = format!("/v1beta/models/{MODEL}:generateContent?alt=sse");
    let (answer, _) = through(&app, &target, &native("say: hi")).await;
    let want = app.past_the_gateway("key-1", &target, native("say: hi")).whole().await;
    assert_eq!((answer.status, answer.text()), (want.status, want.text()));
    assert_eq!(answer.header("content-type"), want.header("content-type"));
}

#[tokio::test]
async fn the_version_in_the_path_is_the_clients() {
    let app = App::start("key-1").await;
    for version in ["v1", "v1beta", "v1alpha"] {
        let target = format!("/{version}/models/{MODEL}:generateContent");
        let (answer, call) = through(&app, &target, &native("say: hi")).await;
        assert_eq!((answer.status, call.path), (200, target));
    }
}

#[tokio::test]
async fn the_query_goes_on_without_its_credentials() {
    let app = App::start("key-1").await;
    for (query, want) in [
        ("", ""),
        ("$alt=json;enum-encoding=int", "$alt=json;enum-encoding=int"),
        ("%24alt=json%3Benum-encoding%3Dint", "%24alt=json%3Benum-encoding%3Dint"),
        ("prettyPrint=false&fields=a,b(c)", "prettyPrint=false&fields=a,b(c)"),
        ("a=%20+&key=sk-access-key-of-the-test&b", "a=%20+&b"),
        ("k%65y=x&apikey=y&access_token=z&oauth_token=w&x=1", "x=1"),
    ] {
        let target = format!("/v1beta/models/{MODEL}:generateContent?{query}");
        let (answer, call) = through(&app, &target, &native("say: hi")).await;
        assert_eq!((answer.status, call.query.as_str()), (200, want), "{query}");
    }
}

#[tokio::test]
async fn paths_that_people_paste_lead_to_the_same_place() {
    let app = App::start("key-1").await;
    let plain = format!("/v1beta/models/{MODEL}:generateContent");
    for target in [
        format!("/v1beta/models/{MODEL}%3AgenerateContent"),
        format!("/v1beta/models/{MODEL}%3agenerateContent"),
        format!("//v1beta//models/{MODEL}:generateContent"),
        format!("/gemini/v1beta/models/{MODEL}:generateContent"),
        format!("/v1/v1beta/models/{MODEL}:generateContent"),
        format!("/v1beta/v1beta/models/{MODEL}:generateContent"),
        format!("/models/{MODEL}:generateContent"),
    ] {
        let (answer, call) = through(&app, &target, &native("say: hi")).await;
        let body = answer.text();
        assert_eq!(
            (answer.status, Face::Native.text(&body)),
            (200, "hi".to_owned()),
            "{target}: {body}"
        );
        let path = call.path.replace("%3A", ":").replace("%3a", ":");
        assert_eq!(path, plain, "{target}");
    }
}

#[tokio::test]
async fn methods_and_names_that_are_unknown_here_are_passed_on() {
    let app = App::start("key-1").await;
    for target in [
        "/v1beta/models/gemini-2.5-flash:inventedLater",
        "/v1beta/models/veo-3.1-generate-preview:predictLongRunning",
        "/v1beta/tunedModels/mine-1:generateContent",
        "/v1beta/dynamic/mine-1:generateContent",
        "/v1/models/a/deeper/name:generateContent",
    ] {
        let (answer, call) = through(&app, target, "{\"x\" :1}").await;
        let want = app.past_the_gateway("key-1", target, "{\"x\" :1}").whole().await;
        assert_eq!((answer.status, call.path.as_str()), (want.status, target));
        assert_eq!(&call.body[..], b"{\"x\" :1}", "{target}");
    }
}

#[tokio::test]
async fn headers_that_google_reads_go_on_and_the_others_stay() {
    let app = App::start("key-1").await;
    let target = format!("/v1beta/models/{MODEL}:generateContent");
    let request = app
        .post(&target, native("say: hi"))
        .header("user-agent", "google-genai-sdk/2.1 gl-node/22")
        .header("x-goog-api-client", "google-genai-sdk/2.1")
        .header("x-server-timeout", "30")
        .header("x-forwarded-for", "192.0.2.7")
        .header("cookie", "a=b")
        .header("origin", "https://page.example")
        .header("x-stainless-os", "Linux");
    assert_eq!(request.whole().await.status, 200);
    let calls = app.calls();
    let header = |name: &str| {
        let mut found = calls[0].headers.iter().filter(|(it, _)| it == name);
        (found.next().map(|(_, value)| value.as_str()), found.count())
    };
    for (name, value) in [
        ("user-agent", "google-genai-sdk/2.1 gl-node/22"),
        ("x-goog-api-client", "google-genai-sdk/2.1"),
        ("x-server-timeout", "30"),
        ("content-type", "application/json"),
    ] {
        assert_eq!(header(name), (Some(value), 0), "{name}");
    }
    for name in ["x-forwarded-for", "cookie", "origin", "x-stainless-os", "authorization"] {
        assert_eq!(header(name), (None, 0), "{name}");
    }
    assert_ne!(header("host").0, Some("pollux.test"), "the host is Gemini's own");
}

#[tokio::test]
async fn lists_and_single_models_pass_too() {
    let app = App::start("key-1").await;
    for target in [
        "/v1beta/models",
        "/v1beta/models?pageSize=3",
        "/v1alpha/models?pageSize=2&pageToken=bW9kZWxzOjI",
        "/v1beta/models/gemini-2.5-flash",
        "/v1beta/models/gemini-0",
    ] {
        app.gemini().clear();
        let answer = app.get(target).whole().await;
        let calls = app.calls();
        assert_eq!(calls.len(), 1, "{target}: {}", answer.text());
        let asked = format!("{}?{}", calls[0].path, calls[0].query);
        assert_eq!(asked.trim_end_matches('?'), target);
        assert_eq!(calls[0].method, "GET");
        assert!(answer.text().contains("models/"), "{target}: {}", answer.text());
    }
    let paged = app.get("/v1beta/models?pageSize=3").whole().await.json();
    assert_eq!(paged["models"].as_array().map(Vec::len), Some(3));
    assert!(paged["nextPageToken"].is_string());
}

#[tokio::test]
async fn a_method_without_a_body_stays_without_one() {
    let app = App::start("key-1").await;
    app.request(Method::DELETE, "/v1beta/tunedModels/mine-1").whole().await;
    let calls = app.calls();
    assert_eq!((calls[0].method.as_str(), calls[0].body.len()), ("DELETE", 0));
}

#[tokio::test]
async fn googles_official_client_finds_its_way_with_its_own_header() {
    let app = App::start("key-1").await;
    for face in [Face::Native, Face::NativeEvents] {
        let request = face.ask(&app, "say: hi").anonymous().header("x-goog-api-key", ACCESS_KEY);
        let answer = request.whole().await;
        assert_eq!(face.text(&answer.text()), "hi", "{face:?}: {}", answer.text());
    }
}
