//! Free keys before paid ones, paid ones under a cap, and requests that say which they want.

use std::{fs, path::PathBuf, time::Duration};

use http::Method;
use pollux_testkit::{App, Builder, Face, MODEL, OTHER_MODEL, Whole, eventually};

use super::ask;

const TIER: &str = "x-pollux-tier";
/// Until midnight in Los Angeles, from where the clock stands at first.
const HALF_A_DAY: Duration = Duration::from_hours(12);
const PATIENCE: Duration = Duration::from_secs(5);

/// A directory whose file says that `key-3` is paid.
fn directory() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pollux.toml");
    let table = |at, tier| format!("[[keys]]\nkey = \"key-{at}\"\ntier = \"{tier}\"\n");
    fs::write(&file, format!("{}{}", table(3, "paid"), table(1, "free"))).unwrap();
    (directory, file)
}

fn builder(script: &str, file: &std::path::Path) -> Builder {
    App::builder(script).file(file).set("pool.max_wait", "0s")
}

/// Asks for a tier: the status, and the keys that were asked.
async fn wanting(app: &App, tier: &str) -> (u16, Vec<String>) {
    app.gemini().clear();
    let answer = Face::Chat.ask(app, "say: hello").header(TIER, tier).whole().await;
    (answer.status, app.asked())
}

fn is_paid(app: &App) -> bool {
    app.asked().last().is_some_and(|key| key == "key-3")
}

fn told(answer: &Whole) -> (u16, String) {
    (answer.status, answer.header("retry-after").to_owned())
}

#[tokio::test]
async fn paid_keys_serve_what_free_ones_were_refused_and_no_more() {
    let (_directory, file) = directory();
    let app = builder("key-1=quota:rpm=2,key-2=quota:rpm=2,key-3", &file).start().await;
    for _ in 0..4 {
        assert_eq!((ask(&app).await.status, is_paid(&app)), (200, false));
    }
    app.gemini().clear();
    assert_eq!(ask(&app).await.header("x-pollux-attempts"), "3");
    assert_eq!(app.asked().len(), 3);
    assert!(is_paid(&app));
    for _ in 0..5 {
        app.gemini().clear();
        assert_eq!((ask(&app).await.status, app.asked()), (200, vec!["key-3".to_owned()]));
    }
    let other = Face::Chat.ask_model(&app, OTHER_MODEL, "say: hello").whole().await;
    assert_eq!((other.status, is_paid(&app)), (200, false), "free for another model");
    app.clock.advance(Duration::from_secs(61));
    for _ in 0..4 {
        assert_eq!((ask(&app).await.status, is_paid(&app)), (200, false), "a minute later");
    }
}

#[tokio::test]
async fn a_known_limit_sends_to_paid_keys_without_a_refusal() {
    let (_directory, file) = directory();
    let app = builder("key-1,key-2,key-3", &file).set("quota.free", "*=2rpm").start().await;
    for _ in 0..4 {
        assert_eq!((ask(&app).await.status, is_paid(&app)), (200, false));
    }
    let answer = ask(&app).await;
    assert_eq!((answer.status, answer.header("x-pollux-attempts")), (200, "1"));
    assert!(is_paid(&app));
}

#[tokio::test]
async fn trouble_with_a_free_key_is_no_reason_to_pay() {
    let (_directory, file) = directory();
    let app = builder("key-1=overloaded,key-2,key-3", &file).start().await;
    for _ in 0..6 {
        assert_eq!((ask(&app).await.status, is_paid(&app)), (200, false));
    }
}

#[tokio::test]
async fn the_cap_of_paid_requests_ends_the_day_also_over_a_restart() {
    let (directory, file) = directory();
    let prepared = |now| {
        let builder = builder("key-1,key-2,key-3", &file).set("quota.free", "*=1rpd").at(now);
        builder.set("pool.paid_daily_requests", "3").directory(directory.path())
    };
    let app = prepared(pollux_testkit::START).start().await;
    for _ in 0..4 {
        assert_eq!(ask(&app).await.status, 200);
    }
    let ended = app.stop().await;
    let now = ended.now();
    ended.close().await;

    let app = prepared(now).start().await;
    let last = ask(&app).await;
    assert_eq!((last.status, is_paid(&app)), (200, true), "the third of three");
    let seconds = HALF_A_DAY.as_secs().to_string();
    assert_eq!(told(&ask(&app).await), (429, seconds.clone()));
    for tier in ["any", "no-free-tier", "paid"] {
        assert_eq!(wanting(&app, tier).await, (429, Vec::new()), "{tier}");
    }
    let ended = app.stop().await;
    ended.close().await;

    let app = prepared(now).start().await;
    assert_eq!(told(&ask(&app).await), (429, seconds));
    assert_eq!(app.asked(), [""; 0]);
    app.clock.advance(HALF_A_DAY);
    for tier in ["paid", "paid", "paid"] {
        assert_eq!(wanting(&app, tier).await, (200, vec!["key-3".to_owned()]));
    }
    assert_eq!(wanting(&app, "paid").await.0, 429);
    assert_eq!((ask(&app).await.status, is_paid(&app)), (200, false), "free ones are not capped");
}

