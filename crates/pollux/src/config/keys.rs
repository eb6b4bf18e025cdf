//! Gemini keys as `[[keys]]` tables of the file: each with its weight, project, tier and proxy.

use std::path::Path;

use pollux_gateway::egress::Proxy;
use pollux_pool::{id::ProjectName, key::Tier};
use pollux_store::{keys::About, secret::Secret};
use toml::Value;

use super::{ConfigError, value};

/// The name of the tables.
pub(super) const NAME: &str = "keys";
/// What may be told about a key.
const FIELDS: [&str; 5] = ["key", "weight", "project", "tier", "proxy"];
/// Longer names are none that anybody meant for one: they may be a key in the wrong place.
const LONGEST_NAME: usize = 16;
/// The longest name of a project.
const LONGEST_PROJECT: usize = 100;
const WEIGHTS: (u32, u32) = (1, 1_000_000);

/// Reads all tables of a file.
pub(super) fn read(path: &Path, tables: Value) -> Result<Vec<(Secret, About)>, ConfigError> {
    let refuse = |number: usize, problem: String| ConfigError::Key {
        path: path.to_owned(),
        number,
        problem,
    };
    let Value::Array(tables) = tables else {
        return Err(refuse(1, "keys are written as tables that begin with [[keys]]".to_owned()));
    };
    let mut keys: Vec<(Secret, About)> = Vec::new();
    for (number, table) in (1..).zip(tables) {
        let (secret, about) = one(table).map_err(|problem| refuse(number, problem))?;
        let same = keys.iter().position(|(known, _)| known.expose() == secret.expose());
        if let Some(at) = same {
            return Err(refuse(number, format!("it is the same key as in number {}", at + 1)));
        }
        keys.push((secret, about));
    }
    Ok(keys)
}

fn one(table: Value) -> Result<(Secret, About), String> {
    let Value::Table(mut table) = table else {
        return Err(format!("it takes a table with {}", FIELDS.join(", ")));
    };
    let strange = table.keys().find(|name| !FIELDS.contains(&name.as_str()));
    if let Some(name) = strange {
        let name = if name.len() > LONGEST_NAME { "***" } else { name };
        return Err(format!("there is no field {name}; there are {}", FIELDS.join(", ")));
    }
    let key = table.remove("key").as_ref().and_then(text).and_then(|key| value::secret(&key).ok());
    let key = key.ok_or("key takes visible ASCII without spaces and commas")?;
    let mut about = About::weight(1);
    if let Some(given) = table.remove("weight") {
        let (least, most) = WEIGHTS;
        let weight = given.as_integer().and_then(|weight| u32::try_from(weight).ok());
        let weight = weight.filter(|weight| (least..=most).contains(weight));
        about.weight =
            weight.ok_or_else(|| format!("weight takes a number from {least} to {most}"))?;
    }
    if let Some(given) = table.remove("project") {
        let fits = |name: &String| !name.is_empty() && name.len() <= LONGEST_PROJECT;
        let name = text(&given).filter(fits);
        let name = name.ok_or_else(|| {
            format!("project takes a name of {LONGEST_PROJECT} bytes at most, the same for all keys of a project")
        })?;
        about.project = Some(ProjectName::new(&name));
    }
    if let Some(given) = table.remove("tier") {
        let tier = text(&given).and_then(|word| word.parse::<Tier>().ok());
        about.tier = tier.ok_or("tier takes free or paid")?;
    }
    if let Some(given) = table.remove("proxy") {
        let url = text(&given).unwrap_or_default();
        url.parse::<Proxy>().map_err(|allowed| format!("proxy takes one of {allowed}"))?;
        about.proxy = Some(Secret::new(url));
    }
    Ok((key, about))
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(|text| text.trim().to_owned())
}
