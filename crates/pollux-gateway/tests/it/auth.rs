//! Whose request it is: credentials wherever clients put them, and none of them upstream.

use pollux_simulator::Exchange;
use pollux_testkit::{ACCESS_KEY, App, Face, MODEL, Request, chat, native};

/// Ways to present a key: a header with a prefix, or a query parameter.
const PLACES: &[(&str, &str)] = &[
    ("authorization", "Bearer "),
    ("authorization", "bearer "),
    ("authorization", ""),
    ("x-api-key", ""),
    ("api-key", ""),
    ("x-goog-api-key", ""),
    ("?", "key"),
    ("?", "apikey"),
];

/// The same question to every face, with `key` in one place.
fn asks(app: &App, (place, how): (&str, &str), key: &str) -> Vec<(Face, Request)> {
    let target = |face: Face| match face {
        Face::Chat | Face::ChatStream => "/v1/chat/completions".to_owned(),
        Face::Native => format!("/v1beta/models/{MODEL}:generateContent"),
        Face::NativeEvents => format!("/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"),
        Face::NativeArray => format!("/v1beta/models/{MODEL}:streamGenerateContent"),
    };
    let ask = |face: Face| {
        let body = match face {
            Face::Chat | Face::ChatStream => chat(MODEL, "say: hello", face.is_stream()),
            Face::Native | Face::NativeEvents | Face::NativeArray => native("say: hello"),
        };
        let target = target(face);
        if place != "?" {
            return app.post(&target, body).anonymous().header(place, &format!("{how}{key}"));
        }
        let joint = if target.contains('?') { '&' } else { '?' };
        app.post(&format!("{target}{joint}{how}={key}"), body).anonymous()
    };
    Face::ALL.into_iter().map(|face| (face, ask(face))).collect()
}

/// The call carries the pool's key in one place, and nothing of the client's.
#[track_caller]
fn check_call(what: &str, call: &Exchange, client: &str) {
    assert_eq!(call.key_places, ["x-goog-api-key"], "{what}");
    assert_eq!(call.key.as_deref(), Some("key-1"), "{what}");
    let sent = format!("{} {} {:?} {:?}", call.path, call.query, call.headers, call.body);
    assert!(!sent.contains(client), "{what}: {sent}");
}

#[tokio::test]
async fn a_key_is_accepted_in_every_place_on_every_face_and_goes_no_further() {
    let app = App::start("key-1").await;
    for place in PLACES {
        for (face, request) in asks(&app, *place, ACCESS_KEY) {
            app.gemini().clear();
            let what = format!("{place:?} on {face:?}");
            let answer = request.whole().await;
            assert_eq!(answer.status, 200, "{what}: {}", answer.text());
            let calls = app.calls();
            let [call] = calls.as_slice() else { panic!("{what}: {calls:?}") };
            check_call(&what, call, ACCESS_KEY);
        }
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused_in_every_dialect_and_asks_nobody() {
    let app = App::start("key-1").await;
    // The pool's own key opens nothing either.
    for wrong in ["sk-somebody-elses-key", "key-1"] {
        for place in PLACES {
            for (face, request) in asks(&app, *place, wrong) {
                let answer = request.whole().await;
                assert_eq!(answer.status, 401, "{wrong} in {place:?} on {face:?}");
                assert!(!face.message(&answer).contains(wrong), "{}", answer.text());
            }
        }
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn without_a_key_nothing_is_served() {
    let app = App::start("key-1").await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").anonymous().whole().await;
        assert_eq!(answer.status, 401, "{face:?}");
        assert!(face.message(&answer).contains("no access key"), "{}", answer.text());
    }
    for target in [
        "/v1/models",
        "/v1/models/gemini-2.5-flash",
        "/v1beta/models",
        "/v1beta/models/gemini-2.5-flash",
        "/v1beta/files",
        "/api/models",
    ] {
        assert_eq!(app.get(target).anonymous().whole().await.status, 401, "{target}");
    }
    let anthropic = app.get("/v1/models").anonymous().header("anthropic-version", "2023-06-01");
    let answer = anthropic.whole().await;
    assert_eq!((answer.status, answer.json()["type"].as_str()), (401, Some("error")));
    assert_eq!(answer.json()["error"]["type"], "authentication_error");
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_request_is_refused_before_its_body_is_read() {
    let app = App::start("key-1").await;
    for face in Face::ALL {
        let request = face.ask(&app, "say: hello").anonymous().announcing(1 << 20);
        assert_eq!(request.send().await.status, 401, "{face:?}");
    }
}

#[tokio::test]
async fn one_good_key_among_bad_ones_is_enough_and_none_of_them_leaves() {
    let app = App::start("key-1").await;
    let target =
        format!("/v1beta/models/{MODEL}:generateContent?key=sk-wrong-1&access_token=ya29.x");
    let request = app
        .post(&target, native("say: hello"))
        .anonymous()
        .header("x-api-key", "sk-wrong-2")
        .header("x-goog-api-key", ACCESS_KEY)
        .header("x-goog-user-project", "project-of-the-client")
        .header("cookie", "session=secret-1");
    assert_eq!(request.whole().await.status, 200);
    let calls = app.calls();
    for secret in [ACCESS_KEY, "sk-wrong", "ya29", "project-of-the-client", "secret-1"] {
        check_call("many credentials", &calls[0], secret);
    }
}

#[tokio::test]
async fn a_key_that_is_percent_encoded_in_a_query_is_the_same_key() {
    let app = App::builder("key-1").set("access_key", "sk-with+plus/slash").start().await;
    let target = format!("/v1beta/models/{MODEL}:generateContent?key=sk-with%2Bplus%2Fslash");
    let answer = app.post(&target, native("say: hello")).anonymous().whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}
