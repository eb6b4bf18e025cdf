//! An answer divided into the chunks of a stream.
//!
//! Thoughts come first, before anything is counted for the answer; text
//! follows in pieces; a model that signs ends with one more part that is empty
//! but for its signature. Only the last chunk says why it ends.

use super::wire::{Generated, Part, Usage};
use super::{Speech, start_of, tokens};
use crate::Chunking;

/// The chunks of an answer, at least one.
pub(crate) fn chunks(speech: &Speech, chunking: Chunking) -> Vec<Generated<'_>> {
    if speech.is_cut {
        return vec![speech.whole()];
    }
    let mut chunks = Vec::new();
    if let Some(thought) = &speech.thought {
        let usage = Usage::of(&speech.details, 0, 0);
        chunks.push(speech.generated(&[Part::thought(thought)], None, usage));
    }
    for part in speech.code_parts().into_iter().flatten() {
        chunks.push(speech.generated(&[part], None, speech.usage(0)));
    }
    if let Some(medium) = &speech.medium {
        ending(speech, Part::medium(&medium.blob), &mut chunks);
    } else if speech.calls.is_empty() {
        text(speech, chunking, &mut chunks);
    } else {
        calls(speech, &mut chunks);
    }
    chunks
}

fn text<'a>(speech: &'a Speech, chunking: Chunking, chunks: &mut Vec<Generated<'a>>) {
    let pieces = pieces(&speech.text, chunking);
    let last = pieces.len().saturating_sub(1);
    let mut sent = 0;
    for (at, piece) in pieces.into_iter().enumerate() {
        sent += piece.len();
        let ends = at == last && speech.signature.is_none();
        let usage = speech.usage(tokens(start_of(&speech.text, sent)));
        let finish = ends.then_some(speech.finish());
        chunks.push(speech.generated(&[Part::text(piece, None)], finish, usage));
    }
    if let Some(signature) = &speech.signature {
        ending(speech, Part::text("", Some(signature)), chunks);
    }
}

fn calls<'a>(speech: &'a Speech, chunks: &mut Vec<Generated<'a>>) {
    let parts: Vec<_> = speech.call_parts().collect();
    let usage = speech.usage(speech.answer_tokens());
    if speech.signature.is_none() {
        chunks.push(speech.generated(&parts, Some(speech.finish()), usage));
        return;
    }
    chunks.push(speech.generated(&parts, None, usage));
    ending(speech, Part::text("", None), chunks);
}

fn ending<'a>(speech: &'a Speech, part: Part<'a>, chunks: &mut Vec<Generated<'a>>) {
    let usage = speech.usage(speech.answer_tokens());
    chunks.push(speech.generated(&[part], Some(speech.finish()), usage));
}

/// Divides a text between characters; an empty text is one empty piece.
fn pieces(text: &str, chunking: Chunking) -> Vec<&str> {
    if text.is_empty() {
        return vec![text];
    }
    match chunking {
        Chunking::Words => text.split_inclusive([' ', '\n']).collect(),
        Chunking::Whole => vec![text],
        Chunking::Bytes(bytes) => by_bytes(text, bytes),
    }
}

fn by_bytes(text: &str, bytes: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (piece, tail) = rest.split_at(start_of(rest, bytes).len().max(first.len_utf8()));
        pieces.push(piece);
        rest = tail;
    }
    pieces
}
