//! From a request for speech to Gemini's.

use std::collections::BTreeSet;

use super::voice::{self, Voice};
use crate::error::TranslateError;
use crate::gemini::content::{Content, Part, USER};
use crate::gemini::request::{GenerationConfig, Request as GeminiRequest, SpeechConfig};
use crate::openai::body::{Fields, not_one_of};
use crate::openai::object::Unread as _;
use crate::text::Text;

/// The formats that a client may name.
const FORMATS: [&str; 2] = ["wav", "pcm"];

/// A request for speech.
#[derive(Debug)]
pub struct Request<'a> {
    model: String,
    input: Text<'a>,
    instructions: Option<Text<'a>>,
    voice: &'static str,
    format: Format,
    stream: bool,
    ignored: Vec<String>,
}

/// How the sound is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// With a header that says how it is to be played.
    #[default]
    Wav,
    /// Nothing but 16-bit samples, lowest byte first.
    Pcm,
}

impl<'a> Request<'a> {
    /// The fields that mean something, as paths like `voice.id`.
    pub const FIELDS: &'static [&'static str] = &[
        "model",
        "input",
        "voice",
        "voice.id",
        "response_format",
        "stream_format",
        "instructions",
        "speed",
    ];

    /// Reads a body; an error names the field at fault and what is allowed there.
    pub fn parse(body: &'a [u8]) -> Result<Self, TranslateError> {
        let mut fields = Fields::parse(body, Self::FIELDS)?;
        let model = fields.model()?;
        let input = fields.text("input")?.filter(|input| !input.is_empty());
        let input =
            input.ok_or_else(|| TranslateError::at("input", "a text to speak is required"))?;
        let mut unread = BTreeSet::new();
        let voice = voice(&mut fields, &mut unread)?;
        let format = match fields.text("response_format")?.as_deref() {
            None | Some("wav") => Format::Wav,
            Some("pcm") => Format::Pcm,
            Some(other) => return Err(not_one_of("response_format", other, &FORMATS)),
        };
        let stream = match fields.text("stream_format")?.as_deref() {
            None | Some("audio") => false,
            Some("sse") if format == Format::Pcm => true,
            Some("sse") => {
                let message = "only `pcm` is sent in events; ask for `response_format`: `pcm`";
                return Err(TranslateError::at("stream_format", message));
            }
            Some(other) => return Err(not_one_of("stream_format", other, &["audio", "sse"])),
        };
        let instructions = fields.text("instructions")?.filter(|it| !it.trim().is_empty());
        let speed = fields.number("speed")?.map(|speed| speed.within("speed", 0.25, 4.0));
        let speed = speed.transpose()?.and_then(|speed| speed.get().parse::<f64>().ok());
        let mut ignored = fields.left();
        ignored.extend(unread);
        if speed.is_some_and(|speed| (speed - 1.0).abs() > f64::EPSILON) {
            ignored.push("speed".to_owned());
        }
        Ok(Self { model, input, instructions, voice, format, stream, ignored })
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns how the sound is to be packed.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Returns whether the sound is to be sent in events.
    pub fn is_streaming(&self) -> bool {
        self.stream
    }

    /// Returns the fields that are left out of account.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Returns the body to send.
    pub fn to_gemini(&self) -> Vec<u8> {
        let text = match &self.instructions {
            Some(instructions) => {
                Part::text(format!("{}\n\n{}", lead(instructions), self.input.as_str()))
            }
            None => Part::text(self.input.as_str()),
        };
        GeminiRequest {
            contents: vec![Content { role: Some(USER.into()), parts: vec![text] }],
            generation_config: GenerationConfig {
                response_modalities: &["AUDIO"],
                speech_config: Some(SpeechConfig::of(self.voice)),
                ..GenerationConfig::default()
            },
            ..GeminiRequest::default()
        }
        .encode()
    }
}

fn voice(
    fields: &mut Fields<'_>,
    unread: &mut BTreeSet<String>,
) -> Result<&'static str, TranslateError> {
    let Some(voice) = fields.take::<Voice<'_>>("voice")? else {
        return Err(TranslateError::at("voice", "a voice is required, for example `alloy`"));
    };
    voice.unread("voice", unread);
    let name = match voice {
        Voice::Text(name) => name,
        Voice::Other(object) => {
            let message = "expected a voice's name or an object with its `id`";
            object.id.ok_or_else(|| TranslateError::at("voice", message))?
        }
    };
    voice::find(&name)
}

/// Instructions that end in a colon: so Gemini's speech models tell them from what is to be read.
fn lead(instructions: &str) -> String {
    format!("{}:", instructions.trim().trim_end_matches([':', '.', ',', ';']))
}
