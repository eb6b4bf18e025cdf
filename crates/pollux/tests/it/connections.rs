//! Connections to Gemini: closed ones are not noticed by anybody, and long answers hold up nobody.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::try_join_all;
use http::{HeaderMap, Method};
use http_body_util::BodyExt as _;
use pollux::{tasks::Tasks, upstream::HttpUpstream};
use pollux_gateway::{
    egress::Egress,
    proxy::{
        call::{Call, Shape},
        upstream::Upstream as _,
    },
};
use pollux_pool::{health::Health, id::ModelName};
use pollux_store::secret::Secret;
use pollux_testkit::{App, Face, within};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Closes every connection when it is used for the second time, and counts how often.
struct Fickle {
    address: SocketAddr,
    closed: Arc<AtomicUsize>,
}

/// How a connection is closed.
#[derive(Clone, Copy, Debug)]
enum Close {
    /// With a farewell.
    Politely,
    /// With a reset.
    Hard,
}

impl Fickle {
    async fn start(close: Close) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, closed) = (listener.local_addr().unwrap(), Arc::<AtomicUsize>::default());
        let (count, tasks) = (Arc::clone(&closed), Tasks::default());
        let inner = tasks.clone();
        tasks.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let count = Arc::clone(&count);
                inner.spawn(async move {
                    if serve_once(stream, close).await {
                        count.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        Self { address, closed }
    }

    fn closed(&self) -> usize {
        self.closed.load(Ordering::SeqCst)
    }
}

/// Answers the first request; says whether there was a second one, which gets no answer.
async fn serve_once(mut stream: TcpStream, close: Close) -> bool {
    const ANSWER: &str =
        r#"{"candidates":[{"content":{"parts":[{"text":"hello"}]},"finishReason":"STOP"}]}"#;
    if !read_request(&mut stream).await {
        return false;
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        ANSWER.len()
    );
    stream.write_all(format!("{head}{ANSWER}").as_bytes()).await.unwrap();
    let again = match close {
        Close::Politely => read_request(&mut stream).await,
        // What has not been read is answered with a reset.
        Close::Hard => stream.read_u8().await.is_ok(),
    };
    drop(stream);
    again
}

async fn read_request(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return false };
        head.push(byte);
    }
    let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    stream.read_exact(&mut body).await.is_ok()
}

#[tokio::test]
async fn a_warm_connection_that_closes_when_it_is_used_again_costs_nothing() {
    for close in [Close::Politely, Close::Hard] {
        let server = Fickle::start(close).await;
        let base = format!("http://{}", server.address);
        let app = App::builder("key-1,key-2").set("gemini_base_url", &base).start().await;
        let mut requests = 0;
        while server.closed() < 100 {
            let answer = Face::Native.ask(&app, "hello").whole().await;
            assert_eq!(answer.status, 200, "{close:?}: {}", answer.text());
            assert_eq!(answer.header("x-pollux-attempts"), "1", "{close:?}");
            requests += 1;
            assert!(requests < 1_000, "{close:?}: connections are not used again");
        }
        for key in app.keys() {
            assert!(key.health == Health::Active && key.cooldowns.is_empty(), "{key:?}");
        }
    }
}

/// Begins every answer with one event and goes on with it for ever; but `/short` is answered at once.
async fn endless() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let tasks = Tasks::default();
    let inner = tasks.clone();
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            inner.spawn(async move {
                let mut head = vec![0; 4096];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let answer = if head[..length].starts_with(b"GET /short ") {
                    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nshort"
                } else {
                    "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\nevent\n\r\n"
                };
                let _ = stream.write_all(answer.as_bytes()).await;
                // Until the other side has had enough.
                let _ = stream.read(&mut head).await;
            });
        }
    });
    address
}

fn call(path: &str) -> Call {
    Call {
        method: Method::GET,
        path_and_query: path.to_owned(),
        headers: HeaderMap::new(),
        body: Vec::new().into(),
        model: ModelName::new("gemini-2.5-flash"),
        shape: Shape::Events,
        owner: None,
        prefer: None,
    }
}

#[tokio::test]
async fn three_hundred_long_answers_do_not_hold_up_the_next_request() {
    let base = format!("http://{}", endless().await).parse().unwrap();
    let upstream = HttpUpstream::new(&base, Duration::from_secs(5)).unwrap();
    let (long, short, secret) = (call("/long"), call("/short"), Secret::new("key-1-of-the-test"));
    let begin = async || upstream.send(&long, &secret, &Egress::Direct).await;
    let streams = within("all have begun", try_join_all((0..300).map(|_| begin()))).await;
    let mut streams = streams.unwrap();
    for stream in &mut streams {
        let frame = within("the first event", stream.body_mut().frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "event\n");
    }
    let answer = within("the next one", upstream.send(&short, &secret, &Egress::Direct)).await;
    let body = answer.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "short");
    assert_eq!(streams.len(), 300, "they are still there");
}
