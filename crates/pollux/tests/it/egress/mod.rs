//! Proxies to Gemini, over real sockets: which key comes by which, and what happens when one fails.

mod servers;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    time::Duration,
};

use pollux_pool::health::Health;
use pollux_store::usage::Group;
use pollux_testkit::{App, Face, within};

use self::servers::{Server, Speaks};

const EIGHT: &str = "key-1,key-2,key-3,key-4,key-5,key-6,key-7,key-8";

async fn ask(app: &App) -> u16 {
    Face::Chat.ask(app, "say: hello").whole().await.status
}

async fn with(script: &str, proxies: &[String]) -> App {
    App::builder(script).set("pool.proxies", &proxies.join(",")).start().await
}

/// By which of `proxies` each key came; a key that came by two has none.
fn routes(proxies: &[&Server]) -> BTreeMap<String, Option<usize>> {
    let mut routes = BTreeMap::new();
    for (at, proxy) in proxies.iter().enumerate() {
        for key in proxy.seen().keys {
            let route = routes.entry(key).or_insert(Some(at));
            *route = route.filter(|known| *known == at);
        }
    }
    routes
}

#[tokio::test]
async fn every_key_keeps_to_one_proxy_and_none_goes_without() {
    let one = Server::start(Speaks::Connect).await;
    let two = Server::start(Speaks::Socks).await;
    let three = Server::start(Speaks::Connect).await;
    let urls = [one.url("http"), two.url("socks5h"), three.url("http")];
    let app = with(EIGHT, &urls).await;
    for _ in 0..40 {
        assert_eq!(ask(&app).await, 200);
    }
    let routes = routes(&[&one, &two, &three]);
    assert_eq!(routes.len(), 8, "{routes:?}");
    assert!(routes.values().all(Option::is_some), "{routes:?}");
    let came: usize = [&one, &two, &three].iter().map(|proxy| proxy.seen().keys.len()).sum();
    assert_eq!((came, app.calls().len()), (40, 40), "all came by a proxy");
    assert!(app.gemini().open_connections() <= 3, "and proxied connections are kept warm");
}

/// Two proxies that both have keys, one of them so many: whose a key is follows from their ports,
/// and one in 128 pairs has them all at one.
async fn shared_by_two() -> (Server, Server, App, usize) {
    loop {
        let one = Server::start(Speaks::Connect).await;
        let two = Server::start(Speaks::Connect).await;
        let app = with(EIGHT, &[one.url("http"), two.url("http")]).await;
        for _ in 0..16 {
            assert_eq!(ask(&app).await, 200);
        }
        let of_one = routes(&[&one, &two]).values().filter(|at| **at == Some(0)).count();
        if (1..8).contains(&of_one) {
            return (one, two, app, of_one);
        }
    }
}

#[tokio::test]
async fn when_a_proxy_dies_its_keys_go_by_others_until_it_is_back() {
    let (one, two, app, of_one) = shared_by_two().await;

    let address = one.die().await;
    for _ in 0..16 {
        assert_eq!(ask(&app).await, 200);
    }
    assert_eq!(two.seen().keys.iter().collect::<BTreeSet<_>>().len(), 8);
    let body = app.get("/status").whole().await.json();
    assert_eq!(body["egresses"].to_string(), r#"{"blocked":0,"total":2,"unreachable":1}"#);
    for key in app.keys() {
        assert!(key.health == Health::Active && key.cooldowns.is_empty(), "{key:?}");
    }

    let one = Server::start_at(Speaks::Connect, address).await;
    app.clock.advance(Duration::from_secs(6));
    let two_saw = two.seen().keys.len();
    for _ in 0..16 {
        assert_eq!(ask(&app).await, 200);
    }
    assert_eq!(one.seen().keys.len(), of_one * 2, "its keys are back, and only they");
    assert_eq!(two.seen().keys.len() - two_saw, 16 - of_one * 2);
    let body = app.get("/readyz").whole().await.json();
    assert_eq!(body["egresses"]["unreachable"], 0, "{body}");
}

#[tokio::test]
async fn without_a_proxy_that_works_nothing_goes_directly() {
    let (one, two) = (Server::start(Speaks::Connect).await, Server::start(Speaks::Socks).await);
    let urls = [
        format!("http://u:pass-word-1@{}", one.die().await),
        format!("socks5://u:pass-word-2@{}", two.die().await),
    ];
    let app = with("key-1,key-2", &urls).await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!(answer.status, 503, "{face:?}: {}", answer.text());
        let text = answer.text();
        assert!(text.contains("cannot connect") && !text.contains("pass-word"), "{text}");
    }
    assert_eq!(app.calls(), []);
    let body = app.get("/status").whole().await;
    assert_eq!(body.status, 200, "the keys are good");
    assert!(app.keys().iter().all(|key| key.health == Health::Active && key.cooldowns.is_empty()));
}

