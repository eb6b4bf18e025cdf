//! `cargo xtask layers`: arrows between crates and between modules point down only.

mod arrows;
mod rules;
mod trees;

use std::{error::Error, fs};

use crate::{shell, source, workspace::Workspace};

/// Checks every rule and says everything that breaks one.
///
/// # Errors
/// When a rule is broken.
pub(crate) fn run(workspace: &Workspace) -> Result<(), Box<dyn Error>> {
    let mut faults = arrows::faults(&workspace.crates);
    faults.extend(trees::faults(workspace)?);
    let mut sources = Vec::new();
    for member in &workspace.crates {
        for path in source::files(&member.directory.join("src"))? {
            if path.extension().is_some_and(|it| it == "rs") {
                sources.push((workspace.relative(&path), fs::read_to_string(&path)?));
            }
        }
    }
    faults.extend(rules::faults(&sources));
    if faults.is_empty() {
        shell::say(&format!(
            "layers: {} crates and {} sources keep to the arrows",
            workspace.crates.len(),
            sources.len()
        ));
        return Ok(());
    }
    for fault in &faults {
        shell::say(fault);
    }
    Err(format!("layers: {} faults", faults.len()).into())
}
