//! The keys as the admin sees them.

use http::Method;
use pollux_testkit::{App, Face, MODEL};
use serde_json::{Value, json};

use super::{ask, builder, change, message, show};

#[tokio::test]
async fn a_key_is_shown_with_all_that_is_held_against_it_and_never_whole() {
    let script = "a-key-with-ending-0001=invalid,a-key-with-ending-0002=bare_429,\
                  a-key-with-ending-0003=quota:rpd=1,a-key-with-ending-0004";
    let app = builder(script).start().await;
    for _ in 0..6 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    let page = show(&app, "/admin/api/keys").await;
    assert!(!page.to_string().contains("a-key-with"), "{page}");
    assert_eq!(
        (&page["total"], &page["page"], &page["page_size"]),
        (&4.into(), &1.into(), &100.into())
    );
    let key = |at: usize| &page["keys"][at];
    assert_eq!(
        (&key(0)["id"], &key(0)["last4"], &key(0)["tier"]),
        (&1.into(), &"0001".into(), &"free".into())
    );
    let health = &key(0)["health"];
    assert_eq!((&health["state"], &health["reason"]), (&"revoked".into(), &"invalid".into()));
    assert!(health["sentence"].as_str().unwrap().ends_with('.'), "{health}");
    assert_eq!(health["since"], "2026-01-20T20:00:00Z");
    assert_eq!(key(1)["health"].to_string(), r#"{"state":"active"}"#);
    let cooldown = &key(1)["cooldowns"][0];
    assert_eq!((&cooldown["model"], &cooldown["window"]), (&MODEL.into(), &"unknown".into()));
    let cooldown = &key(2)["cooldowns"][0];
    assert_eq!((&cooldown["reason"], &cooldown["window"]), (&"exhausted".into(), &"day".into()));
    assert_eq!(cooldown["until"], "2026-01-21T08:00:00Z");
    assert_eq!((&key(3)["in_flight"], &key(3)["served"]), (&0.into(), &5.into()));
    assert_eq!(&show(&app, "/admin/api/keys/3").await, key(2));
}

#[tokio::test]
async fn pages_hold_what_was_asked_for() {
    let script: Vec<String> = (100..350).map(|number| format!("key-number-{number}")).collect();
    let app = builder(&script.join(",")).start().await;
    let ids = async |query: &str| {
        let page = show(&app, &format!("/admin/api/keys{query}")).await;
        let keys = page["keys"].as_array().unwrap().clone();
        keys.iter().map(|key| key["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(ids("").await, (1..=100).collect::<Vec<_>>());
    assert_eq!(ids("?page=3").await, (201..=250).collect::<Vec<_>>());
    assert_eq!(ids("?page=9&page_size=10").await, (81..=90).collect::<Vec<_>>());
    assert_eq!(ids("?page=99").await, Vec::<i64>::new());
    for (query, words) in [
        ("?page=0", "`page` takes a number from 1"),
        ("?page_size=5000", "to 1000"),
        ("?size=5", "unknown field `size`"),
    ] {
        let answer = ask(&app, Method::GET, &format!("/admin/api/keys{query}")).whole().await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(message(&answer).contains(words), "{}", answer.text());
    }
}

/// Six keys: 1 is revoked, 2 cools, 3 and 6 are active, 4 is off, 5 is of another pool.
async fn mixed() -> App {
    let script = "key-number-d001=invalid,key-number-c002=bare_429,key-number-b003,\
                  key-number-a004,key-number-e005,key-number-f006";
    let own = "key-number-d001,key-number-c002,key-number-b003,key-number-a004";
    let app = builder(script).set("gemini_api_key", own).start().await;
    for _ in 0..3 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    let pool = json!({"name": "other"});
    assert_eq!(change(&app, Method::POST, "/admin/api/pools", pool).await.status, 201);
    for (pool, key) in [(2, "key-number-e005"), (1, "key-number-f006")] {
        let keys =
            json!({"pool": pool, "keys": key, "defaults": {"tags": ["new"], "tier": "paid"}});
        assert_eq!(change(&app, Method::POST, "/admin/api/keys", keys).await.status, 201);
    }
    for (id, edit) in [
        (1, json!({"project": "north", "tags": ["new", "old"]})),
        (2, json!({"project": "south"})),
        (3, json!({"project": "north"})),
        (4, json!({"enabled": false})),
    ] {
        let target = format!("/admin/api/keys/{id}");
        assert_eq!(change(&app, Method::PATCH, &target, edit).await.status, 200);
    }
    app
}

async fn ids(app: &App, query: &str) -> (Vec<i64>, i64) {
    let found = show(app, &format!("/admin/api/keys/ids?{query}")).await;
    let ids = found["ids"].as_array().unwrap().iter().map(|id| id.as_i64().unwrap()).collect();
    (ids, found["serving"].as_i64().unwrap())
}

#[tokio::test]
async fn all_that_fit_are_named_in_the_order_of_the_list_with_how_many_serve() {
    let app = mixed().await;
    for (query, want, serving) in [
        ("", vec![1, 2, 3, 4, 5, 6], 3),
        ("pool=1", vec![1, 2, 3, 4, 6], 2),
        ("state=active", vec![3, 5, 6], 3),
        ("state=cooling", vec![2], 0),
        ("state=revoked", vec![1], 0),
        ("state=disabled", vec![4], 0),
        ("project=north", vec![1, 3], 1),
        ("tag=new&sort=-id", vec![6, 5, 1], 2),
        ("search=00&tier=paid", vec![5, 6], 2),
        ("sort=last4", vec![4, 3, 2, 1, 5, 6], 3),
        ("sort=state", vec![3, 5, 6, 2, 1, 4], 3),
        ("sort=-project", vec![2, 1, 3, 4, 5, 6], 3),
        ("sort=-tier", vec![5, 6, 1, 2, 3, 4], 3),
        ("sort=-pool", vec![5, 1, 2, 3, 4, 6], 3),
    ] {
        assert_eq!(ids(&app, query).await, (want.clone(), serving), "{query}");
        let page = show(&app, &format!("/admin/api/keys?{query}")).await;
        let listed: Vec<i64> =
            page["keys"].as_array().unwrap().iter().map(|it| it["id"].as_i64().unwrap()).collect();
        assert_eq!(listed, want, "{query}");
    }
    for query in ["state=tired", "sort=colour", "page=1"] {
        let target = format!("/admin/api/keys/ids?{query}");
        assert_eq!(ask(&app, Method::GET, &target).whole().await.status, 400, "{query}");
    }
}

#[tokio::test]
async fn a_key_says_its_state_in_the_word_that_finds_it() {
    let app = mixed().await;
    let page = show(&app, "/admin/api/keys").await;
    for key in page["keys"].as_array().unwrap() {
        let state = key["state"].as_str().unwrap();
        let found = ids(&app, &format!("state={state}")).await.0;
        assert!(found.contains(&key["id"].as_i64().unwrap()), "{key}");
        assert_eq!(show(&app, &format!("/admin/api/keys/{}", key["id"])).await["state"], state);
    }
}

#[tokio::test]
async fn keys_are_counted_by_what_they_are_found_by() {
    let app = mixed().await;
    let facet = |name: &str, count: u32| json!({"name": name, "count": count});
    let want: Value = json!({
        "total": 6,
        "states": {"active": 3, "cooling": 1, "revoked": 1, "disabled": 1},
        "projects": [facet("north", 2), facet("south", 1)],
        "tags": [facet("new", 3), facet("old", 1)],
    });
    assert_eq!(show(&app, "/admin/api/keys/facets").await, want);
    let of_other = show(&app, "/admin/api/keys/facets?pool=2").await;
    assert_eq!(of_other["states"]["active"], 1);
    assert_eq!((&of_other["projects"], &of_other["total"]), (&json!([]), &1.into()));
    let unknown = ask(&app, Method::GET, "/admin/api/keys/facets?state=active").whole().await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn a_project_that_only_google_named_is_found_by_the_name_that_is_shown() {
    let app = builder("key-1=quota:rpm=1:tells=consumer:project=one,key-2").start().await;
    for _ in 0..3 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    let page = show(&app, "/admin/api/keys").await;
    let Some(project) = page["keys"][0]["project"].as_str() else { panic!("{page}") };
    assert!(project.starts_with("consumer-"), "{project}");
    assert_eq!(ids(&app, &format!("project={project}")).await.0, [1]);
    assert_eq!(ids(&app, &format!("search={project}")).await.0, [1]);
    let facets = show(&app, "/admin/api/keys/facets").await;
    assert_eq!(facets["projects"], json!([{"name": project, "count": 1}]));
}
