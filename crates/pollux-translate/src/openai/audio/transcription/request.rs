//! From a recording to Gemini's request.

use serde_json::value::RawValue;

use super::media;
use crate::error::TranslateError;
use crate::gemini::content::{Content, Part, USER};
use crate::gemini::request::{GenerationConfig, Request as GeminiRequest};
use crate::openai::body::{Fields, not_one_of};
use crate::openai::form::Form;
use crate::openai::number::Number;
use crate::text::{Json, Text};

/// What a timed answer looks like.
const SCHEMA: &str = concat!(
    r#"{"type":"object","properties":{"language":{"type":"string"},"segments":{"type":"array","#,
    r#""items":{"type":"object","properties":{"start":{"type":"number"},"end":{"type":"number"},"#,
    r#""text":{"type":"string"}},"required":["start","end","text"]}}},"#,
    r#""required":["language","segments"]}"#,
);

/// Whether the words stay in their language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// They do.
    Transcribe,
    /// They become English.
    Translate,
}

/// What the client wants back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Format {
    /// An object with the text.
    #[default]
    Json,
    /// The text alone.
    Text,
    /// An object with the text and its segments.
    VerboseJson,
    /// Captions with numbers.
    Srt,
    /// Captions for the web.
    Vtt,
}

/// A recording and what is to be done with it.
#[derive(Debug)]
pub struct Request<'a> {
    model: String,
    pub(super) task: Task,
    pub(super) format: Format,
    stream: bool,
    media_type: String,
    base64: String,
    language: Option<Text<'a>>,
    hint: Option<Text<'a>>,
    temperature: Option<Number<'a>>,
    ignored: Vec<String>,
}

impl<'a> Request<'a> {
    /// The fields of text that mean something.
    pub const FIELDS: &'static [&'static str] = &[
        "model",
        "response_format",
        "stream",
        "timestamp_granularities[]",
        "timestamp_granularities",
        "temperature",
        "language",
        "prompt",
    ];
    /// The field that holds the recording.
    pub const FILES: &'static [&'static str] = &["file"];

    /// Reads a form; an error names the field at fault and what is allowed there.
    pub fn parse(task: Task, form: &'a Form) -> Result<Self, TranslateError> {
        let mut fields = Fields::of_form(form, Self::FIELDS);
        let model = fields.model()?;
        let format = format(&mut fields)?;
        let stream = fields.flag("stream")?;
        if stream && format.is_timed() {
            let message = "only `json` and `text` are streamed; leave `stream` out";
            return Err(TranslateError::at("stream", message));
        }
        let mut ignored = Vec::new();
        for name in ["timestamp_granularities[]", "timestamp_granularities"] {
            for granularity in fields.texts(name) {
                match granularity {
                    "segment" if format == Format::VerboseJson => {}
                    "segment" | "word" => ignored.push(format!("{name}={granularity}")),
                    other => return Err(not_one_of(name, other, &["segment", "word"])),
                }
            }
        }
        let temperature = fields.number("temperature")?;
        temperature.map(|it| it.within("temperature", 0.0, 1.0)).transpose()?;
        let (language, hint) = (fields.text("language")?, fields.text("prompt")?);
        ignored.extend(fields.left());
        let mut files = form.files.iter().filter(|file| file.field == "file");
        let file = files.next().filter(|file| !file.bytes.is_empty());
        let file = file.ok_or_else(|| TranslateError::at("file", "a recording is required"))?;
        let others = form.files.iter().filter(|file| file.field != "file");
        ignored.extend(others.map(|file| file.field.clone()));
        Ok(Self {
            model,
            task,
            format,
            stream,
            media_type: media::kind(file)?,
            base64: file.base64(),
            language,
            hint,
            temperature,
            ignored,
        })
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns whether the answer is to be streamed.
    pub fn is_streaming(&self) -> bool {
        self.stream
    }

    /// Returns the fields that are left out of account.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Returns the body to send.
    pub fn to_gemini(&self) -> Vec<u8> {
        let schema = self.format.is_timed().then(|| serde_json::from_str::<&RawValue>(SCHEMA).ok());
        let schema = schema.flatten();
        let parts = vec![
            Part::inline(self.media_type.as_str(), self.base64.as_str()),
            Part::text(self.instruction()),
        ];
        GeminiRequest {
            contents: vec![Content { role: Some(USER.into()), parts }],
            generation_config: GenerationConfig {
                temperature: self.temperature.map(|Number(raw)| raw),
                response_mime_type: schema.map(|_| "application/json"),
                response_json_schema: schema.map(Json::Borrowed),
                ..GenerationConfig::default()
            },
            ..GeminiRequest::default()
        }
        .encode()
    }

    fn instruction(&self) -> String {
        let mut words = String::from(match self.task {
            Task::Transcribe => {
                "Transcribe the speech in this recording word for word, in the language it is \
                 spoken in."
            }
            Task::Translate => "Translate the speech in this recording into English.",
        });
        words.push_str(if self.format.is_timed() {
            " Divide it into segments of a sentence or less, each with the seconds from the \
             beginning of the recording at which it starts and ends, and name the language that \
             is spoken."
        } else {
            " Answer with the text alone: no titles, no times, no remarks."
        });
        words.push_str(" Leave out sounds that are not speech.");
        if let Some(language) = &self.language {
            words.push_str(" The language that is spoken is: ");
            words.push_str(language);
            words.push('.');
        }
        if let Some(hint) = &self.hint {
            words.push_str(" For spelling and style follow this text, without repeating it: ");
            words.push_str(hint);
        }
        words
    }
}

impl Format {
    /// Returns whether the times of segments are needed.
    pub(super) fn is_timed(self) -> bool {
        matches!(self, Self::VerboseJson | Self::Srt | Self::Vtt)
    }
}

fn format(fields: &mut Fields<'_>) -> Result<Format, TranslateError> {
    match fields.text("response_format")?.as_deref() {
        None | Some("json") => Ok(Format::Json),
        Some("text") => Ok(Format::Text),
        Some("verbose_json") => Ok(Format::VerboseJson),
        Some("srt") => Ok(Format::Srt),
        Some("vtt") => Ok(Format::Vtt),
        Some(other) => {
            let allowed = ["json", "text", "verbose_json", "srt", "vtt"];
            Err(not_one_of("response_format", other, &allowed))
        }
    }
}
