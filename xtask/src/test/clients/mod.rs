//! The tests with real client libraries, each in an environment with pinned versions.

mod node;
mod python;

use std::error::Error;

use super::Suite;
use crate::workspace::Workspace;

/// Makes the environments that are missing and returns what runs the tests against the built program.
pub(super) fn suites(workspace: &Workspace, quick: bool) -> Result<Vec<Suite>, Box<dyn Error>> {
    let mut suites = python::suites(workspace, quick)?;
    suites.push(node::suite(workspace)?);
    Ok(suites)
}
