//! Clients for Node, and the Node that runs them: it comes from npm with them, since the libraries
//! want a newer one than Linux distributions have.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use super::{Suite, is_made, note_made};
use crate::{shell, test::tally::Tally, workspace::Workspace};

/// Where the tests are.
const TESTS: &str = "tests/clients/node";

/// Installs what the tests need and returns what runs them.
pub(super) fn suite(workspace: &Workspace) -> Result<Suite, Box<dyn Error>> {
    let tests = workspace.root.join(TESTS);
    prepare(&tests)?;
    let mut command = Command::new(program(&tests.join("node_modules")));
    command
        .args(["--test", "--test-reporter=spec"])
        .current_dir(&tests)
        .env("POLLUX_BINARY", workspace.binary("debug"));
    Ok(Suite { command, read: Tally::read_node })
}

/// Installs the pinned versions, unless they are there; packages run nothing of their own.
fn prepare(tests: &Path) -> Result<(), Box<dyn Error>> {
    let modules = tests.join("node_modules");
    let wanted = fs::read(tests.join("package-lock.json"))?;
    if is_made(&modules, &wanted) {
        return Ok(());
    }
    let there = Command::new("npm").arg("--version").stdout(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        return Err("the clients for Node need npm to be installed: `apt-get install npm` on \
                    Debian, or https://nodejs.org"
            .into());
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    shell::run(Command::new("npm").args(install).current_dir(tests))?;
    note_made(&modules, &wanted)?;
    Ok(())
}

/// The Node that was installed, or the one on the path where npm has none for the machine.
fn program(modules: &Path) -> OsString {
    let kind = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let own = modules.join(format!("node-{}-{kind}/bin/node", env::consts::OS));
    if own.exists() { own.into() } else { "node".into() }
}
