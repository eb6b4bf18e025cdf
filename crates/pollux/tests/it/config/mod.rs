//! What the program is told, and where.

mod files;
mod keys;
mod layers;
mod values;

use std::collections::BTreeMap;

use pollux::config::{self, Config, ConfigError, Sources};

/// Pairs as flags or variables.
fn pairs<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn from_flag(name: &str, value: &str) -> Result<Config, ConfigError> {
    config::load(&Sources { flags: pairs([(name, value)]), ..Sources::default() })
}

fn from_variable(name: &str, value: &str) -> Result<Config, ConfigError> {
    config::load(&Sources { environment: pairs([(name, value)]), ..Sources::default() })
}
