//! Server-sent events, as bytes in and events out.
//!
//! [`Decoder`] is fed whatever slices the network delivers and yields whole events; it never
//! reads, waits or holds more than its limit. Lines end at CR, LF or CRLF and nowhere else. A JSON
//! document that arrives without `data:`, as Google sends some errors on an open stream, is
//! yielded as an event of its own.

#[cfg(test)]
mod tests;

use bytes::{Buf, Bytes, BytesMut};
use memchr::memchr2;

use crate::feed::Feed;
use crate::nesting::Nesting;

/// The longest event a default decoder accepts, in bytes.
pub const MAX_EVENT: usize = 64 * 1024 * 1024;

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The value of the `event` field, if there was one.
    pub name: Option<Bytes>,
    /// The values of the `data` fields, joined by LF.
    pub data: Bytes,
}

/// An event is longer than the decoder's limit; the stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an event is longer than {limit} bytes")]
pub struct EventTooLong {
    /// The limit, in bytes.
    pub limit: usize,
}

/// Splits a byte stream into its events.
///
/// An event with one `data` line that lies within one pushed slice is not copied.
#[derive(Debug)]
pub struct Decoder {
    limit: usize,
    feed: Feed,
    line: BytesMut,
    name: Option<Bytes>,
    data: Data,
    json: Option<Nesting>,
    ready: Option<Event>,
    begun: bool,
    after_cr: bool,
    too_long: bool,
}

/// The `data` lines gathered so far.
#[derive(Debug, Default)]
enum Data {
    #[default]
    Absent,
    One(Bytes),
    Several(BytesMut),
}

impl Default for Decoder {
    fn default() -> Self {
        Self::with_limit(MAX_EVENT)
    }
}

impl Decoder {
    /// Makes a decoder that refuses events of more than `max_event_bytes`.
    pub fn with_limit(max_event_bytes: usize) -> Self {
        Self {
            limit: max_event_bytes,
            feed: Feed::default(),
            line: BytesMut::new(),
            name: None,
            data: Data::Absent,
            json: None,
            ready: None,
            begun: false,
            after_cr: false,
            too_long: false,
        }
    }

    /// Takes the next slice of the stream; events are meant to be drained before another follows.
    pub fn push(&mut self, bytes: Bytes) {
        self.feed.push(bytes);
    }

    /// Returns the next whole event; `None` until more bytes are pushed.
    pub fn next_event(&mut self) -> Result<Option<Event>, EventTooLong> {
        if let Some(event) = self.ready.take() {
            return Ok(Some(event));
        }
        while let Some(line) = self.next_line()? {
            let event = self.line(line);
            self.check(0)?;
            self.mark();
            if event.is_some() {
                return Ok(event);
            }
        }
        Ok(None)
    }

    /// Returns the events that the end of the stream completes; call it until `None`.
    pub fn finish(&mut self) -> Result<Option<Event>, EventTooLong> {
        if let Some(event) = self.next_event()? {
            return Ok(Some(event));
        }
        if !self.line.is_empty() {
            let line = self.line.split().freeze();
            if let Some(event) = self.line(line) {
                return Ok(Some(event));
            }
        }
        self.json = None;
        Ok(self.ready.take().or_else(|| self.dispatch()))
    }

    /// Returns how many of the bytes pushed belong to an event that is not whole yet.
    ///
    /// Meant to be asked once the events are drained.
    pub fn pending(&self) -> usize {
        self.feed.pending()
    }

    /// Notes that everything before the rest of the slice belongs to events that are whole.
    fn mark(&mut self) {
        let gathering = self.json.is_some() || self.name.is_some() || self.data.len() > 0;
        if !gathering && self.line.is_empty() && !matches!(self.data, Data::One(_)) {
            self.feed.mark();
        }
    }

