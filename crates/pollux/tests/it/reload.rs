//! Settings read anew at SIGHUP: the next request is treated by them, and nothing is lost.

use std::time::Duration;

use http::Method;
use pollux_simulator::Running;
use pollux_testkit::{Request, eventually};

use crate::program::{Home, Program, gemini};

const PATIENCE: Duration = Duration::from_secs(10);
const TEXT: &str = "say: one two three";

async fn ask(program: &Program) -> u16 {
    program.ask("generateContent", TEXT).whole().await.status
}

/// The keys of the requests that reached Gemini since `seen`.
fn asked(gemini: &Running, seen: usize) -> Vec<String> {
    let calls = gemini.simulator.requests().into_iter().skip(seen);
    calls.map(|call| call.key.unwrap_or_default()).collect()
}

async fn reload(program: &Program) -> String {
    let before = program.log().len();
    program.signal("HUP");
    let said = || program.log().split_off(before);
    let done = || said().contains("read anew");
    eventually("the settings are read anew", PATIENCE, done).await;
    said()
}

#[tokio::test]
async fn keys_come_and_go_and_what_is_known_of_the_others_stays() {
    let script = "key-1=slow:chunk=300ms,key-2=invalid,key-3=quota:rpd=1,key-4,key-5";
    let gemini = gemini(script.parse().unwrap()).await;
    let home = Home::new(&gemini);
    let pool = "[pool]\nstrategy = \"round_robin\"\nmax_wait = \"0s\"\n";
    home.write(&[("gemini_api_key", "key-1,key-2,key-3")], pool);
    let program = Program::start(&home.file());
    let mut stream = program
        .ask("streamGenerateContent?alt=sse", "say: one two three four five six")
        .send()
        .await;
    let begun = stream.until("one").await;
    for _ in 0..3 {
        assert_eq!(ask(&program).await, 200);
    }
    let mut before = asked(&gemini, 0);
    before.sort();
    before.dedup();
    assert_eq!(before, ["key-1", "key-2", "key-3"]);

    home.write(&[("gemini_api_key", "key-2,key-3,key-4")], pool);
    let seen = gemini.simulator.requests().len();
    let said = reload(&program).await;
    assert!(said.contains("Gemini keys: 3") && !said.contains("next start"), "{said}");
    for _ in 0..4 {
        assert_eq!(ask(&program).await, 200);
    }
    let after = asked(&gemini, seen);
    assert!(!after.contains(&"key-1".to_owned()), "it is gone: {after:?}");
    assert!(!after.contains(&"key-2".to_owned()), "it is still revoked: {after:?}");
    let of_key_3 = after.iter().filter(|key| *key == "key-3").count();
    assert!(of_key_3 <= 1, "it is out for the day: {after:?}");
    let rest = stream.whole().await;
    assert!(!rest.broken && (begun + &rest.text()).contains("six"), "{}", rest.text());

    home.write(&[("gemini_api_key", "key-5")], &format!("{pool}[quota]\nfree = \"*=2rpd\"\n"));
    reload(&program).await;
    let seen = gemini.simulator.requests().len();
    for status in [200, 200, 429] {
        assert_eq!(ask(&program).await, status, "{}", program.log());
    }
    assert_eq!(asked(&gemini, seen), ["key-5", "key-5"]);
}

#[tokio::test]
async fn strategies_can_be_switched_and_users_replaced_while_it_runs() {
    let gemini = gemini("key-1,key-2".parse().unwrap()).await;
    let home = Home::new(&gemini);
    let keys = ("gemini_api_key", "key-1:3,key-2");
    home.write(&[keys], "[pool]\nstrategy = \"round_robin\"\n");
    let program = Program::start(&home.file());
    for strategy in ["round_robin", "weighted_round_robin", "round_robin"] {
        home.write(&[keys], &format!("[pool]\nstrategy = \"{strategy}\"\n"));
        reload(&program).await;
        let seen = gemini.simulator.requests().len();
        for _ in 0..8 {
            assert_eq!(ask(&program).await, 200);
        }
        let first = asked(&gemini, seen).iter().filter(|key| *key == "key-1").count();
        assert_eq!(first, if strategy == "round_robin" { 4 } else { 6 }, "{strategy}");
    }
    let text = std::fs::read_to_string(home.file()).unwrap();
    let other = text.replace(pollux_testkit::ACCESS_KEY, "sk-another-access-key");
    std::fs::write(home.file(), other).unwrap();
    reload(&program).await;
    assert_eq!(ask(&program).await, 401);
    let request = program.ask("generateContent", TEXT);
    let request = request.header("authorization", "Bearer sk-another-access-key");
    assert_eq!(request.whole().await.status, 200);
}

