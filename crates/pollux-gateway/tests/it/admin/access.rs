//! Nobody but admins gets in, viewers change nothing, and guesses are slowed.

use std::time::Duration;

use http::Method;
use pollux_testkit::{ACCESS_KEY, App, Request, Whole};
use serde_json::{Value, json};

use super::{PASSWORD, ask, builder, change, message, show};

const SECOND: Duration = Duration::from_secs(1);
const KEYS: &str = "/admin/api/keys";

async fn sign_in(app: &App, body: Value) -> Whole {
    app.post("/admin/api/session", body.to_string()).anonymous().whole().await
}

/// The cookie that signing in gave, as a browser sends it back.
async fn cookie(app: &App) -> String {
    let answer = sign_in(app, json!({"password": PASSWORD})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

fn with_cookie(app: &App, method: Method, target: &str, cookie: &str) -> Request {
    app.request(method, target).anonymous().header("cookie", cookie)
}

#[tokio::test]
async fn every_route_is_closed_to_those_who_are_not_signed_in() {
    let app = builder("key-1").start().await;
    let document = show(&app, "/admin/api/openapi.json").await;
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let is_open = operation["security"] == json!([{}]);
            assert_eq!(is_open, path == "/admin/api/session" && method == "post", "{path}");
            if is_open {
                continue;
            }
            let method: Method = method.to_uppercase().parse().unwrap();
            let target = path.replace("{id}", "1").replace("{name}", "pool.strategy");
            let wrong = "pollux_session=sess-0123456789012345678901234567890123456789012";
            let requests = [
                app.request(method.clone(), &target).anonymous(),
                app.request(method.clone(), &target).anonymous().header("cookie", wrong),
                app.request(method, &target).anonymous().header("x-goog-api-key", PASSWORD),
            ];
            for request in requests {
                let answer = request.whole().await;
                assert_eq!(answer.status, 401, "{path}: {}", answer.text());
            }
            tried += 1;
        }
    }
    assert!(tried >= 20, "{tried} were tried");
    for target in ["/admin", "/admin/", "//admin//api//keys", "/admin/api/nothing"] {
        assert_eq!(app.get(target).anonymous().whole().await.status, 401, "{target}");
    }
}

#[tokio::test]
async fn only_the_password_itself_opens() {
    let app = builder("key-1").start().await;
    let wrong = [ACCESS_KEY, "of-the-admin", &format!("{PASSWORD}2")];
    for password in wrong {
        let request = app.get(KEYS).header("authorization", &format!("Bearer {password}"));
        let answer = request.whole().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
        assert!(message(&answer).contains("not a right one"), "{}", answer.text());
    }
    let elsewhere = app.get(&format!("{KEYS}?key={PASSWORD}")).anonymous().whole().await;
    assert_eq!(elsewhere.status, 401);
    for bare in [PASSWORD.to_owned(), format!("Bearer {PASSWORD}")] {
        let request = app.get(KEYS).header("authorization", &bare);
        assert_eq!(request.whole().await.status, 200, "{bare}");
    }
    let elsewhere = ask(&app, Method::GET, "/v1/models").whole().await;
    assert_eq!(elsewhere.status, 401, "the password is no access key");
}

#[tokio::test]
async fn a_browser_signs_in_and_out() {
    let app = builder("key-1").start().await;
    let answer = sign_in(&app, json!({"name": "admin", "password": PASSWORD})).await;
    assert_eq!(answer.json()["role"], "owner");
    assert!(!answer.text().contains("sess-"), "scripts never see it: {}", answer.text());
    let set = answer.header("set-cookie").to_owned();
    assert!(set.contains("; HttpOnly; SameSite=Strict; Max-Age=86400"), "{set}");
    let cookie = cookie(&app).await;
    let other = format!("theme=dark; {cookie}; last=1");
    for cookie in [&cookie, &other] {
        let answer = with_cookie(&app, Method::GET, "/admin/api/session", cookie).whole().await;
        assert_eq!((answer.status, &answer.json()["name"]), (200, &"admin".into()));
    }
    let sessions = show(&app, "/admin/api/sessions").await;
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 2);
    let out = with_cookie(&app, Method::DELETE, "/admin/api/session", &cookie).whole().await;
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").contains("pollux_session=; "), "it is taken away");
    let gone = with_cookie(&app, Method::GET, KEYS, &cookie).whole().await;
    assert_eq!(gone.status, 401);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_at_last_anyway() {
    let app = builder("key-1").start().await;
    let cookie = cookie(&app).await;
    let status = async || with_cookie(&app, Method::GET, KEYS, &cookie).whole().await.status;
    for _ in 0..29 {
        app.clock.advance(SECOND * 60 * 60 * 23);
        assert_eq!(status().await, 200);
    }
    app.clock.advance(SECOND * 60 * 60 * 25);
    assert_eq!(status().await, 401, "a day without a question");
    let cookie = self::cookie(&app).await;
    for hours in 0..36 {
        let is_in = with_cookie(&app, Method::GET, KEYS, &cookie).whole().await.status == 200;
        assert_eq!(is_in, hours < 33, "30 days are over after {hours} times 22 hours");
        app.clock.advance(SECOND * 60 * 60 * 22);
    }
}

