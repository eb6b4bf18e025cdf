//! Any bytes decode without a panic, and the same however they are split.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use pollux_translate::sse::{Decoder, Event};

fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Vec<Event> {
    let (mut decoder, mut events) = (Decoder::default(), Vec::new());
    for piece in pieces {
        decoder.push(Bytes::copy_from_slice(piece));
        events.extend(std::iter::from_fn(|| decoder.next_event().ok().flatten()));
    }
    events.extend(std::iter::from_fn(|| decoder.finish().ok().flatten()));
    events
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, stream) = input;
    let split = decode(stream.chunks(usize::from(size) + 1));
    assert_eq!(split, decode(std::iter::once(stream)));
});
