//! The webhook is told before a model runs out of requests for the day, and nobody else is.

use std::{
    cell::RefCell,
    collections::VecDeque,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, Once},
    time::Duration,
};

use pollux::tasks::Tasks;
use pollux_testkit::{App, Face, MODEL, within};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

const MINUTE: Duration = Duration::from_mins(1);
const SECRET: &str = "secret-path-of-the-owner";

/// Somebody's webhook: answers with one status after the other, then 204.
#[derive(Clone)]
struct Receiver {
    address: SocketAddr,
    received: Arc<Mutex<Vec<String>>>,
}

impl Receiver {
    async fn start(statuses: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self { address: listener.local_addr().unwrap(), received: Arc::default() };
        let kept = Arc::clone(&receiver.received);
        let mut statuses = VecDeque::from(statuses.to_vec());
        Tasks::default().spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                kept.lock().unwrap().push(request);
                let status = statuses.pop_front().unwrap_or(204);
                let elsewhere = "location: http://127.0.0.1:1/\r\n";
                let head = format!("HTTP/1.1 {status} X\r\n{elsewhere}content-length: 0\r\n\r\n");
                let _ = stream.write_all(head.as_bytes()).await;
            }
        });
        receiver
    }

    fn url(&self) -> String {
        format!("http://{}/{SECRET}?token=1", self.address)
    }

    fn count(&self) -> usize {
        self.received.lock().unwrap().len()
    }

    /// The event of a request that came.
    fn event(&self, at: usize) -> Value {
        let received = self.received.lock().unwrap();
        let (head, body) = received[at].split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("POST /{SECRET}?token=1 HTTP/1.1")), "{head}");
        assert!(head.contains("content-type: application/json"), "{head}");
        serde_json::from_str(body).unwrap()
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let whole = text.split_once("\r\n\r\n").is_some_and(|(_, body)| body.ends_with('}'));
        if whole || stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

async fn app(webhook: &str, before: &str) -> App {
    App::builder("key-1")
        .set("alerts.webhook", webhook)
        .set("alerts.before", before)
        .set("quota.free", "*=10rpd")
        .set("pool.max_wait", "0s")
        .start()
        .await
}

async fn ask(app: &App, times: usize) {
    for _ in 0..times {
        assert_eq!(Face::Chat.ask(app, "say: hello").whole().await.status, 200);
    }
}

/// Lets a minute pass, and whatever is done then be done.
async fn minute(app: &App) {
    app.clock.until_sleeping(MINUTE..=MINUTE).await;
    app.clock.advance(MINUTE);
    app.clock.until_sleeping(MINUTE..=MINUTE).await;
}

#[tokio::test]
async fn it_is_told_once_a_day_before_the_requests_run_out() {
    let receiver = Receiver::start(&[]).await;
    let app = app(&receiver.url(), "1h").await;
    minute(&app).await;
    ask(&app, 1).await;
    minute(&app).await;
    assert_eq!(receiver.count(), 0, "nine are left, for hours");
    ask(&app, 7).await;
    minute(&app).await;
    assert_eq!(receiver.count(), 1);
    let event = receiver.event(0);
    let told = |field: &str| event[field].as_str().unwrap().to_owned();
    assert_eq!((told("event"), told("model")), ("quota_forecast".to_owned(), MODEL.to_owned()));
    assert_eq!((&event["pool"], &event["left"]), (&1.into(), &2.into()));
    assert_eq!(told("day_ends_at"), "2026-01-21T08:00:00Z");
    assert!(told("runs_out_at").starts_with("2026-01-20T20:"), "{event}");
    assert!(told("text").starts_with("pool-1 runs out of requests per day for"), "{event}");
    ask(&app, 2).await;
    minute(&app).await;
    assert_eq!(receiver.count(), 1, "that nothing is left was foretold");
    app.clock.advance(Duration::from_hours(12));
    minute(&app).await;
    assert_eq!(receiver.count(), 1, "a new day has new requests");
    ask(&app, 10).await;
    minute(&app).await;
    assert_eq!((receiver.count(), receiver.event(1)["left"].as_u64()), (2, Some(0)));
}

#[tokio::test]
async fn what_is_further_off_than_asked_for_is_not_told() {
    let receiver = Receiver::start(&[]).await;
    let app = app(&receiver.url(), "1m").await;
    ask(&app, 8).await;
    minute(&app).await;
    assert_eq!(receiver.count(), 0, "two are left, for minutes");
    ask(&app, 2).await;
    minute(&app).await;
    assert_eq!(receiver.count(), 1);
}

#[tokio::test]
async fn an_alert_that_does_not_arrive_is_sent_again_a_few_times() {
    let receiver = Receiver::start(&[500, 307]).await;
    let app = app(&receiver.url(), "1h").await;
    ask(&app, 10).await;
    app.clock.until_sleeping(MINUTE..=MINUTE).await;
    app.clock.advance(MINUTE);
    for pause in [2, 15] {
        let pause = Duration::from_secs(pause);
        app.clock.until_sleeping(pause..=pause).await;
        app.clock.advance(pause);
    }
    minute(&app).await;
    assert_eq!(receiver.count(), 3);
    assert_eq!(receiver.event(2), receiver.event(0));
}

thread_local! {
    /// What was logged on this thread since [`listen`]; each test has a thread of its own.
    static LOG: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

struct Log;

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.as_mut().map(|log| log.extend_from_slice(bytes)));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what this thread logs. A subscriber of one thread would miss what others logged first.
fn listen() {
    static GLOBAL: Once = Once::new();
    GLOBAL.call_once(|| {
        let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::DEBUG);
        subscriber.with_writer(|| Log).init();
    });
    LOG.set(Some(Vec::new()));
}

#[tokio::test]
async fn a_webhook_that_fails_is_logged_without_its_address() {
    let receiver = Receiver::start(&[500; 4]).await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let nowhere = format!("http://{nobody}/{SECRET}");
    for (webhook, why) in [(receiver.url(), "it answered 500"), (nowhere, "it cannot be reached")] {
        listen();
        let app = app(&webhook, "1h").await;
        ask(&app, 10).await;
        app.clock.until_sleeping(MINUTE..=MINUTE).await;
        app.clock.advance(MINUTE);
        for pause in [2, 15, 45] {
            let pause = Duration::from_secs(pause);
            app.clock.until_sleeping(pause..=pause).await;
            app.clock.advance(pause);
        }
        within("the next look is waited for", app.clock.until_sleeping(MINUTE..=MINUTE)).await;
        let text = String::from_utf8(LOG.take().unwrap()).unwrap();
        let words = format!("an alert did not get to alerts.webhook: {why}");
        assert!(text.contains(&words), "{text}");
        assert!(text.contains("pool-1 is out of requests per day"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
    }
    assert_eq!(receiver.count(), 4);
}
