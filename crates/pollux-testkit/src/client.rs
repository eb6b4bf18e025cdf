//! A client of one request per connection: whole answers, chunks one by one, and hanging up.

use std::{
    convert::Infallible,
    error::Error,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use pollux::tasks::Tasks;
use tokio::net::TcpStream;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{ACCESS_KEY, within};

/// A request in the making; it carries the access key unless it is told not to.
#[derive(Clone, Debug)]
pub struct Request {
    address: SocketAddr,
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    length: Length,
}

/// What a request says about the length of its body.
#[derive(Clone, Copy, Debug)]
enum Length {
    /// The truth.
    Known,
    /// Nothing: the body goes out in chunks.
    Untold,
    /// More than will ever come.
    Announced(u64),
}

/// An answer whose body is still to be read; dropping it closes the connection.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    body: Incoming,
    _connection: DropGuard,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Whole {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as far as it arrived.
    pub body: Bytes,
    /// Whether the connection broke before the body's end.
    pub broken: bool,
}

impl Request {
    /// A request to a server that is no app's.
    pub fn new(address: SocketAddr, method: Method, target: &str, body: Bytes) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("pollux.test"));
        if !body.is_empty() {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let target = target.to_owned();
        let request = Self { address, method, target, headers, body, length: Length::Known };
        request.header("authorization", &format!("Bearer {ACCESS_KEY}"))
    }

    /// Sets a header, in place of one of the same name.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// Gives it a body, of whatever kind its headers say.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// Makes it a request of another method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Takes the access key out.
    #[must_use]
    pub fn anonymous(mut self) -> Self {
        self.headers.remove(header::AUTHORIZATION);
        self
    }

    /// Announces a body of `length` bytes, of which only those given arrive.
    #[must_use]
    pub fn announcing(mut self, length: u64) -> Self {
        self.length = Length::Announced(length);
        self
    }

    /// Sends the body without saying how long it is.
    #[must_use]
    pub fn chunked(mut self) -> Self {
        self.length = Length::Untold;
        self
    }

    /// Sends it, and resolves at the head of the answer.
    pub async fn send(&self) -> Answer {
        within("the head of an answer", self.try_send()).await.expect("an answer")
    }

    /// Sends it and reads the answer to its end.
    pub async fn whole(&self) -> Whole {
        self.send().await.whole().await
    }

    /// The same where nobody may be listening, or stop before the head of an answer.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn try_send(&self) -> Result<Answer, Box<dyn Error + Send + Sync>> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let token = CancellationToken::new();
        let guard = token.clone().drop_guard();
        Tasks::default().spawn(async move {
            // How it ended shows in the answer.
            let _ = token.run_until_cancelled(connection).await;
        });
        let body = Upload { rest: Some(self.body.clone()), length: self.length };
        let mut request = http::Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.target.parse()?;
        *request.headers_mut() = self.headers.clone();
        let answer = sender.send_request(request).await?;
        let (head, body) = answer.into_parts();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body, _connection: guard })
    }
}

impl Answer {
    /// The next piece of the body; nothing at its end, and when the connection broke.
    pub async fn chunk(&mut self) -> Option<Bytes> {
        within("a piece of the body", self.piece()).await.ok().flatten()
    }

    /// Reads pieces until they hold `text`, and returns all of them.
    pub async fn until(&mut self, text: &str) -> String {
        let mut read = String::new();
        while !read.contains(text) {
            let Some(chunk) = self.chunk().await else { panic!("no {text:?} in {read:?}") };
            read.push_str(&String::from_utf8_lossy(&chunk));
        }
        read
    }

    /// Reads the rest.
    pub async fn whole(mut self) -> Whole {
        let mut body = BytesMut::new();
        let broken = loop {
            match within("the end of the body", self.piece()).await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break false,
                Err(_) => break true,
            }
        };
        Whole { status: self.status, headers: self.headers, body: body.freeze(), broken }
    }

    /// Closes the connection without reading on.
    pub fn hang_up(self) {
        drop(self);
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, hyper::Error> {
        while let Some(frame) = self.body.frame().await {
            if let Ok(data) = frame?.into_data() {
                return Ok(Some(data));
            }
        }
        Ok(None)
    }
}

impl Whole {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A header's text; empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A body in one piece, and what is said about its length.
struct Upload {
    rest: Option<Bytes>,
    length: Length,
}

impl Body for Upload {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(piece) = self.rest.take().filter(|piece| !piece.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.length {
            Length::Known | Length::Untold => Poll::Ready(None),
            Length::Announced(_) => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        let empty = self.rest.as_ref().is_none_or(Bytes::is_empty);
        matches!(self.length, Length::Known) && empty
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.rest.as_ref().map_or(0, Bytes::len);
        match self.length {
            Length::Known => SizeHint::with_exact(u64::try_from(rest).unwrap_or(u64::MAX)),
            Length::Untold => SizeHint::default(),
            Length::Announced(length) => SizeHint::with_exact(length),
        }
    }
}
