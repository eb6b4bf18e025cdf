//! From an embeddings request to Gemini's batches.

use serde::Serialize;

use crate::error::TranslateError;
use crate::gemini::content::{Content, Part};
use crate::openai::body::{Fields, not_one_of};
use crate::openai::input::Input;
use crate::text::{Text, json};

/// How many texts Gemini takes in one call.
const BATCH: usize = 100;
/// How many texts OpenAI takes in one request.
const MAX_INPUTS: usize = 2048;

/// An embeddings request, borrowed from its body.
#[derive(Debug)]
pub struct Request<'a> {
    model: String,
    input: Vec<Text<'a>>,
    dimensions: Option<i64>,
    encoding: Encoding,
    task_type: Option<Text<'a>>,
    title: Option<Text<'a>>,
    ignored: Vec<String>,
}

/// How the numbers of a vector are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As a list of numbers.
    #[default]
    Float,
    /// As the base64 of 32-bit numbers, lowest byte first.
    Base64,
}

impl<'a> Request<'a> {
    /// The fields that mean something, as paths like `extra_body.google.title`.
    pub const FIELDS: &'static [&'static str] = &[
        "model",
        "input",
        "dimensions",
        "encoding_format",
        "task_type",
        "title",
        "extra_body",
        "extra_body.google",
        "extra_body.google.task_type",
        "extra_body.google.title",
    ];

    /// Reads a body; an error names the field at fault and what is allowed there.
    pub fn parse(body: &'a [u8]) -> Result<Self, TranslateError> {
        let mut fields = Fields::parse(body, Self::FIELDS)?;
        let model = fields.model()?;
        let Some(Input(input)) = fields.take("input")? else {
            return Err(TranslateError::at("input", "a string or a list of strings is required"));
        };
        check(&input)?;
        let dimensions = fields.number("dimensions")?;
        let dimensions =
            dimensions.map(|number| number.whole("dimensions", 1, i32::MAX.into())).transpose()?;
        let encoding = encoding(&mut fields)?;
        let (mut task_type, mut title) = (fields.text("task_type")?, fields.text("title")?);
        let mut ignored = Vec::new();
        if let Some(mut extra) = fields.object("extra_body")? {
            if let Some(mut google) = extra.object("google")? {
                task_type = google.text("task_type")?.or(task_type);
                title = google.text("title")?.or(title);
                ignored = google.left();
            }
            ignored.extend(extra.left());
        }
        ignored.extend(fields.left());
        let dimensions = dimensions.map(|(_, value)| value);
        Ok(Self { model, input, dimensions, encoding, task_type, title, ignored })
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns how many vectors are asked for.
    pub(super) fn inputs(&self) -> usize {
        self.input.len()
    }

    /// Returns how the vectors are to be written.
    pub(super) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Returns the fields that are left out of account.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Returns the bodies of `batchEmbedContents` whose vectors, one after the other, are the answer.
    pub fn batches(&self, model: &str) -> Vec<Vec<u8>> {
        let model = format!("models/{model}");
        self.input.chunks(BATCH).map(|texts| json(&self.batch(&model, texts))).collect()
    }

    fn batch<'r>(&'r self, model: &'r str, texts: &'r [Text<'a>]) -> Batch<'r> {
        let one = |text: &'r Text<'a>| Embed {
            model,
            content: Content { role: None, parts: vec![Part::text(text.as_str())] },
            task_type: self.task_type.as_deref(),
            title: self.title.as_deref(),
            output_dimensionality: self.dimensions,
        };
        Batch { requests: texts.iter().map(one).collect() }
    }
}

fn check(input: &[Text<'_>]) -> Result<(), TranslateError> {
    if input.is_empty() {
        return Err(TranslateError::at("input", "at least one text is required"));
    }
    if input.len() > MAX_INPUTS {
        let message = format!("{} texts are too many; {MAX_INPUTS} are allowed", input.len());
        return Err(TranslateError::at("input", message));
    }
    match input.iter().position(|text| text.is_empty()) {
        Some(_) if input.len() == 1 => {
            Err(TranslateError::at("input", "the text may not be empty"))
        }
        Some(at) => Err(TranslateError::at(format!("input[{at}]"), "the text may not be empty")),
        None => Ok(()),
    }
}

fn encoding(fields: &mut Fields<'_>) -> Result<Encoding, TranslateError> {
    match fields.text("encoding_format")?.as_deref() {
        None | Some("float") => Ok(Encoding::Float),
        Some("base64") => Ok(Encoding::Base64),
        Some(other) => Err(not_one_of("encoding_format", other, &["float", "base64"])),
    }
}

#[derive(Serialize)]
struct Batch<'r> {
    requests: Vec<Embed<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Embed<'r> {
    model: &'r str,
    content: Content<'r>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_type: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_dimensionality: Option<i64>,
}
