//! Where things are, and which crate depends on which, as Cargo knows it.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::shell;

/// The workspace.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// Its root directory.
    pub(crate) root: PathBuf,
    /// Where builds go.
    pub(crate) target: PathBuf,
    /// Its crates.
    pub(crate) crates: Vec<Crate>,
}

/// A crate of the workspace.
#[derive(Debug)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// Its directory.
    pub(crate) directory: PathBuf,
    /// The crates it needs to run; those of its tests and build script left out.
    pub(crate) needs: Vec<String>,
}

impl Workspace {
    /// Asks Cargo.
    pub(crate) fn read() -> Result<Self, Box<dyn Error>> {
        let mut cargo = shell::cargo();
        cargo.args(["metadata", "--format-version", "1", "--no-deps"]);
        Self::of(&serde_json::from_str(&shell::output(&mut cargo)?)?)
            .ok_or_else(|| "cargo metadata answered something unexpected".into())
    }

    /// Reads what `cargo metadata` says.
    pub(crate) fn of(metadata: &Value) -> Option<Self> {
        let path = |name: &str| Some(PathBuf::from(metadata.get(name)?.as_str()?));
        let packages = metadata.get("packages")?.as_array()?;
        Some(Self {
            root: path("workspace_root")?,
            target: path("target_directory")?,
            crates: packages.iter().map(Crate::of).collect::<Option<_>>()?,
        })
    }

    /// The program as `cargo build` leaves it, under `profile`'s directory.
    pub(crate) fn binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("pollux{}", std::env::consts::EXE_SUFFIX))
    }

    /// A path as people write it, from the root.
    pub(crate) fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }
}

impl Crate {
    fn of(package: &Value) -> Option<Self> {
        let manifest = Path::new(package.get("manifest_path")?.as_str()?);
        let dependencies = package.get("dependencies")?.as_array()?;
        let is_normal = |dependency: &&Value| dependency.get("kind").is_none_or(Value::is_null);
        let name = |value: &Value| Some(value.get("name")?.as_str()?.to_owned());
        Some(Self {
            name: name(package)?,
            directory: manifest.parent()?.to_owned(),
            needs: dependencies.iter().filter(is_normal).map(name).collect::<Option<_>>()?,
        })
    }
}
