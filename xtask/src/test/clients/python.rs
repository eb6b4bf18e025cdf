//! Clients for Python: virtual environments, and pytest in them.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    npm::{is_made, note_made},
    shell,
    test::{Suite, tally::Tally},
    workspace::Workspace,
};

/// Where the tests are.
const TESTS: &str = "tests/clients";
/// The tests whose versions do not get along with those of the others.
const APART: &str = "tests/clients/langchain";

/// Makes the environments and returns what runs the tests in them.
pub(super) fn suites(workspace: &Workspace, quick: bool) -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut main = pytest(workspace, "clients-venv", TESTS)?;
    main.arg(format!("--ignore={APART}"));
    if quick {
        main.args(["-m", "not slow"]);
    }
    let apart = pytest(workspace, "clients-langchain-venv", APART)?;
    let suite = |command| Suite { command, read: Tally::read_pytest };
    Ok([main, apart].map(suite).into())
}

/// Makes the environment of `tests` and returns the command that runs them.
fn pytest(workspace: &Workspace, name: &str, tests: &str) -> Result<Command, Box<dyn Error>> {
    let pinned = workspace.root.join(tests).join("requirements.txt");
    let python = prepare(&workspace.target.join(name), &pinned)?;
    let mut command = Command::new(python);
    command
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", tests])
        .current_dir(&workspace.root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("POLLUX_BINARY", workspace.binary("debug"));
    Ok(command)
}

/// Makes the environment, unless there is one of the same pinned versions; returns its Python.
fn prepare(directory: &Path, pinned: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let python = directory.join("bin/python");
    let wanted = fs::read(pinned)?;
    if python.exists() && is_made(directory, &wanted) {
        return Ok(python);
    }
    remove(directory)?;
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(directory))?;
    let install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"];
    shell::run(Command::new(&python).args(install).arg(pinned))?;
    note_made(directory, &wanted)?;
    Ok(python)
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
