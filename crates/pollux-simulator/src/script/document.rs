//! The JSON form of a script, for files and for `PUT /_simulator/script`.
//!
//! Steps are the text of the compact form, or a list whose members are such
//! texts or `{"replay": recording, "times": n}`. A key is its steps, or
//! `{"project", "steps", "models": {model: steps}}`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Behaviour, Chunking, KeyScript, Script, Signatures, Step, Steps};
use crate::{Recording, ScriptError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<'a> {
    #[serde(borrow, default)]
    keys: BTreeMap<String, &'a RawValue>,
    #[serde(borrow)]
    others: Option<&'a RawValue>,
    strict: Option<bool>,
    log_capacity: Option<usize>,
    chunking: Option<Division>,
    answer: Option<String>,
    thoughts: Option<u64>,
    signatures: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key<'a> {
    project: Option<String>,
    #[serde(borrow)]
    steps: Option<&'a RawValue>,
    #[serde(borrow, default)]
    models: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replay<'a> {
    #[serde(borrow)]
    replay: &'a RawValue,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Division {
    Words,
    Whole,
    Bytes(usize),
}

impl Script {
    /// Reads the JSON form.
    pub fn from_json(json: &[u8]) -> Result<Self, ScriptError> {
        let document: Document<'_> = serde_json::from_slice(json)?;
        let mut script = Self::new();
        for (key, entry) in document.keys {
            script.keys.insert(key, KeyScript::read(entry.get())?);
        }
        if let Some(others) = document.others {
            script.others = KeyScript::read(others.get())?;
        }
        script.strict = document.strict.unwrap_or(script.strict);
        script.log_capacity = document.log_capacity.unwrap_or(script.log_capacity);
        script.thoughts = document.thoughts.unwrap_or(script.thoughts);
        if let Some(word) = document.signatures {
            script.signatures = Signatures::read(&word)?;
        }
        script.answer = document.answer;
        script.chunking = match document.chunking {
            None | Some(Division::Words) => Chunking::Words,
            Some(Division::Whole) => Chunking::Whole,
            Some(Division::Bytes(bytes)) => Chunking::Bytes(bytes),
        };
        Ok(script)
    }
}

impl KeyScript {
    /// Reads one key in the JSON form, or in the compact form when `text`
    /// does not begin like JSON.
    pub fn read(text: &str) -> Result<Self, ScriptError> {
        let text = text.trim();
        if text.starts_with('"') {
            return serde_json::from_str::<String>(text)?.parse();
        }
        if text.starts_with('[') {
            return Ok(steps(text)?.into());
        }
        if !text.starts_with('{') {
            return text.parse();
        }
        let Key { project, steps: all, models } = serde_json::from_str(text)?;
        let mut key = Self { project, ..Self::default() };
        if let Some(all) = all {
            key.steps = steps(all.get())?;
        }
        for (model, own) in models {
            key.models.insert(model, steps(own.get())?);
        }
        Ok(key)
    }
}

fn steps(json: &str) -> Result<Steps, ScriptError> {
    if json.starts_with('"') {
        return serde_json::from_str::<String>(json)?.parse();
    }
    let mut steps = Vec::new();
    for item in serde_json::from_str::<Vec<&RawValue>>(json)? {
        if item.get().starts_with('"') {
            steps.extend(serde_json::from_str::<String>(item.get())?.parse::<Steps>()?.0);
            continue;
        }
        let Replay { replay, times } = serde_json::from_str(item.get())?;
        let recording = Recording::read(replay.get().as_bytes())?;
        steps.push(Step { behaviour: Behaviour::Replay(Arc::new(recording)), times });
    }
    Ok(Steps(steps))
}
