//! Recorded traffic: every request accepted, every stream replayed as it was.
//!
//! The recordings are where `POLLUX_CORPUS` says; without it these tests pass
//! and say so.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use pollux_simulator::{Behaviour, Recording, Script, Signatures};
use serde_json::Value;

use crate::wire::{post, started};

const HOST: &str = "generativelanguage.googleapis.com";

/// Stands where a recording lost something, also in the middle of base64.
const REMOVED: &str = "REDACTED==";

/// Every recorded exchange, as its path and its bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "where recordings are is not the simulator's setting"
)]
fn recordings() -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(root) = std::env::var("POLLUX_CORPUS") else {
        println!("POLLUX_CORPUS is not set: nothing was checked");
        return Vec::new();
    };
    let mut found = Vec::new();
    collect(Path::new(&root), &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
}

fn method_of(path: &str) -> Option<&str> {
    let name = path.split('?').next()?.rsplit_once(':')?.1;
    let known = [
        "generateContent",
        "streamGenerateContent",
        "countTokens",
        "embedContent",
        "batchEmbedContents",
    ];
    known.contains(&name).then_some(name)
}

/// The model that was asked; for those that are gone, one that takes as much and makes what is
/// asked for.
fn model_of<'a>(path: &'a str, method: &str, body: &str) -> &'a str {
    match () {
        () if method.contains("mbed") => return "gemini-embedding-001",
        () if body.contains("\"IMAGE\"") => return "gemini-3.1-flash-image",
        () if body.contains("\"AUDIO\"") => return "gemini-3.8-flash-tts",
        () => {}
    }
    let name = path.split_once("models/").map_or("", |(_, rest)| rest);
    let name = name.split_once(':').map_or(name, |(name, _)| name);
    let known = ["gemini-2.0", "gemini-2.5-", "gemini-3", "gemini-flash-latest"];
    let gone = ["preview-0", "exp", "image-generation", "gemini-2.5-flash-image-preview"];
    if known.iter().any(|start| name.starts_with(start))
        && !gone.iter().any(|part| name.contains(part))
    {
        return name;
    }
    "gemini-2.5-flash"
}

#[tokio::test]
async fn every_recorded_request_that_google_took_is_taken() {
    let script = Script::open().log_capacity(0).signatures(Signatures::Any);
    let server = started(script).await;
    let (mut taken, mut damaged, mut refused) = (0, 0, Vec::new());
    for (path, bytes) in recordings() {
        let exchange: Value = serde_json::from_slice(&bytes).unwrap();
        let target = exchange["request"]["path"].as_str().unwrap_or_default();
        let good = exchange["host"] == HOST && exchange["response"]["status"] == 200;
        let Some(method) = method_of(target).filter(|_| good) else { continue };
        let body = exchange["request"]["body"].to_string();
        if body.contains(REMOVED) {
            damaged += 1;
            continue;
        }
        let model = model_of(target, method, &body);
        let target = format!("/v1beta/models/{model}:{method}");
        let answer = post(&server, &target, &body).await;
        match answer.status {
            200 => taken += 1,
            _ => refused.push(format!("{}: {}", path.display(), answer.text())),
        }
    }
    println!("{taken} recorded requests were taken, {damaged} are damaged");
    assert!(refused.is_empty(), "{} refused:\n{}", refused.len(), refused.join("\n"));
}

#[tokio::test]
async fn every_recorded_stream_is_replayed_in_its_bytes() {
    let server = started(Script::open().log_capacity(0)).await;
    let mut streams = 0;
    for (path, bytes) in recordings() {
        let exchange: Value = serde_json::from_slice(&bytes).unwrap();
        let response = &exchange["response"];
        let Some(raw) = response["sse"].as_str().or_else(|| response["text"].as_str()) else {
            continue;
        };
        let recording = Recording::read(&bytes).unwrap();
        server.simulator.set("k", Behaviour::Replay(Arc::new(recording)));
        let target = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
        let body = r#"{"contents":[{"parts":[{"text":"hi"}]}]}"#;
        let answer = post(&server, target, body).await;
        assert_eq!(answer.body, raw.as_bytes(), "{}", path.display());
        assert_eq!(u64::from(answer.status), response["status"].as_u64().unwrap());
        streams += 1;
    }
    println!("{streams} recorded streams were replayed");
}
