//! From a request for pictures to Gemini's.

use super::size::Size;
use crate::error::TranslateError;
use crate::gemini::content::{Content, Part, USER};
use crate::gemini::request::{GenerationConfig, ImageConfig, ImageShape, Request as GeminiRequest};
use crate::openai::body::{Fields, not_one_of, refuse_flag};
use crate::openai::form::{File, Form};
use crate::text::Text;

/// How many pictures one request may ask for.
const MAX_MADE: i64 = 10;
/// How many pictures an edit may start from.
const MAX_GIVEN: usize = 16;
/// The media types that Gemini sees, by the ends of names they come with.
const SEEN: [(&str, &str); 6] = [
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
];
const MASK: &str = "The last image is a mask for the first one: change only what is transparent in \
                    the mask, and leave everything else as it is.";

/// A request for pictures.
#[derive(Debug)]
pub struct Request<'a> {
    model: String,
    prompt: Text<'a>,
    given: Vec<Given>,
    has_mask: bool,
    count: usize,
    config: ImageConfig<'static>,
    pub(super) as_url: bool,
    /// The media type that was asked for.
    pub(super) wanted: Option<String>,
    ignored: Vec<String>,
}

/// A picture to start from, as Gemini takes it.
#[derive(Debug)]
struct Given {
    media_type: &'static str,
    base64: String,
}

impl<'a> Request<'a> {
    /// The fields that mean something in a generation, and as text in an edit.
    pub const FIELDS: &'static [&'static str] = &[
        "model",
        "prompt",
        "stream",
        "partial_images",
        "n",
        "response_format",
        "output_format",
        "size",
        "quality",
    ];
    /// The fields of an edit that hold files.
    pub const FILES: &'static [&'static str] = &["image", "mask"];

    /// Reads the body of a generation; an error names the field at fault and what is allowed there.
    pub fn generation(body: &'a [u8]) -> Result<Self, TranslateError> {
        Self::read(Fields::parse(body, Self::FIELDS)?)
    }

    /// Reads the form of an edit.
    pub fn edit(form: &'a Form) -> Result<Self, TranslateError> {
        let mut request = Self::read(Fields::of_form(form, Self::FIELDS))?;
        let mut mask = None;
        for file in &form.files {
            match file.field.as_str() {
                "mask" => mask = Some(given("mask", file)?),
                name if name.split('[').next() == Some("image") => {
                    request.given.push(given("image", file)?);
                }
                other => request.ignored.push(other.to_owned()),
            }
        }
        match request.given.len() {
            0 => Err(TranslateError::at("image", "at least one image file is required")),
            count if count > MAX_GIVEN => {
                let message = format!("{count} images are too many; {MAX_GIVEN} are allowed");
                Err(TranslateError::at("image", message))
            }
            _ => {
                request.has_mask = mask.is_some();
                request.given.extend(mask);
                Ok(request)
            }
        }
    }

    fn read(mut fields: Fields<'a>) -> Result<Self, TranslateError> {
        let model = fields.model()?;
        let prompt = fields.text("prompt")?.filter(|prompt| !prompt.is_empty());
        let prompt = prompt.ok_or_else(|| TranslateError::at("prompt", "a prompt is required"))?;
        refuse_streaming(&mut fields)?;
        let count = fields.number("n")?;
        let count = count.map(|number| number.whole("n", 1, MAX_MADE)).transpose()?;
        let as_url = match fields.text("response_format")?.as_deref() {
            None | Some("b64_json") => false,
            Some("url") => true,
            Some(other) => return Err(not_one_of("response_format", other, &["b64_json", "url"])),
        };
        let wanted = match fields.text("output_format")?.as_deref() {
            None => None,
            Some(format @ ("png" | "jpeg" | "webp")) => Some(format!("image/{format}")),
            Some(other) => {
                return Err(not_one_of("output_format", other, &["png", "jpeg", "webp"]));
            }
        };
        let mut ignored = Vec::new();
        let config = config(&mut fields, &mut ignored)?;
        ignored.extend(fields.left());
        Ok(Self {
            model,
            prompt,
            given: Vec::new(),
            has_mask: false,
            count: count.and_then(|(_, count)| usize::try_from(count).ok()).unwrap_or(1),
            config,
            as_url,
            wanted,
            ignored,
        })
    }

    /// Returns the model's name without `models/`.
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Returns how many calls of the one body are needed.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the fields that are left out of account.
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }

    /// Returns the body that asks for one picture.
    pub fn to_gemini(&self) -> Vec<u8> {
        let mut parts = Vec::with_capacity(self.given.len() + 2);
        for Given { media_type, base64 } in &self.given {
            parts.push(Part::inline(*media_type, base64.as_str()));
        }
        if self.has_mask {
            parts.push(Part::text(MASK));
        }
        parts.push(Part::text(self.prompt.as_str()));
        let has_wish = self.config != ImageConfig::default();
        GeminiRequest {
            contents: vec![Content { role: Some(USER.into()), parts }],
            generation_config: GenerationConfig {
                response_modalities: &["TEXT", "IMAGE"],
                image_config: has_wish.then_some(ImageShape::Made(self.config)),
                ..GenerationConfig::default()
            },
            ..GeminiRequest::default()
        }
        .encode()
    }
}

fn refuse_streaming(fields: &mut Fields<'_>) -> Result<(), TranslateError> {
    refuse_flag(fields, "stream", "images are not streamed; leave `stream` out")?;
    let partial = fields.number("partial_images")?;
    let partial = partial.map(|number| number.whole("partial_images", 0, 3)).transpose()?;
    if partial.is_some_and(|(_, count)| count > 0) {
        let message = "images are not made in steps; leave `partial_images` out";
        return Err(TranslateError::at("partial_images", message));
    }
    Ok(())
}

/// The shape and size; a quality that changes nothing is ignored by name.
fn config(
    fields: &mut Fields<'_>,
    ignored: &mut Vec<String>,
) -> Result<ImageConfig<'static>, TranslateError> {
    let size = fields.text("size")?.map(|size| Size::parse(&size)).transpose()?;
    let Size { config, is_exact } = size.unwrap_or_default();
    match fields.text("quality")?.as_deref() {
        None | Some("auto" | "standard") => Ok(config),
        Some("high" | "hd") if !is_exact => Ok(ImageConfig { image_size: Some("2K"), ..config }),
        Some("high" | "hd" | "medium" | "low") => {
            ignored.push("quality".to_owned());
            Ok(config)
        }
        Some(other) => {
            let allowed = ["auto", "low", "medium", "high", "standard", "hd"];
            Err(not_one_of("quality", other, &allowed))
        }
    }
}

fn given(field: &str, file: &File) -> Result<Given, TranslateError> {
    if file.bytes.is_empty() {
        return Err(TranslateError::at(field, "the image is empty"));
    }
    let declared = file.declared();
    let by_type = |(_, seen): &&(&str, &str)| declared.as_deref() == Some(*seen);
    let extension = match declared.as_deref() {
        None => file.extension(),
        Some("image/jpg") => Some("jpg".to_owned()),
        Some(_) => None,
    };
    let by_name = |(name, _): &&(&str, &str)| extension.as_deref() == Some(*name);
    let known = SEEN.iter().find(by_type).or_else(|| SEEN.iter().find(by_name));
    let (_, media_type) = known.ok_or_else(|| {
        TranslateError::at(field, "expected a PNG, JPEG, WebP, HEIC or HEIF image")
    })?;
    Ok(Given { media_type, base64: file.base64() })
}
