//! No secret leaves the built program, but where somebody asks to see it.
//!
//! Two runs use every kind of secret in every place where it can be used. Then everything that left
//! the program is searched for all of them: answers, log, files, and requests to Gemini.

mod callers;
mod owner;
mod search;
mod world;

use std::fs;

use pollux_testkit::eventually;

use self::{
    callers::{Caller, PLACES},
    world::{WORDS, World},
};
use crate::program::{Home, Program, gemini};

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);
/// What prompts say and answers repeat.
const SAID: &str = "cobalt-heron-sings-at-midnight-7431";
const ACCESS_KEY: &str = "sk-Caller/0f3Qe9+Lw2~Zx6TbN1";
const LATER_ACCESS_KEY: &str = "sk-Later/8Ym1+Kc5~Rv0WqHs3Jd";
const PASSWORD: &str = "Pw/Owner&4hG8\"quoted\"9sXk2";
const MASTER_KEY: &str = "3b7c0e915fd2486aa1c94e7f2068bd53914fce05d87a63b2f01d5ea7c84b9260";
const WEBHOOK_TOKEN: &str = "Hook/5tR9wq2LxB7nM4vK";
const PROXY_PASSWORD: &str = "Pxy+c8Jd3/mQ6tV1zL5e";
const POOL_PROXY_PASSWORD: &str = "Pxy-of-a-pool.b4Wn7Ks2";
const PASSPHRASE: &str = "Phrase of 6 words/Vb3+Nq8Zt1";
const WRONG_PASSWORD: &str = "Pw/mistyped&7kD2-vM5xHc9aQ";

/// Callers are believed about where they come from, so that their mistakes are not held against the
/// owner.
const PROXIES: (&str, &str) = ("trusted_proxies", "127.0.0.1");

/// Keys of the environment, and what each does.
const KEYS: [(&str, &str); 12] = [
    ("AQ.Env1/rT8kLw3_Zq7Xc2Vb~n", "ok"),
    ("AQ.Env2/hY5mPd9_Sj4Gf6Ka~t", "suspended"),
    ("AIzaEnv3-wQ2eR6tY8uI4oP0aSdFgHjK", "invalid"),
    ("AQ.Env4/bN7vCx1_Mz3Lk5Jh~g", "leaked"),
    ("AQ.Env5/dF9sAq8_We6Rt2Yu~i", "service_disabled"),
    ("AQ.Env6/zX4cVb7_Nm1Qw5Er~y", "project_denied"),
    ("AQ.Env7/pO3iUy9_Tr2Ew8Qa~s", "expired"),
    ("AQ.Env8/gH6jKl5_Zx4Cv3Bn~m", "unauthenticated"),
    ("AQ.Env9/qA1wSz8_Xe7Dc6Rf~v", "cut:after=1*2+ok"),
    ("AQ.EnvA/tG5bYh4_Nu3Jm2Ki~l", "error_midstream:after=1*2+ok"),
    ("AQ.EnvB/oP9lKi8_Mj7Nu6Hy~b", "html_502*2+bare_429"),
    ("AQ.EnvC/vF4rDc3_Sx2Ez1Wa~q", "account_limited"),
];
/// Keys that come from elsewhere.
const FILE_KEY: &str = "AQ.File/e7Wq4Tz1_Ub9Iv6Xo~p";
const TYPED_KEYS: [&str; 2] = ["AQ.Typed1/y2Cx8Ls5_Dk0Fj3G~h", "AQ.Typed2/n6Vm1Bq9_Hg4Jt7K~r"];
const OWN_KEYS: [(&str, &str); 3] = [
    ("AQ.Own1/k3Jd7Sf2_Lp8Qx5Zw~c", "ok"),
    ("AQ.Own2/u9Ri4Tw6_Yb1Ev3On~m", "suspended"),
    ("AQ.Own3/x5Gc2Hk8_Jz7Df4As~l", "invalid"),
];

