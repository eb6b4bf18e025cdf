//! Takes a form apart (`multipart/form-data`), as clients send files with it.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::{future, stream};
use http::{HeaderMap, header};
use multer::Multipart;
use pollux_translate::{
    error::TranslateError,
    openai::form::{File, Form},
};

use crate::failure::Failure;

/// The most that Google takes in one request, in bytes.
const MAX_REQUEST: usize = 100_000_000;

/// The fields of a form that has arrived.
///
/// # Errors
/// When the body is no form, is broken off, has text that is not UTF-8, or files that Google does
/// not take.
pub(super) async fn form(headers: &HeaderMap, body: Bytes) -> Result<Form, Failure> {
    let form = fields(headers, body).await?;
    // Files go upstream in base64, four bytes for three.
    let size: usize = form.files.iter().map(|file| file.bytes.len().div_ceil(3) * 4).sum();
    if size > MAX_REQUEST {
        return Err(Failure::too_large_upstream(size, MAX_REQUEST));
    }
    Ok(form)
}

async fn fields(headers: &HeaderMap, body: Bytes) -> Result<Form, TranslateError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(|_| {
        TranslateError::whole(
            "expected a form: `content-type: multipart/form-data` with a boundary",
        )
    })?;
    let whole = stream::once(future::ready(Ok::<_, Infallible>(body)));
    let mut parts = Multipart::new(whole, boundary);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
        let field = part.name().unwrap_or_default().to_owned();
        let name = part.file_name().map(str::to_owned);
        let media_type = part.content_type().map(ToString::to_string);
        let is_text =
            name.is_none() && media_type.as_deref().is_none_or(|it| it.starts_with("text/plain"));
        let bytes = part.bytes().await.map_err(|error| broken(&error))?;
        if is_text {
            form.texts.push((field.clone(), text(&field, &bytes)?));
            continue;
        }
        let (name, media_type) = (name.unwrap_or_default(), media_type.unwrap_or_default());
        form.files.push(File { field, name, media_type, bytes });
    }
    Ok(form)
}

fn text(field: &str, bytes: &Bytes) -> Result<String, TranslateError> {
    let text = std::str::from_utf8(bytes).map_err(|_| {
        TranslateError::at(field, format!("invalid value for `{field}`: expected text in UTF-8"))
    })?;
    Ok(text.to_owned())
}

fn broken(error: &multer::Error) -> TranslateError {
    TranslateError::whole(format!("the form could not be read: {error}"))
}
