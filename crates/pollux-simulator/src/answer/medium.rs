//! Pictures and sounds made from a number, the same on every machine.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::prompt::Modality;
use super::wire::Blob;

/// The sides of a picture, in pixels.
const SIDE: u8 = 8;
/// Tokens of a picture, as Google counts a small one.
const PICTURE: u64 = 1_290;
/// The samples of a sound: a tenth of a second.
const SAMPLES: u16 = 2_400;
/// Tokens of a sound.
const SOUND: u64 = 3;

/// A picture or a sound.
#[derive(Debug)]
pub(super) struct Medium {
    pub(super) blob: Blob,
    pub(super) tokens: u64,
}

impl Medium {
    /// Makes one of the wanted kind.
    pub(super) fn of(modality: Modality, seed: u64) -> Self {
        let (mime_type, bytes, tokens) = match modality {
            Modality::Image => ("image/png", picture(seed), PICTURE),
            Modality::Audio => ("audio/L16;codec=pcm;rate=24000", sound(seed), SOUND),
        };
        Self { blob: Blob { mime_type, data: BASE64_STANDARD.encode(bytes) }, tokens }
    }
}

/// A PNG of one colour.
fn picture(seed: u64) -> Vec<u8> {
    let [red, green, blue, ..] = seed.to_le_bytes();
    let mut rows = Vec::new();
    for _ in 0..SIDE {
        rows.push(0);
        rows.extend([red, green, blue].repeat(usize::from(SIDE)));
    }
    let mut header = Vec::new();
    header.extend(u32::from(SIDE).to_be_bytes());
    header.extend(u32::from(SIDE).to_be_bytes());
    // Eight bits, red green blue, and the only ways there are to pack, filter and order.
    header.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, *b"IHDR", &header);
    chunk(&mut png, *b"IDAT", &stored(&rows));
    chunk(&mut png, *b"IEND", &[]);
    png
}

fn chunk(png: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let named = [kind.as_slice(), data].concat();
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend(&named);
    png.extend(crc32(&named).to_be_bytes());
}

/// A zlib stream of one block that is not compressed.
fn stored(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or_default();
    let mut zlib = vec![0x78, 0x01, 0x01];
    zlib.extend(length.to_le_bytes());
    zlib.extend((!length).to_le_bytes());
    zlib.extend(data);
    zlib.extend(adler32(data).to_be_bytes());
    zlib
}

fn crc32(data: &[u8]) -> u32 {
    let bit = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| bit(crc));
    !data.iter().fold(u32::MAX, byte)
}

fn adler32(data: &[u8]) -> u32 {
    let step = |(a, b): (u32, u32), byte: &u8| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    };
    let (a, b) = data.iter().fold((1, 0), step);
    b << 16 | a
}

/// A tone: 16-bit samples, lowest byte first, rising and falling in a triangle.
fn sound(seed: u64) -> Vec<u8> {
    let half = 20 + i32::from(seed.to_le_bytes()[0] / 4);
    let sample = |at: u16| {
        let at = i32::from(at) % (2 * half);
        let height = if at < half { at } else { 2 * half - at };
        i16::try_from(height * 16_000 / half - 8_000).unwrap_or_default()
    };
    (0..SAMPLES).flat_map(|at| sample(at).to_le_bytes()).collect()
}
