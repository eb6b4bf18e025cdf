//! What can be set and how it stands, as the admin sees it: told by the edge, which alone knows
//! where settings come from and how a text becomes a value.

use std::collections::BTreeMap;

use pollux_pool::id::PoolId;

/// Every setting of the server.
#[derive(Clone, Debug)]
pub struct Described {
    /// One row each, in the order in which they are shown.
    pub rows: Vec<Row>,
    /// Whether a text may be the value of the setting with this name, or what may.
    pub check: fn(&str, &str) -> Result<(), String>,
}

/// What the value of a setting is, so that a form can ask for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A number.
    Number,
    /// A time with its unit, as `30s`.
    Duration,
    /// One of some words.
    Choice(&'static [&'static str]),
    /// Any number of things, by commas.
    List,
    /// Anything else.
    Text,
    /// What is never shown.
    Secret,
}

impl Kind {
    /// Returns the stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Number => "number",
            Self::Duration => "duration",
            Self::Choice(_) => "choice",
            Self::List => "list",
            Self::Text => "text",
            Self::Secret => "secret",
        }
    }
}

/// One setting.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its name: `section.name`, or a bare name.
    pub name: &'static str,
    /// What it means.
    pub help: &'static str,
    /// The default, as it would be written.
    pub default: &'static str,
    /// Its variable in the environment.
    pub variable: String,
    /// What its value is.
    pub kind: Kind,
    /// What it takes, where it does not take any text.
    pub allowed: Option<String>,
    /// Whether its value must never be shown.
    pub is_secret: bool,
    /// Whether it can be changed while the server runs.
    pub is_changeable: bool,
    /// Whether each pool may have its own value.
    pub is_of_pools: bool,
    /// How it stands for the server.
    pub standing: Standing,
    /// The values that pools have instead; empty texts for secrets.
    pub pools: BTreeMap<PoolId, String>,
}

/// How a setting stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What kind of thing set it.
    pub source: Source,
    /// Which: a flag, a variable, a file.
    pub origin: Option<String>,
    /// Its text; nothing for the default, and for a secret.
    pub value: Option<String>,
}

/// What a setting was set by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nothing.
    Default,
    /// The configuration file.
    File,
    /// A variable.
    Environment,
    /// A flag of the command line.
    Flag,
    /// An admin, while the server ran.
    Database,
}

impl Source {
    /// Returns the stable word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
            Self::Database => "database",
        }
    }
}

impl Described {
    /// The setting with this name.
    pub fn find(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}

impl Default for Described {
    /// A server of which nothing can be set.
    fn default() -> Self {
        Self { rows: Vec::new(), check: |_, _| Err("nothing".to_owned()) }
    }
}
