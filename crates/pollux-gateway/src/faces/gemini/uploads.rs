//! Uploads: begun by a document or done at once, and gone on with at an address that leads here.
//!
//! The id of an upload is all the right that Google asks for on its later steps, and some clients
//! send nothing else; so an id that is known here admits its holder too.

use http::{HeaderMap, HeaderName, HeaderValue, header, request};
use percent_encoding::percent_decode_str;
use pollux_pool::{id::ModelName, lease::Owner};
use pollux_store::password::digest;
use pollux_translate::gemini::reference::{self, ResourceName};

use super::{
    headers,
    owned::{self, Learned},
    target::Asked,
};
use crate::{
    app::Gateway,
    auth, bindings,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    models::LISTING,
    proxy::{
        self,
        call::{Call, CallBody, Shape},
        send::{Caller, Sent},
        upload::Upload,
        wish::Wishes,
    },
};

/// What pages in a browser must be able to read of an answer.
pub(crate) const UPLOAD_HEADERS: [HeaderName; 5] =
    [URL, CONTROL_URL, STATUS, GRANULARITY, SIZE_RECEIVED];

const URL: HeaderName = HeaderName::from_static("x-goog-upload-url");
const CONTROL_URL: HeaderName = HeaderName::from_static("x-goog-upload-control-url");
const STATUS: HeaderName = HeaderName::from_static("x-goog-upload-status");
const GRANULARITY: HeaderName = HeaderName::from_static("x-goog-upload-chunk-granularity");
const SIZE_RECEIVED: HeaderName = HeaderName::from_static("x-goog-upload-size-received");
const COMMAND: &str = "x-goog-upload-command";
/// The prefix of every address that takes uploads.
const PREFIX: &str = "/upload";
/// Where an upload names itself.
const UPLOAD_ID: &str = "upload_id";

/// Anything under `/upload/`.
pub(crate) async fn upload(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let asked = asked(&head)?;
    let upload = parameter(&head, UPLOAD_ID).map(|id| named(&id));
    let (caller, owner) = admit(&gateway, &head, upload.as_ref()).await?;
    let is_start = upload.is_none() && begins(&head);
    let body = if is_start {
        CallBody::from(gateway.body(body).await?)
    } else {
        CallBody::Stream(Upload::new(gateway.shared(), body)?)
    };
    let names = asked.names(body.bytes());
    let owner = match owner {
        None => bindings::owner_of(gateway.shared(), caller.pool, &names).await?,
        known => known,
    };
    let call = Call {
        method: head.method.clone(),
        path_and_query: asked.path_and_query.clone(),
        headers: upward(&head.headers),
        body,
        model: ModelName::new(LISTING),
        shape: Shape::Document,
        owner,
        prefer: None,
    };
    let mut sent = gateway.send_for(&call, caller).await?;
    learned(&gateway, caller, upload, &sent).keep(&gateway, caller.pool).await;
    lead_here(&gateway, &head, &mut sent);
    Ok(respond::passed(&gateway, sent))
}

/// Reads the path below the prefix; it has no version where the client knows none.
fn asked(head: &request::Parts) -> Result<Asked<'_>, Failure> {
    let path = head.uri.path();
    let below = path.strip_prefix(PREFIX).unwrap_or(path);
    let first = below.trim_start_matches('/').split(['/', ':']).next().unwrap_or_default();
    if reference::COLLECTIONS.contains(&first) {
        return Asked::at(head, format!("/v1beta{below}").into());
    }
    Asked::at(head, below.into())
}

/// Whose request it is, and who owns the upload that it goes on with.
async fn admit(
    gateway: &Gateway,
    head: &request::Parts,
    upload: Option<&ResourceName>,
) -> Result<(Caller, Option<Owner>), Failure> {
    let shared = gateway.shared();
    let Some(upload) = upload else {
        let user = gateway.user(&head.headers, &head.uri)?;
        return Ok((Caller::from(&*user), None));
    };
    if !auth::is_anonymous(&head.headers, &head.uri) {
        let user = gateway.user(&head.headers, &head.uri)?;
        let names = std::slice::from_ref(upload);
        let owner = bindings::owner_of(shared, user.pool, names).await?;
        return Ok((Caller::from(&*user), owner));
    }
    match bindings::of_upload(shared, upload).await? {
        Some((pool, owner)) => {
            Ok((Caller { pool, user: None, wishes: Wishes::default() }, Some(owner)))
        }
        None => Err(Failure::no_credential()),
    }
}

/// Whether the request only announces what will be uploaded: a document, which can be sent again.
fn begins(head: &request::Parts) -> bool {
    let command = head.headers.get(COMMAND).and_then(|value| value.to_str().ok());
    let is_start = command.is_some_and(|command| command.trim().eq_ignore_ascii_case("start"));
    is_start || parameter(head, "uploadType").as_deref() == Some("resumable")
}

/// An upload that has begun, or what one that is done has made.
fn learned(
    gateway: &Gateway,
    caller: Caller,
    upload: Option<ResourceName>,
    sent: &Sent,
) -> Learned {
    let headers = &sent.answer.headers;
    let mut made = owned::named(&sent.answer.body);
    let id = [URL, CONTROL_URL, header::LOCATION].iter().find_map(|name| id_in(headers, name));
    made.extend(id.map(|id| named(&id)));
    let status = headers.get(STATUS).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_over = matches!(status, b"final" | b"cancelled");
    Learned::new(gateway, caller.pool, sent, made, upload.filter(|_| is_over))
}

/// The name of an upload. Its id is a capability that nobody guesses, and is kept nowhere in clear.
fn named(id: &str) -> ResourceName {
    ResourceName::of_upload(&digest(id))
}

fn id_in(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let address: http::Uri = headers.get(name)?.to_str().ok()?.parse().ok()?;
    let (_, id) = auth::parameters(&address).find(|(name, _)| *name == UPLOAD_ID)?;
    Some(percent_decode_str(id).decode_utf8_lossy().into_owned())
}

/// Google's addresses for the rest of the upload become this server's.
fn lead_here(gateway: &Gateway, head: &request::Parts, sent: &mut Sent) {
    let catalog = gateway.shared().catalog.load();
    let here = headers::here(head, &catalog.settings).unwrap_or_default();
    for name in [URL, CONTROL_URL, header::LOCATION] {
        headers::lead_here(&mut sent.answer.headers, &name, &here, &catalog.settings.base_url);
    }
}

/// Also what the older kinds of upload say about their parts.
fn upward(from: &HeaderMap) -> HeaderMap {
    let mut headers = proxy::headers::upward(from);
    let is_about_upload = |name: &HeaderName| {
        *name == header::CONTENT_RANGE || name.as_str().starts_with("x-upload-content-")
    };
    let more = from.iter().filter(|(name, _)| is_about_upload(name));
    headers.extend(more.map(|(name, value)| (name.clone(), value.clone())));
    headers
}

fn parameter(head: &request::Parts, name: &str) -> Option<String> {
    let (_, value) = auth::parameters(&head.uri).find(|(known, _)| *known == name)?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}
