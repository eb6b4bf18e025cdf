//! Any request is left alone, or mended once into one that needs no mending.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pollux_translate::gemini::signature::with_sentinels;

fuzz_target!(|body: &[u8]| {
    if let Some(mended) = with_sentinels(body) {
        assert_eq!(with_sentinels(&mended), None);
    }
});