fn script() -> String {
    let typed = [(TYPED_KEYS[0], "suspended"), (TYPED_KEYS[1], "leaked"), (FILE_KEY, "ok")];
    let entries = KEYS.iter().chain(&OWN_KEYS).chain(&typed);
    entries.map(|(key, does)| format!("{key}={does}")).collect::<Vec<_>>().join(",")
}

fn environment_keys() -> String {
    KEYS.map(|(key, _)| key).join(",")
}

fn know_keys(world: &World) {
    for (number, (key, _)) in KEYS.iter().enumerate() {
        world.know(&format!("key {number} of the environment"), key);
    }
    for (number, (key, _)) in OWN_KEYS.iter().enumerate() {
        world.know(&format!("key {number} of a caller's own"), key);
    }
    for (number, key) in TYPED_KEYS.iter().enumerate() {
        world.know(&format!("key {number} of the admin API"), key);
    }
    world.know("the wrong password", WRONG_PASSWORD);
    world.know(WORDS, SAID);
}

fn know_what_is_configured(world: &World) {
    let raw: Vec<u8> = (0..32)
        .map(|at| u8::from_str_radix(&MASTER_KEY[2 * at..2 * at + 2], 16).unwrap())
        .collect();
    world.know("the master key", raw);
    for (name, secret) in [
        ("the access key", ACCESS_KEY),
        ("the later access key", LATER_ACCESS_KEY),
        ("the owner's password", PASSWORD),
        ("the webhook's token", WEBHOOK_TOKEN),
        ("the key of the file", FILE_KEY),
        ("the proxy's password", PROXY_PASSWORD),
        ("the password of a pool's proxy", POOL_PROXY_PASSWORD),
        ("the passphrase", PASSPHRASE),
    ] {
        world.know(name, secret);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_configured_is_nowhere_to_be_read() {
    let gemini = gemini(script().parse().unwrap()).await;
    let home = Home::new(&gemini);
    // Nobody listens there, so that errors tell of it.
    let file = |access_key: &str| {
        let proxy = format!("http://somebody:{PROXY_PASSWORD}@127.0.0.1:1").replace('+', "%2B");
        let proxy = proxy.replace("/mQ", "%2FmQ");
        let tables = format!(
            "[pool]\nstrategy = \"round_robin\"\nmax_wait = \"0s\"\n\
             [[keys]]\nkey = \"{FILE_KEY}\"\nproxy = \"{proxy}\"\n"
        );
        home.write(&[("access_key", access_key), PROXIES], &tables);
    };
    file(ACCESS_KEY);
    let (keys, webhook) = (environment_keys(), format!("https://127.0.0.1:1/{WEBHOOK_TOKEN}"));
    let variables = [
        ("GEMINI_API_KEY", keys.as_str()),
        ("ADMIN_PASSWORD", PASSWORD),
        ("POLLUX_MASTER_KEY", MASTER_KEY),
        ("POLLUX_PASS_THROUGH", "true"),
        ("POLLUX_ALERTS__WEBHOOK", &webhook),
        ("POLLUX_LOG__LEVEL", "trace"),
    ];
    let mut world = World::new(Program::start_with(&home.file(), &variables), gemini);
    know_keys(&world);
    know_what_is_configured(&world);
    world.admin = PASSWORD.to_owned();

    for place in PLACES {
        Caller::new(&world, place, ACCESS_KEY).ask_everything().await;
    }
    for (own, _) in OWN_KEYS {
        Caller::new(&world, PLACES[0], own).ask_everything().await;
    }
    let all: Vec<&str> = OWN_KEYS.iter().map(|(key, _)| *key).collect();
    Caller::new(&world, PLACES[0], &all.join(",")).ask_everything().await;
    let asked = world.gemini.simulator.requests();
    for (key, does) in KEYS.iter().chain(&OWN_KEYS) {
        let was_asked = asked.iter().any(|call| call.key.as_deref() == Some(*key));
        assert!(was_asked, "{does} was not asked");
    }
    owner::do_everything(&mut world).await;

    file(LATER_ACCESS_KEY);
    world.program().signal("HUP");
    let log = || world.program().log();
    eventually("the settings are read anew", PATIENCE, || log().contains("read anew")).await;
    Caller::new(&world, PLACES[1], LATER_ACCESS_KEY).ask_everything().await;
    world.keep_files(&home.state(), "while it runs", &[]);
    finish(world, &home, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_made_is_shown_once_and_nowhere_to_be_read() {
    let gemini = gemini(script().parse().unwrap()).await;
    let home = Home::new(&gemini);
    home.write(&[PROXIES], "[pool]\nstrategy = \"round_robin\"\nmax_wait = \"0s\"\n");
    let text = fs::read_to_string(home.file()).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with("access_key"));
    let text: Vec<&str> = lines.collect();
    fs::write(home.file(), text.join("\n")).unwrap();
    let keys = environment_keys();
    let variables = [
        ("GEMINI_API_KEY", keys.as_str()),
        ("POLLUX_LOG__LEVEL", "trace"),
        ("POLLUX_LOG__FORMAT", "json"),
    ];
    let program = Program::start_with(&home.file(), &variables);
    let greeting = program.greeting();
    let made = |name: &str| {
        let line = greeting.lines().find(|line| line.starts_with(name)).unwrap();
        assert!(line.contains("shown only this once"), "{line}");
        let rest = line.strip_prefix(name).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let (access_key, password) = (made("Access key"), made("Admin password"));
    let mut world = World::new(program, gemini);
    know_keys(&world);
    let names = ["the access key that was made", "the owner's password that was made"];
    world.know(names[0], &access_key);
    world.know(names[1], &password);
    world.know("the passphrase", PASSPHRASE);
    world.know("the password of a pool's proxy", POOL_PROXY_PASSWORD);
    let master_key = || fs::read(home.state().join("master.key")).unwrap().trim_ascii().to_vec();
    let first = master_key();
    world.know("the first master key", &first);
    world.admin = password;

    for place in [PLACES[0], PLACES[6]] {
        Caller::new(&world, place, &access_key).ask_everything().await;
        // Nobody's: it is refused, and said nowhere.
        Caller::new(&world, place, OWN_KEYS[0].0).ask_everything().await;
    }
    owner::do_everything(&mut world).await;
    // Among everything is an exchange of it.
    assert_ne!(master_key(), first);
    world.know(LAST_MASTER_KEY, master_key());
    world.keep_files(&home.state(), "while it runs", &[("master.key", LAST_MASTER_KEY)]);
    finish(world, &home, &names);
    let (greeting, log) = Program::start_with(&home.file(), &variables).stop();
    for secret in [&access_key, &made("Admin password")] {
        assert!(!greeting.contains(secret.as_str()) && !log.contains(secret.as_str()));
    }
}

/// The one that is in the file at the end.
const LAST_MASTER_KEY: &str = "the master key";

/// Stops the program and searches.
fn finish(mut world: World, home: &Home, made: &[&str]) {
    world.keep_calls();
    let (greeting, log) = world.stop();
    assert!(log.len() > 2_000, "it logs nothing: {log}");
    let (shown, greeting): (Vec<&str>, Vec<&str>) =
        greeting.lines().partition(|line| line.contains("shown only this once"));
    assert_eq!(shown.len(), made.len(), "{shown:?}");
    world.keep("the lines that show what was made", shown.join("\n"), made);
    world.keep("the terminal", greeting.join("\n"), &[]);
    world.keep("the log", log, &[]);
    let master: &[_] = if made.is_empty() { &[] } else { &[("master.key", LAST_MASTER_KEY)] };
    world.keep_files(&home.state(), "after its end", master);
    world.search();
}
