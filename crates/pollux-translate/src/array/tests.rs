//! Tests of the array decoder.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<String> {
    let mut decoder = Decoder::default();
    let mut elements = Vec::new();
    let text = |bytes: Bytes| String::from_utf8_lossy(&bytes).into_owned();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(element) = decoder.next_event().unwrap() {
            elements.push(text(element));
        }
    }
    while let Some(element) = decoder.finish().unwrap() {
        elements.push(text(element));
    }
    elements
}

#[track_caller]
fn check(stream: &str, want: &[&str]) {
    assert_eq!(decode([stream.as_bytes()]), want);
    assert_eq!(decode(stream.as_bytes().chunks(1)), want, "byte by byte");
}

#[test]
fn googles_framing_yields_each_response() {
    check("[{\n  \"a\": 1\n}\n,\r\n{\"b\": [2]}\n]\n", &["{\n  \"a\": 1\n}", "{\"b\": [2]}"]);
}

#[test]
fn brackets_inside_strings_do_not_count() {
    check(r#"[{"a":"]},\"{"},{"b":"\\"}]"#, &[r#"{"a":"]},\"{"}"#, r#"{"b":"\\"}"#]);
}

#[test]
fn a_bare_object_is_one_element() {
    check(" {\"error\":{}}\n", &["{\"error\":{}}"]);
}

#[test]
fn elements_of_other_kinds_are_elements_too() {
    check(r#"[1, "a,]\"b" ,null,[2,[3]]]"#, &["1", r#""a,]\"b""#, "null", "[2,[3]]"]);
}

#[test]
fn an_element_that_is_cut_off_comes_with_the_end() {
    check("[{\"a\":1},{\"b\":", &["{\"a\":1}", "{\"b\":"]);
    check("[", &[]);
    check("", &[]);
}

#[test]
fn an_element_within_one_slice_is_not_copied() {
    let mut decoder = Decoder::default();
    let slice = Bytes::from_static(b"[{\"a\":1}\n,\r\n");
    decoder.push(slice.clone());
    let element = decoder.next_event().unwrap().unwrap();
    assert!(slice.as_ptr_range().contains(&element.as_ptr()));
}

#[test]
fn an_element_over_the_limit_ends_the_stream() {
    let mut decoder = Decoder::with_limit(8);
    decoder.push(Bytes::from_static(b"[{\"a\":1},{\"a\":12345}"));
    assert_eq!(decoder.next_event().unwrap().unwrap(), "{\"a\":1}");
    assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 8 }));
    assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 8 }));
}

proptest! {
    #[test]
    fn any_split_yields_the_same_elements(
        texts in proptest::collection::vec(".{0,12}", 0..6),
        sizes in proptest::collection::vec(1..9_usize, 1..40),
    ) {
        let elements: Vec<_> =
            texts.iter().map(|text| format!("{{\"text\":{},\"n\":[1,{{}}]}}", Value::from(text.as_str()))).collect();
        let stream = format!("[{}\n]", elements.join("\n,\r\n"));
        let mut rest = stream.as_bytes();
        let mut pieces = Vec::new();
        for size in sizes {
            let (piece, after) = rest.split_at(size.min(rest.len()));
            pieces.push(piece);
            rest = after;
        }
        pieces.push(rest);
        prop_assert_eq!(decode(pieces), elements);
    }

    #[test]
    fn arbitrary_bytes_read_the_same_in_any_split(stream: Vec<u8>) {
        prop_assert_eq!(decode(stream.chunks(3)), decode([stream.as_slice()]));
    }
}

#[test]
fn everything_after_the_last_whole_element_is_pending() {
    let mut decoder = Decoder::default();
    for (piece, want) in [("[{\"a\"", 5), (":1}", 0), ("\n,\r\n{\"b\":2", 10), ("}\n]", 2)] {
        decoder.push(Bytes::copy_from_slice(piece.as_bytes()));
        while decoder.next_event().unwrap().is_some() {}
        assert_eq!(decoder.pending(), want, "after {piece:?}");
    }
}
