//! Media in messages: what travels inside, what Google fetches itself, and what has to be fetched
//! for it.
//!
//! | the client sends | Gemini gets |
//! | --- | --- |
//! | a `data:` URL, `input_audio`, `file_data` | the bytes inside |
//! | a page of YouTube, a `gs://` object, a file of the Files API by URI or `file_id` | a reference |
//! | any other http(s) URL | the bytes, which were fetched before |

use super::message::{Attachment, ContentPart, InputAudio, Message};
use super::policy::Known;
use crate::error::TranslateError;
use crate::gemini::content::{FileRef, Part};
use crate::media::DataUrl;

/// Where Gemini's files are; a `file_id` is a name there.
const FILES: &str = "https://generativelanguage.googleapis.com/v1beta/";

/// Media types by the end of a file's name, as far as Gemini takes them.
const TYPES: &[(&str, &str)] = &[
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("jpg", "image/jpeg"),
    ("jpeg", "image/jpeg"),
    ("webp", "image/webp"),
    ("heic", "image/heic"),
    ("heif", "image/heif"),
    ("gif", "image/gif"),
    ("wav", "audio/wav"),
    ("mp3", "audio/mp3"),
    ("aiff", "audio/aiff"),
    ("aac", "audio/aac"),
    ("ogg", "audio/ogg"),
    ("flac", "audio/flac"),
    ("m4a", "audio/mp4"),
    ("mp4", "video/mp4"),
    ("mpeg", "video/mpeg"),
    ("mpg", "video/mpg"),
    ("mov", "video/mov"),
    ("avi", "video/avi"),
    ("webm", "video/webm"),
    ("wmv", "video/wmv"),
    ("3gp", "video/3gpp"),
    ("txt", "text/plain"),
    ("md", "text/md"),
    ("csv", "text/csv"),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("css", "text/css"),
    ("xml", "text/xml"),
    ("rtf", "text/rtf"),
    ("json", "application/json"),
    ("js", "text/javascript"),
    ("py", "text/x-python"),
];

/// Media that have to be fetched before a request can be translated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remote<'m> {
    /// Where they are.
    pub url: &'m str,
    /// The field that says so, for example `messages[0].content[1].image_url.url`.
    pub field: String,
}

/// Returns what of a message has to be fetched.
pub(super) fn remote<'m>(at: usize, message: &'m Message<'_>) -> impl Iterator<Item = Remote<'m>> {
    message.content_parts().iter().enumerate().filter_map(move |(index, part)| {
        let (name, url) = match part.kind.as_deref()? {
            "image_url" => ("image_url", part.image_url.as_ref()?),
            "video_url" => ("video_url", part.video_url.as_ref()?),
            _ => return None,
        };
        let url = Some(url.as_str()).filter(|url| is_remote(url))?;
        Some(Remote { url, field: format!("messages[{at}].content[{index}].{name}.url") })
    })
}

/// Returns the part for media at a URL.
pub(super) fn at_url<'r>(
    url: &'r str,
    known: &'r Known,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    if let Some(data) = DataUrl::parse(url) {
        return Ok(Part::inline(data.mime_type, data.data));
    }
    if is_with_google(url) {
        return Ok(reference(url.into(), type_by_name(url)));
    }
    if let Some(media) = known.media.get(url) {
        return Ok(Part::inline(media.mime_type.as_str(), media.data.as_str()));
    }
    Err(TranslateError::at(
        field(),
        "expected a `data:` URL in base64 with a media type, or an http or https URL",
    ))
}

pub(super) fn audio<'r>(
    audio: &'r InputAudio<'_>,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    let data = audio.data.as_deref().filter(|data| !data.is_empty());
    let data = data.ok_or_else(|| missing(&field(), "data"))?;
    let format = audio.format.as_deref().ok_or_else(|| missing(&field(), "format"))?;
    let mime_type = match format {
        "wav" => "audio/wav".to_owned(),
        "mp3" => "audio/mp3".to_owned(),
        other if is_word(other) => format!("audio/{other}"),
        _ => {
            let text = "expected the name of an audio format such as `wav` or `mp3`";
            return Err(TranslateError::at(format!("{}.format", field()), text));
        }
    };
    match DataUrl::parse(data) {
        Some(url) => Ok(Part::inline(url.mime_type, url.data)),
        None => Ok(Part::inline(mime_type, data)),
    }
}

