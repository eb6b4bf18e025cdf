//! Nobody but admins gets in, by whichever of the doors.

use std::{collections::BTreeSet, fs, path::Path};

use http::Method;
use pollux_gateway::router;
use pollux_testkit::{ACCESS_KEY, App, Request};
use serde_json::{Value, json};

use super::{builder, chat, with_cookie};
use crate::admin::{PASSWORD, ask};

/// Where one signs in, with the field that holds the password.
const DOORS: [(&str, &str); 3] =
    [("/admin/login", "password"), ("/", "key"), ("/api/login", "password")];

/// The routes that the page names between two marks: method, path.
fn named(mark: &str) -> Vec<(Method, String)> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/DROP-IN.md");
    let page = fs::read_to_string(page).unwrap();
    let (begin, end) = (format!("<!-- {mark} -->\n"), format!("<!-- /{mark} -->"));
    let parts = page.split(&begin).skip(1);
    let tables = parts.map(|part| part.split(&end).next().unwrap());
    let rows = tables.flat_map(|table| table.lines().skip(2));
    rows.map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`'));
        (cells.next().unwrap().parse().unwrap(), cells.next().unwrap().to_owned())
    })
    .collect()
}

fn at(path: &str) -> String {
    let id = if path.starts_with("/api/pools") { "pool-1" } else { "1" };
    path.replace("{id}", id)
}

async fn sign_in(app: &App, door: &str, field: &str, password: &str) -> pollux_testkit::Whole {
    app.post(door, json!({ field: password }).to_string()).anonymous().whole().await
}

#[tokio::test]
async fn the_page_names_every_route() {
    let app = builder().start().await;
    let debug = format!("{:?}", router::server(app.gateway()));
    let routes = debug.split('"').filter(|text| text.starts_with('/') && !text.contains("axum"));
    let places = ["/admin/", "/api/keys", "/api/login", "/api/pools", "/monitor/"];
    let is_ours = |path: &&str| {
        places.iter().any(|place| path.starts_with(place)) && !path.starts_with("/admin/api")
    };
    let served: BTreeSet<String> = routes.filter(is_ours).map(str::to_owned).collect();
    let all = named("admin").into_iter().chain(named("open")).map(|(_, path)| path);
    let mut named: BTreeSet<String> = all.collect();
    assert!(named.remove("/"), "the door is one of them");
    named.retain(|path| is_ours(&path.as_str()));
    assert_eq!(served, named);
}

#[tokio::test]
async fn admin_routes_without_a_session_are_all_closed() {
    let app = builder().start().await;
    let routes = named("admin");
    assert!(routes.len() >= 29, "{routes:?}");
    for (method, path) in routes {
        let target = at(&path);
        let anonymous = || app.request(method.clone(), &target).anonymous();
        let wrong = "session=sess-0123456789012345678901234567890123456789012";
        let requests: [Request; 6] = [
            anonymous(),
            anonymous().header("authorization", "admin-logged-in-1768939200000"),
            app.request(method.clone(), &target),
            anonymous().header("cookie", wrong),
            anonymous().header("cookie", &format!("auth-key={PASSWORD}")),
            anonymous().header("x-goog-api-key", PASSWORD),
        ];
        for request in requests {
            let answer = request.body("{}").whole().await;
            assert_eq!(answer.status, 401, "{method} {path}: {}", answer.text());
            let cors = answer.headers.keys().find(|it| it.as_str().starts_with("access-control"));
            assert_eq!(cors, None, "{path}");
            app.clock.advance(std::time::Duration::from_mins(1));
        }
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn an_error_of_the_door_is_told_as_each_of_them_did() {
    let app = builder().start().await;
    let told = async |target| app.get(target).anonymous().whole().await.json();
    let worker = told("/admin/status").await;
    assert_eq!(worker["error"]["type"], "invalid_request_error");
    assert_eq!(worker["error"]["code"], "http_401");
    assert_eq!(told("/api/keys").await["error"], "Unauthorized");
    let pools = told("/api/pools").await;
    assert_eq!(pools["success"], false);
    assert!(pools["message"].is_string(), "{pools}");
    assert!(told("/monitor/health").await["error"]["message"].is_string());
}

#[tokio::test]
async fn what_is_not_there_is_404_for_admins_and_never_200() {
    let app = builder().start().await;
    for target in ["/admin/nothing", "/api/keys/nothing", "/api/pools/pool-1/nothing", "/monitor/x"]
    {
        assert_eq!(app.get(target).anonymous().whole().await.status, 401, "{target}");
        let answer = ask(&app, Method::GET, target).whole().await;
        assert_eq!(answer.status, 404, "{target}: {}", answer.text());
    }
    for target in ["/api/nothing", "/nothing", "/wp-login.php"] {
        assert_eq!(app.get(target).whole().await.status, 404, "an unknown path looks successful");
    }
    let put = ask(&app, Method::PUT, "/api/keys").whole().await;
    assert_eq!(put.status, 405, "{}", put.text());
    assert!(put.json()["error"].is_string(), "{}", put.text());
}

#[tokio::test]
async fn each_door_gives_a_session_that_opens_all_of_them_and_is_not_the_password() {
    let app = builder().start().await;
    for (door, field) in DOORS {
        let answer = sign_in(&app, door, field, PASSWORD).await;
        assert_eq!(answer.status, 200, "{door}: {}", answer.text());
        let set = answer.header("set-cookie");
        assert!(set.contains("; Path=/; HttpOnly; SameSite=Strict; Max-Age="), "{set}");
        super::no_secret(&answer);
        for target in ["/admin/status", "/api/keys", "/api/pools", "/monitor/full"] {
            let seen = with_cookie(&app, Method::GET, target, &answer).whole().await;
            assert_eq!(seen.status, 200, "{door} {target}: {}", seen.text());
        }
        let elsewhere = with_cookie(&app, Method::POST, "/api/keys", &answer);
        let elsewhere = elsewhere.header("sec-fetch-site", "cross-site");
        let refused = elsewhere.body(r#"{"keys":["another-key-1"]}"#).whole().await;
        assert_eq!(refused.status, 403, "a page of another site: {}", refused.text());
    }
}

#[tokio::test]
async fn the_token_of_a_login_is_accepted() {
    let app = builder().start().await;
    let worker = sign_in(&app, "/admin/login", "password", PASSWORD).await.json();
    let pools = sign_in(&app, "/api/login", "password", PASSWORD).await.json();
    for token in [&worker["data"]["token"], &pools["sessionToken"]] {
        for sent in [format!("Bearer {}", token.as_str().unwrap()), token.as_str().unwrap().into()]
        {
            let request = app.get("/admin/status").anonymous().header("authorization", &sent);
            assert_eq!(request.whole().await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_401_in_each_of_their_words_and_missing_is_400() {
    let app = builder().start().await;
    let wrong = async |door, field| {
        let answer = sign_in(&app, door, field, "a-guess").await;
        assert_eq!((answer.status, answer.header("set-cookie")), (401, ""), "{door}");
        answer.json()
    };
    let worker = wrong("/admin/login", "password").await;
    assert_eq!(worker["error"]["code"], "http_401");
    assert_eq!(wrong("/", "key").await, json!({"success": false}));
    let told = "\u{5bc6}\u{7801}\u{9519}\u{8bef}";
    assert_eq!(wrong("/api/login", "password").await, json!({"success": false, "message": told}));
    for (door, field) in DOORS {
        let answer = app.post(door, "{}").anonymous().whole().await;
        assert_eq!(answer.status, 400, "{door}: {}", answer.text());
        assert!(answer.text().contains(field), "{door}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_wrong_password_is_throttled_at_all_doors_together() {
    let app = builder().start().await;
    for (door, field) in DOORS.into_iter().chain(DOORS).take(5) {
        assert_eq!(sign_in(&app, door, field, "a-guess").await.status, 401, "{door}");
    }
    for (door, field) in DOORS {
        let answer = sign_in(&app, door, field, PASSWORD).await;
        assert_eq!((answer.status, answer.header("retry-after")), (429, "60"), "{door}");
    }
}

#[tokio::test]
async fn viewers_look_and_change_nothing() {
    let app = builder().start().await;
    let made = super::post(&app, "/admin/api/tokens", json!({"name": "b", "role": "viewer"})).await;
    let bearer = format!("Bearer {}", made.json()["secret"].as_str().unwrap());
    for (method, path) in named("admin") {
        let request = app.request(method.clone(), &at(&path)).header("authorization", &bearer);
        let answer = request.body("{}").whole().await;
        let is_reading = method == Method::GET && path != "/api/keys/check";
        let want = if is_reading { 200 } else { 403 };
        assert_eq!(answer.status, want, "{method} {path}: {}", answer.text());
    }
}

#[tokio::test]
async fn the_page_at_the_root_says_what_this_is_and_no_secret() {
    let app = builder().start().await;
    let answer = app.get("/").anonymous().whole().await;
    assert_eq!((answer.status, answer.text().contains("is running")), (200, true));
    assert!(!answer.text().contains(ACCESS_KEY));
    super::no_secret(&answer);
    for target in ["/robots.txt", "/favicon.ico"] {
        assert_eq!(app.get(target).anonymous().whole().await.status, 204, "{target}");
    }
}

#[tokio::test]
async fn no_credential_falls_through_to_the_servers_keys() {
    let app = builder().start().await;
    let body = json!({"contents": [{"parts": [{"text": "say: hi"}]}]}).to_string();
    let requests = [
        app.post("/v1beta/models/gemini-2.5-flash:generateContent", body).anonymous(),
        chat(&app, "").anonymous(),
        chat(&app, "ajielu"),
        chat(&app, PASSWORD),
        app.get("/models").anonymous(),
        app.get("/api/models").anonymous(),
        app.get("/verify").anonymous().header("x-goog-api-key", super::GOOD),
    ];
    for request in requests {
        let answer = request.whole().await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    assert_eq!(app.calls(), [], "no key of the server's was used");
}

#[tokio::test]
async fn their_paths_of_the_models_and_of_chat_still_lead_there() {
    let app = builder().start().await;
    let chat = json!({"model": "gemini-2.5-flash", "messages": [{"role": "user", "content": "x"}]});
    let answer = app.post("/api/chat/completions", chat.to_string()).whole().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    for target in ["/models", "/api/models"] {
        let listed: Value = app.get(target).whole().await.json();
        assert_eq!(listed["object"], "list", "{target}");
        assert!(!listed["data"].as_array().unwrap().is_empty(), "{target}");
    }
}

#[tokio::test]
async fn the_password_opens_with_and_without_bearer() {
    let app = builder().start().await;
    for target in ["/admin/status", "/api/keys"] {
        for sent in [PASSWORD.to_owned(), format!("Bearer {PASSWORD}")] {
            let request = app.get(target).anonymous().header("authorization", &sent);
            assert_eq!(request.whole().await.status, 200, "{target}");
        }
    }
}
