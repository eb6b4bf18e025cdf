//! Files: their descriptions, and the bytes of those that a model made.

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::Value;

use super::view::{empty, moment, object, page, whole, with};
use super::{Asked, refuse};
use crate::answer::{field, hash, list};
use crate::refusal::{Refusal, precondition, redirect};
use crate::server::reply::{Form, Reply};
use crate::state::{Item, Owned};

const HOST: &str = "https://generativelanguage.googleapis.com";
/// Files are kept for two days.
const LIFETIME: i64 = 48 * 3600;

/// Answers everything under `files`.
pub(super) fn answer(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let want = asked.want;
    let is_collection = want.name == "files";
    match (&want.verb, want.call.as_deref()) {
        (&Method::POST, None) if is_collection => {
            let given = asked.json();
            let about = field(&given, "file").cloned().unwrap_or_default();
            let view = store(owned, asked, &about, ("", "UPLOADED"), Bytes::new())?;
            Ok(whole(&object([("file", view)])))
        }
        (&Method::POST, Some("register")) if is_collection => register(owned, asked),
        (&Method::GET, None) if is_collection => {
            page(owned.members(asked.project, "files"), asked.query(), "files")
        }
        (&Method::GET, None) => {
            let item = owned.get(asked.project, &want.name).map_err(|_| refuse(&want.name))?;
            Ok(whole(&item.view))
        }
        (&Method::GET, Some("download")) => lead_on(owned, asked),
        (&Method::DELETE, None) => {
            owned.get(asked.project, &want.name).map_err(|_| refuse(&want.name))?;
            owned.remove(&want.name);
            Ok(empty())
        }
        _ => Err(Refusal::argument("* The method is not supported for files.\n")),
    }
}

/// Keeps a file, and returns how it is shown.
pub(super) fn store(
    owned: &mut Owned,
    asked: &Asked<'_>,
    about: &Value,
    (mime, source): (&str, &str),
    bytes: Bytes,
) -> Result<Value, Refusal> {
    let given = field(about, "name").and_then(Value::as_str).map(str::to_owned);
    let name = given.unwrap_or_else(|| format!("files/{}", owned.id("file-")));
    let is_name = name.strip_prefix("files/").is_some_and(|id| !id.is_empty() && !id.contains('/'));
    if !is_name {
        return Err(Refusal::argument("* CreateFileRequest.file.name: must be files/{id}.\n"));
    }
    let said = field(about, "mime_type").and_then(Value::as_str);
    let mime = said.unwrap_or(if mime.is_empty() { "application/octet-stream" } else { mime });
    let mut view = object([
        ("name", name.as_str().into()),
        ("mimeType", mime.into()),
        ("sizeBytes", bytes.len().to_string().into()),
        ("createTime", moment(asked.now, 0)),
        ("updateTime", moment(asked.now, 0)),
        ("expirationTime", moment(asked.now, LIFETIME)),
        ("sha256Hash", format!("{:016x}", hash(&bytes)).into()),
        ("uri", format!("{HOST}/{}/{name}", asked.want.version).into()),
        ("state", "ACTIVE".into()),
        ("source", source.into()),
    ]);
    if let Some(title) = field(about, "display_name") {
        view = with(view, &object([("displayName", title.clone())]), &["displayName"]);
    }
    owned.put(&name, Item { project: asked.project.to_owned(), view: view.clone(), bytes });
    Ok(view)
}

/// Files that lie in a bucket.
fn register(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let given = asked.json();
    let uris = list(field(&given, "uris"));
    if uris.is_empty() {
        return Err(Refusal::argument("* RegisterFilesRequest.uris: must not be empty.\n"));
    }
    let file = |_| store(owned, asked, &Value::Null, ("", "REGISTERED"), Bytes::new());
    let files: Vec<Value> = uris.iter().map(file).collect::<Result<_, _>>()?;
    Ok(whole(&object([("files", files.into())])))
}

/// The bytes are under another address of the same host.
fn lead_on(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let want = asked.want;
    let item = owned.get(asked.project, &want.name).map_err(|_| refuse(&want.name))?;
    if field(&item.view, "source").and_then(Value::as_str) != Some("GENERATED") {
        return Err(precondition("Only generated files can be downloaded."));
    }
    let place = format!("{HOST}/download/{}/{}:download?alt=media", want.version, want.name);
    Ok(Reply::refusal(&redirect(), Form::Whole).header("location", &place))
}

/// The bytes themselves, or a part of them.
pub(super) fn content(owned: &mut Owned, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let want = asked.want;
    let item = owned.get(asked.project, &want.name).map_err(|_| refuse(&want.name))?;
    let mime = field(&item.view, "mime_type").and_then(Value::as_str).unwrap_or_default();
    let Some((begin, end)) = range(asked.header("range"), item.bytes.len()) else {
        return Ok(Reply::bytes(StatusCode::OK, mime, item.bytes.clone()));
    };
    let part = Reply::bytes(StatusCode::PARTIAL_CONTENT, mime, item.bytes.slice(begin..end));
    let whole = item.bytes.len();
    Ok(part.header("content-range", &format!("bytes {begin}-{}/{whole}", end.saturating_sub(1))))
}

/// The bounds of `bytes=1-3`; nothing for any other wish.
fn range(header: &str, length: usize) -> Option<(usize, usize)> {
    let (begin, last) = header.strip_prefix("bytes=")?.split_once('-')?;
    let begin = begin.parse::<usize>().ok()?;
    let end = last.parse::<usize>().map_or(length, |last| last.saturating_add(1).min(length));
    (begin < end).then_some((begin, end))
}
