//! Uploads: addresses that lead back here, parts without a credential, and nothing held in memory.

use http::Method;
use pollux_testkit::{App, Whole, within};
use tokio::io::AsyncWriteExt as _;

use super::{app, last_key, name, raw::Raw, stays, turn};

const PART: usize = 8 << 20;

async fn start(app: &App, headers: &[(&str, &str)]) -> Whole {
    let mut request = app
        .post("/upload/v1beta/files", r#"{"file":{"displayName":"a film"}}"#)
        .header("x-goog-upload-protocol", "resumable")
        .header("x-goog-upload-command", "start")
        .header("x-goog-upload-header-content-type", "video/mp4");
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("x-goog-upload-status"), "active");
    assert_eq!(answer.header("x-goog-upload-chunk-granularity"), PART.to_string());
    answer
}

fn address(started: &Whole) -> &str {
    let url = started.header("x-goog-upload-url");
    assert_eq!(started.header("x-goog-upload-control-url"), url);
    url
}

/// The path and query of an address.
fn path(url: &str) -> String {
    let url: http::Uri = url.parse().unwrap();
    url.path_and_query().unwrap().to_string()
}

#[tokio::test]
async fn both_addresses_lead_to_this_server_however_it_is_reached() {
    let app = app().await;
    let query = |url: &str| url.contains("upload_id=") && url.contains("upload_protocol=resumable");
    for (headers, want) in [
        (&[][..], "http://pollux.test/upload/v1beta/files?"),
        (&[("host", "10.0.0.1:8080")], "http://10.0.0.1:8080/upload/v1beta/files?"),
        (
            &[
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "ai.example"),
                ("x-forwarded-prefix", "/pollux"),
            ],
            "https://ai.example/pollux/upload/v1beta/files?",
        ),
    ] {
        let started = start(&app, headers).await;
        let url = address(&started);
        assert!(url.starts_with(want) && query(url), "{url}");
        let head = format!("{:?}", started.headers);
        assert!(!head.contains("googleapis"), "{head}");
    }
    let app = App::builder("key-1").set("public_url", "https://set.example/p/").start().await;
    let started = start(&app, &[("x-forwarded-host", "ignored.example")]).await;
    let url = address(&started);
    assert!(url.starts_with("https://set.example/p/upload/v1beta/files?"), "{url}");
}

#[tokio::test]
async fn a_file_in_parts_stays_with_one_key_with_and_without_a_credential() {
    let app = app().await;
    turn(&app).await;
    for anonymous in [false, true] {
        let started = start(&app, &[]).await;
        let (owner, target) = (last_key(&app), path(address(&started)));
        let send = |command: &str, offset: usize, body: Vec<u8>| {
            let request = app
                .post(&target, body)
                .header("x-goog-upload-command", command)
                .header("x-goog-upload-offset", &offset.to_string());
            if anonymous { request.anonymous() } else { request }
        };
        for part in 0..2 {
            turn(&app).await;
            let answer = send("upload", part * PART, vec![7; PART]).whole().await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            assert_eq!(answer.header("x-goog-upload-status"), "active");
            assert_eq!(last_key(&app), owner);
        }
        let asked = send("query", 0, Vec::new()).whole().await;
        assert_eq!(asked.header("x-goog-upload-size-received"), (2 * PART).to_string());
        turn(&app).await;
        let done = send("upload, finalize", 2 * PART, vec![8; 1000]).whole().await;
        assert_eq!(done.status, 200, "{}", done.text());
        assert_eq!((done.header("x-goog-upload-status"), last_key(&app)), ("final", owner.clone()));
        let file = done.json()["file"].clone();
        assert_eq!(file["sizeBytes"], (2 * PART + 1000).to_string());
        assert_eq!(file["displayName"], "a film");
        stays(&app, &owner, Method::GET, &format!("/v1beta/{}", name(&file)), "").await;
        let over = send("query", 0, Vec::new()).whole().await;
        assert_eq!(over.status, if anonymous { 401 } else { 200 }, "its id is forgotten");
    }
}

#[tokio::test]
async fn an_id_that_is_not_known_here_admits_nobody() {
    let app = app().await;
    let target = "/upload/v1beta/files?upload_id=guessed&upload_protocol=resumable";
    let answer = app.post(target, "x").anonymous().whole().await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    let answer = app.post(target, "x").header("authorization", "Bearer wrong").whole().await;
    assert_eq!(answer.status, 401, "{}", answer.text());
    for target in ["/upload/v1beta/files", "/download/v1beta/files/x:download"] {
        assert_eq!(app.post(target, "x").anonymous().whole().await.status, 401, "{target}");
    }
    assert_eq!(app.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_cancelled_upload_is_forgotten() {
    let app = app().await;
    let target = path(address(&start(&app, &[]).await));
    let send = |command| app.post(&target, "").anonymous().header("x-goog-upload-command", command);
    let answer = send("cancel").whole().await;
    assert_eq!((answer.status, answer.header("x-goog-upload-status")), (200, "cancelled"));
    assert_eq!(send("query").whole().await.status, 401);
}

#[tokio::test]
async fn an_upload_goes_on_after_a_restart_of_the_cache() {
    let folder = tempfile::tempdir().unwrap();
    let start_app = || App::builder(super::SCRIPT).directory(folder.path()).start();
    let first = start_app().await;
    turn(&first).await;
    let target = path(address(&start(&first, &[]).await));
    let owner = last_key(&first);
    first.stop().await.close().await;
    let id = target.split(['=', '&']).nth(1).unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(id.len()).any(|it| it == id.as_bytes()), "{id} is kept in clear");
    }
    let second = start_app().await;
    second.post(&target, "x").header("x-goog-upload-command", "query").whole().await;
    assert_eq!(last_key(&second), owner);
}

