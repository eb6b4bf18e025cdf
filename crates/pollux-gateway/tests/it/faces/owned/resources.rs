//! Caches, batches, operations and stores.

use http::Method;
use pollux_testkit::{Face, MODEL, eventually};

use super::{app, generate, last_key, name, stays, turn, upload};

fn cache() -> String {
    format!(
        r#"{{"model":"models/{MODEL}","contents":[{{"parts":[{{"text":"long"}}]}}],"ttl":"300s"}}"#
    )
}

#[tokio::test]
async fn a_cache_is_used_changed_and_deleted_with_its_key() {
    let app = app().await;
    turn(&app).await;
    let made = app.post("/v1beta/cachedContents", cache()).whole().await;
    let owner = last_key(&app);
    let cached = name(&made.json());
    let target = format!("/v1beta/{cached}");
    let prompt = format!(
        r#"{{"cachedContent":"{cached}","contents":[{{"parts":[{{"text":"say: ok"}}]}}]}}"#
    );
    let answer = stays(&app, &owner, Method::POST, &generate(), &prompt).await;
    assert_eq!(Face::Native.text(&answer.text()), "ok");
    let snake = prompt.replace("cachedContent\"", "cached_content\"");
    stays(&app, &owner, Method::POST, &generate(), &snake).await;
    let before = stays(&app, &owner, Method::GET, &target, "").await.json();
    let patch = format!("{target}?updateMask=ttl");
    let after = stays(&app, &owner, Method::PATCH, &patch, r#"{"ttl":"900s"}"#).await.json();
    assert_ne!(before["expireTime"], after["expireTime"]);
    assert_eq!(app.calls().pop().unwrap().query, "updateMask=ttl");
    turn(&app).await;
    assert_eq!(app.request(Method::DELETE, &target).whole().await.status, 200);
    assert_eq!(last_key(&app), owner);
    let gone = app.post(&generate(), prompt).whole().await;
    assert_eq!(gone.status, 403);
    assert!(Face::Native.message(&gone).starts_with("CachedContent not found"), "{}", gone.text());
}

#[tokio::test]
async fn a_cache_is_made_with_a_key_that_can_still_use_its_model() {
    let app = pollux_testkit::App::start("key-1=bare_429,key-2").await;
    turn(&app).await;
    for _ in 0..4 {
        assert_eq!(app.post("/v1beta/cachedContents", cache()).whole().await.status, 200);
        assert_eq!(last_key(&app), "key-2");
    }
}

#[tokio::test]
async fn creations_fail_over_like_everything_else() {
    let app = pollux_testkit::App::start("key-1=suspended,key-2").await;
    let made = app.post("/v1beta/fileSearchStores", r#"{"displayName":"s"}"#).whole().await;
    assert_eq!((made.status, made.header("x-pollux-attempts")), (200, "2"));
    stays(&app, "key-2", Method::GET, &format!("/v1beta/{}", name(&made.json())), "").await;
}

#[tokio::test]
async fn a_batch_and_what_it_made_stay_with_its_key() {
    let app = app().await;
    turn(&app).await;
    let lines = name(&upload(&app, "{}").await);
    let owner = last_key(&app);
    let body = format!(r#"{{"batch":{{"inputConfig":{{"fileName":"{lines}"}}}}}}"#);
    turn(&app).await;
    let made =
        app.post(&format!("/v1beta/models/{MODEL}:batchGenerateContent"), body).whole().await;
    assert_eq!((made.status, last_key(&app)), (200, owner.clone()), "{}", made.text());
    let target = format!("/v1beta/{}", name(&made.json()));
    let done = stays(&app, &owner, Method::GET, &target, "").await.json();
    assert_eq!(done["metadata"]["state"], "BATCH_STATE_SUCCEEDED");
    let results = done["response"]["responsesFile"].as_str().unwrap();
    stays(&app, &owner, Method::GET, &format!("/v1beta/{results}"), "").await;
    stays(&app, &owner, Method::POST, &format!("{target}:cancel"), "").await;
    turn(&app).await;
    assert_eq!(app.request(Method::DELETE, &target).whole().await.status, 200);
    assert_eq!(last_key(&app), owner);
}

#[tokio::test]
async fn inline_batches_of_both_kinds_stay_with_their_key() {
    let app = app().await;
    for call in ["batchGenerateContent", "asyncBatchEmbedContent"] {
        let body = r#"{"batch":{"inputConfig":{"requests":{"requests":[{"request":{},"metadata":{"key":"a"}}]}}}}"#;
        let made = app.post(&format!("/v1beta/models/{MODEL}:{call}"), body).whole().await;
        let owner = last_key(&app);
        let target = format!("/v1beta/{}", name(&made.json()));
        let done = stays(&app, &owner, Method::GET, &target, "").await.json();
        let answers = &done["response"]["inlinedResponses"]["inlinedResponses"];
        assert_eq!(answers[0]["metadata"]["key"], "a", "{done}");
    }
}

#[tokio::test]
async fn a_store_its_documents_and_its_operations_stay_with_its_key() {
    let app = app().await;
    turn(&app).await;
    let made = app.post("/v1beta/fileSearchStores", r#"{"displayName":"s"}"#).whole().await;
    let (store, owner) = (name(&made.json()), last_key(&app));
    let target = format!("/v1beta/{store}");
    let send = app
        .post(&format!("/upload{target}:uploadToFileSearchStore"), "text")
        .header("x-goog-upload-protocol", "raw")
        .header("content-type", "text/plain");
    turn(&app).await;
    let uploaded = send.whole().await;
    assert_eq!((uploaded.status, last_key(&app)), (200, owner.clone()), "{}", uploaded.text());
    let operation = format!("/v1beta/{}", name(&uploaded.json()));
    assert!(operation.contains("/upload/operations/"), "{operation}");
    let done = stays(&app, &owner, Method::GET, &operation, "").await.json();
    let document = done["response"]["documentName"].as_str().unwrap();
    stays(&app, &owner, Method::GET, &format!("/v1beta/{document}"), "").await;
    let listed = stays(&app, &owner, Method::GET, &format!("{target}/documents"), "").await.json();
    assert_eq!(listed["documents"].as_array().map(Vec::len), Some(1));
    let prompt = format!(
        r#"{{"contents":[{{"parts":[{{"text":"say: ok"}}]}}],"tools":[{{"fileSearch":{{"fileSearchStoreNames":["{store}"]}}}}]}}"#
    );
    stays(&app, &owner, Method::POST, &generate(), &prompt).await;
    let kept = app.request(Method::DELETE, &target).whole().await;
    assert_eq!(kept.status, 400, "{}", kept.text());
    stays(&app, &owner, Method::GET, &target, "").await;
    let deleted = app.request(Method::DELETE, &format!("{target}?force=true")).whole().await;
    assert_eq!((deleted.status, last_key(&app)), (200, owner));
}

#[tokio::test]
async fn an_import_goes_to_the_owner_of_both_or_to_nobody() {
    let app = app().await;
    let store = name(&app.post("/v1beta/fileSearchStores", "{}").whole().await.json());
    let owner = last_key(&app);
    let import = |file: &str| {
        let body = format!(r#"{{"fileName":"{file}"}}"#);
        app.post(&format!("/v1beta/{store}:importFile"), body)
    };
    let foreign = name(&upload(&app, "x").await);
    assert_ne!(last_key(&app), owner);
    assert_eq!(import(&foreign).whole().await.status, 400);
    let mut own = String::new();
    for _ in 0..4 {
        let file = name(&upload(&app, "x").await);
        if last_key(&app) == owner {
            own = file;
        }
    }
    let answer = import(&own).whole().await;
    assert_eq!((answer.status, last_key(&app)), (200, owner), "{}", answer.text());
}

#[tokio::test]
async fn an_owner_that_is_out_of_quota_is_waited_for_and_no_other_asked() {
    let app = pollux_testkit::App::start("key-1=quota:rpm=1,key-2").await;
    let file = name(&upload(&app, "x").await);
    assert_eq!(last_key(&app), "key-1");
    let prompt = super::about(&file);
    assert_eq!(app.post(&generate(), prompt.clone()).whole().await.status, 200);
    let refused = app.post(&generate(), prompt).whole().await;
    assert_eq!(refused.status, 429, "{}", refused.text());
    assert!(!refused.header("retry-after").is_empty());
    assert!(!app.asked().contains(&"key-2".to_owned()), "{:?}", app.asked());
}

#[tokio::test]
async fn what_is_in_flight_is_given_back() {
    let app = app().await;
    upload(&app, "x").await;
    app.get("/v1beta/files").whole().await;
    let limit = std::time::Duration::from_secs(5);
    eventually("all leases are back", limit, || app.in_flight() == 0).await;
}
