//! The built program under load: floods of wrong passwords, and an owner who changes everything.

use std::{
    fs,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use http::Method;
use pollux::{clock, tasks::Tasks};
use pollux_testkit::{ACCESS_KEY, Face, MODEL, Request, Whole, chat, eventually};

use crate::program::{Home, Program, gemini};

const PATIENCE: Duration = Duration::from_mins(1);
const PASSWORD: &str = "Pw-of-the-owner-5kD8w";
const TEXT: &str = "say: one two three four";

/// Something that many clients do until they are told to stop, and what came of it.
#[derive(Clone, Default)]
struct Crowd {
    tasks: Tasks,
    over: Arc<AtomicBool>,
    done: Arc<AtomicU64>,
    faults: Arc<Mutex<Vec<String>>>,
}

impl Crowd {
    /// Lets a client ask again and again; `judge` says what is wrong with an answer.
    fn join(
        &self,
        ask: impl Fn(u64) -> Request + Send + 'static,
        judge: impl Fn(&Whole) -> bool + Send + 'static,
    ) {
        let crowd = self.clone();
        self.tasks.spawn(async move {
            let mut turn = 0;
            while !crowd.over.load(Ordering::SeqCst) {
                match ask(turn).try_send().await {
                    Ok(answer) => {
                        let answer = answer.whole().await;
                        if !judge(&answer) {
                            let fault = format!("{} {}", answer.status, answer.text());
                            crowd.faults.lock().unwrap().push(fault);
                        }
                    }
                    Err(error) => crowd.faults.lock().unwrap().push(error.to_string()),
                }
                crowd.done.fetch_add(1, Ordering::SeqCst);
                turn += 1;
            }
        });
    }

    fn done(&self) -> u64 {
        self.done.load(Ordering::SeqCst)
    }

    /// Waits until so many more have been answered.
    async fn go_on(&self, more: u64) {
        let goal = self.done() + more;
        eventually("clients are answered", PATIENCE, || self.done() >= goal).await;
    }

    /// Ends it, and returns how many were answered and what was wrong.
    async fn end(self) -> (u64, Vec<String>) {
        self.over.store(true, Ordering::SeqCst);
        assert!(self.tasks.finish(PATIENCE).await, "clients do not end");
        let faults = self.faults.lock().unwrap().clone();
        (self.done(), faults)
    }
}

fn post(program: &Program, target: &str, body: &str) -> Request {
    Request::new(program.address, Method::POST, target, body.to_owned().into()).anonymous()
}

/// The most memory that the process has used, in KiB; nothing where the system does not say.
fn most_memory(program: &Program) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", program.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn sign_in(program: &Program, password: &str, from: &str) -> Request {
    let body = format!(r#"{{"password":"{password}"}}"#);
    post(program, "/admin/api/session", &body).header("x-forwarded-for", from)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_of_wrong_passwords_shuts_out_nobody_else() {
    let gemini = gemini("key-1=slow:chunk=200ms".parse().unwrap()).await;
    let home = Home::new(&gemini);
    home.write(&[("gemini_api_key", "key-1"), ("trusted_proxies", "127.0.0.1")], "");
    let program = Program::start(&home.file());
    let greeting = program.greeting();
    let line = greeting.lines().find_map(|line| line.strip_prefix("Admin password")).unwrap();
    let password = line.split_whitespace().next().unwrap().to_owned();
    let before = most_memory(&program);

    let flood = Crowd::default();
    for client in 0..24_u64 {
        let address = program.address;
        let ask = move |turn: u64| {
            let from = format!("198.18.{}.{}", client, turn % 250);
            let body = format!(r#"{{"password":"guess-{client}-{turn}"}}"#);
            let request = Request::new(address, Method::POST, "/admin/api/session", body.into());
            request.anonymous().header("x-forwarded-for", &from)
        };
        flood.join(ask, |answer| matches!(answer.status, 401 | 429));
    }
    flood.go_on(500).await;

    // A stream goes on meanwhile, piece by piece.
    let asked = post(&program, "/v1/chat/completions", &chat(MODEL, TEXT, true));
    let mut stream = asked.header("authorization", &format!("Bearer {ACCESS_KEY}")).send().await;
    let (mut text, mut last, mut longest) = (String::new(), clock::now(), Duration::ZERO);
    while let Some(piece) = stream.chunk().await {
        text.push_str(&String::from_utf8_lossy(&piece));
        longest = longest.max(clock::now().since(last));
        last = clock::now();
    }
    assert_eq!(Face::ChatStream.text(&text), "one two three four");
    assert!(longest < Duration::from_secs(3), "{longest:?} between two pieces");

    // The owner is told to try again at worst, and gets in.
    let mut tries = 0;
    let began = clock::now();
    loop {
        let answer = sign_in(&program, &password, "203.0.113.7").whole().await;
        tries += 1;
        if answer.status == 200 {
            break;
        }
        assert_eq!(answer.status, 429, "{}", answer.text());
        assert!(clock::now().since(began) < PATIENCE, "{tries} tries");
    }
    // From then on the right password is known without being compared slowly.
    for _ in 0..5 {
        let again = sign_in(&program, &password, "203.0.113.7").whole().await;
        assert_eq!(again.status, 200, "{}", again.text());
    }
    flood.go_on(1_500).await;
    let (done, faults) = flood.end().await;
    assert_eq!(faults, Vec::<String>::new());
    // One comparison takes 19 MiB, and there is one at a time.
    if let (Some(before), Some(after)) = (before, most_memory(&program)) {
        assert!(after - before < 64 * 1024, "{before} KiB before {done} guesses, {after} after");
    }
    eprintln!("{done} guesses; the owner was in after {tries} tries");
}

/// What the owner asks of the admin API.
struct Owner<'a>(&'a Program);

impl Owner<'_> {
    async fn change(&self, method: Method, target: &str, body: &str) -> serde_json::Value {
        let request = post(self.0, &format!("/admin/api/{target}"), body).method(method);
        let request = request.header("authorization", &format!("Bearer {PASSWORD}"));
        let answer = request.whole().await;
        assert!((200..300).contains(&answer.status), "{target} {body}: {}", answer.text());
        answer.json()
    }

    async fn post(&self, target: &str, body: &str) -> serde_json::Value {
        self.change(Method::POST, target, body).await
    }

    async fn patch(&self, target: &str, body: &str) {
        self.change(Method::PATCH, target, body).await;
    }

    /// Changes all that may change while others are served; `keys` go and come.
    async fn change_everything(&self, round: usize) {
        let settings = [
            r#"{"pool.strategy":"round_robin","pool.max_attempts":3,"log.requests":"failed"}"#,
            r#"{"pool.strategy":"adaptive","pool.max_attempts":5,"models.cache":"10m"}"#,
            r#"{"pool.strategy":null,"pool.max_attempts":null,"log.requests":null}"#,
        ];
        self.patch("settings", settings[round % settings.len()]).await;
        let added = self.post("keys", r#"{"keys":"late-key-4,late-key-5"}"#).await;
        let ids: Vec<String> = added["results"].as_array().unwrap().iter().map(id).collect();
        self.patch(&format!("keys/{}", ids[0]), r#"{"weight":5,"enabled":false}"#).await;
        let made = self.post("pools", &format!(r#"{{"name":"pool-{round}"}}"#)).await;
        for is_on in [false, true] {
            let body = format!(r#"{{"enabled":{is_on}}}"#);
            self.patch(&format!("pools/{}", id(&made)), &body).await;
        }
        self.patch(&format!("keys/{}", ids[0]), r#"{"enabled":true}"#).await;
        self.change(Method::DELETE, &format!("pools/{}", id(&made)), "").await;
        for id in ids {
            self.change(Method::DELETE, &format!("keys/{id}"), "").await;
        }
    }
}

fn id(thing: &serde_json::Value) -> String {
    thing["id"].to_string()
}

/// Whether a stream came to its end, with every word.
fn is_whole(answer: &Whole) -> bool {
    let text = answer.text();
    let is_complete = Face::ChatStream.is_complete(&text);
    answer.status == 200 && is_complete && Face::ChatStream.text(&text).ends_with("four")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_fails_while_the_owner_changes_everything() {
    let script = ["key-1", "key-2", "key-3", "late-key-4", "late-key-5", "other-key-6"];
    let script = script.map(|key| format!("{key}=slow:chunk=20ms")).join(",");
    let gemini = gemini(script.parse().unwrap()).await;
    let home = Home::new(&gemini);
    let access = [("gemini_api_key", "key-1,key-2,key-3"), ("admin_password", PASSWORD)];
    home.write(&access, "");
    let program = Program::start(&home.file());
    let owner = Owner(&program);
    let user = owner.post("users", r#"{"name":"ada"}"#).await;
    let current = Arc::new(Mutex::new(user["secret"].as_str().unwrap().to_owned()));
    let other = owner.post("pools", r#"{"name":"the other"}"#).await;
    let keys = format!(r#"{{"pool":{},"keys":"other-key-6"}}"#, other["id"]);
    owner.post("keys", &keys).await;

    let ask = |key: &str| {
        let request = post(&program, "/v1/chat/completions", &chat(MODEL, TEXT, true));
        request.header("authorization", &format!("Bearer {key}"))
    };
    let (crowd, others) = (Crowd::default(), Crowd::default());
    let plain = ask("no-key-yet");
    for client in 0..50 {
        let (current, plain) = (Arc::clone(&current), plain.clone());
        let ask = move |_| {
            let key = if client % 2 == 0 {
                ACCESS_KEY.to_owned()
            } else {
                current.lock().unwrap().clone()
            };
            plain.clone().header("authorization", &format!("Bearer {key}"))
        };
        crowd.join(ask, is_whole);
    }
    let of_other = ask(other["secret"].as_str().unwrap());
    // Their pool goes off and on: they are refused then, in so many words, and never cut.
    others.join(
        move |_| of_other.clone(),
        move |answer| {
            is_whole(answer)
                || matches!(answer.status, 403 | 503) && answer.text().contains("error")
        },
    );

    let rotation = format!("users/{}/rotate", id(&user));
    for round in 0..3 {
        crowd.go_on(50).await;
        let rotated = owner.post(&rotation, r#"{"keep_seconds":600}"#).await;
        *current.lock().unwrap() = rotated["secret"].as_str().unwrap().to_owned();
        // Those who hold the key before are served to their end.
        crowd.go_on(100).await;
        owner.change_everything(round).await;
        for is_on in [false, true] {
            let body = format!(r#"{{"enabled":{is_on}}}"#);
            owner.patch(&format!("pools/{}", id(&other)), &body).await;
            others.go_on(3).await;
        }
    }
    let (done, faults) = crowd.end().await;
    assert_eq!(faults, Vec::<String>::new(), "of {done}");
    let (done_there, faults) = others.end().await;
    assert_eq!(faults, Vec::<String>::new(), "of {done_there}");
    // Without keeping it, the key before is refused at once.
    let before = current.lock().unwrap().clone();
    owner.post(&rotation, "{}").await;
    assert_eq!(ask(&before).whole().await.status, 401);
    eprintln!("{done} streams, and {done_there} of the pool that went off and on");
}
