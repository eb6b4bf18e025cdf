//! When text goes out: a stream's events, cut at grapheme boundaries and given out at a pace.
//!
//! [`Pacer`] takes whole `GenerateContentResponse` events and gives smaller ones, whose texts add
//! up to the same. Everything that is not text of the answer (thoughts, calls, signatures, finish
//! reasons, usage) keeps its place in the order and waits for nothing of its own. What piles up
//! goes out faster, so that text is never late without bound.

mod cut;
mod rhythm;
#[cfg(test)]
mod tests;

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use unicode_segmentation::UnicodeSegmentation as _;

use self::{
    cut::Piece,
    rhythm::{Delta, Rhythm},
};

pub use self::rhythm::{Mode, Pacing};

/// No more is taken while so many bytes of events wait.
const FULL: usize = 256 << 10;

/// One stream on its way; times are counted from its beginning.
#[derive(Debug)]
pub struct Pacer {
    rhythm: Rhythm,
    waiting: VecDeque<Waiting>,
    /// The bytes of what waits.
    bytes: usize,
    /// The characters of text that wait.
    characters: usize,
    /// When the next text may go out.
    due: Duration,
}

/// An event, or the part of one that keeps its place in the order.
#[derive(Debug)]
struct Waiting {
    piece: Piece,
    came: Duration,
    bytes: usize,
    /// Of the delta that it was, and how long after the one before it came.
    size: usize,
    gap: Duration,
}

/// What is to be done now.
#[derive(Debug, PartialEq, Eq)]
pub enum Turn {
    /// This event goes out.
    Event(Bytes),
    /// Nothing does before this moment.
    Later(Duration),
    /// Nothing waits.
    Nothing,
}

impl Pacer {
    /// Begins a stream.
    pub fn new(pacing: Pacing) -> Self {
        Self {
            rhythm: Rhythm::new(pacing),
            waiting: VecDeque::new(),
            bytes: 0,
            characters: 0,
            due: Duration::ZERO,
        }
    }

    /// Returns whether so much waits that no more should be taken yet.
    pub fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    /// Takes one whole event.
    pub fn push(&mut self, event: &Bytes, now: Duration) {
        let pieces = cut::pieces(event);
        let size = pieces.iter().map(Piece::characters).sum();
        let gap = self.rhythm.hear(size, now);
        self.characters += size;
        for piece in pieces {
            let bytes = piece.bytes();
            self.bytes += bytes;
            self.waiting.push_back(Waiting { piece, came: now, bytes, size, gap });
        }
    }

    /// Says what goes out now, and takes it away.
    pub fn take(&mut self, now: Duration) -> Turn {
        let Some(first) = self.waiting.front_mut() else { return Turn::Nothing };
        let Piece::Text(said) = &mut first.piece else { return self.pop() };
        if said.left().is_empty() {
            return self.pop();
        }
        if now < self.due {
            return Turn::Later(self.due);
        }
        let step = self.rhythm.step(self.characters, now.saturating_sub(first.came));
        let end = rhythm::end_of(said.left(), step);
        let is_over = end == said.left().len();
        let delta = Delta { size: first.size, gap: first.gap, is_over };
        if is_over {
            self.complete();
        }
        self.due = now + self.rhythm.delay(step, delta);
        self.give((!is_over).then_some(end))
    }

    /// Gives out the beginning of the first text, or all of it.
    fn give(&mut self, end: Option<usize>) -> Turn {
        let Some(first) = self.waiting.front_mut() else { return Turn::Nothing };
        let Piece::Text(said) = &mut first.piece else { return self.pop() };
        let given = said.left().get(..end.unwrap_or(said.left().len())).unwrap_or_default();
        self.characters = self.characters.saturating_sub(given.chars().count());
        match end {
            Some(end) => Turn::Event(said.give(end)),
            None => self.pop(),
        }
    }

    fn pop(&mut self) -> Turn {
        let Some(first) = self.waiting.pop_front() else { return Turn::Nothing };
        self.bytes = self.bytes.saturating_sub(first.bytes);
        Turn::Event(match first.piece {
            Piece::Whole(event) => event,
            Piece::Text(said) => said.rest(),
        })
    }

    /// Lets the first text have what of its last grapheme is at the head of the texts behind it.
    fn complete(&mut self) {
        let mut waiting = self.waiting.iter_mut().map(|waiting| &mut waiting.piece);
        let Some(Piece::Text(first)) = waiting.next() else { return };
        let mut goes_on = first.is_open();
        for piece in waiting {
            let Piece::Text(next) = piece else { return };
            if !goes_on {
                return;
            }
            let moved = join(first.last_grapheme(), next.left());
            first.add(next.skip(moved));
            goes_on = next.left().is_empty() && next.is_open();
        }
    }
}

/// How many bytes at the head of `next` belong to the grapheme that `last` begins.
fn join(last: &str, next: &str) -> usize {
    let both = [last, next].concat();
    let first = both.graphemes(true).next().unwrap_or_default();
    first.len().saturating_sub(last.len())
}
