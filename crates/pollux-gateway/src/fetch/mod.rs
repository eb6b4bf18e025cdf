//! Media that a client names by URL: fetched for it, within limits, from public places only.

pub mod guard;
mod kind;
pub mod net;

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::{
    StreamExt as _,
    future::{BoxFuture, Either, select},
    stream,
};
use http::{Response, header};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use pollux_translate::{error::Status, media::Media};

use self::guard::{Guard, Target};
use crate::{failure::Failure, gather::Gather, proxy::upstream::UpstreamBody, shared::Shared};

/// How often a server may send on.
const MAX_REDIRECTS: usize = 3;
/// How many URLs of a request are fetched at a time.
const AT_ONCE: usize = 4;
/// How many URLs a request may name.
const MAX_URLS: usize = 64;

/// What is fetched, and how far that may go.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether anything is.
    pub enabled: bool,
    /// From where.
    pub guard: Guard,
    /// The largest file, in bytes.
    pub max_bytes: usize,
    /// How long a file may take, its redirects included.
    pub timeout: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: true,
            guard: Guard::default(),
            max_bytes: 20 << 20,
            timeout: Duration::from_secs(10),
        }
    }
}

/// Why a URL was not fetched; says nothing of the network around this server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The operator does not want it.
    #[error("this server fetches nothing; send the file itself, as a data URL")]
    Disabled,
    /// There are too many.
    #[error("one request may name {MAX_URLS} URLs at most")]
    TooMany,
    /// It is no URL.
    #[error("it is not a URL that can be read; write it as https://host/path")]
    Unreadable,
    /// It is neither http nor https.
    #[error("only http and https URLs are fetched")]
    Scheme,
    /// It holds a name or a password.
    #[error("URLs with a user name or a password are not fetched")]
    Credentials,
    /// Its port is not the usual one.
    #[error("only ports 80 and 443 are fetched, unless the setting fetch.allow names the host")]
    Port,
    /// It is not on the public internet.
    #[error("it is not a public address; the setting fetch.allow can name exceptions")]
    Private,
    /// No connection came about.
    #[error("no public server could be reached there")]
    Unreachable,
    /// It did not come in time.
    #[error("it did not arrive within {} s", .0.as_secs_f64())]
    Slow(Duration),
    /// It leads on and on.
    #[error("it redirects more than {MAX_REDIRECTS} times")]
    Redirects,
    /// Its server refuses.
    #[error("its server answered {0}")]
    Status(u16),
    /// Its server broke off.
    #[error("its server broke off before the end")]
    Broken,
    /// It is compressed, though that was not asked for.
    #[error("its server sends it compressed only")]
    Compressed,
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is too large.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
    /// All of them together are too large.
    #[error("the files of this request are larger than {0} bytes together")]
    TooLargeTogether(usize),
    /// Nobody knows what it is.
    #[error("its type is unknown: its server names none, and it does not look like any")]
    Untyped,
}

/// What all files of one request may hold together.
#[derive(Debug)]
struct Purse {
    limit: usize,
    left: AtomicUsize,
}

impl Purse {
    fn new(limit: usize) -> Self {
        Self { limit, left: AtomicUsize::new(limit) }
    }

    fn take(&self, bytes: usize) -> Result<(), Refusal> {
        let rest = |left: usize| left.checked_sub(bytes);
        let taken = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, rest);
        taken.map(drop).map_err(|_| Refusal::TooLargeTogether(self.limit))
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::new(Status::InvalidArgument, format!("the URL was not fetched: {refusal}"))
    }
}

/// Fetches each of `urls` once, some at a time.
pub(crate) async fn all(
    shared: &Arc<Shared>,
    urls: &[&str],
) -> HashMap<String, Result<Media, Failure>> {
    let settings = &shared.catalog.load_full().settings;
    let purse = &Purse::new(settings.max_body_bytes);
    let urls: BTreeSet<&str> = urls.iter().copied().collect();
    let too_many = urls.len() > MAX_URLS;
    let fetches = urls.into_iter().map(|url| -> BoxFuture<'_, _> {
        Box::pin(async move {
            let media = if too_many {
                Err(Refusal::TooMany.into())
            } else {
                one(shared, &settings.fetch, url, purse).await
            };
            (url.to_owned(), media)
        })
    });
    stream::iter(fetches.collect::<Vec<_>>()).buffer_unordered(AT_ONCE).collect().await
}

/// Fetches one.
async fn one(
    shared: &Shared,
    settings: &Settings,
    url: &str,
    purse: &Purse,
) -> Result<Media, Failure> {
    if !settings.enabled {
        return Err(Refusal::Disabled.into());
    }
    let stop = std::pin::pin!(shared.stop.cancelled());
    let media = shared.clock.timeout(settings.timeout, follow(shared, settings, url, purse));
    match select(std::pin::pin!(media), stop).await {
        Either::Left((Ok(media), _)) => Ok(media?),
        Either::Left((Err(_), _)) => Err(Refusal::Slow(settings.timeout).into()),
        Either::Right(((), _)) => Err(Failure::stopping()),
    }
}

async fn follow(
    shared: &Shared,
    settings: &Settings,
    url: &str,
    purse: &Purse,
) -> Result<Media, Refusal> {
    let mut target = Target::parse(url)?;
    for _ in 0..=MAX_REDIRECTS {
        settings.guard.check(&target)?;
        let fetched = shared.upstream.fetch(&target, &settings.guard).await;
        let response = fetched.map_err(|error| {
            tracing::debug!("a URL could not be fetched: {error}");
            Refusal::Unreachable
        })?;
        match location(&response) {
            Some(location) => target = target.redirected(location)?,
            None => return read(response, settings, purse).await,
        }
    }
    Err(Refusal::Redirects)
}

fn location(response: &Response<UpstreamBody>) -> Option<&str> {
    let redirects = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(header::LOCATION).filter(|_| redirects)?;
    location.to_str().ok()
}

async fn read(
    response: Response<UpstreamBody>,
    settings: &Settings,
    purse: &Purse,
) -> Result<Media, Refusal> {
    let (head, body) = response.into_parts();
    if head.status != 200 {
        return Err(Refusal::Status(head.status.as_u16()));
    }
    let coding = head.headers.get(header::CONTENT_ENCODING);
    if coding.is_some_and(|coding| coding != "identity") {
        return Err(Refusal::Compressed);
    }
    let bytes = gather(body, settings.max_bytes, purse).await?;
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    let mime_type = kind::of(&head.headers, &bytes).ok_or(Refusal::Untyped)?;
    Ok(Media { mime_type, data: BASE64_STANDARD.encode(&bytes) })
}

/// Reads a body to its end.
async fn gather(mut body: UpstreamBody, limit: usize, purse: &Purse) -> Result<Bytes, Refusal> {
    let too_large = |_| Refusal::TooLarge(limit);
    let mut gather = Gather::new(limit, body.size_hint().lower()).map_err(too_large)?;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(|_| Refusal::Broken)?.into_data() else { continue };
        purse.take(data.len())?;
        gather.push(data).map_err(too_large)?;
    }
    Ok(gather.finish())
}
