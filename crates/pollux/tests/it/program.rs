//! The built program as a process of its own, with a file of settings and a simulated Gemini.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
};

use http::Method;
use pollux::{clock, config};
use pollux_simulator::{Clock, Running, Script};
use pollux_testkit::{ACCESS_KEY, MODEL, Request, native};

/// A simulated Gemini by the real clock.
pub(crate) async fn gemini(script: Script) -> Running {
    let clock = Clock::new(|| clock::now().as_micros());
    pollux_simulator::start(script, clock).await.unwrap()
}

/// A directory with a file of settings; all state is kept in it.
pub(crate) struct Home {
    directory: tempfile::TempDir,
    gemini: String,
}

impl Home {
    pub(crate) fn new(gemini: &Running) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), gemini: gemini.url() }
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.directory.path().join("pollux.toml")
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.path().join("state")
    }

    /// Writes the file: what every test needs unless `bare` says otherwise, and `more` after that.
    pub(crate) fn write(&self, bare: &[(&str, &str)], more: &str) {
        let state = self.state().display().to_string();
        let needed = [
            ("data_dir", state.as_str()),
            ("listen", "127.0.0.1:0"),
            ("gemini_base_url", &self.gemini),
            ("access_key", ACCESS_KEY),
        ];
        let is_other = |name: &str| bare.iter().any(|(other, _)| *other == name);
        let needed = needed.iter().filter(|(name, _)| !is_other(name));
        let mut text = String::new();
        for (name, value) in needed.chain(bare) {
            writeln!(text, "{name} = \"{value}\"").unwrap();
        }
        text.push_str("[health]\nchecks = false\n");
        fs::write(self.file(), text + more).unwrap();
    }

    /// The settings as the program reads them.
    pub(crate) fn config(&self) -> config::Config {
        let sources = config::Sources { file: Some(self.file()), ..config::Sources::default() };
        config::load(&sources).unwrap()
    }
}

/// A running program; killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    log: Arc<Mutex<String>>,
    greeting: Arc<Mutex<String>>,
    followers: Vec<JoinHandle<()>>,
    pub(crate) address: SocketAddr,
}

impl Program {
    /// Starts it, and waits until it serves.
    pub(crate) fn start(file: &Path) -> Self {
        Self::start_with(file, &[])
    }

    /// The same with variables in its environment, which has no others.
    pub(crate) fn start_with(file: &Path, variables: &[(&str, &str)]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_pollux"))
            .args(["serve", "--config"])
            .arg(file)
            .env_clear()
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let [log, greeting] = [(); 2].map(|()| Arc::new(Mutex::new(String::new())));
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut followers = vec![follow(child.stderr.take().unwrap(), Arc::clone(&log))];
        let address = greet(&mut said, &greeting);
        followers.push(follow(said, Arc::clone(&greeting)));
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut program = Self { child, log, greeting, followers, address: nowhere };
        program.address = address.unwrap_or_else(|| panic!("it does not start: {}", program.log()));
        program
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has said on the terminal.
    pub(crate) fn greeting(&self) -> String {
        self.greeting.lock().unwrap().clone()
    }

    /// Ends it in good order, and returns all that it said: on the terminal, and in the log.
    pub(crate) fn stop(mut self) -> (String, String) {
        self.signal("TERM");
        assert!(self.child.wait().unwrap().success(), "{}", self.log());
        for follower in self.followers.drain(..) {
            follower.join().unwrap();
        }
        (self.greeting(), self.log())
    }

    /// What it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// A request for a whole answer, in Gemini's dialect.
    pub(crate) fn ask(&self, call: &str, text: &str) -> Request {
        self.ask_model(MODEL, call, text)
    }

    pub(crate) fn ask_model(&self, model: &str, call: &str, text: &str) -> Request {
        let target = format!("/v1beta/models/{model}:{call}");
        Request::new(self.address, Method::POST, &target, native(text).into())
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let (signal, id) = (format!("-{name}"), self.id().to_string());
        assert!(Command::new("kill").args([signal, id]).status().unwrap().success());
    }

    /// Waits for its end, and says whether it ended well.
    pub(crate) fn wait(mut self) -> bool {
        self.child.wait().unwrap().success()
    }
}

impl Drop for Program {
    /// SIGKILL: nothing is written any more.
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads what is said at the start to its last line, and finds the address in it.
fn greet(said: &mut impl BufRead, greeting: &Mutex<String>) -> Option<SocketAddr> {
    let mut address = None;
    for line in said.lines().map_while(Result::ok) {
        writeln!(greeting.lock().unwrap(), "{line}").unwrap();
        if let Some(rest) = line.strip_prefix("Gemini clients") {
            address = rest.trim().strip_prefix("http://").and_then(|it| it.parse().ok());
        }
        if line.starts_with("State ") {
            break;
        }
    }
    address
}

fn follow(lines: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(lines).lines().map_while(Result::ok) {
            let mut into = into.lock().unwrap();
            into.push_str(&line);
            into.push('\n');
        }
    })
}
