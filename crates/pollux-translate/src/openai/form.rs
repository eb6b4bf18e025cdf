//! A form as browsers send it (`multipart/form-data`), after it was cut into its fields.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;

/// The fields of a form, in order.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Fields of text: name and value.
    pub texts: Vec<(String, String)>,
    /// Fields that carry a file.
    pub files: Vec<File>,
}

/// A file in a form.
#[derive(Clone, Debug, Default)]
pub struct File {
    /// The field it came in.
    pub field: String,
    /// What it was called where it came from; may be empty.
    pub name: String,
    /// Its media type, as the client said it; may be empty.
    pub media_type: String,
    /// What is in it.
    pub bytes: Bytes,
}

impl File {
    /// Returns the content as Gemini takes it.
    pub(super) fn base64(&self) -> String {
        BASE64_STANDARD.encode(&self.bytes)
    }

    /// Returns the media type without parameters and in lower case, unless it says nothing.
    pub(super) fn declared(&self) -> Option<String> {
        let bare = self.media_type.split(';').next().unwrap_or_default().trim();
        let says_something = bare.contains('/') && bare != "application/octet-stream";
        says_something.then(|| bare.to_ascii_lowercase())
    }

    /// Returns what follows the last dot of the name, in lower case.
    pub(super) fn extension(&self) -> Option<String> {
        self.name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase())
    }
}
