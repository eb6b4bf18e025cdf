//! `cargo xtask console`: the files of the web console, built from its source and committed, so that
//! `cargo build` needs no Node.

use std::{error::Error, path::PathBuf, process::Command};

use crate::{npm, shell, workspace::Workspace};

/// Where its source and its built files are.
const SOURCE: &str = "console";
const BUILT: &str = "console/dist";

/// Checks the types and builds; `check` fails when what comes of it is not what is committed.
///
/// # Errors
/// When it cannot be built, or when the committed files are others.
pub(crate) fn run(workspace: &Workspace, check: bool) -> Result<(), Box<dyn Error>> {
    let folder = folder(workspace);
    npm::install(&folder)?;
    let node = npm::node(workspace)?;
    let program = |arguments: &[&str]| {
        let mut command = Command::new(&node);
        command.args(arguments).current_dir(&folder);
        command
    };
    let types: &[&str] = if check { &["tools/types.js", "--check"] } else { &["tools/types.js"] };
    shell::run(&mut program(types))?;
    shell::run(&mut program(&["node_modules/typescript/bin/tsc"]))?;
    shell::run(&mut program(&["node_modules/vite/bin/vite.js", "build"]))?;
    if check { committed(workspace) } else { Ok(()) }
}

/// Says which built files are not those that were committed.
fn committed(workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let mut git = Command::new("git");
    git.args(["status", "--porcelain", "--ignored", "--", BUILT]).current_dir(&workspace.root);
    let others = shell::output(&mut git)?;
    if others.is_empty() {
        shell::say("console: the built files are those of the source");
        return Ok(());
    }
    Err(format!(
        "{BUILT} is not what the source builds: run `cargo xtask console` and commit it\n{others}"
    )
    .into())
}

/// Where the console's source is.
pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join(SOURCE)
}
