//! The tests with real client libraries, each in an environment with pinned versions.

mod node;
mod python;

use std::{error::Error, fs, io, path::Path, process::Command};

use super::tally::Tally;
use crate::workspace::Workspace;

/// The copy of the pinned versions that says what an environment was made from.
const MADE_FROM: &str = "made-from.txt";

/// Tests in one environment.
pub(super) struct Suite {
    /// What runs them.
    pub(super) command: Command,
    /// What reads the lines that they write.
    pub(super) read: fn(&mut Tally, &str),
}

/// Makes the environments that are missing and returns what runs the tests against the built program.
pub(super) fn suites(workspace: &Workspace, quick: bool) -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut suites = python::suites(workspace, quick)?;
    suites.push(node::suite(workspace)?);
    Ok(suites)
}

/// Whether the environment in `directory` was made from these versions.
fn is_made(directory: &Path, wanted: &[u8]) -> bool {
    fs::read(directory.join(MADE_FROM)).is_ok_and(|made| made == wanted)
}

/// Says that the environment in `directory` is complete, and of which versions.
fn note_made(directory: &Path, wanted: &[u8]) -> io::Result<()> {
    fs::write(directory.join(MADE_FROM), wanted)
}
