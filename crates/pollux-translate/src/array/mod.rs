//! The elements of a JSON array that arrives in pieces.
//!
//! Google streams one array of responses when a client does not ask for `alt=sse`. A document
//! that is one object, as errors are, is yielded as one element.

#[cfg(test)]
mod tests;

use bytes::{Bytes, BytesMut};

use crate::feed::Feed;
use crate::nesting::Nesting;
use crate::sse::{EventTooLong, MAX_EVENT};

/// Splits a JSON array into its top-level elements.
///
/// An element that lies within one pushed slice is not copied.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    feed: Feed,
    part: BytesMut,
    scan: Scan,
    in_array: bool,
    too_long: bool,
}

/// What the scan stands in.
#[derive(Clone, Copy, Debug)]
enum Scan {
    Between,
    Nested(Nesting),
    Scalar { in_string: bool, escaped: bool },
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(MAX_EVENT)
    }
}

impl Decoder {
    /// Makes a decoder that refuses elements of more than `max_element_bytes`.
    pub fn with_limit(max_element_bytes: usize) -> Self {
        Self {
            limit: max_element_bytes,
            feed: Feed::default(),
            part: BytesMut::new(),
            scan: Scan::Between,
            in_array: false,
            too_long: false,
        }
    }

    /// Takes the next slice of the stream; elements are meant to be drained before another follows.
    pub fn push(&mut self, bytes: Bytes) {
        self.feed.push(bytes);
    }

    /// Returns the next whole element; `None` until more bytes are pushed.
    pub fn next_event(&mut self) -> Result<Option<Bytes>, EventTooLong> {
        self.check(0)?;
        if matches!(self.scan, Scan::Between) {
            self.begin();
        }
        let end = match &mut self.scan {
            Scan::Between => return Ok(None),
            Scan::Nested(nesting) => nesting.scan(&self.feed.chunk),
            Scan::Scalar { in_string, escaped } => scalar_end(&self.feed.chunk, in_string, escaped),
        };
        self.check(end.unwrap_or(self.feed.chunk.len()))?;
        let piece = self.feed.chunk.split_to(end.unwrap_or(self.feed.chunk.len()));
        if end.is_none() {
            self.part.extend_from_slice(&piece);
            return Ok(None);
        }
        self.scan = Scan::Between;
        self.feed.mark();
        if self.part.is_empty() {
            return Ok(Some(piece));
        }
        self.part.extend_from_slice(&piece);
        Ok(Some(self.part.split().freeze()))
    }

    /// Returns what the end of the stream leaves: an element that was cut off, if there is one.
    pub fn finish(&mut self) -> Result<Option<Bytes>, EventTooLong> {
        if let Some(element) = self.next_event()? {
            return Ok(Some(element));
        }
        self.scan = Scan::Between;
        let rest = self.part.split().freeze();
        Ok(Some(rest).filter(|rest| !rest.is_empty()))
    }

    /// Returns how many of the bytes pushed came after the last whole element.
    ///
    /// Meant to be asked once the elements are drained.
    pub fn pending(&self) -> usize {
        self.feed.pending()
    }

    /// Drops what stands before the next element and notes what kind of element it is.
    fn begin(&mut self) {
        while let Some(&byte) = self.feed.chunk.first() {
            self.scan = match byte {
                b'[' if !self.in_array => {
                    self.in_array = true;
                    Scan::Between
                }
                b'{' | b'[' => Scan::Nested(Nesting::default()),
                b',' | b']' | b' ' | b'\t' | b'\r' | b'\n' => Scan::Between,
                _ => Scan::Scalar { in_string: false, escaped: false },
            };
            if !matches!(self.scan, Scan::Between) {
                return;
            }
            drop(self.feed.chunk.split_to(1));
        }
    }

    /// Fails, now and ever after, once the element in hand and `more` bytes exceed the limit.
    fn check(&mut self, more: usize) -> Result<(), EventTooLong> {
        self.too_long |= self.part.len().saturating_add(more) > self.limit;
        if !self.too_long {
            return Ok(());
        }
        (self.feed.chunk, self.part) = (Bytes::new(), BytesMut::new());
        Err(EventTooLong { limit: self.limit })
    }
}

/// Returns where a string, number or word ends: before the delimiter that follows it.
fn scalar_end(bytes: &[u8], in_string: &mut bool, escaped: &mut bool) -> Option<usize> {
    bytes.iter().position(|&byte| {
        if *in_string {
            let closes = byte == b'"' && !*escaped;
            *escaped = byte == b'\\' && !*escaped;
            *in_string = !closes;
            return false;
        }
        *in_string = byte == b'"';
        matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n')
    })
}
