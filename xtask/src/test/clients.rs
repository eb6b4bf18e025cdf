//! The tests with real client libraries: a Python environment of their own, and pytest in it.

use std::{
    error::Error,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{shell, workspace::Workspace};

/// The copy of the pinned versions that says what an environment was made from.
const MADE_FROM: &str = "made-from.txt";

/// Makes the environment, unless there is one of the same pinned versions; returns its Python.
pub(super) fn prepare(workspace: &Workspace) -> Result<PathBuf, Box<dyn Error>> {
    let directory = workspace.target.join("clients-venv");
    let python = directory.join("bin/python");
    let pinned = workspace.root.join("tests/clients/requirements.txt");
    let wanted = fs::read(&pinned)?;
    let made_from = directory.join(MADE_FROM);
    if python.exists() && fs::read(&made_from).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    remove(&directory)?;
    shell::run(Command::new("python3").args(["-m", "venv"]).arg(&directory))?;
    let install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement"];
    shell::run(Command::new(&python).args(install).arg(&pinned))?;
    fs::write(made_from, wanted)?;
    Ok(python)
}

/// The command that runs them against the built program.
pub(super) fn tests(workspace: &Workspace, python: &Path, quick: bool) -> Command {
    let mut tests = Command::new(python);
    tests
        .args(["-m", "pytest", "-q", "-p", "no:cacheprovider", "--color=no", "tests/clients"])
        .current_dir(&workspace.root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("POLLUX_BINARY", workspace.binary("debug"));
    if quick {
        tests.args(["-m", "not slow"]);
    }
    tests
}

fn remove(directory: &Path) -> io::Result<()> {
    match fs::remove_dir_all(directory) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
