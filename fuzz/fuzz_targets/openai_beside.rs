//! Any body of an endpoint beside chat is either refused or translated to JSON; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pollux_translate::openai::audio::speech;
use pollux_translate::openai::{completions, embeddings, images};

fuzz_target!(|body: &[u8]| {
    let mut made = Vec::new();
    if let Ok(request) = embeddings::Request::parse(body) {
        made.extend(request.batches(request.model()));
        let _ = embeddings::from_gemini(&request, [body]);
    }
    if let Ok(request) = completions::Request::parse(body) {
        made.extend(request.to_gemini());
    }
    if let Ok(request) = images::Request::generation(body) {
        made.push(request.to_gemini());
        let _ = images::Pictures::read(&request, [body]);
    }
    if let Ok(request) = speech::Request::parse(body) {
        made.push(request.to_gemini());
        let _ = speech::Sound::read(&request, body);
    }
    assert!(made.iter().all(|body| body.starts_with(b"{")));
});
