//! `cargo xtask fuzz`: each fuzz target for a while, from the seeds in the repository.

use std::{env, error::Error, ffi::OsString, fs, path::Path};

use crate::{shell, workspace::Workspace};

const VERSION: &str = "0.13.2";

/// Runs every fuzz target for `seconds`.
///
/// # Errors
/// When a target finds a crash, or cannot be built.
pub(crate) fn run(workspace: &Workspace, seconds: u32) -> Result<(), Box<dyn Error>> {
    let fuzz = workspace.root.join("fuzz");
    let targets = targets(&fuzz.join("fuzz_targets"))?;
    let tools = workspace.target.join("tools");
    install(&tools)?;
    for target in &targets {
        let corpus = fuzz.join("corpus").join(target);
        fs::create_dir_all(&corpus)?;
        let mut command = shell::cargo();
        command
            .args(["fuzz", "run", target])
            .arg(&corpus)
            .arg(fuzz.join("seeds").join(target))
            .args(["--", &format!("-max_total_time={seconds}")])
            .current_dir(&fuzz)
            .env("PATH", path_with(&tools.join("bin"))?)
            // The sanitizer's flags are unstable; this lets the pinned toolchain take them.
            .env("RUSTC_BOOTSTRAP", "1");
        shell::run(&mut command)?;
    }
    shell::say(&format!("{} targets, {seconds} s each, no crash", targets.len()));
    Ok(())
}

fn targets(directory: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if let (Some(name), Some("rs")) = (
            path.file_stem().and_then(|it| it.to_str()),
            path.extension().and_then(|it| it.to_str()),
        ) {
            targets.push(name.to_owned());
        }
    }
    targets.sort();
    if targets.is_empty() { Err("there is no fuzz target".into()) } else { Ok(targets) }
}

fn install(tools: &Path) -> Result<(), Box<dyn Error>> {
    if tools.join("bin/cargo-fuzz").exists() {
        return Ok(());
    }
    let mut install = shell::cargo();
    install.args(["install", "cargo-fuzz", "--version", VERSION, "--locked", "--root"]).arg(tools);
    shell::run(&mut install)
}

fn path_with(directory: &Path) -> Result<OsString, Box<dyn Error>> {
    let path = env::var_os("PATH").unwrap_or_default();
    Ok(env::join_paths(std::iter::once(directory.to_owned()).chain(env::split_paths(&path)))?)
}
