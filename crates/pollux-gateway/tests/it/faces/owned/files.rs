//! Files: whoever uploaded one is asked about it, also inside a prompt.

use http::Method;
use pollux_testkit::{App, Face, MODEL, native};

use super::{SCRIPT, about, app, generate, last_key, name, stays, turn, upload};

#[tokio::test]
async fn a_file_is_used_with_the_key_that_uploaded_it() {
    let app = app().await;
    for _ in 0..3 {
        let file = upload(&app, "hello").await;
        let owner = last_key(&app);
        let uri = file["uri"].as_str().unwrap();
        assert!(
            uri.starts_with("https://generativelanguage.googleapis.com/v1beta/files/"),
            "{uri}"
        );
        let seen = stays(&app, &owner, Method::GET, &format!("/v1beta/{}", name(&file)), "").await;
        assert_eq!(seen.json(), file);
        stays(&app, &owner, Method::GET, &format!("//v1//{}", name(&file)), "").await;
        let encoded = name(&file).replace('/', "%2F");
        stays(&app, &owner, Method::GET, &format!("/gemini/v1beta/{encoded}"), "").await;
        for named in [uri, &name(&file)] {
            let answer = stays(&app, &owner, Method::POST, &generate(), &about(named)).await;
            assert_eq!(Face::Native.text(&answer.text()), "ok");
        }
        turn(&app).await;
    }
}

#[tokio::test]
async fn every_method_of_a_model_looks_for_files() {
    let app = app().await;
    let file = upload(&app, "hello").await;
    let owner = last_key(&app);
    let prompt = about(file["uri"].as_str().unwrap());
    let wrapped =
        format!(r#"{{"generateContentRequest":{{"model":"models/{MODEL}",{}"#, &prompt[1..]) + "}";
    for (call, body) in [
        ("generateContent", &prompt),
        ("streamGenerateContent", &prompt),
        ("streamGenerateContent?alt=sse", &prompt),
        ("countTokens", &prompt),
        ("countTokens", &wrapped),
    ] {
        let target = format!("/v1beta/models/{MODEL}:{call}");
        stays(&app, &owner, Method::POST, &target, body).await;
        let target = format!("/v1/models/{MODEL}%3A{call}");
        stays(&app, &owner, Method::POST, &target, body).await;
    }
}

#[tokio::test]
async fn tokens_are_counted_in_both_forms() {
    let app = app().await;
    let target = format!("/v1beta/models/{MODEL}:countTokens");
    let inner = native("one two three");
    let wrapped =
        format!(r#"{{"generateContentRequest":{{"model":"models/{MODEL}",{}"#, &inner[1..]) + "}";
    for body in [inner, wrapped] {
        let answer = app.post(&target, body.clone()).whole().await;
        assert_eq!(answer.status, 200, "{body}: {}", answer.text());
        assert!(answer.json()["totalTokens"].as_u64() > Some(0), "{}", answer.text());
        assert_eq!(app.calls().pop().unwrap().body, body);
    }
}

#[tokio::test]
async fn files_of_two_projects_in_one_request_are_refused_by_name() {
    let app = app().await;
    let (one, other) = (upload(&app, "one").await, upload(&app, "other").await);
    let asked = app.asked();
    assert_ne!(asked[0], asked[1]);
    let (one, other) = (name(&one), name(&other));
    let body = format!(
        r#"{{"contents":[{{"parts":[{{"fileData":{{"fileUri":"{one}"}}}},{{"fileData":{{"fileUri":"{other}"}}}}]}}]}}"#
    );
    let answer = app.post(&generate(), body).whole().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let message = Face::Native.message(&answer);
    assert!(message.contains(&one) && message.contains(&other), "{message}");
    assert!(message.contains("different projects"), "{message}");
    assert_eq!(app.asked().len(), 2, "nobody was asked");
}

#[tokio::test]
async fn a_deleted_file_is_forgotten() {
    let app = app().await;
    let file = name(&upload(&app, "hello").await);
    let (owner, target) = (last_key(&app), format!("/v1beta/{file}"));
    turn(&app).await;
    let deleted = app.request(Method::DELETE, &target).whole().await;
    assert_eq!((deleted.status, last_key(&app)), (200, owner));
    let mut asked = Vec::new();
    for _ in 0..4 {
        assert_eq!(app.get(&target).whole().await.status, 403);
        asked.push(last_key(&app));
    }
    asked.sort();
    assert_eq!(asked, ["key-1", "key-2", "key-3", "key-4"], "no key is preferred any more");
}

#[tokio::test]
async fn a_foreign_file_is_told_as_google_tells_it_and_held_against_nobody() {
    let app = app().await;
    for target in ["/v1beta/files/never-seen", "/v1/files/never-seen"] {
        let before = app.asked().len();
        let answer = app.get(target).whole().await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        let message = Face::Native.message(&answer);
        assert_eq!(
            message,
            "You do not have permission to access the File never-seen or it may not exist."
        );
        assert_eq!(app.asked().len(), before + 1, "no other key was tried");
    }
    assert!(
        app.keys()
            .iter()
            .all(|key| key.cooldowns.is_empty() && key.health == app.key("key-1").health)
    );
    assert_eq!(app.get("/readyz").whole().await.json()["keys"]["usable"], 4);
}

#[tokio::test]
async fn bindings_outlast_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let start = || App::builder(SCRIPT).directory(folder.path()).start();
    let first = start().await;
    upload(&first, "one").await;
    upload(&first, "two").await;
    let file = upload(&first, "hello").await;
    let owner = last_key(&first);
    assert_eq!(owner, "key-3");
    first.stop().await.close().await;
    // The Gemini behind it is a new one, and knows of no file.
    let second = start().await;
    for _ in 0..3 {
        let target = format!("/v1beta/{}", name(&file));
        assert_eq!(second.get(&target).whole().await.status, 403);
        assert_eq!(last_key(&second), owner);
    }
}

#[tokio::test]
async fn a_binding_ends_a_little_after_the_file() {
    let app = app().await;
    let target = format!("/v1beta/{}", name(&upload(&app, "hello").await));
    let ask = || async {
        app.get(&target).whole().await;
        last_key(&app)
    };
    let hour = std::time::Duration::from_hours(1);
    app.clock.advance(hour * 49);
    assert_eq!((ask().await, ask().await), ("key-1".to_owned(), "key-1".to_owned()));
    app.clock.advance(hour * 60);
    assert_ne!(ask().await, ask().await);
}

#[tokio::test]
async fn files_are_made_by_description_and_registered_too() {
    let app = app().await;
    for (target, body, field) in [
        ("/v1beta/files", r#"{"file":{"displayName":"later"}}"#, "/file"),
        ("/v1beta/files:register", r#"{"uris":["gs://bucket/a"]}"#, "/files/0"),
        ("/v1beta/files%3Aregister", r#"{"uris":["gs://bucket/a"]}"#, "/files/0"),
    ] {
        let answer = app.post(target, body).whole().await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        let owner = last_key(&app);
        let file = name(answer.json().pointer(field).unwrap());
        stays(&app, &owner, Method::GET, &format!("/v1beta/{file}"), "").await;
    }
}
