//! Any body is either refused or translated to JSON; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pollux_translate::openai::chat::{Request, to_gemini};

fuzz_target!(|body: &[u8]| {
    let Ok(request) = Request::parse(body) else { return };
    if let Ok(gemini) = to_gemini(&request) {
        assert!(gemini.encode().starts_with(b"{"));
    }
});
