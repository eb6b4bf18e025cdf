//! The keys as the admin sees them.

use http::Method;
use pollux_testkit::{Face, MODEL};

use super::{ask, builder, message, show};

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
