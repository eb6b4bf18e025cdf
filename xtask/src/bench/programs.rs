//! The programs that are measured, and the simulated Gemini behind them.

use std::{
    env,
    error::Error,
    fs::{self, File},
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use super::usage::Usage;

const GEMINI_KEY: &str = "bench-gemini-key-1";
const ACCESS_KEY: &str = "sk-bench-access-key";
/// About as much as a short answer has, in about as many pieces.
const SCRIPT: &str = r#"{
    "keys": {"KEY": "ok"},
    "strict": false,
    "log_capacity": 0,
    "chunking": {"bytes": 40},
    "answer": "ANSWER"
}"#;
const SENTENCE: &str = "A gateway stands between many callers and many keys, and costs little. ";
const SENTENCES: usize = 9;
const PATIENCE: Duration = Duration::from_secs(10);

/// What stands before the simulated Gemini.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    None,
    Nginx,
    Pollux,
}

/// All of them, running; they end when this is dropped.
#[derive(Debug)]
pub(super) struct Programs {
    simulator: Program,
    nginx: Program,
    pollux: Program,
    // Last: the programs end before their directory goes.
    _directory: Directory,
}

impl Programs {
    /// Starts everything on ports that are free.
    pub(super) fn start(binary: &Path) -> Result<Self, Box<dyn Error>> {
        let directory = Directory::new()?;
        let at = |name: &str| directory.0.join(name);
        let script =
            SCRIPT.replace("KEY", GEMINI_KEY).replace("ANSWER", SENTENCE.repeat(SENTENCES).trim());
        fs::write(at("script.json"), script)?;
        let mut simulate = Command::new(binary);
        simulate.args(["simulate", "--listen", "127.0.0.1:0", "--script"]).arg(at("script.json"));
        let simulator = Program::announced(simulate, &at("simulator.txt"))?;

        let mut serve = Command::new(binary);
        serve
            .arg("serve")
            .env("GEMINI_API_KEY", GEMINI_KEY)
            .env("GEMINI_BASE_URL", format!("http://{}", simulator.address))
            .env("POLLUX_LISTEN", "127.0.0.1:0")
            .env("POLLUX_DATA_DIR", at("data"))
            .env("POLLUX_ACCESS_KEY", ACCESS_KEY);
        let pollux = Program::announced(serve, &at("pollux.txt"))?;
        let nginx = nginx(&directory.0, simulator.address)?;
        Ok(Self { simulator, nginx, pollux, _directory: directory })
    }

    /// Where a door is.
    pub(super) fn address(&self, door: Door) -> SocketAddr {
        self.program(door).address
    }

    /// What a caller of a door presents.
    pub(super) fn key(door: Door) -> &'static str {
        match door {
            Door::None | Door::Nginx => GEMINI_KEY,
            Door::Pollux => ACCESS_KEY,
        }
    }

    /// What a door has used; without one, what the simulated Gemini has.
    pub(super) fn usage(&self, door: Door) -> Result<Usage, Box<dyn Error>> {
        Usage::of(self.program(door).child.id())
    }

    fn program(&self, door: Door) -> &Program {
        match door {
            Door::None => &self.simulator,
            Door::Nginx => &self.nginx,
            Door::Pollux => &self.pollux,
        }
    }
}

/// A plain reverse proxy with kept connections.
fn nginx(directory: &Path, upstream: SocketAddr) -> Result<Program, Box<dyn Error>> {
    let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let configuration = format!(
        "daemon off;
pid nginx.pid;
error_log stderr warn;
worker_processes auto;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 10000000;
    upstream gemini {{
        server {upstream};
        keepalive 128;
        keepalive_requests 10000000;
    }}
    server {{
        listen {address};
        location / {{
            proxy_pass http://gemini;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
            proxy_buffering off;
        }}
    }}
}}
"
    );
    let file = directory.join("nginx.conf");
    fs::write(&file, configuration)?;
    let mut command = Command::new("nginx");
    command.arg("-p").arg(directory).arg("-c").arg(file).args(["-e", "stderr"]);
    let mut program = Program::start(command, &directory.join("nginx.txt"), address)
        .map_err(|error| format!("nginx cannot be started (Debian: nginx-light): {error}"))?;
    program.wait_for(|_| TcpStream::connect(address).is_ok().then_some(()))?;
    Ok(program)
}

/// A running program.
#[derive(Debug)]
struct Program {
    child: Child,
    output: PathBuf,
    address: SocketAddr,
}

impl Program {
    /// Starts a program that prints its address.
    fn announced(command: Command, output: &Path) -> Result<Self, Box<dyn Error>> {
        let mut program = Self::start(command, output, SocketAddr::from(([127, 0, 0, 1], 0)))?;
        program.address = program.wait_for(announced)?;
        Ok(program)
    }

    fn start(mut command: Command, output: &Path, address: SocketAddr) -> io::Result<Self> {
        let file = File::create(output)?;
        let child = command.stdin(Stdio::null()).stdout(file).stderr(Stdio::null()).spawn()?;
        Ok(Self { child, output: output.to_owned(), address })
    }

    /// Waits until `ready` finds what it looks for in the output so far.
    fn wait_for<T>(&mut self, ready: impl Fn(&str) -> Option<T>) -> Result<T, Box<dyn Error>> {
        let pause = Duration::from_millis(20);
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            if let Some(found) = ready(&fs::read_to_string(&self.output)?) {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("{}: {status}", self.output.display()).into());
            }
            thread::sleep(pause);
            waited += pause;
        }
        Err(format!("{}: not ready in {} s", self.output.display(), PATIENCE.as_secs()).into())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Asked rather than killed: nginx has workers that only it can stop.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// The first address in what a program has printed; only whole lines count.
fn announced(text: &str) -> Option<SocketAddr> {
    let (text, _) = text.rsplit_once('\n')?;
    let (_, rest) = text.split_once("http://")?;
    let end = rest.find(|it: char| !(it.is_ascii_digit() || ".:".contains(it)));
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

/// A directory for this run alone.
#[derive(Debug)]
struct Directory(PathBuf);

impl Directory {
    fn new() -> io::Result<Self> {
        let path = env::temp_dir().join(format!("pollux-bench-{}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_once_its_line_is_whole() {
        let text = "Pollux 0.1.0\nOpenAI clients    http://127.0.0.1:33245/v1";
        assert_eq!(announced(text), None);
        let want = SocketAddr::from(([127, 0, 0, 1], 33245));
        assert_eq!(announced(&format!("{text}\n")), Some(want));
    }
}
