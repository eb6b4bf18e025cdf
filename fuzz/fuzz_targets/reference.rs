//! Any body names resources or none; whatever is named can be asked for, and a page keeps its bytes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pollux_translate::gemini::{
    page::Page,
    reference::{ResourceName, in_answer, in_request},
};

fuzz_target!(|body: &[u8]| {
    for name in in_request(body).into_iter().chain(in_answer(body)) {
        assert_eq!(ResourceName::parse(name.as_str()), Some(name));
    }
    let Ok(page) = Page::parse(body, "files") else { return };
    let changed = page.with_next(Some("token"));
    let again = Page::parse(&changed, "files").expect("a page again");
    assert_eq!((again.next(), again.is_empty()), (Some("token"), page.is_empty()));
});
