//! Tests of the event decoder, against fixed cases and a naive reading of whole streams.

use proptest::prelude::*;

use super::*;

type Plain = (Option<String>, String);

fn plain(event: &Event) -> Plain {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    (event.name.as_ref().map(text), text(&event.data))
}

fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Plain> {
    let mut decoder = Decoder::default();
    let mut events = Vec::new();
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        while let Some(event) = decoder.next_event().unwrap() {
            events.push(plain(&event));
        }
    }
    while let Some(event) = decoder.finish().unwrap() {
        events.push(plain(&event));
    }
    events
}

#[track_caller]
fn check(pieces: &[&str], want: &[&str]) {
    let data: Vec<_> =
        decode(pieces.iter().map(|it| it.as_bytes())).into_iter().map(|it| it.1).collect();
    assert_eq!(data, want);
}

#[test]
fn an_event_may_arrive_in_any_pieces() {
    check(&["da", "ta: a\r\n", "\r", "\n"], &["a"]);
    check(&["data: a\r", "\n\r", "\ndata:b\n", "\n"], &["a", "b"]);
}

#[test]
fn lines_end_at_cr_lf_or_both() {
    check(&["data: a\n\ndata: b\r\rdata: c\r\n\r\n"], &["a", "b", "c"]);
}

#[test]
fn other_separators_do_not_end_a_line() {
    check(&["data: a\u{2028}b\u{2029}c\u{85}d\n\n"], &["a\u{2028}b\u{2029}c\u{85}d"]);
}

#[test]
fn several_data_lines_are_joined() {
    check(&["data: a\r\ndata:b\r\ndata:  c\r\n\r\n"], &["a\nb\n c"]);
}

#[test]
fn comments_other_fields_and_events_without_data_are_passed_over() {
    check(&[": ping\n\nid: 1\nretry: 5\nevent: x\n\ndata\n\ndatax: no\n\n"], &[""]);
}

#[test]
fn a_byte_order_mark_is_dropped_at_the_start_only() {
    check(&["\u{feff}data: a\n\n\u{feff}data: b\n\n"], &["a"]);
    let bytes = "\u{feff}data: a\n\n".as_bytes();
    assert_eq!(decode(bytes.chunks(1)), [(None, "a".to_owned())]);
}

#[test]
fn the_name_belongs_to_its_own_event() {
    let events = decode([b"event: x\ndata: a\n\ndata: b\n\n".as_slice()]);
    assert_eq!(events, [(Some("x".to_owned()), "a".to_owned()), (None, "b".to_owned())]);
}

#[test]
fn the_last_event_may_lack_its_blank_line() {
    check(&["data: a\n"], &["a"]);
    check(&["data: a"], &["a"]);
}

#[test]
fn bare_json_is_an_event_of_its_own() {
    check(
        &["data: a\n\n{\"error\": {\n\n\"message\": \"}\"\n}}\ndata: b\n\n"],
        &["a", "{\"error\": {\n\n\"message\": \"}\"\n}}", "b"],
    );
    check(&["data: a\n[{\"error\":1}]"], &["a", "[{\"error\":1}]"]);
    check(&["{\"cut\": "], &["{\"cut\": "]);
}

#[test]
fn an_event_within_one_slice_is_not_copied() {
    let mut decoder = Decoder::default();
    decoder.push(Bytes::from_static(b"data: begun"));
    assert_eq!(decoder.next_event(), Ok(None));
    let slice = Bytes::from_static(b"\n\ndata: whole\n\n");
    decoder.push(slice.clone());
    assert_eq!(decoder.next_event().unwrap().unwrap().data, "begun");
    let event = decoder.next_event().unwrap().unwrap();
    assert_eq!(event.data, "whole");
    assert!(slice.as_ptr_range().contains(&event.data.as_ptr()));
}

#[test]
fn an_event_over_the_limit_ends_the_stream() {
    for stream in
        ["data: 123456789", "data: 12\ndata: 34\ndata: 56\n", "{\n\n\n\n\n\n\n\n\n\n\n\n\n"]
    {
        let mut decoder = Decoder::with_limit(10);
        decoder.push(Bytes::from(stream));
        assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 10 }), "{stream}");
        decoder.push(Bytes::from_static(b"\n\ndata: a\n\n"));
        assert_eq!(decoder.next_event(), Err(EventTooLong { limit: 10 }), "{stream}");
    }
    let mut decoder = Decoder::with_limit(10);
    decoder.push(Bytes::from("data: 1234\n\n".repeat(100)));
    assert_eq!(std::iter::from_fn(|| decoder.next_event().unwrap()).count(), 100);
}

