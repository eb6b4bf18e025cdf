//! Whether a body could name a resource at all, found by hopping from quote to quote.

use memchr::{memchr, memchr2};

/// Fields that name a resource in a request.
pub(super) const FIELDS: &[&[u8]] = &[
    b"fileUri",
    b"file_uri",
    b"cachedContent",
    b"cached_content",
    b"fileSearchStoreNames",
    b"file_search_store_names",
    b"previousInteractionId",
    b"previous_interaction_id",
    b"fileName",
    b"file_name",
    b"uri",
    b"agent",
    b"environment",
];

/// Returns whether any string in `body` is the name of such a field, or hides one in escapes.
pub(super) fn may_name(body: &[u8]) -> bool {
    let mut rest = body;
    while let Some(begin) = memchr(b'"', rest) {
        rest = rest.get(begin + 1..).unwrap_or_default();
        let (length, escaped) = string(rest);
        let (text, after) = rest.split_at(length.min(rest.len()));
        rest = after.get(1..).unwrap_or_default();
        let is_name = || rest.trim_ascii_start().first() == Some(&b':');
        if (escaped || FIELDS.contains(&text)) && is_name() {
            return true;
        }
    }
    false
}

/// Returns how long a string is, and whether it holds escapes.
fn string(text: &[u8]) -> (usize, bool) {
    let (mut at, mut escaped) = (0, false);
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if text.get(at) == Some(&b'"') {
            return (at, escaped);
        }
        escaped = true;
        at += 2;
    }
    (text.len(), escaped)
}
