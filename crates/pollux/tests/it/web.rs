//! Files by URL over real sockets: only admitted addresses are dialled, whatever names say.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use http_body_util::BodyExt as _;
use pollux::{tasks::Tasks, upstream::HttpUpstream, web::Lookup};
use pollux_gateway::{
    fetch::guard::{Guard, Target},
    proxy::upstream::Upstream as _,
};
use pollux_testkit::App;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

/// A server that gives everyone the same answer, and keeps what it was asked.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start(address: &str, answer: String) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let asked = Arc::clone(&server.asked);
        Tasks::default().spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                asked.lock().unwrap().push(head);
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        server
    }

    pub(crate) async fn image(address: &str) -> Self {
        let answer = "HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 5\r\n\r\nimage";
        Self::start(address, answer.to_owned()).await
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A resolver that knows one answer, and how often it was asked.
fn resolving(addresses: &'static [&'static str]) -> (Lookup, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let lookup: Lookup = Arc::new(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {
            let found: Vec<IpAddr> = addresses.iter().map(|text| text.parse().unwrap()).collect();
            if found.is_empty() { Err(io::Error::other("no such name")) } else { Ok(found) }
        })
    });
    (lookup, asked)
}

pub(crate) async fn get(lookup: Lookup, allow: &str, url: &str) -> Result<String, String> {
    let base = "http://gemini.test/".parse().unwrap();
    let upstream = HttpUpstream::new(&base, Duration::from_secs(5)).unwrap().with_lookup(lookup);
    let guard = Guard::new(allow.split_whitespace().map(|text| text.parse().unwrap()).collect());
    let target = Target::parse(url).unwrap();
    let response = upstream.fetch(&target, &guard).await.map_err(|error| error.to_string())?;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_file_is_fetched_without_any_credential() {
    let server = Server::image("127.0.0.1:0").await;
    let allow = format!("127.0.0.1:{}", server.address.port());
    let app = App::builder("key-1").set("fetch.allow", &allow).start().await;
    let url = format!("http://{}/a%20b.png?c=d#e", server.address);
    let media = app.gateway().fetch(&[&url]).await.remove(&url).unwrap().unwrap();
    assert_eq!((media.mime_type.as_str(), media.data.as_str()), ("image/png", "aW1hZ2U="));
    let asked = server.asked().remove(0).to_lowercase();
    assert!(asked.starts_with("get /a%20b.png?c=d http/1.1\r\n"), "{asked}");
    assert!(asked.contains("\r\nuser-agent: pollux/"), "{asked}");
    assert!(asked.contains("\r\naccept-encoding: identity\r\n"), "{asked}");
    for secret in ["key-1", "x-goog", "authorization", "cookie", "referer"] {
        assert!(!asked.contains(secret), "{asked}");
    }
}

#[tokio::test]
async fn no_spelling_of_a_private_address_reaches_it() {
    let server = Server::image("127.0.0.1:0").await;
    let port = server.address.port();
    let app = App::start("key-1").await;
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "localhost.",
        "LocalHost",
        "a.localhost",
        "user@127.0.0.1",
        "a.example@127.0.0.1",
    ] {
        let url = format!("http://{host}:{port}/");
        let fetched = app.gateway().fetch(&[&url]).await.remove(&url).unwrap();
        let error = fetched.unwrap_err().error;
        assert_eq!(error.http, 400, "{url}");
        let why = if host.contains('@') { "a user name" } else { "it is not a public address" };
        assert!(error.message.contains(why), "{url}: {error:?}");
    }
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_not_followed() {
    let inner = Server::image("127.0.0.2:0").await;
    let moved = format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{}/\r\ncontent-length: 0\r\n\r\n",
        inner.address
    );
    let outer = Server::start("127.0.0.1:0", moved).await;
    let allow = format!("127.0.0.1:{}", outer.address.port());
    let app = App::builder("key-1").set("fetch.allow", &allow).start().await;
    let url = format!("http://{}/", outer.address);
    assert!(app.gateway().fetch(&[&url]).await.remove(&url).unwrap().is_err());
    assert_eq!((outer.asked().len(), inner.asked().len()), (1, 0));
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_not_dialled() {
    let server = Server::image("127.0.0.1:0").await;
    let url = format!("http://images.example:{}/", server.address.port());
    for (addresses, allow) in [
        (&["127.0.0.1"][..], "10.255.0.0/16"),
        (&["::ffff:127.0.0.1", "::1"], "10.255.0.0/16"),
        (&["127.0.0.1"], "127.0.0.2/32"),
        (&[], "127.0.0.0/8"),
    ] {
        let (lookup, asked) = resolving(addresses);
        assert!(get(lookup, allow, &url).await.is_err(), "{addresses:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
    assert_eq!(server.asked(), Vec::<String>::new());
    let (lookup, asked) = resolving(&["127.0.0.1"]);
    assert_eq!(get(lookup, "127.0.0.0/8", &url).await.as_deref(), Ok("image"));
    assert_eq!(asked.load(Ordering::SeqCst), 1, "what was checked is not looked up again");
}

#[tokio::test]
async fn of_several_addresses_only_those_that_are_admitted_are_dialled() {
    let private = Server::image("127.0.0.1:0").await;
    let port = private.address.port();
    let admitted = Server::image(&format!("127.0.0.2:{port}")).await;
    let (lookup, _) = resolving(&["127.0.0.1", "127.0.0.2"]);
    let url = format!("http://images.example:{port}/");
    assert_eq!(get(lookup, "127.0.0.2/32", &url).await.as_deref(), Ok("image"));
    assert_eq!((private.asked().len(), admitted.asked().len()), (0, 1));
}

#[tokio::test]
async fn a_named_host_may_lead_anywhere() {
    let server = Server::image("127.0.0.1:0").await;
    let port = server.address.port();
    let allow = format!("images.lan:{port}");
    let (lookup, _) = resolving(&["127.0.0.1"]);
    let url = format!("http://images.lan:{port}/");
    assert_eq!(get(lookup.clone(), &allow, &url).await.as_deref(), Ok("image"));
    let url = format!("http://other.lan:{port}/");
    assert!(get(lookup, &allow, &url).await.is_err());
}

#[tokio::test]
async fn an_address_that_is_asked_for_itself_is_checked_by_whoever_dials_it_too() {
    let server = Server::image("127.0.0.1:0").await;
    let (lookup, asked) = resolving(&["127.0.0.1"]);
    let url = format!("http://{}/", server.address);
    assert!(get(lookup, "", &url).await.is_err());
    assert_eq!((server.asked().len(), asked.load(Ordering::SeqCst)), (0, 0));
}