#[tokio::test]
async fn users_and_passwords_are_shown_to_the_proxy() {
    // echo -n 'a user:p,w%' | base64
    let http = Server::start(Speaks::ConnectWith("YSB1c2VyOnAsdyU=")).await;
    let socks = Server::start(Speaks::SocksWith("a user", "p,w%")).await;
    for (scheme, proxy) in [("http", &http), ("socks5", &socks), ("socks5h", &socks)] {
        let url = |login: &str| format!("{scheme}://{login}@{}", proxy.address);
        let app = with("key-1", &[url("a%20user:p%2Cw%25")]).await;
        assert_eq!(ask(&app).await, 200, "{scheme}");
        let app = with("key-1", &[url("a%20user:wrong")]).await;
        let answer = Face::Chat.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, app.calls().len()), (503, 0), "{scheme}");
        assert!(!answer.text().contains("wrong"), "{}", answer.text());
    }
}

#[tokio::test]
async fn names_are_resolved_by_the_proxy_unless_it_is_socks5() {
    for (scheme, speaks, host) in [
        ("http", Speaks::Connect, "localhost"),
        ("socks5h", Speaks::Socks, "localhost"),
        ("socks5", Speaks::Socks, "127.0.0.1"),
    ] {
        let proxy = Server::start(speaks).await;
        let gemini = App::start("key-1").await;
        let port = gemini.gemini_url().rsplit(':').next().unwrap().to_owned();
        let app = App::builder("key-1")
            .set("gemini_base_url", &format!("http://localhost:{port}"))
            .set("pool.proxies", &proxy.url(scheme));
        assert_eq!(ask(&app.start().await).await, 200, "{scheme}");
        let targets: Vec<String> = proxy.seen().targets.into_iter().collect();
        assert_eq!(targets, [format!("{host}:{port}")], "{scheme}");
    }
}

#[tokio::test]
async fn the_way_through_a_proxy_is_encrypted_as_it_is_without() {
    const TLS_HELLO: u8 = 22;
    for (scheme, speaks) in [("http", Speaks::Connect), ("socks5h", Speaks::Socks)] {
        let proxy = Server::start(speaks).await;
        let app = App::builder("key-1")
            .set("gemini_base_url", "https://gemini.test")
            .set("pool.proxies", &proxy.url(scheme))
            .set("timeouts.connect", "500ms");
        let app = app.start().await;
        assert_eq!(ask(&app).await, 503, "the name has no server");
        assert_eq!(proxy.until_first_byte().await, TLS_HELLO, "{scheme}");
        assert_eq!(proxy.seen().targets.first().unwrap(), "gemini.test:443", "{scheme}");
    }
    // To the proxy itself: its password is not for everyone on the way.
    let proxy = Server::start(Speaks::Nothing).await;
    let url = format!("https://user:password@localhost:{}", proxy.address.port());
    let app = App::builder("key-1").set("pool.proxies", &url).set("timeouts.connect", "500ms");
    assert_eq!(ask(&app.start().await).await, 503);
    assert_eq!(proxy.until_first_byte().await, TLS_HELLO);
}

#[tokio::test]
async fn a_proxy_that_takes_connections_and_says_nothing_is_passed_over_in_time() {
    let (dumb, good) = (Server::start(Speaks::Nothing).await, Server::start(Speaks::Connect).await);
    let app = App::builder(EIGHT)
        .set("pool.proxies", &format!("{},{}", dumb.url("http"), good.url("http")))
        .set("timeouts.connect", "200ms");
    let app = app.start().await;
    for _ in 0..16 {
        assert_eq!(within("an answer", ask(&app)).await, 200);
    }
    assert_eq!(good.seen().keys.len(), 16);
}

#[tokio::test]
async fn a_place_that_google_does_not_serve_is_left_by_the_same_key_at_once() {
    for face in Face::ALL {
        let one = Server::start(Speaks::Connect).await;
        let two = Server::start(Speaks::Connect).await;
        let app = with("key-1=location*1+ok,key-2", &[one.url("http"), two.url("http")]).await;
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "2"), "{face:?}");
        assert_eq!(app.asked(), ["key-1", "key-1"], "{face:?}");
        assert_eq!((one.seen().keys.len(), two.seen().keys.len()), (1, 1), "{face:?}");
        let body = app.get("/readyz").whole().await;
        assert_eq!((body.status, &body.json()["egresses"]["blocked"]), (200, &1.into()));

        // For an hour all keys go by the other; then both are tried again.
        let before = [one.seen().keys.len(), two.seen().keys.len()];
        for _ in 0..6 {
            assert_eq!(ask(&app).await, 200);
        }
        let grown = [one.seen().keys.len() - before[0], two.seen().keys.len() - before[1]];
        assert!(grown == [6, 0] || grown == [0, 6], "{face:?}: {grown:?}");
        app.clock.advance(Duration::from_hours(1));
        let body = app.get("/readyz").whole().await.json();
        assert_eq!(body["egresses"]["blocked"], 0, "{body}");
        let key = app.key("key-1");
        assert!(key.health == Health::Active && key.cooldowns.is_empty(), "{key:?}");
        let usage = app.stop().await.usage(Group::Each).await;
        let attempts: u64 = usage.iter().map(|total| total.counts.attempts).sum();
        let requests: u64 = usage.iter().map(|total| total.counts.requests).sum();
        assert_eq!((requests, attempts), (7, 8), "{face:?}");
    }
}

