//! Answers that go on in further requests.

use pollux_simulator::Script;

use crate::wire::{Answer, post_with, started};

const SAID: &str = "one two three f\u{fc}nf six seven";

fn path(model: &str) -> String {
    format!("/v1beta/models/{model}:generateContent")
}

fn body(count: u64, token: Option<&str>) -> String {
    let text = format!("continue: {count}\nsay: {SAID}");
    let token = token.map(|token| format!(r#","continuationToken":{token:?}"#)).unwrap_or_default();
    format!(r#"{{"contents":[{{"role":"user","parts":[{{"text":{text:?}}}]}}]{token}}}"#)
}

fn read(answer: &Answer) -> (String, String, Option<String>) {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let candidate = answer.json()["candidates"][0].clone();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let parts = &candidate["content"]["parts"];
    (
        text(&parts[0]["text"]).unwrap(),
        text(&candidate["finishReason"]).unwrap(),
        text(&candidate["continuationToken"]),
    )
}

#[tokio::test]
async fn a_long_answer_comes_in_as_many_hops_as_the_prompt_says() {
    let server = started(Script::open()).await;
    let (mut all, mut token, mut finishes) = (String::new(), None, Vec::new());
    for _ in 0..3 {
        let body = body(3, token.as_deref());
        let (text, finish, next) =
            read(&post_with(&server, "k", &path("gemini-4-argon"), &body).await);
        assert!(!text.is_empty());
        all.push_str(&text);
        finishes.push(finish);
        token = next;
    }
    assert_eq!((all.as_str(), token), (SAID, None));
    assert_eq!(finishes, ["CONTINUATION", "CONTINUATION", "STOP"]);
}

#[tokio::test]
async fn the_last_chunk_of_a_stream_names_the_next_hop() {
    let server = started(Script::open()).await;
    let path = "/v1beta/models/gemini-4-argon:streamGenerateContent?alt=sse";
    let events = post_with(&server, "k", path, &body(2, None)).await.events();
    let named =
        |event: &serde_json::Value| event["candidates"][0].get("continuationToken").is_some();
    let places: Vec<bool> = events.iter().map(named).collect();
    assert_eq!(places.iter().filter(|named| **named).count(), 1);
    assert_eq!(places.last(), Some(&true));
    assert_eq!(events.last().unwrap()["candidates"][0]["finishReason"], "CONTINUATION");
}

#[tokio::test]
async fn a_token_is_good_for_its_project_alone() {
    let script = Script::open().project("k", "p1").project("friend", "p1").project("other", "p2");
    let server = started(script).await;
    let path = path("gemini-4-argon");
    let (_, _, token) = read(&post_with(&server, "k", &path, &body(2, None)).await);
    let body = body(2, token.as_deref());
    assert_eq!(post_with(&server, "friend", &path, &body).await.status, 200);
    for (key, path) in [("other", path.as_str()), ("k", &self::path("gemini-3.8-flash"))] {
        let answer = post_with(&server, key, path, &body).await;
        assert_eq!(answer.status, 400, "{key} {path}");
        assert!(answer.text().contains("The continuation token is not valid."));
    }
}

#[tokio::test]
async fn older_models_answer_at_once() {
    let server = started(Script::open()).await;
    let answer = post_with(&server, "k", &path("gemini-3.8-flash"), &body(3, None)).await;
    assert_eq!(read(&answer), (SAID.to_owned(), "STOP".to_owned(), None));
}