#[tokio::test]
async fn what_needs_a_restart_is_named_and_what_is_bad_changes_nothing() {
    let gemini = gemini("key-1,key-2".parse().unwrap()).await;
    let home = Home::new(&gemini);
    home.write(&[("gemini_api_key", "key-1")], "[pool]\nstrategy = \"round_robin\"\n");
    let program = Program::start(&home.file());
    assert_eq!(ask(&program).await, 200);

    let bad = "[pool]\nstrategy = \"best\"\n";
    home.write(&[("gemini_api_key", "key-2")], bad);
    program.signal("HUP");
    let said = || program.log().contains("the settings stay as they are");
    eventually("the log says what is wrong", PATIENCE, said).await;
    let log = program.log();
    assert!(log.contains("`best` is not allowed for pool.strategy"), "{log}");
    assert_eq!(ask(&program).await, 200);
    assert_eq!(asked(&gemini, 0), ["key-1", "key-1"]);

    let master_key = "01".repeat(32);
    let others = [
        ("gemini_api_key", "key-2"),
        ("listen", "127.0.0.1:1"),
        ("gemini_base_url", "http://127.0.0.1:1"),
        ("master_key", &master_key),
        ("threads", "1000"),
    ];
    home.write(&others, "");
    for round in 1..=2 {
        reload(&program).await;
        let named = || program.log().matches("threads has changed").count() == round;
        eventually("what waits is named, each time", PATIENCE, named).await;
        let log = program.log();
        for name in ["listen", "gemini_base_url", "master_key", "threads"] {
            assert!(log.contains(&format!("{name} has changed")), "{name}: {log}");
        }
        assert!(!log.contains("data_dir has changed") && !log.contains("0101"), "{log}");
        let seen = gemini.simulator.requests().len();
        assert_eq!(ask(&program).await, 200, "it goes on where it is");
        assert_eq!(asked(&gemini, seen), ["key-2"]);
    }
    program.signal("TERM");
    assert!(program.wait());
}

#[tokio::test]
async fn what_an_admin_sets_goes_over_the_file_at_once_and_after_a_restart() {
    let gemini = gemini("key-1,key-2".parse().unwrap()).await;
    let home = Home::new(&gemini);
    let admin = ("admin_password", "of-the-owner-alone");
    home.write(&[("gemini_api_key", "key-1:3,key-2"), admin], "[log]\nlevel = \"warn\"\n");
    let change = async |program: &Program, body: &str| {
        let request = Request::new(
            program.address,
            Method::PATCH,
            "/admin/api/settings",
            body.to_owned().into(),
        );
        let bearer = format!("Bearer {}", admin.1);
        request.anonymous().header("authorization", &bearer).whole().await.status
    };
    let program = Program::start(&home.file());
    assert_eq!(ask(&program).await, 200);
    assert!(!program.log().contains("DEBUG"), "{}", program.log());
    let body = r#"{"log.level":"debug","pool.strategy":"weighted_round_robin"}"#;
    assert_eq!(change(&program, body).await, 200);
    assert_eq!(change(&program, r#"{"log.level":"loud"}"#).await, 400);
    assert_eq!(ask(&program).await, 200);
    let speaks = || program.log().contains("generateContent answered 200");
    eventually("the log tells more", PATIENCE, speaks).await;
    program.signal("TERM");
    assert!(program.wait());

    let program = Program::start(&home.file());
    let seen = gemini.simulator.requests().len();
    for _ in 0..8 {
        assert_eq!(ask(&program).await, 200);
    }
    let first = asked(&gemini, seen).iter().filter(|key| *key == "key-1").count();
    assert_eq!(first, 6, "the strategy is still the one that was set");
    eventually("the log tells more", PATIENCE, || program.log().contains("DEBUG")).await;
}
