//! The web console: its files, and the ways that lead a browser to it.
//!
//! Nothing in them is secret, so nobody has to be signed in to read them; what they show they ask
//! the admin API for.

mod files;
mod wanted;

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use self::files::{File, INDEX};
use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Dialect, Incoming},
    failure::Failure,
};

pub(crate) use self::files::Packed;

/// Where all of it is.
const PLACE: &str = "/console/";
/// Where people look for a console first, in the one form of paths.
const DOORS: [&str; 4] = ["/", "/admin", "/admin.html", "/login"];

const GUARDS: [(HeaderName, &str); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
         media-src 'self' data: blob:; connect-src 'self'; manifest-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()"),
];

/// Whether a path, as it came, belongs to the console.
pub(crate) fn holds(path: &str) -> bool {
    path.starts_with(PLACE)
}

/// Answers a request for what is there.
pub(crate) async fn answer(gateway: &Gateway, request: Request) -> Response {
    let dialect = Some(Dialect::Gemini);
    guarded(respond::answer(gateway.clone(), dialect, serve, request).await)
}

/// Sends browsers on to it that knock at one of the doors, and everyone who has almost the path.
pub(crate) fn lead(request: &Request) -> Option<Response> {
    let path = request.uri().path();
    let (to, query) = match path.strip_prefix("/console") {
        Some("") => (PLACE, request.uri().query()),
        Some(rest) if rest.starts_with('/') => (path, request.uri().query()),
        // What is asked at a door means nothing behind it, and may be a key.
        Some(_) | None if DOORS.contains(&path) && wanted::names_html(request.headers()) => {
            (PLACE, None)
        }
        Some(_) | None => return None,
    };
    if !is_reading(request.method()) {
        return None;
    }
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(header::LOCATION, HeaderValue::try_from(format!("{to}{query}")).ok()?);
    headers.insert(header::VARY, HeaderValue::from_static("accept"));
    Some(guarded(response))
}

fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in GUARDS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Files have said themselves how long they are good.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn serve(gateway: Gateway, incoming: Incoming) -> Answered {
    let head = &incoming.head;
    let path = head.uri.path();
    if !is_reading(&head.method) {
        return Err(Failure::wrong_method(&head.method, path));
    }
    let name = path.strip_prefix(PLACE).unwrap_or_default();
    let file = match File::named(name) {
        Some(file) => Some(file),
        // The console has its own paths below, which are all one page.
        None if wanted::names_html(&head.headers) => File::named(INDEX),
        None if name.is_empty() && wanted::takes_html(&head.headers) => File::named(INDEX),
        None => None,
    };
    let file = file.ok_or_else(|| Failure::no_route(&head.method, path))?;
    Ok(file_for(&gateway, &file, &head.method, &head.headers).await)
}

async fn file_for(gateway: &Gateway, file: &File, method: &Method, asked: &HeaderMap) -> Response {
    let shared = gateway.shared();
    let packed = if wanted::takes_gzip(asked) {
        shared.console.of(file, &shared.offload).await
    } else {
        None
    };
    let tag = file.tag(packed.is_some());
    let mut headers = HeaderMap::new();
    if file.is_text() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(file.keeping()));
    if let Ok(tag) = HeaderValue::try_from(&tag) {
        headers.insert(header::ETAG, tag);
    }
    let mut response = Response::new(Body::empty());
    if wanted::knows(asked, &file.tag(false)) || wanted::knows(asked, &file.tag(true)) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = headers;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind()));
    if packed.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let data = packed.unwrap_or_else(|| file.data());
    headers.insert(header::CONTENT_LENGTH, data.len().into());
    *response.headers_mut() = headers;
    if *method == Method::GET {
        *response.body_mut() = Body::from(data);
    }
    response
}
