//! Sends requests over kept connections, and takes the time.

use std::{cell::Cell, error::Error, net::SocketAddr, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use hdrhistogram::Histogram;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, StatusCode, client::conn::http1::SendRequest, header};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::LocalSet, time::Instant};

/// Connections that share a fixed rate; enough that none is waited for.
const CONNECTIONS: usize = 64;

/// One request, sent again and again.
#[derive(Debug)]
pub(super) struct Load {
    address: SocketAddr,
    path: String,
    key: &'static str,
    body: Bytes,
}

/// Latencies, and how long it took to gather them.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// Microseconds.
    latencies: Histogram<u64>,
    span: Duration,
}

/// When the requests of a run are due.
#[derive(Clone, Copy)]
struct Pace {
    start: Instant,
    span: Duration,
    /// Absent: as soon as a connection is free.
    interval: Option<Duration>,
}

impl Load {
    pub(super) fn new(address: SocketAddr, path: String, key: &'static str, body: String) -> Self {
        Self { address, path, key, body: body.into() }
    }

    /// Keeps `concurrency` requests under way for `span`.
    pub(super) async fn fast(
        &self,
        concurrency: usize,
        span: Duration,
    ) -> Result<Sample, Box<dyn Error>> {
        self.run(concurrency, span, None).await
    }

    /// Sends `rate` requests per second for `span`, however late the answers are.
    pub(super) async fn paced(&self, rate: u32, span: Duration) -> Result<Sample, Box<dyn Error>> {
        self.run(CONNECTIONS, span, Some(Duration::from_secs(1) / rate)).await
    }

    async fn run(
        &self,
        connections: usize,
        span: Duration,
        interval: Option<Duration>,
    ) -> Result<Sample, Box<dyn Error>> {
        let tasks = LocalSet::new();
        let sample = tasks.run_until(async {
            let mut senders = Vec::new();
            for _ in 0..connections {
                senders.push(self.connect().await?);
            }
            let pace = Pace { start: Instant::now(), span, interval };
            let next = Cell::new(0);
            let senders = senders.into_iter().map(|sender| self.work(sender, pace, &next));
            let mut sample = Sample::new()?;
            for one in join_all(senders).await {
                sample.latencies.add(&one?.latencies)?;
            }
            sample.span = pace.start.elapsed();
            Ok(sample)
        });
        sample.await
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, Box<dyn Error>> {
        let stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::task::spawn_local(connection);
        Ok(sender)
    }

    /// Sends requests over one connection, as they become due, until the span is over.
    async fn work(
        &self,
        mut sender: SendRequest<Full<Bytes>>,
        pace: Pace,
        next: &Cell<u32>,
    ) -> Result<Sample, Box<dyn Error>> {
        let mut sample = Sample::new()?;
        loop {
            let due = match pace.interval {
                Some(interval) => pace.start + interval * next.replace(next.get() + 1),
                None => Instant::now(),
            };
            if due >= pace.start + pace.span {
                return Ok(sample);
            }
            // A wait that ends late is this program's; a connection that is late is the server's.
            let is_late = Instant::now() >= due;
            tokio::time::sleep_until(due).await;
            let begun = if is_late { due } else { Instant::now() };
            self.send(&mut sender).await?;
            sample.record(begun.elapsed())?;
        }
    }

    async fn send(&self, sender: &mut SendRequest<Full<Bytes>>) -> Result<(), Box<dyn Error>> {
        let request = Request::post(&self.path)
            .header(header::HOST, self.address.to_string())
            .header("x-goog-api-key", self.key)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(self.body.clone()))?;
        sender.ready().await?;
        let (head, mut body) = sender.send_request(request).await?.into_parts();
        let mut last = Bytes::new();
        while let Some(frame) = body.frame().await {
            if let Ok(data) = frame?.into_data() {
                last = data;
            }
        }
        if head.status == StatusCode::OK && !last.is_empty() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&last);
        Err(format!("{} answered {}: {said}", self.path, head.status).into())
    }
}

impl Sample {
    pub(super) fn new() -> Result<Self, Box<dyn Error>> {
        Ok(Self { latencies: Histogram::new(3)?, span: Duration::ZERO })
    }

    fn record(&mut self, latency: Duration) -> Result<(), Box<dyn Error>> {
        Ok(self.latencies.record(u64::try_from(latency.as_micros())?)?)
    }

    /// Requests that were answered.
    pub(super) fn count(&self) -> u64 {
        self.latencies.len()
    }

    /// Requests per second.
    pub(super) fn rate(&self) -> f64 {
        let count = u32::try_from(self.count()).unwrap_or(u32::MAX);
        f64::from(count) / self.span.as_secs_f64().max(f64::EPSILON)
    }

    /// Microseconds that this part of all requests stays within.
    pub(super) fn quantile(&self, quantile: f64) -> u64 {
        self.latencies.value_at_quantile(quantile)
    }

    /// Adds what another run has shown.
    pub(super) fn add(&mut self, other: &Self) -> Result<(), Box<dyn Error>> {
        self.span += other.span;
        Ok(self.latencies.add(&other.latencies)?)
    }
}
