//! From Gemini's samples to a file.

use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet, prelude::BASE64_STANDARD};

use super::request::{Format, Request};
use crate::error::{ApiError, Status};
use crate::gemini::content::Blob;
use crate::gemini::finish::FinishReason;
use crate::gemini::response::{Candidate, Response};
use crate::openai::finish;

/// Samples in a second, where Gemini does not say it.
const RATE: u32 = 24_000;
/// Bytes of one sample.
const WIDTH: u16 = 2;
/// Bytes of the header that follow the length of the whole.
const HEADER: u32 = 36;

const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a text sounds like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// The media type.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Sound {
    /// Reads Gemini's answer.
    ///
    /// # Errors
    /// When nothing was spoken, or in a form that cannot be packed as the client wants it.
    pub fn read(request: &Request<'_>, body: &[u8]) -> Result<Self, ApiError> {
        let response = Response::parse(body)
            .map_err(|_| failed("the upstream sent something that is not an answer"))?;
        let parts = response.candidates.iter().take(1).flat_map(Candidate::parts);
        let blobs: Vec<&Blob<'_>> = parts.filter_map(|part| part.inline_data.as_ref()).collect();
        let Some(first) = blobs.first() else { return Err(silent(&response)) };
        let played = Played::parse(&first.mime_type)?;
        let mut samples = Vec::new();
        for blob in blobs {
            let decoded =
                BASE64_STANDARD.decode(&*blob.data).or_else(|_| URL_SAFE.decode(&*blob.data));
            samples.extend(decoded.map_err(|_| failed("the upstream's sound is not in base64"))?);
        }
        match request.format() {
            Format::Pcm => Ok(Self { media_type: "audio/pcm", bytes: samples }),
            Format::Wav => Ok(Self { media_type: "audio/wav", bytes: played.wav(&samples)? }),
        }
    }
}

fn failed(message: impl Into<String>) -> ApiError {
    ApiError::new(Status::Internal, message)
}

/// Refuses sound that is not in samples.
pub(super) fn check(blob: &Blob<'_>) -> Result<(), ApiError> {
    Played::parse(&blob.mime_type).map(drop)
}

/// Why there is no sound.
pub(super) fn silent(response: &Response<'_>) -> ApiError {
    if let Some(reason) = response.block_reason() {
        return policy(format!("Gemini blocked the text: {reason}"));
    }
    let reason = response.finish_reason();
    let told = reason.map_or("no reason was given", FinishReason::as_str);
    let message = format!("Gemini spoke nothing: {told}");
    if finish::reason(reason) == finish::CONTENT_FILTER { policy(message) } else { failed(message) }
}

fn policy(message: String) -> ApiError {
    let code = Some("content_policy_violation");
    ApiError { code, ..ApiError::new(Status::InvalidArgument, message) }
}

/// How samples are to be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Played {
    rate: u32,
    channels: u16,
}

impl Played {
    /// Reads a media type such as `audio/L16;codec=pcm;rate=24000`.
    ///
    /// L16 has the highest byte first by its standard; Gemini sends the lowest first all the same.
    fn parse(media_type: &str) -> Result<Self, ApiError> {
        let mut words = media_type.split(';').map(str::trim);
        let kind = words.next().unwrap_or_default();
        if !["audio/L16", "audio/pcm"].iter().any(|known| kind.eq_ignore_ascii_case(known)) {
            return Err(failed(format!("the upstream spoke in `{kind}`, which is not known here")));
        }
        let mut played = Self { rate: RATE, channels: 1 };
        for (name, value) in words.filter_map(|word| word.split_once('=')) {
            match name {
                "rate" => played.rate = value.parse().unwrap_or(RATE),
                "channels" => played.channels = value.parse().unwrap_or(1),
                _ => {}
            }
        }
        Ok(played)
    }

    /// Puts a header before the samples.
    fn wav(self, samples: &[u8]) -> Result<Vec<u8>, ApiError> {
        let length = u32::try_from(samples.len()).ok().filter(|it| *it <= u32::MAX - HEADER);
        let length = length.ok_or_else(|| failed("the sound is too long for a WAV file"))?;
        let frame = self.channels.saturating_mul(WIDTH);
        let mut wav = Vec::with_capacity(samples.len() + 44);
        wav.extend(b"RIFF");
        wav.extend((length + HEADER).to_le_bytes());
        wav.extend(b"WAVEfmt ");
        wav.extend(16_u32.to_le_bytes());
        wav.extend(1_u16.to_le_bytes());
        wav.extend(self.channels.to_le_bytes());
        wav.extend(self.rate.to_le_bytes());
        wav.extend(self.rate.saturating_mul(u32::from(frame)).to_le_bytes());
        wav.extend(frame.to_le_bytes());
        wav.extend((WIDTH * 8).to_le_bytes());
        wav.extend(b"data");
        wav.extend(length.to_le_bytes());
        wav.extend(samples);
        Ok(wav)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_media_type_says_how_to_play() {
        let of = |rate, channels| Ok(Played { rate, channels });
        assert_eq!(Played::parse("audio/L16;codec=pcm;rate=24000"), of(24_000, 1));
        assert_eq!(Played::parse("audio/pcm; rate=16000; channels=2"), of(16_000, 2));
        assert_eq!(Played::parse("audio/l16"), of(RATE, 1));
        assert!(Played::parse("audio/mp3").is_err());
    }

    #[test]
    fn a_header_says_the_lengths() {
        let wav = Played { rate: 24_000, channels: 1 }.wav(&[1, 2, 3, 4]).unwrap();
        assert_eq!(wav.len(), 48);
        assert_eq!(wav[4..8], 40_u32.to_le_bytes());
        assert_eq!(wav[28..32], 48_000_u32.to_le_bytes());
        assert_eq!(wav[40..], [4, 0, 0, 0, 1, 2, 3, 4]);
    }
}
