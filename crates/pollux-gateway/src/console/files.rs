//! The console's files as they were built: in the program, or in a debug build on the disk, where
//! they are read anew each time.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt::Write as _,
    io::Write as _,
    sync::{Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::RustEmbed;

use crate::offload::Offload;

/// The page that all others are.
pub(super) const INDEX: &str = "index.html";
/// What is in there has a name that changes with what it says.
const HASHED: &str = "assets/";
const KEPT: &str = "public, max-age=31536000, immutable";
const ASKED_ANEW: &str = "no-cache";

/// Kinds of files by the end of their names, and whether they are text.
const KINDS: [(&str, &str, bool); 14] = [
    ("html", "text/html; charset=utf-8", true),
    ("js", "text/javascript; charset=utf-8", true),
    ("css", "text/css; charset=utf-8", true),
    ("json", "application/json", true),
    ("map", "application/json", true),
    ("webmanifest", "application/manifest+json", true),
    ("svg", "image/svg+xml", true),
    ("txt", "text/plain; charset=utf-8", true),
    ("ico", "image/x-icon", false),
    ("png", "image/png", false),
    ("jpg", "image/jpeg", false),
    ("webp", "image/webp", false),
    ("woff2", "font/woff2", false),
    ("wasm", "application/wasm", false),
];
const UNKNOWN: (&str, bool) = ("application/octet-stream", false);

#[derive(RustEmbed)]
#[folder = "../../console/dist"]
struct Built;

/// One file.
#[derive(Debug)]
pub(super) struct File {
    name: String,
    data: Bytes,
    digest: [u8; 32],
}

/// The files that were packed, by their names.
#[derive(Debug, Default)]
pub(crate) struct Packed(Mutex<HashMap<String, Pack>>);

#[derive(Clone, Debug)]
struct Pack {
    /// Of what it was made.
    digest: [u8; 32],
    /// Nothing where it would not be smaller.
    gzip: Option<Bytes>,
}

impl File {
    pub(super) fn named(name: &str) -> Option<Self> {
        let file = Built::get(name)?;
        let data = match file.data {
            Cow::Borrowed(data) => Bytes::from_static(data),
            Cow::Owned(data) => Bytes::from(data),
        };
        Some(Self { name: name.to_owned(), data, digest: file.metadata.sha256_hash() })
    }

    pub(super) fn data(&self) -> Bytes {
        self.data.clone()
    }

    pub(super) fn kind(&self) -> &'static str {
        self.described().0
    }

    /// Whether it becomes smaller when it is packed.
    pub(super) fn is_text(&self) -> bool {
        self.described().1
    }

    /// How long a browser may keep it.
    pub(super) fn keeping(&self) -> &'static str {
        if self.name.starts_with(HASHED) { KEPT } else { ASKED_ANEW }
    }

    /// Names what it says, byte by byte: packed it has others.
    pub(super) fn tag(&self, is_packed: bool) -> String {
        let mut tag = String::from("\"");
        for byte in self.digest.iter().take(16) {
            // Writing to text does not fail.
            let _ = write!(tag, "{byte:02x}");
        }
        tag.push_str(if is_packed { "-gzip\"" } else { "\"" });
        tag
    }

    fn described(&self) -> (&'static str, bool) {
        let end = self.name.rsplit_once('.').map_or("", |(_, end)| end);
        let kind = KINDS.iter().find(|(known, ..)| *known == end);
        kind.map_or(UNKNOWN, |(_, kind, is_text)| (kind, *is_text))
    }
}

impl Packed {
    /// The file as gzip, which is made once; nothing where that would not be smaller.
    pub(super) async fn of(&self, file: &File, offload: &Offload) -> Option<Bytes> {
        if !file.is_text() {
            return None;
        }
        if let Some(known) = self.known(file) {
            return known.gzip;
        }
        let data = file.data();
        let gzip = offload.run(move || gzip(&data)).await.flatten();
        let pack = Pack { digest: file.digest, gzip: gzip.clone() };
        self.all().insert(file.name.clone(), pack);
        gzip
    }

    fn known(&self, file: &File) -> Option<Pack> {
        self.all().get(&file.name).filter(|pack| pack.digest == file.digest).cloned()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Pack>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gzip(data: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).ok()?;
    let packed = encoder.finish().ok()?;
    (packed.len() < data.len()).then(|| Bytes::from(packed))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Read as _,
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use flate2::read::GzDecoder;

    use super::*;

    fn file(name: &str, data: &str, mark: u8) -> File {
        let data = Bytes::copy_from_slice(data.as_bytes());
        File { name: name.to_owned(), data, digest: [mark; 32] }
    }

    #[test]
    fn names_say_what_a_file_is_and_how_long_it_is_good() {
        for (name, kind, keeping) in [
            ("index.html", "text/html; charset=utf-8", ASKED_ANEW),
            ("assets/index-Bx9_2k1d.js", "text/javascript; charset=utf-8", KEPT),
            ("assets/index-Dd1.css", "text/css; charset=utf-8", KEPT),
            ("favicon.svg", "image/svg+xml", ASKED_ANEW),
            ("assets/a.b/none", "application/octet-stream", KEPT),
        ] {
            let file = file(name, "", 1);
            assert_eq!((file.kind(), file.keeping()), (kind, keeping), "{name}");
        }
    }

    #[test]
    fn a_tag_names_the_bytes() {
        let [a, b] = [1, 2].map(|mark| file("a.js", "", mark));
        assert_eq!(a.tag(false), format!("\"{}\"", "01".repeat(16)));
        assert_eq!(a.tag(true), format!("\"{}-gzip\"", "01".repeat(16)));
        assert_ne!(a.tag(false), b.tag(false));
    }

    #[tokio::test]
    async fn a_text_is_packed_once_until_it_changes() {
        let times = Arc::new(AtomicUsize::default());
        let counted = Arc::clone(&times);
        let offload = Offload::new(move |work| {
            counted.fetch_add(1, Ordering::Relaxed);
            work();
        });
        let (packed, text) = (Packed::default(), "a line of the console\n".repeat(99));
        for _ in 0..3 {
            let gzip = packed.of(&file("a.js", &text, 1), &offload).await.unwrap();
            let mut read = String::new();
            GzDecoder::new(&*gzip).read_to_string(&mut read).unwrap();
            assert!(gzip.len() < text.len() / 4 && read == text);
        }
        assert_eq!(times.load(Ordering::Relaxed), 1);
        assert!(packed.of(&file("a.js", &text.repeat(2), 2), &offload).await.is_some());
        assert_eq!(times.load(Ordering::Relaxed), 2);
        assert_eq!(packed.of(&file("b.png", &text, 1), &offload).await, None);
        assert_eq!(packed.of(&file("c.js", "short", 1), &offload).await, None);
        assert_eq!(times.load(Ordering::Relaxed), 3);
    }
}