/// Reads a whole stream the slow way.
fn reference(stream: &[u8]) -> Vec<Plain> {
    let text = String::from_utf8_lossy(stream).replace("\r\n", "\n").replace('\r', "\n");
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let mut events = Vec::new();
    let mut data: Vec<&str> = Vec::new();
    let (mut name, mut in_json) = (None, false);
    let mut lines: Vec<_> = text.split('\n').collect();
    if lines.last() == Some(&"") {
        lines.pop();
    }
    for line in lines.into_iter().map(Some).chain([None]) {
        let opens = line.is_some_and(|it| it.trim_ascii_start().starts_with(['{', '[']));
        let ends = line.is_none() || (!in_json && (line == Some("") || opens));
        if ends {
            let name = name.take();
            if !data.is_empty() {
                events.push((name, data.join("\n")));
                data.clear();
            }
        }
        in_json |= opens;
        let Some(line) = line else { break };
        if in_json {
            data.push(line);
            if is_balanced(&data.join("\n")) {
                events.push((name.take(), data.join("\n")));
                data.clear();
                in_json = false;
            }
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => data.push(value),
            "event" => name = Some(value.to_owned()),
            _ => {}
        }
    }
    events
}

fn is_balanced(json: &str) -> bool {
    let (mut depth, mut in_string, mut escaped) = (0_u32, false, false);
    for c in json.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

fn streams() -> impl Strategy<Value = String> {
    let words = vec![
        "data:",
        "data: ",
        "data",
        "event: x",
        "event:",
        "id: 1",
        ": c",
        ":",
        " ",
        "\r",
        "\n",
        "\r\n",
        "\r\n\r\n",
        "\n\n",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\\",
        "a",
        "\u{2028}",
        "\u{feff}",
        "{\"a\":1}",
    ];
    proptest::collection::vec(proptest::sample::select(words), 0..40).prop_map(|it| it.concat())
}

/// Cuts bytes at the given places, taken modulo what is left.
fn cut<'a>(mut bytes: &'a [u8], cuts: &[usize]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    for cut in cuts {
        let (piece, rest) = bytes.split_at(cut % (bytes.len() + 1));
        pieces.push(piece);
        bytes = rest;
    }
    pieces.push(bytes);
    pieces
}

proptest! {
    #[test]
    fn any_split_reads_as_the_whole_does(stream in streams(), cuts in proptest::collection::vec(0..9_usize, 0..40)) {
        let want = reference(stream.as_bytes());
        prop_assert_eq!(decode(cut(stream.as_bytes(), &cuts)), want);
    }

    #[test]
    fn arbitrary_bytes_read_the_same_in_any_split(stream: Vec<u8>, cuts in proptest::collection::vec(0..9_usize, 0..40)) {
        prop_assert_eq!(decode(cut(&stream, &cuts)), decode([stream.as_slice()]));
    }
}

/// What is still pending after each piece.
#[track_caller]
fn check_pending(pieces: &[(&str, usize)]) {
    let mut decoder = Decoder::default();
    for (piece, want) in pieces {
        decoder.push(Bytes::copy_from_slice(piece.as_bytes()));
        while decoder.next_event().unwrap().is_some() {}
        assert_eq!(decoder.pending(), *want, "after {piece:?}");
    }
}

#[test]
fn only_bytes_of_an_unfinished_event_are_pending() {
    check_pending(&[("data: a\r\n\r\n", 0), ("data: b", 7), ("\r\n", 9), ("\r\n", 0)]);
    check_pending(&[("data: a\n\ndata", 4), (": b\n\n", 0)]);
    check_pending(&[("event: x\n", 9), ("data:\n", 15), ("\n", 0)]);
}

#[test]
fn comments_and_line_ends_between_events_are_not_pending() {
    check_pending(&[(": keep-alive\n", 0), ("\n", 0), ("data: a\r\n\r", 0), ("\n", 0)]);
}