#[tokio::test]
async fn a_request_gets_the_tier_that_it_asks_for_or_none() {
    let (_directory, file) = directory();
    let app = builder("key-1,key-2,key-3", &file).set("quota.free", "*=3rpm").start().await;
    let paid = (200, vec!["key-3".to_owned()]);
    for tier in ["no-free-tier", "paid"] {
        for _ in 0..3 {
            assert_eq!(wanting(&app, tier).await, paid, "{tier}");
        }
    }
    for _ in 0..6 {
        let (status, asked) = wanting(&app, "free").await;
        assert_eq!((status, asked.contains(&"key-3".to_owned())), (200, false));
    }
    assert_eq!(wanting(&app, "free").await, (429, Vec::new()), "and none that costs");
    assert_eq!(wanting(&app, "any").await, paid);
    let answer = Face::Chat.ask(&app, "say: hello").header(TIER, "free").whole().await;
    assert_eq!(told(&answer), (429, "61".to_owned()));
}

#[tokio::test]
async fn without_a_paid_key_nothing_goes_out_that_google_must_not_learn_from() {
    let (directory, paid) = directory();
    let free = directory.path().join("free.toml");
    fs::write(&free, "").unwrap();
    for (script, file, tier) in [("key-1", &free, "no-free-tier"), ("key-3", &paid, "free")] {
        fs::write(&paid, "[[keys]]\nkey = \"key-3\"\ntier = \"paid\"\n").unwrap();
        let app = builder(script, file).start().await;
        for face in Face::ALL {
            let answer = face.ask(&app, "say: hello").header(TIER, tier).whole().await;
            assert_eq!(answer.status, 503, "{face:?}: {}", answer.text());
            let message = face.message(&answer);
            assert!(message.contains(&format!("{TIER}: {tier}")), "{face:?}: {message}");
        }
        assert_eq!(app.asked(), [""; 0]);
    }
}

#[tokio::test]
async fn what_a_free_key_owns_is_not_read_by_a_request_for_paid_ones() {
    let (_directory, file) = directory();
    let app = builder("key-1,key-2,key-3", &file).start().await;
    let text = "word ".repeat(3_000);
    let body = format!(
        r#"{{"model":"models/{MODEL}","contents":[{{"role":"user","parts":[{{"text":"{text}"}}]}}]}}"#
    );
    let made = app.post("/v1beta/cachedContents", body).whole().await;
    assert_eq!((made.status, is_paid(&app)), (200, false), "{}", made.text());
    let name = made.json()["name"].as_str().unwrap().to_owned();
    let body = format!(
        r#"{{"contents":[{{"role":"user","parts":[{{"text":"say: hi"}}]}}],"cachedContent":"{name}"}}"#
    );
    let request = app.post(&format!("/v1beta/models/{MODEL}:generateContent"), body);
    app.gemini().clear();
    let refused = request.clone().header(TIER, "no-free-tier").whole().await;
    assert_eq!((refused.status, app.calls().len()), (503, 0), "{}", refused.text());
    for tier in ["free", "any"] {
        let answer = request.clone().header(TIER, tier).whole().await;
        assert_eq!((answer.status, is_paid(&app)), (200, false), "{tier}: {}", answer.text());
    }
}

#[tokio::test]
async fn equal_calls_of_different_tiers_are_not_one_call() {
    let (_directory, file) = directory();
    let app = builder("key-1=slow:first=3600s,key-2=slow:first=3600s,key-3", &file);
    let app = app.set("coalesce.enabled", "true").start().await;
    let body = r#"{"contents":[{"role":"user","parts":[{"text":"say: hi"}]}],"generationConfig":{"temperature":0}}"#;
    let request = app.post(&format!("/v1beta/models/{MODEL}:generateContent"), body);
    let private = async {
        eventually("the first is under way", PATIENCE, || app.calls().len() == 1).await;
        request.clone().header(TIER, "no-free-tier").whole().await
    };
    tokio::select! {
        answer = request.send() => panic!("answered {}", answer.status),
        answer = private => assert_eq!((answer.status, is_paid(&app)), (200, true)),
    }
}

#[tokio::test]
async fn a_tier_that_there_is_not_is_refused_by_name() {
    let (_directory, file) = directory();
    let app = builder("key-1,key-2,key-3", &file).start().await;
    for face in Face::ALL {
        for wrong in ["gold", "", "Free", "free,paid"] {
            let answer = face.ask(&app, "say: hello").header(TIER, wrong).whole().await;
            assert_eq!(answer.status, 400, "{face:?}: {wrong}");
            let message = face.message(&answer);
            for part in [TIER, "any", "free", "no-free-tier"] {
                assert!(message.contains(part), "{face:?}: {message}");
            }
        }
    }
    assert_eq!(app.calls(), []);
}

#[tokio::test]
async fn a_page_may_name_its_tier_and_its_session() {
    let (_directory, file) = directory();
    let app = builder("key-1,key-2,key-3", &file).start().await;
    let wanted = "x-pollux-session,x-pollux-tier";
    let preflight = app
        .request(Method::OPTIONS, "/v1/chat/completions")
        .anonymous()
        .header("origin", "https://page.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", wanted)
        .whole()
        .await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-headers")), (204, wanted));
    let answer = Face::Chat.ask(&app, "say: hello").header("origin", "https://page.example");
    let answer = answer.header(TIER, "gold").whole().await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (400, "*"));
}

#[tokio::test]
async fn what_a_request_says_of_tiers_and_sessions_stays_here() {
    let app = App::start("key-1").await;
    let headers = [(TIER, "any"), ("x-pollux-session", "s"), ("session_id", "s")];
    for face in Face::ALL {
        let request =
            headers.iter().fold(face.ask(&app, "say: hello"), |request, (name, value)| {
                request.header(name, value)
            });
        assert_eq!(request.whole().await.status, 200, "{face:?}");
    }
    for call in app.calls() {
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let seen = format!("{:?}", call.headers);
        assert!(names.iter().all(|name| !seen.contains(name)), "{seen}");
    }
}
