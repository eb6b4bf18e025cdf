//! Which crates from outside, and which features of tokio, must not be under a layer.
//!
//! Cargo resolves each layer alone, without its default features, for this
//! machine and for WebAssembly, so that no neighbour's features get in.

use std::error::Error;

use crate::{shell, workspace::Workspace};

const WASM: &str = "wasm32-unknown-unknown";

/// A layer, the crates it must not stand on, and the features of tokio that it must not switch on.
struct Layer {
    name: &'static str,
    crates: &'static [&'static str],
    features: &'static [&'static str],
}

const PURE: &[&str] =
    &["tokio", "hyper", "http", "axum", "reqwest", "sqlx", "sqlx-core", "mio", "futures-util"];

const PORTABLE: &[&str] = &[
    "mio",
    "socket2",
    "hyper-util",
    "reqwest",
    "sqlx",
    "sqlx-core",
    "ring",
    "rustls",
    "rusqlite",
    "libsqlite3-sys",
];

const RUNTIME: &[&str] =
    &["rt", "rt-multi-thread", "net", "time", "fs", "process", "signal", "full"];

const LAYERS: &[Layer] = &[
    Layer { name: "pollux-translate", crates: PURE, features: &[] },
    Layer { name: "pollux-pool", crates: PURE, features: &[] },
    Layer { name: "pollux-store", crates: PORTABLE, features: RUNTIME },
    Layer { name: "pollux-gateway", crates: PORTABLE, features: RUNTIME },
];

/// Says each crate and feature that has got under a layer.
pub(super) fn faults(workspace: &Workspace) -> Result<Vec<String>, Box<dyn Error>> {
    let mut faults = Vec::new();
    for layer in LAYERS {
        for target in [None, Some(WASM)] {
            let mut tree = shell::cargo();
            tree.args(["tree", "--package", layer.name, "--no-default-features"])
                .args(["--edges", "normal,no-proc-macro", "--prefix", "none"])
                .args(["--format", "{p};{f}"])
                .current_dir(&workspace.root);
            tree.args(target.iter().flat_map(|target| ["--target", target]));
            faults.extend(layer.faults(&shell::output(&mut tree)?));
        }
    }
    faults.sort();
    faults.dedup();
    Ok(faults)
}

impl Layer {
    /// Reads lines such as `tokio v1.54.1;net,rt (*)`.
    fn faults(&self, tree: &str) -> Vec<String> {
        let mut faults = Vec::new();
        for line in tree.lines() {
            let (package, features) = line.split_once(';').unwrap_or((line, ""));
            let name = package.split(' ').next().unwrap_or_default();
            if self.crates.contains(&name) {
                faults.push(format!("{}: must not stand on {name}", self.name));
            }
            let mut features = features.trim_end_matches(" (*)").split(',');
            if name == "tokio" {
                let banned = features.by_ref().filter(|feature| self.features.contains(feature));
                faults.extend(
                    banned.map(|it| format!("{}: must not switch on tokio's `{it}`", self.name)),
                );
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(layer: &Layer, tree: &str, want: &[&str]) {
        assert_eq!(layer.faults(tree), want);
    }

    const PORTABLE_LAYER: Layer = Layer { name: "it", crates: PORTABLE, features: RUNTIME };

    #[test]
    fn a_banned_crate_is_found_at_any_depth() {
        check(
            &PORTABLE_LAYER,
            "it v0.1.0 (path);\nmio v1.2.4;net\n",
            &["it: must not stand on mio"],
        );
    }

    #[test]
    fn a_name_that_only_begins_like_a_banned_one_is_not_it() {
        check(&PORTABLE_LAYER, "mio-not v1.0.0;\nhyper v1.12.0;", &[]);
    }

    #[test]
    fn tokio_may_be_there_without_its_runtime() {
        check(&PORTABLE_LAYER, "tokio v1.54.1;default,sync", &[]);
        check(
            &PORTABLE_LAYER,
            "tokio v1.54.1;rt,sync,time (*)",
            &["it: must not switch on tokio's `rt`", "it: must not switch on tokio's `time`"],
        );
    }
}