#[tokio::test]
async fn a_file_of_several_kinds_goes_up_at_once() {
    let app = app().await;
    let multipart = "--b\r\ncontent-type: application/json\r\n\r\n{\"file\":{\"displayName\":\"d\"}}\r\n\
        --b\r\ncontent-type: text/plain\r\n\r\nhello\r\n--b--\r\n";
    for target in [
        "/upload/v1beta/files",
        "/upload/v1/files",
        "/upload/files",
        "/gemini/upload//v1beta/files",
    ] {
        let answer = app
            .post(target, multipart)
            .header("x-goog-upload-protocol", "multipart")
            .header("content-type", "multipart/related; boundary=b")
            .whole()
            .await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        assert_eq!(answer.json()["file"]["sizeBytes"], "5", "{}", answer.text());
        assert_eq!(app.calls().pop().unwrap().body, multipart);
    }
    assert_eq!(app.calls()[2].path, "/upload/files");
}

#[tokio::test]
async fn an_upload_may_be_larger_than_any_other_body_but_has_a_limit_of_its_own() {
    let app = App::builder("key-1")
        .set("limits.body", "64KiB")
        .set("limits.upload", "2MiB")
        .start()
        .await;
    let send = |size: usize| {
        app.post("/upload/v1beta/files", vec![1; size])
            .header("x-goog-upload-protocol", "raw")
            .header("content-type", "video/mp4")
    };
    let answer = send(1 << 20).whole().await;
    assert_eq!(answer.json()["file"]["sizeBytes"], (1 << 20).to_string(), "{}", answer.text());
    let length = app.calls().pop().unwrap().headers;
    let length =
        length.iter().find(|(name, _)| name == "content-length").map(|(_, it)| it.as_str());
    assert_eq!(length, Some("1048576"));
    assert_eq!(send(1 << 20).chunked().whole().await.status, 200);
    let before = app.asked().len();
    let announced = send(10).announcing(3 << 20).whole().await;
    assert_eq!(announced.status, 413, "{}", announced.text());
    assert_eq!(app.asked().len(), before, "refused before it was read");
    let chunked = send(3 << 20).chunked().whole().await;
    assert_eq!(chunked.status, 413, "{}", chunked.text());
    assert!(chunked.text().contains("2097152"), "{}", chunked.text());
    assert_eq!(app.get("/readyz").whole().await.json()["keys"]["cooling"], 0);
}

#[tokio::test]
async fn bytes_reach_the_upstream_before_the_client_has_sent_all() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-1").await;
    let request = app
        .post("/upload/v1beta/files", "the first half, ")
        .header("x-goog-upload-protocol", "raw")
        .header("content-type", "text/plain")
        .announcing(1000);
    let upstream = async {
        let (mut stream, read) = gemini.until("the first half, ").await;
        let head = read.to_ascii_lowercase();
        assert!(head.contains("content-length: 1000"), "{head}");
        assert!(
            head.contains("x-goog-api-key: key-1") && !head.contains("authorization"),
            "{head}"
        );
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
        stream
    };
    let both = async { tokio::join!(request.send(), upstream) };
    let (answer, _stream) = within("half an upload", both).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn a_client_that_stalls_is_told_so_and_no_key_is_blamed() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-1").await;
    let request = app
        .post("/upload/v1beta/files", "the first half, ")
        .header("x-goog-upload-protocol", "raw")
        .announcing(1000);
    let upstream = async {
        let (stream, _) = gemini.until("the first half, ").await;
        let pause = std::time::Duration::from_secs(30);
        app.clock.until_sleeping(pause..=pause).await;
        app.clock.advance(pause);
        stream
    };
    let both = async { tokio::join!(request.send(), upstream) };
    let (answer, _stream) = within("a stalled upload", both).await;
    assert_eq!(answer.status, 408);
    assert!(app.keys()[0].cooldowns.is_empty());
}

#[tokio::test]
async fn an_upload_that_broke_is_not_sent_again() {
    let app = App::start("key-1=internal,key-2=internal").await;
    app.gemini().set("key-1", pollux_simulator::Behaviour::Suspended);
    let request = app
        .post("/upload/v1beta/files", "x")
        .header("x-goog-upload-protocol", "raw")
        .header("content-type", "text/plain");
    let answer = request.whole().await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (503, "1"));
    assert_eq!(app.asked(), ["key-1"]);
    assert_eq!(request.whole().await.status, 200, "the other key is asked next");
}

#[tokio::test]
async fn older_uploads_are_led_here_by_their_location() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-1").await;
    let request = app.post("/upload/v1beta/files?uploadType=resumable", "{}");
    let place = "https://generativelanguage.googleapis.com/upload/v1beta/files?uploadType=resumable&upload_id=old&key=key-1";
    let upstream = async {
        let (mut stream, _) = gemini.until("{}").await;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nlocation: {place}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    };
    let (answer, _kept) = tokio::join!(request.whole(), upstream);
    let here = answer.header("location");
    assert_eq!(here, "http://pollux.test/upload/v1beta/files?uploadType=resumable&upload_id=old");
    let more = app.request(Method::PUT, &path(here)).body("abc").anonymous();
    let more = more.header("content-range", "bytes 0-2/9");
    let upstream = async {
        let (mut stream, read) = within("a part", gemini.until("abc")).await;
        assert!(read.to_ascii_lowercase().contains("content-range: bytes 0-2/9"), "{read}");
        let answer =
            "HTTP/1.1 308 Resume Incomplete\r\nrange: bytes=0-2\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream
    };
    let (answer, _kept) = tokio::join!(more.whole(), upstream);
    assert_eq!((answer.status, answer.header("range")), (308, "bytes=0-2"));
}
