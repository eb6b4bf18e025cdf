//! Admins with names: who is added, what each may do, and whose password changes how.

use http::Method;
use pollux_testkit::{App, Whole};
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

const ADMINS: &str = "/admin/api/admins";
const FIRST: &str = "the first password";
const SECOND: &str = "the second password";

async fn signing_in(app: &App, name: &str, password: &str) -> Whole {
    let body = json!({"name": name, "password": password}).to_string();
    app.post("/admin/api/session", body).anonymous().whole().await
}

/// The cookie of a session that begins.
async fn sign_in(app: &App, name: &str, password: &str) -> String {
    let answer = signing_in(app, name, password).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// A question of whoever holds this session.
async fn by(app: &App, session: &str, method: Method, target: &str, body: Value) -> Whole {
    let request = app.request(method, target).anonymous().header("cookie", session);
    request.body(body.to_string()).whole().await
}

async fn is_in(app: &App, session: &str) -> bool {
    by(app, session, Method::GET, "/admin/api/session", json!({})).await.status == 200
}

async fn add(app: &App, name: &str, role: &str) -> i64 {
    let body = json!({"name": name, "role": role, "password": FIRST});
    let answer = change(app, Method::POST, ADMINS, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let made = answer.json();
    assert_eq!((&made["name"], &made["role"]), (&name.into(), &role.into()));
    made["id"].as_i64().unwrap()
}

fn password_of(id: i64) -> String {
    format!("{ADMINS}/{id}/password")
}

#[tokio::test]
async fn an_admin_signs_in_by_name_does_what_his_role_admits_and_is_removed() {
    let app = builder("key-1").start().await;
    let (ann, ben) = (add(&app, "ann", "owner").await, add(&app, "ben", "viewer").await);
    let (as_ann, as_ben) = (sign_in(&app, "ann", FIRST).await, sign_in(&app, "ben", FIRST).await);
    assert_eq!(signing_in(&app, "ann", SECOND).await.status, 401);
    let disable = json!({"enabled": false});
    let key = "/admin/api/keys/1";
    assert_eq!(by(&app, &as_ben, Method::PATCH, key, disable.clone()).await.status, 403);
    assert_eq!(by(&app, &as_ann, Method::PATCH, key, disable).await.status, 200);

    let listed = by(&app, &as_ben, Method::GET, ADMINS, json!({})).await;
    let names: Vec<_> = listed.json()["admins"].as_array().unwrap().clone();
    let names: Vec<_> =
        names.iter().map(|it| (it["name"].clone(), it["configured"].clone())).collect();
    assert_eq!(
        names,
        [("admin", true), ("ann", false), ("ben", false)].map(|(n, c)| (n.into(), c.into()))
    );
    assert!(!listed.text().contains("argon2"), "{}", listed.text());

    let target = |id: i64| format!("{ADMINS}/{id}");
    assert_eq!(by(&app, &as_ben, Method::DELETE, &target(ann), json!({})).await.status, 403);
    assert_eq!(by(&app, &as_ann, Method::DELETE, &target(ben), json!({})).await.status, 204);
    assert_eq!(by(&app, &as_ann, Method::DELETE, &target(ben), json!({})).await.status, 404);
    assert!(!is_in(&app, &as_ben).await && is_in(&app, &as_ann).await);
    assert_eq!(signing_in(&app, "ben", FIRST).await.status, 401);

    let told = show(&app, "/admin/api/audit?subject=admin").await;
    let told: Vec<_> = told["changes"].as_array().unwrap().iter().rev().cloned().collect();
    let words: Vec<_> = told.iter().map(|it| (it["action"].clone(), it["actor"].clone())).collect();
    let want = [("admin.add", "admin"), ("admin.add", "admin"), ("admin.remove", "ann")];
    assert_eq!(words, want.map(|(action, actor)| (action.into(), actor.into())));
    assert_eq!(told[1]["new"]["name"], "ben");
}

#[tokio::test]
async fn the_first_owner_stays_and_his_password_is_where_the_configuration_has_it() {
    let app = builder("key-1").start().await;
    let owner = show(&app, ADMINS).await["admins"][0]["id"].as_i64().unwrap();
    let removed = ask(&app, Method::DELETE, &format!("{ADMINS}/{owner}")).whole().await;
    assert_eq!(removed.status, 409, "{}", removed.text());
    assert!(message(&removed).contains("stays"), "{}", removed.text());
    let answer = change(&app, Method::PUT, &password_of(owner), json!({"password": FIRST})).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    assert!(message(&answer).contains("--admin-password names this password"), "{}", answer.text());
    assert_eq!(show(&app, "/admin/api/session").await["name"], "admin");
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_the_one_that_asked() {
    let app = builder("key-1").start().await;
    let ben = add(&app, "ben", "viewer").await;
    let (here, there) = (sign_in(&app, "ben", FIRST).await, sign_in(&app, "ben", FIRST).await);
    let body = json!({"password": SECOND, "old": FIRST});
    let answer = by(&app, &here, Method::PUT, &password_of(ben), body).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(is_in(&app, &here).await && !is_in(&app, &there).await);
    assert_eq!(signing_in(&app, "ben", FIRST).await.status, 401);
    sign_in(&app, "ben", SECOND).await;
    // An owner need not know the one before, and nobody stays signed in.
    let answer = change(&app, Method::PUT, &password_of(ben), json!({"password": FIRST})).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(!is_in(&app, &here).await);
    sign_in(&app, "ben", FIRST).await;
    let told = show(&app, &format!("/admin/api/audit?subject=admin%20{ben}")).await;
    assert_eq!(
        (&told["changes"][0]["action"], &told["changes"][0]["actor"]),
        (&"admin.password".into(), &"admin".into())
    );
    assert_eq!(told["changes"][1]["actor"], "ben");
    assert!(!told.to_string().contains("argon2") && !told.to_string().contains(FIRST), "{told}");
}

#[tokio::test]
async fn nobody_but_an_owner_changes_anothers_password_or_his_own_without_the_old_one() {
    let app = builder("key-1").start().await;
    let (ann, ben) = (add(&app, "ann", "viewer").await, add(&app, "ben", "viewer").await);
    let session = sign_in(&app, "ben", FIRST).await;
    for (id, body, status, word) in [
        (ann, json!({"password": SECOND, "old": FIRST}), 403, "somebody else"),
        (ben, json!({"password": SECOND}), 400, "`old`"),
        (ben, json!({"password": SECOND, "old": SECOND}), 403, "not the right"),
    ] {
        let answer = by(&app, &session, Method::PUT, &password_of(id), body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
    // Guesses at it count like those at the door.
    let guess = json!({"password": SECOND, "old": "a guess"});
    for status in [403, 403, 403, 403, 429] {
        let answer = by(&app, &session, Method::PUT, &password_of(ben), guess.clone()).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
}

#[tokio::test]
async fn what_makes_no_admin_says_why() {
    let app = builder("key-1").start().await;
    add(&app, "ann", "viewer").await;
    for (body, status, word) in [
        (json!({"name": "ben", "role": "viewer", "password": "eleven char"}), 400, "12 characters"),
        (json!({"name": "ben", "role": "viewer", "password": "changemechangeme"}), 400, "default"),
        (json!({"name": "ben", "role": "viewer", "password": "x".repeat(1025)}), 400, "1024"),
        (json!({"name": "", "role": "viewer", "password": FIRST}), 400, "`name`"),
        (json!({"name": "ben", "role": "king", "password": FIRST}), 400, "viewer"),
        (json!({"name": "ben", "password": FIRST}), 400, "role"),
        (json!({"name": "ann", "role": "owner", "password": FIRST}), 409, "already"),
        (json!({"name": "admin", "role": "owner", "password": FIRST}), 409, "already"),
    ] {
        let answer = change(&app, Method::POST, ADMINS, body).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert!(message(&answer).contains(word), "{}", answer.text());
    }
    assert_eq!(show(&app, ADMINS).await["admins"].as_array().unwrap().len(), 2);
    let missing = change(&app, Method::PUT, &password_of(99), json!({"password": FIRST})).await;
    assert_eq!(missing.status, 404, "{}", missing.text());
}
