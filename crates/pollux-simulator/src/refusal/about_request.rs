//! Refusals of what the request says.

use serde::Serialize;

use super::{Detail, Refusal};

/// One complaint of the strict reader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct FieldViolation {
    /// Where, in Google's field names; absent at the top.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// What is wrong.
    pub(crate) description: String,
}

impl Refusal {
    /// 400 with one line, without details.
    pub(crate) fn argument(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    /// 400 of the JSON reader, with all it found.
    pub(crate) fn fields(violations: Vec<FieldViolation>) -> Self {
        let lines: Vec<_> = violations.iter().map(|one| one.description.as_str()).collect();
        Self::argument(lines.join("\n")).with(Detail::BadRequest { field_violations: violations })
    }

    /// 403: a file that belongs to another project, or to nobody.
    pub(crate) fn file_not_owned(file: &str) -> Self {
        let message =
            format!("You do not have permission to access the File {file} or it may not exist.");
        Self::new(403, "PERMISSION_DENIED", message)
    }
}

/// 403: a resource that belongs to another project, or to nobody.
pub(crate) fn not_owned(name: &str) -> Refusal {
    let (collection, id) = name.split_once('/').unwrap_or((name, ""));
    let message = match collection {
        "files" => return Refusal::file_not_owned(id),
        "cachedContents" => "CachedContent not found (or permission denied)",
        _ => "The caller does not have permission",
    };
    Refusal::new(403, "PERMISSION_DENIED", message)
}

/// 400: the resource is not in the state that the request needs.
pub(crate) fn precondition(message: &str) -> Refusal {
    Refusal::new(400, "FAILED_PRECONDITION", message)
}

/// 302, in the odd words in which Google redirects.
pub(crate) fn redirect() -> Refusal {
    Refusal::new(302, "UNKNOWN", "Unknown Error.")
}

/// 404: a model that does not exist in this version or lacks the method.
pub(crate) fn unknown_model(model: &str, version: &str, method: Option<&str>) -> Refusal {
    let method = method.map(|name| format!(", or is not supported for {name}")).unwrap_or_default();
    let message = format!(
        "models/{model} is not found for API version {version}{method}. Call \
         ModelService.ListModels to see the list of available models and their supported methods."
    );
    Refusal::new(404, "NOT_FOUND", message)
}