#[tokio::test]
async fn where_no_other_way_is_left_the_client_is_told() {
    let (one, two) = (Server::start(Speaks::Connect).await, Server::start(Speaks::Connect).await);
    for (proxies, attempts) in [(vec![], "1"), (vec![one.url("http"), two.url("http")], "2")] {
        let app = match proxies.len() {
            0 => App::start("key-1=location,key-2=location").await,
            _ => with("key-1=location,key-2=location", &proxies).await,
        };
        let answer = Face::Native.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, answer.header("x-pollux-attempts")), (400, attempts));
        assert!(Face::Native.message(&answer).contains("location"), "{}", answer.text());
        let body = app.get("/status").whole().await.json();
        let count = proxies.len().max(1);
        let want = format!(r#"{{"blocked":{count},"total":{count},"unreachable":0}}"#);
        assert_eq!(body["egresses"].to_string(), want);
        // Nothing is better than what is blocked, so that is asked; and only once.
        let answer = Face::Native.ask(&app, "say: hello").whole().await;
        assert_eq!((answer.status, answer.header("x-pollux-attempts")), (400, "1"));
        assert!(app.keys().iter().all(|key| key.health == Health::Active));
    }
}

/// A file that gives one key a proxy of its own.
fn own_proxy(directory: &Path, key: &str, proxy: &str) -> PathBuf {
    let file = directory.join("pollux.toml");
    let table = format!("[[keys]]\nkey = \"{key}\"\nproxy = \"{proxy}\"\n");
    std::fs::write(&file, table).unwrap();
    file
}

#[tokio::test]
async fn a_key_whose_only_way_is_blocked_leaves_the_request_to_others() {
    let own = Server::start(Speaks::Connect).await;
    let directory = tempfile::tempdir().unwrap();
    let file = own_proxy(directory.path(), "key-1", &own.url("http"));
    let app = App::builder("key-1=location,key-2").file(&file).start().await;
    for face in Face::ALL {
        let answer = face.ask(&app, "say: hello").whole().await;
        assert_eq!(answer.status, 200, "{face:?}: {}", answer.text());
    }
    assert!(app.asked().contains(&"key-1".to_owned()));
    let body = app.get("/status").whole().await.json();
    assert_eq!(body["egresses"].to_string(), r#"{"blocked":1,"total":2,"unreachable":0}"#);
    assert_eq!(app.key("key-1").health, Health::Active);
}

#[tokio::test]
async fn a_key_with_a_proxy_of_its_own_goes_by_that_alone() {
    let own = Server::start(Speaks::SocksWith("user", "password")).await;
    let pools = Server::start(Speaks::Connect).await;
    let directory = tempfile::tempdir().unwrap();
    let proxy = format!("socks5h://user:password@{}", own.address);
    let file = own_proxy(directory.path(), "key-1", &proxy);
    let builder = App::builder("key-1,key-2").file(&file).directory(directory.path());
    let app = builder.set("pool.proxies", &pools.url("http")).start().await;
    for _ in 0..6 {
        assert_eq!(ask(&app).await, 200);
    }
    let of_one = BTreeMap::from([("key-1".to_owned(), Some(0)), ("key-2".to_owned(), Some(1))]);
    assert_eq!(routes(&[&own, &pools]), of_one);
    let body = app.get("/status").whole().await.json();
    assert_eq!(body["egresses"]["total"], 2, "{body}");

    own.die().await;
    for _ in 0..6 {
        assert_eq!(ask(&app).await, 200);
    }
    let seen = pools.seen().keys;
    assert!(seen.len() == 9 && seen.iter().all(|key| key == "key-2"), "{seen:?}");
    let on_disk = std::fs::read(directory.path().join("pollux.db")).unwrap();
    for secret in ["user:password", "key-1"] {
        let found = on_disk.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!found, "{secret} is in the database in clear");
    }
}
