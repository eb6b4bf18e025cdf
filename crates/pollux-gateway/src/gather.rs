//! Puts the pieces of a body together, up to a size.

use bytes::{Bytes, BytesMut};

/// Pieces so far; a body that comes in one piece is not copied.
#[derive(Debug)]
pub(crate) struct Gather {
    limit: usize,
    expected: usize,
    first: Bytes,
    rest: BytesMut,
}

/// The body is larger than allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge;

impl Gather {
    /// Takes at most `limit` bytes, of which `declared` are announced.
    pub(crate) fn new(limit: usize, declared: u64) -> Result<Self, TooLarge> {
        let expected = usize::try_from(declared).unwrap_or(usize::MAX);
        if expected > limit {
            return Err(TooLarge);
        }
        Ok(Self { limit, expected, first: Bytes::new(), rest: BytesMut::new() })
    }

    pub(crate) fn push(&mut self, piece: Bytes) -> Result<(), TooLarge> {
        if self.first.len() + self.rest.len() + piece.len() > self.limit {
            return Err(TooLarge);
        }
        if self.rest.is_empty() {
            if self.first.is_empty() {
                self.first = piece;
                return Ok(());
            }
            let first = std::mem::take(&mut self.first);
            self.rest.reserve(self.expected.max(first.len() + piece.len()));
            self.rest.extend_from_slice(&first);
        }
        self.rest.extend_from_slice(&piece);
        Ok(())
    }

    pub(crate) fn finish(self) -> Bytes {
        if self.rest.is_empty() { self.first } else { self.rest.freeze() }
    }
}
