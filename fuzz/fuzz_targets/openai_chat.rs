//! Any body is either refused or translated to JSON; nothing panics.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pollux_translate::openai::chat::{Known, Policy, Request, Wanted, to_gemini};

fuzz_target!(|body: &[u8]| {
    let Ok(request) = Request::parse(body) else { return };
    let wanted = Wanted::parse(request.model(), |_| false);
    let (policy, known) = (Policy::default(), Known::default());
    if let Ok(translated) = to_gemini(&request, &wanted, &policy, &known) {
        assert!(translated.request.encode().starts_with(b"{"));
    }
});
