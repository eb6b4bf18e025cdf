//! The console's files, and how browsers get there.

use std::{fs, path::Path};

use http::Method;
use pollux_testkit::{App, Request, Whole};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn page(app: &App, target: &str) -> Request {
    app.get(target).anonymous().header("accept", BROWSER)
}

fn built(name: &str) -> Vec<u8> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    fs::read(dist.join(name)).unwrap()
}

/// The names of what was built, of whatever kind.
fn names() -> Vec<String> {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../console/dist");
    let mut names = Vec::new();
    for (folder, prefix) in [(dist.clone(), ""), (dist.join("assets"), "assets/")] {
        let entries = fs::read_dir(folder).into_iter().flatten().map(Result::unwrap);
        let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
        names.extend(files.map(|it| format!("{prefix}{}", it.file_name().into_string().unwrap())));
    }
    names
}

#[track_caller]
fn check_guards(answer: &Whole, what: &str) {
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{what}: {policy}");
    assert!(policy.ends_with("form-action 'none'; frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("permissions-policy", "camera=(), microphone=(), geolocation=()"),
    ] {
        assert_eq!(answer.header(name), value, "{what}");
    }
    let cors = answer.headers.keys().find(|it| it.as_str().starts_with("access-control"));
    assert_eq!(cors, None, "{what}");
}

#[tokio::test]
async fn every_file_is_served_to_whoever_asks() {
    let app = App::start("key-1").await;
    assert!(names().contains(&"index.html".to_owned()));
    for name in names() {
        let target = format!("/console/{name}");
        let answer = app.get(&target).anonymous().whole().await;
        assert_eq!((answer.status, answer.body.to_vec()), (200, built(&name)), "{name}");
        let keeping = if name.starts_with("assets/") {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        assert_eq!(answer.header("cache-control"), keeping, "{name}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{name}");
        assert_ne!(answer.header("content-type"), "application/octet-stream", "{name}");
        check_guards(&answer, &name);
        let head = app.request(Method::HEAD, &target).anonymous().whole().await;
        assert_eq!((head.status, head.body.len()), (200, 0), "{name}");
        for header in ["content-length", "content-type", "etag", "cache-control"] {
            assert_eq!(head.header(header), answer.header(header), "{name}");
        }
    }
}

#[tokio::test]
async fn every_page_below_is_the_one_page() {
    let app = App::start("key-1").await;
    let index = built("index.html");
    for target in ["/console/", "/console/keys/3?tab=use", "/console/none.js", "/console//x"] {
        let answer = page(&app, target).whole().await;
        assert_eq!((answer.status, answer.body.to_vec()), (200, index.clone()), "{target}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-cache");
        check_guards(&answer, target);
    }
    let plain = app.get("/console/").anonymous().header("accept", "*/*").whole().await;
    assert_eq!((plain.status, plain.body.to_vec()), (200, index));
}

#[tokio::test]
async fn what_is_no_file_is_no_page_for_programs() {
    let app = App::start("key-1").await;
    for (target, accept) in [
        ("/console/assets/gone-1a2b.js", "*/*"),
        ("/console/keys", "application/json"),
        ("/console/", "application/json"),
        ("/console/../Cargo.toml", "*/*"),
        ("/console/..%2f..%2fCargo.toml", "*/*"),
        ("/console/assets", "*/*"),
    ] {
        let answer = app.get(target).anonymous().header("accept", accept).whole().await;
        assert_eq!(answer.status, 404, "{target}: {}", answer.text());
        assert_eq!(answer.json()["error"]["status"], "NOT_FOUND", "{target}");
        assert_eq!(answer.header("cache-control"), "no-store");
        check_guards(&answer, target);
    }
    for method in [Method::POST, Method::DELETE, Method::OPTIONS] {
        let answer = app.request(method, "/console/").anonymous().whole().await;
        assert_eq!(answer.status, 405);
        check_guards(&answer, "another method");
    }
}

#[tokio::test]
async fn what_a_browser_has_is_not_sent_again() {
    let app = App::start("key-1").await;
    for name in names() {
        let target = format!("/console/{name}");
        let tag = app.get(&target).anonymous().whole().await.header("etag").to_owned();
        assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
        for known in [tag.clone(), format!("\"other\", W/{tag}")] {
            let asked = app.get(&target).anonymous().header("if-none-match", &known);
            let answer = asked.header("accept-encoding", "identity").whole().await;
            assert_eq!((answer.status, answer.body.len()), (304, 0), "{name}");
            assert_eq!(answer.header("etag"), tag);
            assert_ne!(answer.header("cache-control"), "no-store");
            check_guards(&answer, &name);
        }
        let other = app.get(&target).anonymous().header("if-none-match", "\"other\"");
        assert_eq!(other.whole().await.status, 200, "{name}");
    }
}

#[tokio::test]
async fn large_texts_are_packed_for_who_takes_that() {
    let app = App::start("key-1").await;
    for name in names() {
        let is_text = [".html", ".js", ".css", ".svg"].iter().any(|end| name.ends_with(end));
        let target = format!("/console/{name}");
        let plain = app.get(&target).anonymous().whole().await;
        assert_eq!(plain.header("content-encoding"), "", "{name}");
        let asked = app.get(&target).anonymous().header("accept-encoding", "gzip, br");
        for _ in 0..2 {
            let packed = asked.whole().await;
            if is_text {
                assert_eq!(packed.header("vary"), "accept-encoding", "{name}");
            }
            if is_text && plain.body.len() > 1024 {
                assert_eq!(packed.header("content-encoding"), "gzip", "{name}");
                assert!(packed.body.len() < plain.body.len(), "{name}");
                assert!(packed.body.starts_with(&[0x1f, 0x8b]), "{name}");
                assert_ne!(packed.header("etag"), plain.header("etag"), "{name}");
            }
            assert_eq!(packed.header("content-type"), plain.header("content-type"), "{name}");
        }
    }
}

#[tokio::test]
async fn browsers_are_led_to_it() {
    let app = App::start("key-1").await;
    for target in ["/", "/admin", "/admin/", "/admin.html", "/login", "//login/", "/?key=secret"] {
        let answer = page(&app, target).whole().await;
        assert_eq!((answer.status, answer.header("location")), (303, "/console/"), "{target}");
        assert_eq!((answer.header("vary"), answer.header("cache-control")), ("accept", "no-store"));
        check_guards(&answer, target);
        let program = app.get(target).anonymous().header("accept", "*/*").whole().await;
        assert_ne!(program.status, 303, "{target}");
    }
    for (target, to) in [
        ("/console", "/console/"),
        ("/console?next=1", "/console/?next=1"),
        ("//console//keys/", "/console/keys"),
        ("/gemini/console/", "/console/"),
    ] {
        let answer = app.get(target).anonymous().whole().await;
        assert_eq!((answer.status, answer.header("location")), (303, to), "{target}");
    }
    let posted = app.post("/login", "{}").anonymous().header("accept", BROWSER).whole().await;
    assert_eq!(posted.status, 404);
    assert_eq!(page(&app, "/consoles").whole().await.status, 404);
}

#[tokio::test]
async fn the_admin_api_stays_closed_to_browsers() {
    let app = App::start("key-1").await;
    assert_eq!(page(&app, "/admin/api/keys").whole().await.status, 401);
    assert_eq!(page(&app, "/admin/other").whole().await.status, 401);
}