pub(super) fn file<'r>(
    file: &'r Attachment<'_>,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    if let Some(id) = file.file_id.as_deref().filter(|id| !id.is_empty()) {
        return by_id(id, file, field);
    }
    let data = file.file_data.as_deref().filter(|data| !data.is_empty());
    let data = data.ok_or_else(|| missing(&field(), "file_data` or `file_id"))?;
    if let Some(url) = DataUrl::parse(data) {
        return Ok(Part::inline(url.mime_type, url.data));
    }
    match file.filename.as_deref().and_then(type_by_name) {
        Some(mime_type) => Ok(Part::inline(mime_type, data)),
        None => Err(TranslateError::at(
            format!("{}.filename", field()),
            "the media type is not known: send `file_data` as a `data:` URL, or a `filename` with its extension",
        )),
    }
}

fn by_id<'r>(
    id: &'r str,
    file: &'r Attachment<'_>,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    let mime_type = file.filename.as_deref().and_then(type_by_name);
    if is_with_google(id) {
        return Ok(reference(id.into(), mime_type));
    }
    let name = id.strip_prefix("files/").unwrap_or(id);
    if !is_word(name) {
        let text = "expected the name of an uploaded file, such as `files/abc`";
        return Err(TranslateError::at(format!("{}.file_id", field()), text));
    }
    Ok(reference(format!("{FILES}files/{name}"), mime_type))
}

fn reference<'r>(file_uri: String, mime_type: Option<&'static str>) -> Part<'r> {
    let file = FileRef { mime_type: mime_type.map(Into::into), file_uri: file_uri.into() };
    Part { file_data: Some(file), ..Part::default() }
}

/// Returns the media type that the end of a name or URL stands for.
fn type_by_name(name: &str) -> Option<&'static str> {
    let name = name.split(['?', '#']).next().unwrap_or_default();
    let (_, end) = name.rsplit_once('.')?;
    TYPES.iter().find(|(known, _)| end.eq_ignore_ascii_case(known)).map(|(_, mime)| *mime)
}

fn is_remote(url: &str) -> bool {
    let lower = url.get(..8).unwrap_or(url).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")) && !is_with_google(url)
}

/// Whether Google reads what is there by itself.
fn is_with_google(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match scheme {
        "gs" => true,
        "https" => {
            matches!(host, "www.youtube.com" | "youtube.com" | "m.youtube.com" | "youtu.be")
                || host == "generativelanguage.googleapis.com"
        }
        _ => false,
    }
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

fn missing(field: &str, name: &str) -> TranslateError {
    let message = format!("`{name}` is required");
    TranslateError::at(format!("{field}.{}", name.split('`').next().unwrap_or_default()), message)
}

/// Returns the part for one piece of a message's content.
pub(super) fn content_part<'r>(
    part: &'r ContentPart<'_>,
    known: &'r Known,
    field: &dyn Fn() -> String,
) -> Result<Part<'r>, TranslateError> {
    let missing = |name: &str| missing(&field(), name);
    let inside = |name: &str| format!("{}.{name}", field());
    match part.kind.as_deref() {
        Some("text" | "input_text" | "output_text") => {
            part.text.as_deref().map(Part::text).ok_or_else(|| missing("text"))
        }
        Some("refusal") => {
            part.refusal.as_deref().map(Part::text).ok_or_else(|| missing("refusal"))
        }
        Some("image_url") => {
            let url = part.image_url.as_ref().ok_or_else(|| missing("image_url"))?;
            at_url(url.as_str(), known, &|| inside("image_url.url"))
        }
        Some("video_url") => {
            let url = part.video_url.as_ref().ok_or_else(|| missing("video_url"))?;
            at_url(url.as_str(), known, &|| inside("video_url.url"))
        }
        Some("input_audio") => {
            let sound = part.input_audio.as_ref().ok_or_else(|| missing("input_audio"))?;
            audio(sound, &|| inside("input_audio"))
        }
        Some("file") => {
            let held = part.file.as_ref().ok_or_else(|| missing("file"))?;
            file(held, &|| inside("file"))
        }
        Some(other) => Err(TranslateError::at(
            inside("type"),
            format!(
                "`{other}` is not supported; expected `text`, `image_url`, `input_audio`, `file`, \
                 `video_url` or `refusal`"
            ),
        )),
        None => Err(missing("type")),
    }
}
