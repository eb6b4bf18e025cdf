//! Downloads: redirects are followed here, to the upstream's own host and nowhere else.

use http::Method;
use pollux_testkit::{App, within};
use tokio::io::AsyncWriteExt as _;

use super::{app, last_key, name, raw::Raw, turn};

const VIDEO: &[u8] = b"\0\0\0\x18ftypmp42 a simulated video";

/// Has a video made, and returns its address at Google and the key that made it.
async fn video(app: &App) -> (String, String) {
    turn(app).await;
    let target = "/v1beta/models/veo-3.1-generate-preview:predictLongRunning";
    let begun = app.post(target, r#"{"instances":[{"prompt":"a wave"}]}"#).whole().await;
    assert_eq!(begun.status, 200, "{}", begun.text());
    let owner = last_key(app);
    let operation = format!("/v1beta/{}", name(&begun.json()));
    let done = super::stays(app, &owner, Method::GET, &operation, "").await.json();
    let uri = done.pointer("/response/generateVideoResponse/generatedSamples/0/video/uri");
    (uri.unwrap().as_str().unwrap().to_owned(), owner)
}

fn path(url: &str) -> String {
    url.strip_prefix("https://generativelanguage.googleapis.com").unwrap().to_owned()
}

#[tokio::test]
async fn a_video_is_downloaded_with_the_key_that_made_it() {
    let app = app().await;
    let (uri, owner) = video(&app).await;
    turn(&app).await;
    let answer = app.get(&path(&uri)).whole().await;
    assert_eq!((answer.status, &answer.body[..]), (200, VIDEO));
    assert_eq!(answer.header("content-type"), "video/mp4");
    assert_eq!(answer.header("content-length"), VIDEO.len().to_string());
    assert_eq!(answer.header("location"), "");
    let calls = app.calls();
    let [.., first, second] = calls.as_slice() else { panic!("two calls") };
    assert_eq!((first.status, second.status), (302, 200));
    assert!(second.path.starts_with("/download/v1beta/files/"), "{}", second.path);
    for call in [first, second] {
        assert_eq!(
            (call.key.as_deref(), &*call.key_places),
            (Some(&*owner), &["x-goog-api-key"][..])
        );
    }
}

#[tokio::test]
async fn an_operation_is_found_under_every_version_and_a_download_is_one_request() {
    let app = app().await;
    let (uri, owner) = video(&app).await;
    let operation =
        app.calls().into_iter().find(|call| call.path.contains("/operations/")).unwrap();
    for version in ["v1", "v1beta", "v1alpha"] {
        let target = operation.path.replacen("v1beta", version, 1);
        super::stays(&app, &owner, Method::GET, &target, "").await;
    }
    let before = app.asked().len();
    assert_eq!(app.get(&path(&uri)).whole().await.status, 200);
    assert_eq!(app.asked().len(), before + 2);
    let counted = app.stop().await.usage(pollux_store::usage::Group::Each).await;
    let requests: u64 = counted.iter().map(|total| total.counts.requests).sum();
    let attempts: u64 = counted.iter().map(|total| total.counts.attempts).sum();
    assert_eq!(attempts, requests + 1);
}

#[tokio::test]
async fn a_part_of_a_file_can_be_asked_for_and_the_last_address_directly() {
    let app = app().await;
    let (uri, owner) = video(&app).await;
    let direct = format!("/download{}", path(&uri));
    let encoded = direct.replace(":download", "%3Adownload").replacen('/', "//", 1);
    for target in [path(&uri), direct, encoded] {
        turn(&app).await;
        let answer = app.get(&target).header("range", "bytes=4-7").whole().await;
        assert_eq!((answer.status, &answer.body[..]), (206, &b"ftyp"[..]), "{target}");
        assert_eq!(answer.header("content-range"), format!("bytes 4-7/{}", VIDEO.len()));
        assert_eq!(last_key(&app), owner);
    }
}

#[tokio::test]
async fn what_cannot_be_downloaded_is_refused_in_googles_words() {
    let app = app().await;
    let file = name(&super::upload(&app, "mine").await);
    let answer = app.get(&format!("/v1beta/{file}:download?alt=media")).whole().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(answer.text().contains("Only generated files"), "{}", answer.text());
}

fn redirect(to: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nlocation: {to}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
    )
}

#[tokio::test]
async fn a_redirect_to_another_host_is_refused_and_gets_no_key() {
    let evil = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    evil.set_nonblocking(true).unwrap();
    let evil_address = evil.local_addr().unwrap();
    for to in [
        format!("http://{evil_address}/steal"),
        "https://evil.example/steal".to_owned(),
        format!("//{evil_address}/steal"),
        "https://generativelanguage.googleapis.com.evil.example/x".to_owned(),
    ] {
        let gemini = Raw::listen().await;
        let app = gemini.app("key-number-one").await;
        let request = app.get("/v1beta/files/abc:download?alt=media");
        let redirect = redirect(&to);
        let (answer, asked) = tokio::join!(request.whole(), gemini.answer(&redirect));
        assert!(asked.contains("key-number-one"), "the upstream itself is asked with the key");
        assert_eq!(answer.status, 502, "{to}: {}", answer.text());
        assert!(answer.text().contains("another host"), "{}", answer.text());
        let whole = format!("{:?}{}", answer.headers, answer.text());
        assert!(
            !whole.contains("key-number-one") && answer.header("location").is_empty(),
            "{whole}"
        );
    }
    assert!(evil.accept().is_err(), "somebody came with the key");
}

#[tokio::test]
async fn a_key_in_a_redirect_is_dropped_and_the_hops_are_counted() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-number-one").await;
    let request = app.get("/v1beta/files/abc:download?alt=media");
    let upstream = async {
        let mut asked = Vec::new();
        for _ in 0..4 {
            asked.push(gemini.answer(&redirect("/again?key=key-number-one&x=1")).await);
        }
        asked
    };
    let both = async { tokio::join!(request.whole(), upstream) };
    let (answer, asked) = within("endless redirects", both).await;
    assert_eq!(answer.status, 502, "{}", answer.text());
    for later in &asked[1..] {
        assert!(later.starts_with("GET /again?x=1 HTTP/1.1"), "{later}");
    }
}

#[tokio::test]
async fn a_download_passes_while_it_arrives_and_never_ends_well_when_it_is_cut() {
    let gemini = Raw::listen().await;
    let app = gemini.app("key-1").await;
    let request = app.get("/download/v1beta/files/abc:download?alt=media");
    let upstream = async {
        let (mut stream, _) = gemini.until("\r\n\r\n").await;
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: 1000\r\n\r\nfirst";
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    };
    let (mut answer, stream) = tokio::join!(request.send(), upstream);
    assert_eq!(answer.until("first").await, "first");
    drop(stream);
    assert!(answer.whole().await.broken);
}
