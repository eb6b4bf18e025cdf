//! What a decoder was fed and has not used up, and how much of it is still part of something.

use bytes::{Bytes, BytesMut};

/// The rest of the slices that were pushed.
#[derive(Debug, Default)]
pub(crate) struct Feed {
    pub(crate) chunk: Bytes,
    pushed: usize,
    boundary: usize,
}

impl Feed {
    /// Takes the next slice; only one that follows on unused bytes is copied.
    pub(crate) fn push(&mut self, bytes: Bytes) {
        self.pushed = self.pushed.wrapping_add(bytes.len());
        if self.chunk.is_empty() {
            self.chunk = bytes;
            return;
        }
        let mut joined = BytesMut::with_capacity(self.chunk.len() + bytes.len());
        joined.extend_from_slice(&self.chunk);
        joined.extend_from_slice(&bytes);
        self.chunk = joined.freeze();
    }

    /// Notes that everything before the unused bytes belongs to something whole.
    pub(crate) fn mark(&mut self) {
        self.boundary = self.pushed.wrapping_sub(self.chunk.len());
    }

    /// Returns how many bytes came after the last mark.
    pub(crate) fn pending(&self) -> usize {
        self.pushed.wrapping_sub(self.boundary)
    }
}
