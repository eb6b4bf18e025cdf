//! Media by URL: redirects, limits and types, over a web that a test makes up.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::{future::BoxFuture, stream};
use http::Response;
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use pollux_gateway::{
    app::Gateway,
    catalog::Settings,
    egress::Egress,
    failure::Failure,
    fetch::guard::{Guard, Target},
    proxy::{
        call::Call,
        upstream::{Upstream, UpstreamBody, UpstreamError},
    },
};
use pollux_store::secret::Secret;
use pollux_testkit::{ManualClock, START};
use pollux_translate::media::Media;

use crate::bare;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n-an-image";

/// What is found at a URL.
#[derive(Clone, Debug)]
struct Page {
    status: u16,
    headers: Vec<(&'static str, String)>,
    pieces: Vec<Bytes>,
    /// Whether it goes on for ever without a word.
    silent: bool,
}

/// A web of pages; counts what is asked of it, and how much of that at a time.
#[derive(Debug, Default)]
struct Web {
    pages: HashMap<String, Page>,
    asked: Mutex<Vec<String>>,
    under_way: AtomicUsize,
    most: AtomicUsize,
}

impl Upstream for Web {
    fn send<'a>(
        &'a self,
        _: &'a Call,
        _: &'a Secret,
        _: &'a Egress,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        panic!("nothing of this is for Gemini")
    }

    fn fetch<'a>(
        &'a self,
        target: &'a Target,
        _: &'a Guard,
    ) -> BoxFuture<'a, Result<Response<UpstreamBody>, UpstreamError>> {
        Box::pin(async move {
            self.asked.lock().unwrap().push(target.uri().to_string());
            let now = self.under_way.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.under_way.fetch_sub(1, Ordering::SeqCst);
            let page = self.pages.get(&target.uri().to_string());
            page.map(Page::respond)
                .ok_or_else(|| UpstreamError::Connect("10.0.0.53 refuses to resolve it".to_owned()))
        })
    }
}

impl Page {
    fn of(body: &[u8]) -> Self {
        let pieces = vec![Bytes::copy_from_slice(body)];
        Self { status: 200, headers: Vec::new(), pieces, silent: false }
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn to(location: &str) -> Self {
        Self { status: 302, ..Self::of(b"moved") }.header("location", location)
    }

    fn respond(&self) -> Response<UpstreamBody> {
        let pieces = self.pieces.clone().into_iter().map(|piece| Ok(Frame::data(piece)));
        let body = if self.silent {
            StreamBody::new(stream::pending()).boxed_unsync()
        } else {
            StreamBody::new(stream::iter(pieces)).boxed_unsync()
        };
        let mut response = Response::builder().status(self.status);
        for (name, value) in &self.headers {
            response = response.header(*name, value);
        }
        response.body(body).unwrap()
    }
}

struct Fetching {
    gateway: Gateway,
    web: Arc<Web>,
    clock: ManualClock,
}

impl Fetching {
    async fn over<const N: usize>(pages: [(&str, Page); N], settings: Settings) -> Self {
        let pages = pages.map(|(url, page)| (url.to_owned(), page)).into();
        let web = Arc::new(Web { pages, ..Web::default() });
        let clock = ManualClock::new(START);
        let gateway = bare::gateway(web.clone(), settings, &clock).await;
        Self { gateway, web, clock }
    }

    async fn one(&self, url: &str) -> Result<Media, Failure> {
        self.gateway.fetch(&[url]).await.remove(url).unwrap()
    }

    /// Why a URL is not fetched; always the client's mistake.
    async fn refusal(&self, url: &str) -> String {
        let error = self.one(url).await.unwrap_err().error;
        assert_eq!(error.http, 400, "{error:?}");
        let message = error.message.strip_prefix("the URL was not fetched: ").unwrap();
        message.to_owned()
    }

