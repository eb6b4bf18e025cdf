//! Packages of npm with pinned versions, and the Node that runs what is in them: it comes from npm
//! too, since they want a newer one than Linux distributions have.

use std::{
    env,
    error::Error,
    ffi::OsString,
    fs, io,
    path::Path,
    process::{Command, Stdio},
};

use crate::{shell, workspace::Workspace};

/// The copy of the pinned versions that says what an environment was made from.
const MADE_FROM: &str = "made-from.txt";
/// The folder whose packages bring Node.
const NODE: &str = "tests/clients/node";

/// Installs the pinned versions of a folder, unless they are there; packages run nothing of their
/// own.
pub(crate) fn install(folder: &Path) -> Result<(), Box<dyn Error>> {
    let modules = folder.join("node_modules");
    let wanted = fs::read(folder.join("package-lock.json"))?;
    if is_made(&modules, &wanted) {
        return Ok(());
    }
    let there = Command::new("npm").arg("--version").stdout(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        return Err("npm has to be installed: `apt-get install npm` on Debian, or \
                    https://nodejs.org"
            .into());
    }
    let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    shell::run(Command::new("npm").args(install).current_dir(folder))?;
    note_made(&modules, &wanted)?;
    Ok(())
}

/// The Node that npm brought, or the one on the path where npm has none for the machine.
pub(crate) fn node(workspace: &Workspace) -> Result<OsString, Box<dyn Error>> {
    let folder = workspace.root.join(NODE);
    install(&folder)?;
    let kind = match env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let own = folder.join(format!("node_modules/node-{}-{kind}/bin/node", env::consts::OS));
    Ok(if own.exists() { own.into() } else { "node".into() })
}

/// Whether the environment in `directory` was made from these versions.
pub(crate) fn is_made(directory: &Path, wanted: &[u8]) -> bool {
    fs::read(directory.join(MADE_FROM)).is_ok_and(|made| made == wanted)
}

/// Says that the environment in `directory` is complete, and of which versions.
pub(crate) fn note_made(directory: &Path, wanted: &[u8]) -> io::Result<()> {
    fs::write(directory.join(MADE_FROM), wanted)
}