#[tokio::test]
async fn a_page_of_another_site_changes_nothing() {
    let app = builder("key-1").start().await;
    let cookie = cookie(&app).await;
    let remove = || with_cookie(&app, Method::DELETE, "/admin/api/keys/1", &cookie);
    for request in [
        remove().header("sec-fetch-site", "cross-site"),
        remove().header("sec-fetch-site", "same-site"),
        remove().header("origin", "https://evil.test"),
    ] {
        let answer = request.whole().await;
        assert_eq!(answer.status, 403, "{}", answer.text());
    }
    assert_eq!(remove().header("sec-fetch-site", "same-origin").whole().await.status, 204);
    let body = json!({"password": PASSWORD}).to_string();
    let elsewhere = app.post("/admin/api/session", body).anonymous();
    assert_eq!(elsewhere.header("sec-fetch-site", "cross-site").whole().await.status, 403);
}

#[tokio::test]
async fn viewers_look_and_change_nothing() {
    let app = builder("key-1").start().await;
    let made = change(&app, Method::POST, "/admin/api/tokens", json!({"name":"b","role":"viewer"}));
    let made = made.await;
    assert_eq!(made.status, 201, "{}", made.text());
    let (id, secret) = (made.json()["id"].clone(), made.json()["secret"].clone());
    let as_viewer = |method, target: &str| {
        let bearer = format!("Bearer {}", secret.as_str().unwrap());
        app.request(method, target).header("authorization", &bearer)
    };
    assert_eq!(as_viewer(Method::GET, KEYS).whole().await.status, 200);
    for (method, target) in [
        (Method::POST, KEYS),
        (Method::DELETE, "/admin/api/keys/1"),
        (Method::GET, "/admin/api/tokens"),
        (Method::GET, "/admin/api/sessions"),
    ] {
        let answer = as_viewer(method, target).body("{}".to_owned()).whole().await;
        assert_eq!(answer.status, 403, "{target}: {}", answer.text());
    }
    let answer = as_viewer(Method::GET, KEYS).whole().await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let listed = show(&app, "/admin/api/tokens").await;
    assert!(!listed.to_string().contains(secret.as_str().unwrap()), "{listed}");
    let target = format!("/admin/api/tokens/{id}");
    assert_eq!(ask(&app, Method::DELETE, &target).whole().await.status, 204);
    assert_eq!(ask(&app, Method::DELETE, &target).whole().await.status, 404);
    assert_eq!(as_viewer(Method::GET, KEYS).whole().await.status, 401);
}

#[tokio::test]
async fn a_token_ends() {
    let app = builder("key-1").start().await;
    let body = json!({"name": "b", "role": "owner", "expires_at": "2026-01-20T20:01:00Z"});
    let made = change(&app, Method::POST, "/admin/api/tokens", body).await.json();
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    let status = async || app.get(KEYS).header("authorization", &bearer).whole().await.status;
    assert_eq!(status().await, 200);
    app.clock.advance(SECOND * 60);
    assert_eq!(status().await, 401);
    for (body, word) in [
        (json!({"name": "b", "role": "king"}), "viewer"),
        (json!({"name": "", "role": "owner"}), "`name`"),
        (json!({"name": "b", "role": "owner", "expires_at": "2020-01-01T00:00:00Z"}), "to come"),
        (json!({"name": "b", "role": "owner", "expires_at": "soon"}), "2026-12-31"),
        (json!({"name": "b", "role": "owner", "colour": "red"}), "colour"),
    ] {
        let answer = change(&app, Method::POST, "/admin/api/tokens", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
}

#[tokio::test]
async fn the_sixth_wrong_password_is_not_looked_at_for_a_minute() {
    let app = builder("key-1").start().await;
    let guess = app.get(KEYS).header("authorization", "Bearer a-guess");
    for _ in 0..4 {
        assert_eq!(guess.whole().await.status, 401);
    }
    // Guesses of more than a minute ago are forgiven.
    app.clock.advance(SECOND * 61);
    for _ in 0..3 {
        assert_eq!(guess.whole().await.status, 401);
    }
    for _ in 0..2 {
        assert_eq!(sign_in(&app, json!({"password": "a-guess"})).await.status, 401);
    }
    let sent = json!({"password": PASSWORD});
    for answer in
        [guess.whole().await, ask(&app, Method::GET, KEYS).whole().await, sign_in(&app, sent).await]
    {
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
