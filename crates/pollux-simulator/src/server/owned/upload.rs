//! Uploads: resumable in parts, and raw or multipart at once.

use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use serde_json::Value;

use super::view::{moment, object, whole};
use super::{Asked, files, refuse};
use crate::answer::field;
use crate::refusal::Refusal;
use crate::server::reply::Reply;
use crate::server::route::parameter;
use crate::state::{Item, Owned, Upload};

const HOST: &str = "https://generativelanguage.googleapis.com";
/// Every part but the last is so many bytes, or a multiple of it.
const GRANULARITY: usize = 8 << 20;
const TO_STORE: &str = "uploadToFileSearchStore";

/// The upload that a request goes on with.
pub(super) fn id_of(parts: &Parts) -> Option<String> {
    parameter(parts.uri.query()?, "upload_id").map(Into::into)
}

/// Begins an upload, or takes all of one.
pub(super) fn begin(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let store = store_of(owned, asked)?;
    match asked.header("x-goog-upload-protocol") {
        "resumable" => start(owned, asked, store),
        "raw" => {
            let mime = asked.header("content-type");
            let upload = Upload { mime: mime.to_owned(), store, ..Upload::default() };
            finish(owned, asked, upload, asked.body.clone())
        }
        "multipart" => {
            let (about, mime, bytes) = multipart(asked).ok_or_else(|| malformed("multipart"))?;
            let upload = Upload { mime, about, store, ..Upload::default() };
            finish(owned, asked, upload, bytes)
        }
        _ => Err(malformed("X-Goog-Upload-Protocol")),
    }
}

fn store_of(owned: &mut Owned, asked: &Asked<'_>) -> Result<Option<String>, Refusal> {
    let name = &asked.want.name;
    if name == "files" {
        return Ok(None);
    }
    if asked.want.call.as_deref() != Some(TO_STORE) {
        return Err(malformed("path"));
    }
    owned.get(asked.project, name).map_err(|_| refuse(name))?;
    Ok(Some(name.clone()))
}

fn start(owned: &mut Owned, asked: &Asked<'_>, store: Option<String>) -> Result<Reply, Refusal> {
    if asked.header("x-goog-upload-command") != "start" {
        return Err(malformed("X-Goog-Upload-Command"));
    }
    let given = asked.json();
    let about = field(&given, "file").unwrap_or(&given).clone();
    let id = owned.begin(Upload {
        project: asked.project.to_owned(),
        mime: asked.header("x-goog-upload-header-content-type").to_owned(),
        about,
        store,
        ..Upload::default()
    });
    let path = asked.parts.uri.path();
    let url = format!("{HOST}{path}?upload_id={id}&upload_protocol=resumable");
    Ok(state("active")
        .header("x-goog-upload-url", &url)
        .header("x-goog-upload-control-url", &url)
        .header("x-goog-upload-chunk-granularity", &GRANULARITY.to_string())
        .header("x-guploader-uploadid", &id))
}

/// The next part of an upload, or a question about it.
pub(super) fn resume(owned: &mut Owned, asked: &Asked<'_>, id: &str) -> Result<Reply, Refusal> {
    let commands: Vec<&str> =
        asked.header("x-goog-upload-command").split(',').map(str::trim).collect();
    let Some(upload) = owned.upload(id) else { return Err(malformed("upload_id")) };
    match commands.as_slice() {
        ["query"] => {
            let said = if upload.over { "final" } else { "active" };
            Ok(state(said)
                .header("x-goog-upload-size-received", &upload.received.len().to_string()))
        }
        ["cancel"] => {
            upload.over = true;
            Ok(state("cancelled"))
        }
        _ if upload.over => Err(malformed("upload_id: the upload is over")),
        ["upload"] => {
            if asked.body.is_empty() || !asked.body.len().is_multiple_of(GRANULARITY) {
                return Err(malformed("the size of a part that is not the last"));
            }
            take(upload, asked)?;
            Ok(state("active"))
        }
        ["upload", "finalize"] | ["finalize"] => {
            take(upload, asked)?;
            upload.over = true;
            let (done, bytes) = (upload.clone(), Bytes::from(std::mem::take(&mut upload.received)));
            finish(owned, asked, done, bytes)
        }
        _ => Err(malformed("X-Goog-Upload-Command")),
    }
}

