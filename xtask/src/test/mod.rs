//! `cargo xtask test`: every test there is, and one line that sums them up.

mod clients;
mod console;
mod tally;

use std::{env, error::Error, process::Command};

use self::tally::Tally;
use crate::{shell, workspace::Workspace};

/// Tests in one environment.
struct Suite {
    /// What runs them.
    command: Command,
    /// What reads the lines that they write.
    read: fn(&mut Tally, &str),
}

/// Builds the program and runs every test; `quick` leaves out those that take long.
///
/// # Errors
/// When a test fails or cannot be run.
pub(crate) fn run(workspace: &Workspace, quick: bool) -> Result<(), Box<dyn Error>> {
    tell_corpus();
    let mut suites = clients::suites(workspace, quick)?;
    suites.push(console::suite(workspace, quick)?);
    let build = ["build", "--package", "pollux", "--bin", "pollux"];
    shell::run(shell::cargo().args(build).current_dir(&workspace.root))?;

    let mut tally = Tally::default();
    let mut tests = shell::cargo();
    tests.args(["test", "--workspace", "--no-fail-fast"]).current_dir(&workspace.root);
    let rust = shell::watch(&mut tests, |line| tally.read_cargo(line))?;
    let mut complete = tally.is_complete() && (rust || tally.failed > 0);

    let mut real = true;
    for Suite { mut command, read } in suites {
        let failed_before = tally.failed;
        let passed = shell::watch(&mut command, |line| read(&mut tally, line))?;
        complete &= passed || tally.failed > failed_before;
        real &= passed;
    }

    if !complete {
        return Err("the tests could not be run to their end; the output above says why".into());
    }
    if tally.left_out > 0 {
        shell::say(&format!("{} left out", tally.left_out));
    }
    shell::say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    if rust && real { Ok(()) } else { Err("a test failed".into()) }
}

/// Says whether the recorded traffic takes part.
fn tell_corpus() {
    match env::var_os("POLLUX_CORPUS") {
        Some(corpus) => shell::say(&format!("recorded traffic: {}", corpus.to_string_lossy())),
        None => shell::say(
            "recorded traffic: none, POLLUX_CORPUS is not set; the tests that replay it pass without looking",
        ),
    }
}
