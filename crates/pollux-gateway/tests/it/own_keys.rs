//! Clients that bring Gemini keys of their own.

use http::Method;
use pollux_pool::health::Health;
use pollux_simulator::Behaviour;
use pollux_testkit::{App, Face, MODEL, Request, chat};

const OWN: &str = "AIzaSy-own-key-number-1";
const OTHER: &str = "AQ.own-key-number-2";
const POOLS: &str = "key-of-the-pool";

/// An app that lets strangers pass, over a Gemini that knows every key.
async fn app() -> App {
    App::builder(&format!("{POOLS},*=ok")).set("pass_through", "true").start().await
}

/// A request with another credential.
fn with(request: Request, credential: &str) -> Request {
    request.anonymous().header("x-api-key", credential)
}

async fn ask(app: &App, credential: &str) -> pollux_testkit::Whole {
    with(Face::Chat.ask(app, "say: hi"), credential).whole().await
}

#[tokio::test]
async fn a_key_of_the_clients_own_is_asked_on_every_face_and_in_every_place() {
    let app = app().await;
    for face in Face::ALL {
        for (header, value) in [
            ("authorization", format!("Bearer {OWN}")),
            ("authorization", OWN.to_owned()),
            ("x-api-key", OWN.to_owned()),
            ("api-key", OWN.to_owned()),
            ("x-goog-api-key", OWN.to_owned()),
        ] {
            app.gemini().clear();
            let request = face.ask(&app, "say: hi").anonymous().header(header, &value);
            let answer = request.whole().await;
            let said = face.text(&answer.text());
            assert_eq!((answer.status, said.as_str()), (200, "hi"), "{face:?} {header}");
            assert_eq!(app.asked(), [OWN], "{face:?} {header}");
            let call = app.calls().remove(0);
            assert_eq!(call.key_places, ["x-goog-api-key"]);
            assert!(!format!("{:?} {:?}", call.query, call.headers).contains("Bearer"));
        }
    }
    let listed = app.get(&format!("/v1beta/models?key={OWN}")).anonymous().whole().await;
    assert_eq!(listed.status, 200);
    let vectors = app.post("/v1/embeddings", r#"{"model":"gemini-embedding-001","input":"hi"}"#);
    assert_eq!(with(vectors, OWN).whole().await.status, 200);
    assert_eq!(app.asked().last().map(String::as_str), Some(OWN));
}

#[tokio::test]
async fn it_is_off_unless_it_is_switched_on() {
    for off in [None, Some("false")] {
        let builder = App::builder(&format!("{POOLS},*=ok"));
        let builder = match off {
            Some(text) => builder.set("pass_through", text),
            None => builder,
        };
        let app = builder.start().await;
        assert_eq!(ask(&app, OWN).await.status, 401);
        assert!(app.calls().is_empty());
    }
}

#[tokio::test]
async fn an_access_key_is_served_by_the_pool_as_ever() {
    let app = app().await;
    assert_eq!(Face::Chat.ask(&app, "say: hi").whole().await.status, 200);
    // Also where a stranger's key stands beside it.
    let both = Face::Chat.ask(&app, "say: hi").header("x-goog-api-key", OWN);
    assert_eq!(both.whole().await.status, 200);
    assert_eq!(app.asked(), [POOLS, POOLS]);
}

#[tokio::test]
async fn what_can_be_no_key_is_401() {
    let app = app().await;
    let anonymous = Face::Chat.ask(&app, "say: hi").anonymous().whole().await;
    assert_eq!(anonymous.status, 401, "{}", anonymous.text());
    let deleted = format!("sk-{}", "a1B2".repeat(11).split_at(43).0);
    for none in ["short", "with space inside", ",", &format!("{OWN},short"), &deleted] {
        let answer = ask(&app, none).await;
        assert_eq!(answer.status, 401, "{none}: {}", answer.text());
    }
    let locked = with(app.get("/admin/api/keys"), OWN).whole().await;
    assert!(matches!(locked.status, 401 | 403), "{}", locked.text());
    let verify = app.get("/verify").anonymous().header("authorization", OWN);
    assert_eq!(verify.header("x-goog-api-key", OTHER).whole().await.status, 401);
    assert!(app.calls().is_empty());
}

#[tokio::test]
async fn several_keys_take_turns() {
    let app = app().await;
    for _ in 0..4 {
        assert_eq!(ask(&app, &format!("{OWN}, {OTHER}")).await.status, 200);
    }
    assert_eq!(app.asked(), [OWN, OTHER, OWN, OTHER]);
}

#[tokio::test]
async fn one_key_stands_in_for_the_other_and_the_pool_learns_nothing() {
    let app = app().await;
    for trouble in [Behaviour::Invalid, Behaviour::Suspended, Behaviour::Overloaded] {
        app.gemini().set(OWN, trouble.clone());
        for _ in 0..2 {
            let answer = ask(&app, &format!("{OWN},{OTHER}")).await;
            assert_eq!(answer.status, 200, "{trouble:?}: {}", answer.text());
        }
    }
    assert!(app.asked().iter().all(|key| key == OWN || key == OTHER), "{:?}", app.asked());
    let key = app.key(POOLS);
    assert!(matches!(key.health, Health::Active), "{key:?}");
    // Nothing is remembered of yesterday's trouble either.
    app.gemini().set(OWN, Behaviour::Ok);
    app.gemini().clear();
    for _ in 0..2 {
        assert_eq!(ask(&app, OWN).await.status, 200);
    }
    assert_eq!(app.asked(), [OWN, OWN]);
}

#[tokio::test]
async fn a_client_reads_what_google_says_of_his_key_without_the_key() {
    let app = app().await;
    for (trouble, status) in
        [(Behaviour::Invalid, 400), (Behaviour::Suspended, 403), (Behaviour::Bare429, 429)]
    {
        app.gemini().set(OWN, trouble.clone());
        for face in Face::ALL {
            let answer = with(face.ask(&app, "say: hi"), OWN).whole().await;
            let text = answer.text();
            assert_eq!(answer.status, status, "{trouble:?}: {text}");
            assert!(face.error(&text).is_some() && !text.contains(OWN), "{text}");
        }
    }
}

#[tokio::test]
async fn what_was_used_is_nobodys() {
    let app = app().await;
    assert_eq!(ask(&app, OWN).await.status, 200);
    let rows = app.gateway().recorder().take();
    let [row] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((row.slot.key, row.slot.user, row.counts.requests), (None, None, 1));
    assert!(row.counts.output_tokens > 0);
}

#[tokio::test]
async fn resources_go_with_the_key_that_the_client_brings() {
    let app = app().await;
    let start = || {
        let body = "{\"file\":{\"displayName\":\"x\"}}";
        let request = app.post("/upload/v1beta/files", body);
        let request = request.header("x-goog-upload-protocol", "resumable");
        request.header("x-goog-upload-command", "start")
    };
    let begun = with(start(), OWN).whole().await;
    let address = begun.headers["x-goog-upload-url"].to_str().unwrap().to_owned();
    let target = address.split_once("pollux.test").unwrap().1.to_owned();
    let rest = || {
        let request = app.post(&target, "hello").header("x-goog-upload-offset", "0");
        request.header("x-goog-upload-command", "upload, finalize")
    };
    let nobody = rest().anonymous().whole().await;
    assert_eq!(nobody.status, 401, "whose upload it is was not written down");
    let file = with(rest(), OWN).whole().await;
    assert_eq!(file.status, 200, "{}", file.text());
    let name = file.json()["file"]["name"].as_str().unwrap().to_owned();
    let target = format!("/v1beta/{name}");
    assert_eq!(with(app.get(&target), OWN).whole().await.status, 200);
    assert_eq!(with(app.get(&target), OTHER).whole().await.status, 403);
    assert_eq!(app.get(&target).whole().await.status, 403, "the pool does not know it");
    let deleted = with(app.request(Method::DELETE, &target), OWN).whole().await;
    assert_eq!(deleted.status, 200);
}

#[tokio::test]
async fn a_list_of_the_clients_own_is_walked_to_its_end() {
    let app = app().await;
    for text in ["one", "two", "three"] {
        let body = format!(
            r#"{{"model":"models/{MODEL}","contents":[{{"role":"user","parts":[{{"text":"{text}"}}]}}]}}"#
        );
        let made = with(app.post("/v1beta/cachedContents", body), OWN).whole().await;
        assert_eq!(made.status, 200, "{}", made.text());
    }
    let keys = format!("{OWN},{OTHER}");
    let mut token = String::new();
    let mut count = 0;
    // Whichever key has the first turn, the pages of a list are all of that one's.
    app.gemini().clear();
    loop {
        let target = format!("/v1beta/cachedContents?pageSize=1&pageToken={token}");
        let page = with(app.get(&target), &keys).whole().await.json();
        count += page["cachedContents"].as_array().map_or(0, Vec::len);
        match page["nextPageToken"].as_str() {
            Some(next) if !next.is_empty() => next.clone_into(&mut token),
            Some(_) | None => break,
        }
    }
    let asked = app.asked();
    assert!(asked.iter().all(|key| *key == asked[0]), "{asked:?}");
    assert_eq!(count, if asked[0] == OWN { 3 } else { 0 });
}

#[tokio::test]
async fn models_are_listed_as_the_clients_key_sees_them_and_kept_for_nobody() {
    let app = app().await;
    for calls in 1..=2 {
        assert_eq!(with(app.get("/v1/models"), OWN).whole().await.status, 200);
        assert_eq!(app.asked(), vec![OWN; calls]);
    }
    let stream = chat(MODEL, "say: hi", true);
    let answer = with(app.post("/v1/chat/completions", stream), OWN).whole().await;
    assert!(Face::ChatStream.is_complete(&answer.text()));
}