    fn asked(&self) -> Vec<String> {
        self.web.asked.lock().unwrap().clone()
    }
}

fn limits(max_bytes: usize) -> Settings {
    let mut settings = Settings::default();
    settings.fetch.max_bytes = max_bytes;
    settings
}

#[tokio::test]
async fn a_file_comes_with_its_type_and_in_base64() {
    let page = |said: &str| Page::of(PNG).header("content-type", said);
    let pages = [
        ("https://a.example/said", page("image/webp; charset=x")),
        ("https://a.example/shown", page("application/octet-stream")),
    ];
    let web = Fetching::over(pages, Settings::default()).await;
    let said = web.one("https://a.example/said").await.unwrap();
    assert_eq!(said.mime_type, "image/webp");
    assert_eq!(said.data, "iVBORw0KGgotYW4taW1hZ2U=");
    assert_eq!(web.one("https://a.example/shown").await.unwrap().mime_type, "image/png");
}

#[tokio::test]
async fn each_url_is_fetched_once_and_four_at_a_time() {
    let web = Fetching::over([], Settings::default()).await;
    let urls: Vec<_> = (0..12).map(|at| format!("https://a.example/{}", at % 10)).collect();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    assert_eq!(web.gateway.fetch(&urls).await.len(), 10);
    let mut asked = web.asked();
    asked.sort();
    assert_eq!(asked, urls[..10]);
    assert_eq!(web.web.most.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn three_redirects_are_followed_and_no_more() {
    let pages = [
        ("https://a.example/0", Page::to("/1")),
        ("https://a.example/1", Page::to("https://b.example/2")),
        ("https://b.example/2", Page::to("//c.example/3")),
        ("https://c.example/3", Page::of(PNG)),
        ("https://a.example/loop", Page::to("loop")),
        ("https://a.example/nowhere", Page { headers: Vec::new(), ..Page::to("") }),
    ];
    let web = Fetching::over(pages, Settings::default()).await;
    assert_eq!(web.one("https://a.example/0").await.unwrap().mime_type, "image/png");
    assert_eq!(web.refusal("https://a.example/loop").await, "it redirects more than 3 times");
    assert_eq!(web.asked().len(), 8);
    assert_eq!(web.refusal("https://a.example/nowhere").await, "its server answered 302");
}

#[tokio::test]
async fn every_redirect_is_checked_before_it_is_followed() {
    let private = [
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://localhost/",
        "http://[::ffff:10.0.0.1]/",
        "http://a.example:22/",
        "file:///etc/passwd",
        "http://user@a.example/",
    ];
    for location in private {
        let web =
            Fetching::over([("https://a.example/", Page::to(location))], Settings::default()).await;
        web.refusal("https://a.example/").await;
        assert_eq!(web.asked(), ["https://a.example/"], "{location}");
    }
}

#[tokio::test]
async fn nothing_private_is_even_asked_for() {
    let web = Fetching::over([], Settings::default()).await;
    for url in [
        "http://127.0.0.1/",
        "http://0x7f.1/",
        "http://metadata.google.internal/",
        "ftp://a.example/",
        "a",
    ] {
        web.refusal(url).await;
    }
    assert_eq!(web.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_too_large_is_refused_whether_it_says_so_or_not() {
    let pieces = vec![Bytes::from_static(&[7; 60]); 2];
    let typed = |page: Page| page.header("content-type", "image/png");
    let pages = [
        ("https://a.example/fits", typed(Page::of(&[7; 100]))),
        ("https://a.example/long", typed(Page::of(&[7; 101]))),
        ("https://a.example/pieces", typed(Page { pieces, ..Page::of(b"") })),
    ];
    let web = Fetching::over(pages, limits(100)).await;
    assert!(web.one("https://a.example/fits").await.is_ok());
    for url in ["https://a.example/long", "https://a.example/pieces"] {
        assert_eq!(web.refusal(url).await, "it is larger than 100 bytes");
    }
}

#[tokio::test]
async fn all_files_of_a_request_together_have_a_limit() {
    let page = || Page::of(&[7; 60]).header("content-type", "image/png");
    let pages = [("https://a.example/1", page()), ("https://a.example/2", page())];
    let settings = Settings { max_body_bytes: 100, ..Settings::default() };
    let web = Fetching::over(pages, settings).await;
    let fetched = web.gateway.fetch(&["https://a.example/1", "https://a.example/2"]).await;
    let refused: Vec<_> = fetched.into_values().filter_map(Result::err).collect();
    assert_eq!(refused.len(), 1);
    assert!(refused[0].error.message.contains("larger than 100 bytes together"), "{refused:?}");
    assert!(web.one("https://a.example/1").await.is_ok(), "the next request begins anew");
}

#[tokio::test]
async fn a_server_that_falls_silent_is_given_up() {
    let pages = [("https://a.example/", Page { silent: true, ..Page::of(b"") })];
    let web = Fetching::over(pages, Settings::default()).await;
    let pass = async {
        web.clock.until_sleeping(Duration::from_secs(10)..).await;
        web.clock.advance(Duration::from_secs(10));
    };
    let (refusal, ()) = futures_util::join!(web.refusal("https://a.example/"), pass);
    assert_eq!(refusal, "it did not arrive within 10 s");
}

#[tokio::test]
async fn answers_without_a_file_say_what_they_are() {
    let pages = [
        ("https://a.example/404", Page { status: 404, ..Page::of(PNG) }),
        ("https://a.example/204", Page { status: 204, ..Page::of(b"") }),
        ("https://a.example/empty", Page::of(b"").header("content-type", "image/png")),
        ("https://a.example/gzip", Page::of(PNG).header("content-encoding", "gzip")),
        ("https://a.example/odd", Page::of(b"who knows")),
    ];
    let web = Fetching::over(pages, Settings::default()).await;
    for (name, want) in [
        ("404", "its server answered 404"),
        ("204", "its server answered 204"),
        ("empty", "it is empty"),
        ("gzip", "its server sends it compressed only"),
        ("odd", "its type is unknown: its server names none, and it does not look like any"),
        ("gone", "no public server could be reached there"),
    ] {
        assert_eq!(web.refusal(&format!("https://a.example/{name}")).await, want);
    }
}

#[tokio::test]
async fn fetching_can_be_switched_off_and_has_a_number() {
    let mut settings = Settings::default();
    settings.fetch.enabled = false;
    let web = Fetching::over([("https://a.example/", Page::of(PNG))], settings).await;
    assert!(web.refusal("https://a.example/").await.contains("send the file itself"));
    assert_eq!(web.asked(), Vec::<String>::new());

    let web = Fetching::over([], Settings::default()).await;
    let urls: Vec<_> = (0..65).map(|at| format!("https://a.example/{at}")).collect();
    let urls: Vec<_> = urls.iter().map(String::as_str).collect();
    let fetched = web.gateway.fetch(&urls).await;
    assert!(fetched.values().all(|media| {
        media.as_ref().is_err_and(|failure| failure.error.message.contains("64 URLs at most"))
    }));
    assert_eq!(web.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_ends_what_is_being_fetched() {
    let pages = [("https://a.example/", Page { silent: true, ..Page::of(b"") })];
    let web = Fetching::over(pages, Settings::default()).await;
    let stop = async {
        web.clock.until_sleeping(Duration::from_secs(10)..).await;
        web.gateway.stop();
    };
    let (media, ()) = futures_util::join!(web.one("https://a.example/"), stop);
    assert_eq!(media.unwrap_err().error.http, 503);
}