    /// Cuts the next line off, without its ending.
    fn next_line(&mut self) -> Result<Option<Bytes>, EventTooLong> {
        self.check(0)?;
        if self.after_cr && !self.feed.chunk.is_empty() {
            self.after_cr = false;
            if self.feed.chunk.first() == Some(&b'\n') {
                self.feed.chunk.advance(1);
                self.mark();
            }
        }
        let Some(end) = memchr2(b'\r', b'\n', &self.feed.chunk) else {
            self.check(self.feed.chunk.len())?;
            self.line.extend_from_slice(&self.feed.chunk);
            self.feed.chunk.clear();
            return Ok(None);
        };
        self.check(end)?;
        let tail = self.feed.chunk.split_to(end);
        self.after_cr = self.feed.chunk.first() == Some(&b'\r');
        self.feed.chunk.advance(1);
        if self.line.is_empty() {
            return Ok(Some(tail));
        }
        self.line.extend_from_slice(&tail);
        Ok(Some(self.line.split().freeze()))
    }

    /// Fails, now and ever after, once the event in hand and `more` bytes exceed the limit.
    fn check(&mut self, more: usize) -> Result<(), EventTooLong> {
        let size = self.data.len().saturating_add(self.line.len()).saturating_add(more);
        self.too_long |= size > self.limit;
        if !self.too_long {
            return Ok(());
        }
        (self.feed.chunk, self.line, self.data) = (Bytes::new(), BytesMut::new(), Data::Absent);
        Err(EventTooLong { limit: self.limit })
    }

    /// Takes one line and returns the event it completes.
    fn line(&mut self, mut line: Bytes) -> Option<Event> {
        if !self.begun {
            self.begun = true;
            if line.starts_with(BOM) {
                line.advance(BOM.len());
            }
        }
        if self.json.is_some() {
            return self.json_line(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        if matches!(line.trim_ascii_start().first(), Some(b'{' | b'[')) {
            let before = self.dispatch();
            self.json = Some(Nesting::default());
            let event = self.json_line(line);
            if before.is_some() {
                self.ready = event;
                return before;
            }
            return event;
        }
        self.field(line);
        None
    }

    /// Takes one line of a bare JSON document.
    fn json_line(&mut self, line: Bytes) -> Option<Event> {
        let end = self.json.as_mut().and_then(|nesting| nesting.scan(&line));
        self.data.append(line);
        end.and_then(|_| {
            self.json = None;
            self.dispatch()
        })
    }

    /// Takes one `name: value` line; comments and fields of no use here are passed over.
    fn field(&mut self, mut line: Bytes) {
        let colon = memchr::memchr(b':', &line).unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        let is_data = name == b"data";
        if !is_data && name != b"event" {
            return;
        }
        let skipped = if value.starts_with(b": ") { 2 } else { value.len().min(1) };
        line.advance(colon + skipped);
        if is_data {
            self.data.append(line);
        } else {
            self.name = Some(line);
        }
    }

    /// Ends the event in hand; nothing comes of one without data.
    fn dispatch(&mut self) -> Option<Event> {
        let name = self.name.take();
        let data = match std::mem::take(&mut self.data) {
            Data::Absent => return None,
            Data::One(data) => data,
            Data::Several(data) => data.freeze(),
        };
        Some(Event { name, data })
    }
}

impl Data {
    fn len(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::One(data) => data.len(),
            Self::Several(data) => data.len(),
        }
    }

    fn append(&mut self, line: Bytes) {
        *self = match std::mem::take(self) {
            Self::Absent => Self::One(line),
            Self::One(first) => {
                let mut joined = BytesMut::with_capacity((first.len() + line.len() + 1) * 2);
                joined.extend_from_slice(&first);
                Self::Several(joined).with(&line)
            }
            several @ Self::Several(_) => several.with(&line),
        };
    }

    fn with(mut self, line: &[u8]) -> Self {
        if let Self::Several(joined) = &mut self {
            joined.extend_from_slice(b"\n");
            joined.extend_from_slice(line);
        }
        self
    }
}
