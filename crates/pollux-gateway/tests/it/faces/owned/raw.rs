//! A Gemini that is written byte by byte, for what the simulator does not do.

use std::net::SocketAddr;

use pollux_testkit::App;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// Listens where an app looks for Gemini.
pub(super) struct Raw {
    listener: TcpListener,
}

impl Raw {
    pub(super) async fn listen() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// An app with one key, in front of it.
    pub(super) async fn app(&self, key: &str) -> App {
        let url = format!("http://{}", self.address());
        App::builder(key).set("gemini_base_url", &url).start().await
    }

    /// Takes the next connection and reads until `text` has come.
    pub(super) async fn until(&self, text: &str) -> (TcpStream, String) {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let read = read_until(&mut stream, text).await;
        (stream, read)
    }

    /// Reads one request without a body and answers it with `answer`.
    pub(super) async fn answer(&self, answer: &str) -> String {
        let (mut stream, request) = self.until("\r\n\r\n").await;
        stream.write_all(answer.as_bytes()).await.unwrap();
        request
    }
}

async fn read_until(stream: &mut TcpStream, text: &str) -> String {
    let mut read = Vec::new();
    while !String::from_utf8_lossy(&read).contains(text) {
        let count = stream.read_buf(&mut read).await.unwrap();
        assert!(count > 0, "no {text:?} in {:?}", String::from_utf8_lossy(&read));
    }
    String::from_utf8_lossy(&read).into_owned()
}
