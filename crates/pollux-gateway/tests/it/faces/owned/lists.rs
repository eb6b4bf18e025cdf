//! Lists: what all projects have, one after the other, in pages.

use std::collections::BTreeSet;

use super::{app, last_key, name, upload};

#[tokio::test]
async fn a_list_walks_all_owners_page_by_page() {
    let app = app().await;
    let mut made = BTreeSet::new();
    for number in 0..7 {
        // The turns give key-1 three files, key-2 and key-3 two each ... and key-4 none.
        if number % 4 == 3 {
            super::turn(&app).await;
        }
        made.insert(name(&upload(&app, "x").await));
    }
    for size in [1, 2, 3, 100] {
        let (mut listed, mut token, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let target = format!("/v1beta/files?pageSize={size}&pageToken={token}&fields=x");
            let page = app.get(&target).whole().await;
            assert_eq!(page.status, 200, "{}", page.text());
            let call = app.calls().pop().unwrap();
            assert!(call.query.starts_with(&format!("pageSize={size}&fields=x")), "{}", call.query);
            let page = page.json();
            let files = page["files"].as_array().unwrap();
            assert!(!files.is_empty() && files.len() <= size, "{page}");
            listed.extend(files.iter().map(name));
            pages += 1;
            match page["nextPageToken"].as_str() {
                Some(next) if !next.is_empty() => next.clone_into(&mut token),
                _ => break,
            }
        }
        assert_eq!(listed.len(), made.len(), "{size}: {listed:?}");
        assert_eq!(listed.into_iter().collect::<BTreeSet<_>>(), made, "{size}");
        assert!(pages >= 3, "{pages} pages of {size}");
    }
}

#[tokio::test]
async fn an_owner_whose_files_are_gone_makes_no_empty_page() {
    let app = app().await;
    let first = name(&upload(&app, "x").await);
    let second = name(&upload(&app, "x").await);
    // Deleted without this server's knowledge.
    let target = format!("/v1beta/{first}?key=key-1");
    let gone = app.past_the_gateway("key-1", &target, "").method(http::Method::DELETE);
    assert_eq!(gone.whole().await.status, 200);
    let page = app.get("/v1beta/files").whole().await.json();
    assert_eq!(page["files"][0]["name"], second.as_str(), "{page}");
    assert_eq!(page["nextPageToken"].as_str().unwrap_or_default(), "");
}

#[tokio::test]
async fn a_project_that_cannot_be_asked_does_not_end_the_list() {
    let app = app().await;
    upload(&app, "x").await;
    let second = name(&upload(&app, "x").await);
    app.gemini().set("key-1", pollux_simulator::Behaviour::Suspended);
    let page = app.get("/v1beta/files").whole().await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert_eq!(page.json()["files"][0]["name"], second.as_str());
}

#[tokio::test]
async fn with_nothing_made_any_key_is_asked() {
    let app = app().await;
    for target in [
        "/v1beta/files",
        "/v1/cachedContents",
        "/v1beta/batches",
        "/v1alpha/fileSearchStores",
        "/v1beta/tunedModels",
        "/v1beta/corpora",
    ] {
        let answer = app.get(target).whole().await;
        assert_eq!((answer.status, answer.text().trim()), (200, "{}"), "{target}");
    }
    let asked: BTreeSet<_> = app.asked().into_iter().collect();
    assert_eq!(asked.len(), 4, "{asked:?}");
}

#[tokio::test]
async fn only_the_token_of_a_page_is_changed() {
    let app = app().await;
    for _ in 0..5 {
        upload(&app, "x").await;
    }
    let page = app.get("/v1beta/files?pageSize=1").whole().await;
    let want = app.past_the_gateway("key-1", "/v1beta/files?pageSize=1", "");
    let want = want.method(http::Method::GET).whole().await;
    let (got, want) = (page.text(), want.text());
    let until_token = |text: &str| text.split("\"nextPageToken\"").next().unwrap().to_owned();
    assert_eq!(until_token(&got), until_token(&want));
    assert_ne!(got, want);
    assert_eq!(last_key(&app), "key-1");
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused_by_its_name() {
    let app = app().await;
    let answer = app.get("/v1beta/files?pageToken=abc").whole().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("pageToken"), "{}", answer.text());
    assert_eq!(app.asked(), Vec::<String>::new());
}
