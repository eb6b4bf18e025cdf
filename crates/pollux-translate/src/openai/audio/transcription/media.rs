//! What kind of recording a file is.

use crate::error::TranslateError;
use crate::openai::form::File;

/// Kinds by the ends of names.
const ENDS: [(&str, &str); 15] = [
    ("aac", "audio/aac"),
    ("aif", "audio/aiff"),
    ("aiff", "audio/aiff"),
    ("flac", "audio/flac"),
    ("m4a", "audio/m4a"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mp3"),
    ("mp4", "audio/mp4"),
    ("mpeg", "audio/mpeg"),
    ("mpga", "audio/mpeg"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("opus", "audio/ogg"),
    ("wav", "audio/wav"),
    ("webm", "audio/webm"),
];
/// Other names of the same kinds.
const SYNONYMS: [(&str, &str); 6] = [
    ("audio/x-wav", "audio/wav"),
    ("audio/wave", "audio/wav"),
    ("audio/vnd.wave", "audio/wav"),
    ("audio/x-m4a", "audio/m4a"),
    ("audio/x-flac", "audio/flac"),
    ("audio/x-aiff", "audio/aiff"),
];

/// Returns the media type as Gemini knows it, from what the client says or from the file's name.
pub(super) fn kind(file: &File) -> Result<String, TranslateError> {
    let declared = file.declared();
    let declared = declared.filter(|it| it.starts_with("audio/") || it.starts_with("video/"));
    if let Some(declared) = declared {
        let known = SYNONYMS.iter().find(|(name, _)| *name == declared);
        return Ok(known.map_or(declared, |(_, kind)| (*kind).to_owned()));
    }
    let extension = file.extension().unwrap_or_default();
    let known = ENDS.iter().find(|(end, _)| *end == extension);
    known.map(|(_, kind)| (*kind).to_owned()).ok_or_else(|| {
        let ends: Vec<_> = ENDS.iter().map(|(end, _)| *end).collect();
        let message = format!("expected a recording whose name ends in one of {}", ends.join(", "));
        TranslateError::at("file", message)
    })
}
