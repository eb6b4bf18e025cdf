//! What belongs to a project: made with one key, there for its siblings, refused to all others.

use pollux_simulator::Running;
use serde_json::Value;

use crate::wire::{Answer, exchange, started};

/// Two keys of one project, and one of another.
async fn simulated() -> Running {
    started("k1=ok:project=p1,k1b=ok:project=p1,k2=ok".parse().unwrap()).await
}

async fn ask(server: &Running, key: &str, line: &str, body: &[u8]) -> Answer {
    exchange(server, &format!("{line} HTTP/1.1\r\nx-goog-api-key: {key}"), body).await
}

async fn upload(server: &Running, key: &str, text: &[u8]) -> Value {
    let head = format!(
        "POST /upload/v1beta/files HTTP/1.1\r\nx-goog-api-key: {key}\r\n\
         x-goog-upload-protocol: raw\r\ncontent-type: text/plain"
    );
    let answer = exchange(server, &head, text).await;
    assert_eq!((answer.status, answer.header("x-goog-upload-status")), (200, Some("final")));
    answer.json()["file"].clone()
}

#[tokio::test]
async fn a_file_looks_like_googles_and_is_its_projects_alone() {
    let server = simulated().await;
    let file = upload(&server, "k1", b"hello").await;
    let name = file["name"].as_str().unwrap();
    assert_eq!((&file["sizeBytes"], &file["state"]), (&"5".into(), &"ACTIVE".into()));
    assert_eq!((&file["mimeType"], &file["source"]), (&"text/plain".into(), &"UPLOADED".into()));
    let uri = format!("https://generativelanguage.googleapis.com/v1beta/{name}");
    assert_eq!(file["uri"], uri);
    assert_eq!(file["createTime"], "2026-11-21T12:00:00Z");
    assert_eq!(file["expirationTime"], "2026-11-23T12:00:00Z");
    let prompt = format!(
        r#"{{"contents":[{{"parts":[{{"fileData":{{"fileUri":"{uri}"}}}},{{"text":"hi"}}]}}]}}"#
    );
    let generate = "POST /v1beta/models/gemini-2.5-flash:generateContent";
    for (key, status) in [("k1", 200), ("k1b", 200), ("k2", 403)] {
        let seen = ask(&server, key, &format!("GET /v1beta/{name}"), b"").await;
        assert_eq!(seen.status, status, "{key}");
        let used = ask(&server, key, generate, prompt.as_bytes()).await;
        assert_eq!(used.status, status, "{key}: {}", used.text());
    }
    let refused = ask(&server, "k2", &format!("DELETE /v1beta/{name}"), b"").await.json();
    let id = name.trim_start_matches("files/");
    let text = format!("You do not have permission to access the File {id} or it may not exist.");
    assert_eq!(refused["error"]["message"], text);
    assert_eq!(ask(&server, "k1b", &format!("DELETE /v1beta/{name}"), b"").await.status, 200);
    assert_eq!(ask(&server, "k1", generate, prompt.as_bytes()).await.status, 403);
}

#[tokio::test]
async fn a_resumable_upload_is_as_strict_as_googles() {
    let server = simulated().await;
    let head = "POST /upload/v1beta/files HTTP/1.1\r\nx-goog-api-key: k1\r\n\
        x-goog-upload-protocol: resumable\r\nx-goog-upload-command: start";
    let started = exchange(&server, head, b"{}").await;
    let url = started.header("x-goog-upload-url").unwrap();
    assert_eq!(started.header("x-goog-upload-control-url"), Some(url));
    assert_eq!((started.status, started.body.len()), (200, 0));
    assert_eq!(started.header("x-goog-upload-chunk-granularity"), Some("8388608"));
    let path = url.strip_prefix("https://generativelanguage.googleapis.com").unwrap();
    let send = async |command: &str, offset: usize, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nx-goog-upload-command: {command}\r\n\
             x-goog-upload-offset: {offset}"
        );
        exchange(&server, &head, body).await
    };
    assert_eq!(send("upload", 0, b"too small a part").await.status, 400);
    assert_eq!(send("upload, finalize", 7, b"at a wrong place").await.status, 400);
    assert_eq!(send("invented", 0, b"").await.status, 400);
    let query = send("query", 0, b"").await;
    assert_eq!(query.header("x-goog-upload-size-received"), Some("0"));
    assert_eq!(query.header("x-goog-upload-status"), Some("active"));
    let done = send("upload, finalize", 0, b"all").await;
    assert_eq!(done.header("x-goog-upload-status"), Some("final"));
    assert_eq!(done.json()["file"]["sizeBytes"], "3");
    assert_eq!(send("upload", 3, b"more").await.status, 400, "it is over");
}

