//! The tests of the web console in a real browser.

use std::{error::Error, process::Command};

use super::{Suite, tally::Tally};
use crate::{console, npm, workspace::Workspace};

/// The files that need neither a browser nor a server.
const QUICK: [&str; 1] = ["words"];

/// Installs what the tests need and returns what runs them; `quick` leaves the browser out.
pub(super) fn suite(workspace: &Workspace, quick: bool) -> Result<Suite, Box<dyn Error>> {
    let folder = console::folder(workspace);
    npm::install(&folder)?;
    let mut command = Command::new(npm::node(workspace)?);
    command
        .arg("tests/run.js")
        .args(QUICK.iter().filter(|_| quick))
        .current_dir(&folder)
        .env("POLLUX_BINARY", workspace.binary("debug"));
    Ok(Suite { command, read: Tally::read_node })
}
