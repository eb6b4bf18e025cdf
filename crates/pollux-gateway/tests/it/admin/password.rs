//! Nobody but the admin gets in, and guesses are slowed.

use std::time::Duration;

use http::Method;
use pollux_testkit::{ACCESS_KEY, App};

use super::{PASSWORD, ask, builder, message};

const SECOND: Duration = Duration::from_secs(1);
const KEYS: &str = "/admin/api/keys";

#[tokio::test]
async fn without_a_password_every_path_says_what_to_set() {
    let app = App::start("key-1").await;
    for target in [KEYS, "/admin", "/admin/", "//admin//api//keys", "/admin/api/nothing"] {
        for request in
            [app.get(target), app.get(target).anonymous(), ask(&app, Method::POST, target)]
        {
            let answer = request.whole().await;
            assert_eq!(answer.status, 403, "{target}: {}", answer.text());
            assert!(message(&answer).contains("POLLUX_ADMIN_PASSWORD"), "{}", answer.text());
        }
    }
}

#[tokio::test]
async fn only_the_password_itself_opens() {
    let app = builder("key-1").start().await;
    let wrong = [
        app.get(KEYS).header("authorization", &format!("Bearer {ACCESS_KEY}")),
        app.get(KEYS).header("authorization", "Bearer of-the-admin"),
        app.get(KEYS).header("authorization", &format!("Bearer {PASSWORD}2")),
    ];
    for request in wrong {
        let answer = request.whole().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(message(&answer).contains("not the right one"), "{}", answer.text());
    }
    let elsewhere = [
        app.get(KEYS).anonymous(),
        app.get(KEYS).header("authorization", "Bearer "),
        app.get(KEYS).anonymous().header("x-goog-api-key", PASSWORD),
        app.get(&format!("{KEYS}?key={PASSWORD}")).anonymous(),
    ];
    for request in elsewhere {
        let answer = request.whole().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(message(&answer).contains("Authorization: Bearer"), "{}", answer.text());
    }
    assert_eq!(ask(&app, Method::GET, KEYS).whole().await.status, 200);
    let elsewhere = ask(&app, Method::GET, "/v1/models").whole().await;
    assert_eq!(elsewhere.status, 401, "the password is no access key");
}

#[tokio::test]
async fn ten_wrong_passwords_close_the_door_for_a_minute() {
    let app = builder("key-1").start().await;
    let guess = app.get(KEYS).header("authorization", "Bearer a-guess");
    for _ in 0..9 {
        assert_eq!(guess.whole().await.status, 401);
    }
    // Guesses of more than a minute ago are forgiven.
    app.clock.advance(SECOND * 61);
    for _ in 0..10 {
        assert_eq!(guess.whole().await.status, 401);
    }
    for request in [guess.clone(), ask(&app, Method::GET, KEYS)] {
        let answer = request.whole().await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "60"));
    }
    app.clock.advance(SECOND * 60);
    assert_eq!(ask(&app, Method::GET, KEYS).whole().await.status, 200);
}

#[tokio::test]
async fn no_page_of_another_origin_may_call() {
    let app = builder("key-1").start().await;
    let open = app.get("/health").header("origin", "https://evil.test").whole().await;
    assert_eq!(open.header("access-control-allow-origin"), "*");
    let requests = [
        ask(&app, Method::GET, KEYS),
        ask(&app, Method::OPTIONS, KEYS).header("access-control-request-method", "GET"),
        ask(&app, Method::OPTIONS, "/admin").header("access-control-request-method", "GET"),
    ];
    for request in requests {
        let answer = request.header("origin", "https://evil.test").whole().await;
        assert_ne!(answer.status, 204);
        let cors = answer.headers.keys().find(|it| it.as_str().starts_with("access-control"));
        assert_eq!(cors, None);
        assert_eq!(answer.header("x-request-id").len(), 32);
    }
}

#[tokio::test]
async fn what_is_not_there_is_404_and_405() {
    let app = builder("key-1").start().await;
    for target in ["/admin/api/nothing", "/admin/api/keys/99", "/admin/api/keys/x", "/admin/api"] {
        assert_eq!(ask(&app, Method::GET, target).whole().await.status, 404, "{target}");
    }
    assert_eq!(ask(&app, Method::PUT, KEYS).whole().await.status, 405);
}
