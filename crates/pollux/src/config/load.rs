//! Where settings come from outside of the database, and what can be wrong with them.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use pollux_store::{keys::About, secret::Secret};

use super::{Config, Given, given::Origin, keys, settings};

/// Where settings come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Flags by the setting's name.
    pub flags: BTreeMap<String, String>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The file named by `--config`.
    pub file: Option<PathBuf>,
}

/// A setting that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A value is not one of those allowed.
    #[error("{origin}: `{value}` is not allowed for {name}: it takes {allowed}")]
    Value {
        /// What it was set by.
        origin: Origin,
        /// The setting.
        name: &'static str,
        /// What was given; masked for secrets.
        value: String,
        /// What would have been taken.
        allowed: String,
    },
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not TOML; the line itself is not shown, since it may hold a secret.
    #[error("the configuration file {path} is not TOML: {problem} in line {line}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Which line.
        line: usize,
        /// Why.
        problem: String,
    },
    /// A `[[keys]]` table of the file cannot be used.
    #[error("{path}: [[keys]] number {number}: {problem}")]
    Key {
        /// The file.
        path: PathBuf,
        /// Which of the tables, from 1.
        number: usize,
        /// What is wrong with it and what is allowed; never the key.
        problem: String,
    },
    /// The file names a setting that does not exist.
    #[error("{path}: there is no setting {name}; there are {known}")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name in it.
        name: String,
        /// The names of the same section.
        known: String,
    },
    /// A built-in default does not read back; a defect of the program.
    #[error("the default of gemini_base_url cannot be read")]
    Default,
}

/// Resolves the configuration from what is outside of the database.
///
/// # Errors
/// When a value, a name or the file itself cannot be used.
pub fn load(sources: &Sources) -> Result<Config, ConfigError> {
    Given::read(sources)?.config()
}

/// Variables that look like settings of Pollux and are none, as a slip of the pen makes them.
pub fn unknown_variables(sources: &Sources) -> Vec<&str> {
    let known = |name: &str| {
        name == "POLLUX_CONFIG" || settings::ALL.iter().any(|setting| setting.variable() == name)
    };
    let ours = sources.environment.keys().filter(|name| name.starts_with("POLLUX_"));
    ours.map(String::as_str).filter(|name| !known(name)).collect()
}

/// Variables of gateways that Pollux takes the place of, and that mean nothing here; and why.
pub fn unsupported_variables(sources: &Sources) -> impl Iterator<Item = (&str, &'static str)> {
    let set = sources.environment.iter().filter(|(_, text)| !text.is_empty());
    set.filter_map(|(name, _)| {
        let (_, why) = UNSUPPORTED.iter().find(|(beginning, _)| name.starts_with(beginning))?;
        Some((name.as_str(), *why))
    })
}

/// How such variables begin.
const UNSUPPORTED: &[(&str, &str)] = &[(
    "KEY_MANAGER_",
    "keys are benched by what Google says of them, for as long as it says; see docs/DROP-IN.md",
)];

/// A file: `section.name` to text, and the tables of keys.
pub(super) type File = (BTreeMap<String, String>, Vec<(Secret, About)>);

pub(super) fn read(path: &Path) -> Result<File, ConfigError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let mut table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let problem = error.message().replace('\n', " ");
        ConfigError::Syntax { path: path.to_owned(), line, problem }
    })?;
    let keys = table.remove(keys::NAME).map(|tables| keys::read(path, tables)).transpose()?;
    let mut flat = BTreeMap::new();
    for (name, value) in table {
        match value {
            toml::Value::Table(section) => flat.extend(
                section.into_iter().map(|(key, value)| (format!("{name}.{key}"), plain(value))),
            ),
            bare @ (toml::Value::String(_)
            | toml::Value::Integer(_)
            | toml::Value::Float(_)
            | toml::Value::Boolean(_)
            | toml::Value::Datetime(_)
            | toml::Value::Array(_)) => {
                flat.insert(name, plain(bare));
            }
        }
    }
    match flat.keys().find(|name| settings::ALL.iter().all(|it| it.name != name.as_str())) {
        Some(unknown) => Err(ConfigError::Unknown {
            path: path.to_owned(),
            name: unknown.clone(),
            known: siblings(unknown),
        }),
        None => Ok((flat, keys.unwrap_or_default())),
    }
}

/// A value as it would be written elsewhere; a list is joined by commas.
fn plain(value: toml::Value) -> String {
    match value {
        toml::Value::String(text) => text,
        toml::Value::Array(items) => items.into_iter().map(plain).collect::<Vec<_>>().join(","),
        other @ (toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_)
        | toml::Value::Table(_)) => other.to_string(),
    }
}

/// The settings beside `name`: those of its section, or all where it has none of ours.
fn siblings(name: &str) -> String {
    let section = |name: &str| name.split_once('.').map(|(section, _)| section.to_owned());
    let names = || settings::ALL.iter().map(|setting| setting.name).chain([keys::NAME]);
    let beside: Vec<&str> = names().filter(|other| section(other) == section(name)).collect();
    if beside.is_empty() { names().collect::<Vec<_>>().join(", ") } else { beside.join(", ") }
}
