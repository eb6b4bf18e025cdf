//! Clients for Node.

use std::{error::Error, process::Command};

use crate::{
    npm,
    test::{Suite, tally::Tally},
    workspace::Workspace,
};

/// Where the tests are.
const TESTS: &str = "tests/clients/node";

/// Installs what the tests need and returns what runs them.
pub(super) fn suite(workspace: &Workspace) -> Result<Suite, Box<dyn Error>> {
    let tests = workspace.root.join(TESTS);
    npm::install(&tests)?;
    let mut command = Command::new(npm::node(workspace)?);
    command
        .args(["--test", "--test-reporter=spec"])
        .current_dir(&tests)
        .env("POLLUX_BINARY", workspace.binary("debug"));
    Ok(Suite { command, read: Tally::read_node })
}
