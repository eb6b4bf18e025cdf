//! JSON as Google writes it: two spaces for whole answers, one line with
//! `": "` for events, and angle brackets escaped in both.

use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// Writes a whole answer, with the newline at its end.
pub(crate) fn pretty(value: &impl Serialize) -> Vec<u8> {
    let mut out = Vec::with_capacity(1_024);
    let mut writer = Serializer::with_formatter(&mut out, Indented(PrettyFormatter::new()));
    // Writing to memory what derives its shape does not fail.
    let _ = value.serialize(&mut writer);
    out.push(b'\n');
    out
}

/// Writes one event: `data: `, one line, CRLF CRLF.
pub(crate) fn event(value: &impl Serialize) -> Bytes {
    let mut out = Vec::with_capacity(512);
    out.extend_from_slice(b"data: ");
    let mut writer = Serializer::with_formatter(&mut out, OneLine);
    let _ = value.serialize(&mut writer);
    out.extend_from_slice(b"\r\n\r\n");
    out.into()
}

struct OneLine;

impl Formatter for OneLine {
    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        fragment(out, text)
    }
}

/// Indents by two spaces; the rest is how angle brackets are written.
struct Indented(PrettyFormatter<'static>);

impl Formatter for Indented {
    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }

    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        fragment(out, text)
    }
}

fn fragment<W: ?Sized + Write>(writer: &mut W, text: &str) -> io::Result<()> {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '>']) {
        let (plain, tail) = rest.split_at(at);
        CompactFormatter.write_string_fragment(writer, plain)?;
        writer.write_all(if tail.starts_with('<') { b"\\u003c" } else { b"\\u003e" })?;
        rest = tail.get(1..).unwrap_or_default();
    }
    CompactFormatter.write_string_fragment(writer, rest)
}
