//! The type of what was fetched: as its server says, or as its first bytes show.

use http::{HeaderMap, header};

/// Types that say nothing.
const VAGUE: &[&str] = &["", "application/octet-stream", "binary/octet-stream"];

/// The media type, in lower case and without parameters; absent when nobody knows.
pub(super) fn of(headers: &HeaderMap, bytes: &[u8]) -> Option<String> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let said = said.and_then(|said| said.split(';').next()).unwrap_or_default();
    let said = said.trim().to_ascii_lowercase();
    if !VAGUE.contains(&said.as_str()) {
        return Some(said);
    }
    shown(bytes).map(str::to_owned)
}

fn shown(bytes: &[u8]) -> Option<&'static str> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let holds = |at: usize, word: &[u8]| bytes.get(at..).is_some_and(|rest| rest.starts_with(word));
    Some(match () {
        () if starts(b"\x89PNG\r\n\x1a\n") => "image/png",
        () if starts(b"\xff\xd8\xff") => "image/jpeg",
        () if starts(b"GIF87a") || starts(b"GIF89a") => "image/gif",
        () if starts(b"RIFF") && holds(8, b"WEBP") => "image/webp",
        () if starts(b"RIFF") && holds(8, b"WAVE") => "audio/wav",
        () if starts(b"%PDF-") => "application/pdf",
        () if starts(b"ID3") || matches!(bytes, [0xff, 0xf2 | 0xf3 | 0xfa | 0xfb, ..]) => {
            "audio/mp3"
        }
        () if holds(4, b"ftypavif") => "image/avif",
        () if holds(4, b"ftypheic") || holds(4, b"ftypmif1") => "image/heic",
        () if holds(4, b"ftypM4A") => "audio/mp4",
        () if holds(4, b"ftyp") => "video/mp4",
        () => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(said: Option<&'static str>, bytes: &[u8], want: Option<&str>) {
        let said = said.map(|said| (header::CONTENT_TYPE, said.parse().unwrap()));
        assert_eq!(of(&HeaderMap::from_iter(said), bytes).as_deref(), want, "{bytes:?}");
    }

    #[test]
    fn what_the_server_says_counts() {
        check(Some("Image/JPEG; q=1"), b"%PDF-1.7", Some("image/jpeg"));
        check(Some("text/html"), b"\x89PNG\r\n\x1a\n", Some("text/html"));
    }

    #[test]
    fn without_it_the_bytes_do() {
        for (bytes, want) in [
            (&b"\x89PNG\r\n\x1a\n...."[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"RIFF\0\0\0\0WAVEfmt ", Some("audio/wav")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"ID3\x04", Some("audio/mp3")),
            (b"\xff\xfb\x90\x44", Some("audio/mp3")),
            (b"\0\0\0\x20ftypisom", Some("video/mp4")),
            (b"\0\0\0\x20ftypavif", Some("image/avif")),
            (b"\0\0\0\x20ftypheic", Some("image/heic")),
            (b"\0\0\0\x20ftypM4A ", Some("audio/mp4")),
            (b"RIFF", None),
            (b"<html>", None),
            (b"", None),
        ] {
            check(None, bytes, want);
            check(Some("application/octet-stream"), bytes, want);
            check(Some(""), bytes, want);
        }
    }
}