#[tokio::test]
async fn a_video_is_there_when_it_is_asked_for_and_behind_a_redirect() {
    let server = simulated().await;
    let line = "POST /v1beta/models/veo-3.1-generate-preview:predictLongRunning";
    let begun = ask(&server, "k1", line, b"{}").await.json();
    let operation = format!("GET /v1beta/{}", begun["name"].as_str().unwrap());
    assert_eq!(ask(&server, "k2", &operation, b"").await.status, 403);
    let done = ask(&server, "k1", &operation, b"").await.json();
    assert_eq!(done["done"], true);
    let samples = &done["response"]["generateVideoResponse"]["generatedSamples"];
    let uri = samples[0]["video"]["uri"].as_str().unwrap();
    let path = uri.strip_prefix("https://generativelanguage.googleapis.com").unwrap();
    let moved = ask(&server, "k1", &format!("GET {path}"), b"").await;
    assert_eq!((moved.status, &moved.json()["error"]["code"]), (302, &302.into()));
    let location = moved.header("location").unwrap();
    let place = location.strip_prefix("https://generativelanguage.googleapis.com").unwrap();
    assert!(place.starts_with("/download/v1beta/files/"), "{place}");
    assert_eq!(ask(&server, "k2", &format!("GET {place}"), b"").await.status, 403);
    let bytes = ask(&server, "k1b", &format!("GET {place}"), b"").await;
    assert_eq!((bytes.status, bytes.header("content-type")), (200, Some("video/mp4")));
    let own = upload(&server, "k1", b"x").await["name"].as_str().unwrap().to_owned();
    let refused = ask(&server, "k1", &format!("GET /v1beta/{own}:download"), b"").await;
    assert_eq!(refused.json()["error"]["status"], "FAILED_PRECONDITION");
}

#[tokio::test]
async fn lists_have_pages_and_only_the_projects_own() {
    let server = simulated().await;
    for _ in 0..3 {
        upload(&server, "k1", b"x").await;
    }
    upload(&server, "k2", b"x").await;
    let first = ask(&server, "k1", "GET /v1beta/files?pageSize=2", b"").await.json();
    assert_eq!(first["files"].as_array().unwrap().len(), 2);
    let token = first["nextPageToken"].as_str().unwrap();
    let line = format!("GET /v1beta/files?pageSize=2&pageToken={token}");
    let second = ask(&server, "k1b", &line, b"").await.json();
    assert_eq!(second["files"].as_array().unwrap().len(), 1);
    assert!(second["nextPageToken"].is_null());
    let wrong = ask(&server, "k1", "GET /v1beta/files?pageToken=x", b"").await;
    assert_eq!(wrong.status, 400);
    assert_eq!(ask(&server, "k1", "GET /v1beta/batches", b"").await.text().trim(), "{}");
}

#[tokio::test]
async fn caches_batches_and_stores_keep_to_their_project() {
    let server = simulated().await;
    for (line, body, there) in [
        ("POST /v1beta/cachedContents", r#"{"model":"models/gemini-2.5-flash"}"#, "expireTime"),
        ("POST /v1beta/fileSearchStores", r#"{"displayName":"s"}"#, "displayName"),
        (
            "POST /v1beta/models/gemini-2.5-flash:batchGenerateContent",
            r#"{"batch":{"inputConfig":{"requests":{"requests":[{"request":{}}]}}}}"#,
            "response",
        ),
    ] {
        let made = ask(&server, "k1", line, body.as_bytes()).await.json();
        let read = format!("GET /v1beta/{}", made["name"].as_str().unwrap());
        assert!(!ask(&server, "k1b", &read, b"").await.json()[there].is_null(), "{line}");
        assert_eq!(ask(&server, "k2", &read, b"").await.status, 403, "{line}");
        let delete = read.replacen("GET", "DELETE", 1);
        assert_eq!(ask(&server, "k1", &delete, b"").await.status, 200, "{line}");
        assert_eq!(ask(&server, "k1", &read, b"").await.status, 403, "{line}");
    }
    let nameless = ask(&server, "k1", "POST /v1beta/cachedContents", b"{}").await;
    assert_eq!(nameless.status, 400);
}

#[tokio::test]
async fn an_interaction_has_errors_and_events_of_its_own_kind() {
    let server = simulated().await;
    let line = "POST /v1beta/interactions";
    let body = br#"{"model":"gemini-3.5-flash","input":"say: a b","stream":true}"#;
    let answer = ask(&server, "k1", line, body).await;
    let text = answer.text();
    assert!(
        !text.contains('\r') && text.starts_with("event: interaction.created\ndata: {"),
        "{text}"
    );
    assert!(text.ends_with("data: [DONE]\n\n"), "{text}");
    let id = text.split('"').find(|word| word.starts_with("v1_")).unwrap();
    let read = format!("GET /v1beta/interactions/{id}");
    assert_eq!(ask(&server, "k1", &read, b"").await.json()["status"], "completed");
    let refused = ask(&server, "k2", &read, b"").await;
    assert_eq!((refused.status, &refused.json()["error"]["code"]), (404, &"not_found".into()));
    let wrong = ask(&server, "k1", line, b"{}").await;
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (400, &"invalid_request".into()));
}
