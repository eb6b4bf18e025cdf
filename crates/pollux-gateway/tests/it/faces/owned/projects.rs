//! Projects that the configuration names: what one key made, every key of its project may use.

use std::{collections::BTreeSet, fs, path::Path};

use http::Method;
use pollux_simulator::KeyScript;
use pollux_testkit::{App, Builder, Face};

use super::{about, generate, last_key, name, turn, upload};

const SCRIPT: &str =
    "key-1=ok:project=one,key-2=ok:project=one,key-3=ok:project=two,key-4=ok:project=two";

/// Tables that give each key a project by a name of the user's own.
fn file(directory: &Path, projects: &[(&str, &str)]) -> std::path::PathBuf {
    let table = |(key, project): &(&str, &str)| {
        format!("[[keys]]\nkey = \"{key}\"\nproject = \"{project}\"\n")
    };
    let path = directory.join("pollux.toml");
    fs::write(&path, projects.iter().map(table).collect::<String>()).unwrap();
    path
}

const BOTH: &[(&str, &str)] =
    &[("key-1", "team a"), ("key-2", "team a"), ("key-3", "team b"), ("key-4", "team b")];

fn builder(script: &str, directory: &Path) -> Builder {
    App::builder(script).directory(directory)
}

/// Which keys are asked about something while the turn moves on.
async fn asked_about(app: &App, target: &str, body: &str, times: usize) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    for _ in 0..times {
        turn(app).await;
        let method = if body.is_empty() { Method::GET } else { Method::POST };
        let request = app.request(method, target).body(body.to_owned());
        let answer = request.header("content-type", "application/json").whole().await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        asked.insert(last_key(app));
    }
    asked
}

#[tokio::test]
async fn what_a_key_made_is_used_with_every_key_of_its_project() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), BOTH);
    let app = builder(SCRIPT, directory.path()).file(&path).start().await;
    let mut by_another = 0;
    for _ in 0..4 {
        let file = upload(&app, "hello").await;
        let maker = last_key(&app);
        let team = match maker.as_str() {
            "key-1" | "key-2" => BTreeSet::from(["key-1".to_owned(), "key-2".to_owned()]),
            _ => BTreeSet::from(["key-3".to_owned(), "key-4".to_owned()]),
        };
        let target = format!("/v1beta/{}", name(&file));
        let prompt = about(file["uri"].as_str().unwrap());
        for (target, body) in [(target, ""), (generate(), &prompt[..])] {
            let asked = asked_about(&app, &target, body, 5).await;
            assert!(asked.is_subset(&team), "{maker} made it: {asked:?}");
            by_another += usize::from(!asked.contains(&maker));
        }
    }
    assert!(by_another > 0, "a key of the project serves what another one made");
}

#[tokio::test]
async fn without_the_key_that_made_it_another_of_the_project_goes_on() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), BOTH);
    let app = builder(SCRIPT, directory.path()).file(&path).start().await;
    let made = upload(&app, "hello").await;
    assert_eq!(last_key(&app), "key-1");
    let target = format!("/v1beta/{}", name(&made));
    let expired: KeyScript = "expired:project=one".parse().unwrap();
    app.gemini().set("key-1", expired);
    assert_eq!(asked_about(&app, &target, "", 5).await, BTreeSet::from(["key-2".to_owned()]));
}

#[tokio::test]
async fn a_project_outlives_the_key_that_made_something() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), BOTH);
    let app = builder(SCRIPT, directory.path()).file(&path).start().await;
    let made = upload(&app, "hello").await;
    assert_eq!(last_key(&app), "key-1");
    let target = format!("/v1beta/{}", name(&made));
    let ended = app.stop().await;
    let now = ended.now();
    ended.close().await;

    // The files themselves went with the simulator: that the other key is asked is what counts.
    let rest = SCRIPT.split_once(',').unwrap().1;
    let path = file(directory.path(), &BOTH[1..]);
    let app = builder(rest, directory.path()).file(&path).at(now).start().await;
    for _ in 0..5 {
        turn(&app).await;
        let answer = app.get(&target).whole().await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert_eq!(last_key(&app), "key-2");
    }
}

#[tokio::test]
async fn a_project_that_is_denied_takes_all_its_keys_out() {
    let directory = tempfile::tempdir().unwrap();
    let path = file(directory.path(), BOTH);
    let script =
        "key-1=project_denied,key-2=ok:project=one,key-3=ok:project=two,key-4=ok:project=two";
    let app = builder(script, directory.path()).file(&path).start().await;
    for _ in 0..6 {
        assert_eq!(Face::Chat.ask(&app, "say: hello").whole().await.status, 200);
    }
    assert!(!app.asked().contains(&"key-2".to_owned()), "{:?}", app.asked());
}