fn take(upload: &mut Upload, asked: &Asked<'_>) -> Result<(), Refusal> {
    let offset = asked.header("x-goog-upload-offset").parse::<usize>();
    if offset != Ok(upload.received.len()) && !asked.body.is_empty() {
        return Err(malformed("X-Goog-Upload-Offset"));
    }
    upload.received.extend_from_slice(asked.body);
    Ok(())
}

fn finish(
    owned: &mut Owned,
    asked: &Asked<'_>,
    upload: Upload,
    bytes: Bytes,
) -> Result<Reply, Refusal> {
    let mime = upload.mime.as_str();
    let view = match upload.store {
        None => object([(
            "file",
            files::store(owned, asked, &upload.about, (mime, "UPLOADED"), bytes)?,
        )]),
        Some(store) => document(owned, asked, &store, mime),
    };
    Ok(whole(&view).header("x-goog-upload-status", "final"))
}

/// Puts a document into a store, and returns the operation that did so.
pub(super) fn document(owned: &mut Owned, asked: &Asked<'_>, store: &str, mime: &str) -> Value {
    let project = asked.project.to_owned();
    let document = format!("{store}/documents/{}", owned.id("document-"));
    let view = object([
        ("name", document.as_str().into()),
        ("createTime", moment(asked.now, 0)),
        ("mimeType", mime.into()),
        ("state", "STATE_ACTIVE".into()),
    ]);
    owned.put(&document, Item { project: project.clone(), view, bytes: Bytes::new() });
    let place = if asked.want.call.as_deref() == Some(TO_STORE) { "upload/" } else { "" };
    let operation = format!("{store}/{place}operations/{}", owned.id("operation-"));
    let response = object([("parent", store.into()), ("documentName", document.as_str().into())]);
    let done = object([
        ("name", operation.as_str().into()),
        ("done", true.into()),
        ("response", response),
    ]);
    owned.put(&operation, Item { project, view: done, bytes: Bytes::new() });
    object([("name", operation.into())])
}

/// Takes `multipart/related` apart: what the file is called, its kind, its bytes.
fn multipart(asked: &Asked<'_>) -> Option<(Value, String, Bytes)> {
    let (_, boundary) = asked.header("content-type").split_once("boundary=")?;
    let mark = format!("--{}", boundary.trim_matches('"'));
    let body = asked.body;
    let starts: Vec<usize> = body
        .windows(mark.len())
        .enumerate()
        .filter_map(|(at, window)| (window == mark.as_bytes()).then_some(at))
        .collect();
    let &[first, second, third] = starts.as_slice() else { return None };
    let part = |begin: usize, end: usize| {
        let part = body.slice(begin + mark.len()..end);
        let head = part.windows(4).position(|window| window == b"\r\n\r\n")?;
        let bytes = part.slice(head + 4..part.len().checked_sub(2)?);
        Some((String::from_utf8_lossy(part.get(..head)?).to_ascii_lowercase(), bytes))
    };
    let (_, about) = part(first, second)?;
    let (head, bytes) = part(second, third)?;
    let about: Value = serde_json::from_slice(&about).ok()?;
    let mime = head.lines().find_map(|line| line.strip_prefix("content-type:"));
    let about = field(&about, "file").cloned().unwrap_or_default();
    Some((about, mime.unwrap_or_default().trim().to_owned(), bytes))
}

fn state(state: &str) -> Reply {
    let reply = Reply::bytes(StatusCode::OK, "text/plain; charset=utf-8", Bytes::new());
    reply.header("x-goog-upload-status", state).header("server", "UploadServer")
}

fn malformed(what: &str) -> Refusal {
    Refusal::argument(format!("The upload request is not valid: {what}."))
}
