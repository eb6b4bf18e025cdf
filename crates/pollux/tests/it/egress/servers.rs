//! Proxies on free ports: each speaks as much of its protocol as a test needs, and keeps what it saw.

use std::{
    collections::BTreeSet,
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use pollux::tasks::Tasks;
use pollux_testkit::eventually;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, DropGuard};

/// What a proxy understands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Speaks {
    /// `CONNECT`.
    Connect,
    /// `CONNECT`, with `Basic` and this.
    ConnectWith(&'static str),
    /// SOCKS 5.
    Socks,
    /// SOCKS 5, with this name and this password.
    SocksWith(&'static str, &'static str),
    /// Takes connections and never says a word.
    Nothing,
}

/// What came by a proxy.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Where connections were to go.
    pub(super) targets: BTreeSet<String>,
    /// The keys of the requests, one for each.
    pub(super) keys: Vec<String>,
    /// The first bytes that went through.
    pub(super) first: Vec<u8>,
}

/// A proxy; it and its connections end when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    seen: Arc<Mutex<Seen>>,
    tasks: Tasks,
    stop: DropGuard,
}

impl Server {
    pub(super) async fn start(speaks: Speaks) -> Self {
        Self::start_at(speaks, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub(super) async fn start_at(speaks: Speaks, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, seen, tasks) =
            (CancellationToken::new(), Arc::<Mutex<Seen>>::default(), Tasks::default());
        let (until, all, inner) = (stop.clone(), Arc::clone(&seen), tasks.clone());
        tasks.spawn(async move {
            while let Some(Ok((client, _))) = until.run_until_cancelled(listener.accept()).await {
                let (until, seen) = (until.clone(), Arc::clone(&all));
                inner.spawn(async move {
                    let _ = until.run_until_cancelled(serve(speaks, client, &seen)).await;
                });
            }
        });
        Self { address, seen, tasks, stop: stop.drop_guard() }
    }

    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}", self.address)
    }

    /// Closes all its connections and takes no more.
    pub(super) async fn die(self) -> SocketAddr {
        let Self { address, tasks, stop, .. } = self;
        drop(stop);
        assert!(tasks.finish(std::time::Duration::from_secs(5)).await);
        address
    }

    /// Waits until something has gone through.
    pub(super) async fn until_first_byte(&self) -> u8 {
        let patience = std::time::Duration::from_secs(10);
        eventually("something goes through", patience, || !self.seen().first.is_empty()).await;
        self.seen().first[0]
    }
}

async fn serve(speaks: Speaks, mut client: TcpStream, seen: &Mutex<Seen>) -> io::Result<()> {
    let target = match speaks {
        Speaks::Connect => connect(&mut client, None).await?,
        Speaks::ConnectWith(login) => connect(&mut client, Some(login)).await?,
        Speaks::Socks => socks(&mut client, None).await?,
        Speaks::SocksWith(user, password) => socks(&mut client, Some((user, password))).await?,
        Speaks::Nothing => {
            let mut bytes = [0; 1024];
            let length = client.read(&mut bytes).await?;
            seen.lock().unwrap().first.extend_from_slice(&bytes[..length]);
            return std::future::pending().await;
        }
    };
    seen.lock().unwrap().targets.insert(target.clone());
    // A name that nobody has is one where everything is swallowed.
    let server = if target.starts_with("gemini.test") { None } else { Some(target) };
    pass(client, server, seen).await
}

async fn connect(client: &mut TcpStream, login: Option<&str>) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let head = String::from_utf8(head).unwrap();
    if login.is_some_and(|login| !head.contains(&format!("Proxy-Authorization: Basic {login}\r\n")))
    {
        client.write_all(b"HTTP/1.1 407 Who are you\r\n\r\n").await?;
        return Err(io::Error::other("refused"));
    }
    let target = head.strip_prefix("CONNECT ").unwrap().split(' ').next().unwrap().to_owned();
    client.write_all(b"HTTP/1.1 200 Go on\r\n\r\n").await?;
    Ok(target)
}

async fn socks(client: &mut TcpStream, login: Option<(&str, &str)>) -> io::Result<String> {
    let hello = take(client, 2).await?;
    let methods = take(client, usize::from(hello[1])).await?;
    let method = if login.is_some() { 2 } else { 0 };
    assert!(hello[0] == 5 && methods.contains(&method), "{hello:?} {methods:?}");
    client.write_all(&[5, method]).await?;
    if let Some((user, password)) = login {
        assert_eq!(client.read_u8().await?, 1);
        let found = [text(client).await?, text(client).await?];
        let is_known = found == [user, password];
        client.write_all(&[1, u8::from(!is_known)]).await?;
        if !is_known {
            return Err(io::Error::other("refused"));
        }
    }
    let ask = take(client, 4).await?;
    let host = match ask[3] {
        1 => take(client, 4).await?.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        3 => text(client).await?,
        4 => {
            let bytes: [u8; 16] = take(client, 16).await?.try_into().unwrap();
            format!("[{}]", std::net::Ipv6Addr::from(bytes))
        }
        other => panic!("an address of kind {other}"),
    };
    let port = client.read_u16().await?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
    Ok(format!("{host}:{port}"))
}

async fn take(client: &mut TcpStream, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    client.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn text(client: &mut TcpStream) -> io::Result<String> {
    let length = client.read_u8().await?;
    Ok(String::from_utf8(take(client, usize::from(length)).await?).unwrap())
}

/// Passes bytes on both ways, and notes the keys among those that go there.
async fn pass(client: TcpStream, server: Option<String>, seen: &Mutex<Seen>) -> io::Result<()> {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = match server {
        Some(server) => {
            let (from, to) = TcpStream::connect(server).await?.into_split();
            (Some(from), Some(to))
        }
        None => (None, None),
    };
    let there = async {
        let mut bytes = vec![0; 65_536];
        loop {
            let length = from_client.read(&mut bytes).await?;
            if length == 0 {
                return io::Result::Ok(());
            }
            note(&bytes[..length], seen);
            if let Some(server) = &mut to_server {
                server.write_all(&bytes[..length]).await?;
            }
        }
    };
    let back = async {
        match &mut from_server {
            Some(server) => tokio::io::copy(server, &mut to_client).await.map(drop),
            None => std::future::pending().await,
        }
    };
    tokio::select! { done = there => done, done = back => done }
}

fn note(bytes: &[u8], seen: &Mutex<Seen>) {
    const KEY: &str = "x-goog-api-key: ";
    let mut seen = seen.lock().unwrap();
    if seen.first.is_empty() {
        seen.first.extend_from_slice(bytes);
    }
    let text = String::from_utf8_lossy(bytes);
    let keys = text.split(KEY).skip(1).filter_map(|rest| rest.split("\r\n").next());
    seen.keys.extend(keys.map(str::to_owned));
}
