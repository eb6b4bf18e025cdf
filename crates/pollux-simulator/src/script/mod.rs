//! Who does what: the script that a simulator follows.

mod behaviour;
mod compact;
mod document;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use self::behaviour::{Behaviour, Quota, Step, Steps, Tier};

/// What every key does, and how answers look.
///
/// It is built by its methods, read from JSON by [`Script::from_json`], or
/// parsed from one line, such as
/// `k1,k2=invalid,k3=quota:rpm=5:rpd=20:project=p1,k4=empty*1+ok`:
/// ```text
/// script  = entry { "," entry }
/// entry   = key [ "@" model ] [ "=" steps ]        key "*" is every other key
///         | "signatures=" ( "project" | "shared" | "any" )
/// steps   = step { "+" step }                      after the last one: ok
/// step    = name { ":" setting "=" value } [ "*" times ]
/// ```
/// Names are those of [`Behaviour::name`]. Settings: `project` (of the key, on
/// any step), `rpm tpm rpd tier tells` of `quota`, `first chunk` of `slow` (`200ms`,
/// `2s`), `after` of `cut`, `error_midstream` and `plain_error_midstream`.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// Keys that are named, by their text.
    pub keys: BTreeMap<String, KeyScript>,
    /// What every other key does, each on its own.
    pub others: KeyScript,
    /// Whether bodies are read as strictly as Google reads them; off saves
    /// time in load tests, and then only broken JSON is refused.
    pub strict: bool,
    /// Requests the log keeps, oldest dropped first; 0 keeps none.
    pub log_capacity: usize,
    /// How a streamed answer is divided.
    pub chunking: Chunking,
    /// The answer to every prompt that does not say its own; absent means an
    /// echo of the prompt.
    pub answer: Option<String>,
    /// Thought tokens that a thinking model reports.
    pub thoughts: u64,
    /// Which thought signatures are taken.
    pub signatures: Signatures,
}

/// What one key does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyScript {
    /// The project whose quota it uses; absent means one of its own.
    pub project: Option<String>,
    /// What it does for models without steps of their own.
    pub steps: Steps,
    /// What it does for some models, by id without `models/`.
    pub models: BTreeMap<String, Steps>,
}

/// How a streamed answer is divided; never inside a character.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Chunking {
    /// A chunk for every word, with the space after it.
    #[default]
    Words,
    /// One chunk.
    Whole,
    /// Chunks of at most so many bytes, or one character.
    Bytes(usize),
}

/// Which thought signatures a model takes that demands them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signatures {
    /// Those that this simulator gave to the key's project.
    #[default]
    Project,
    /// Those that this simulator gave to any project.
    Shared,
    /// Any, such as recorded ones; only a missing one is refused.
    Any,
}

impl KeyScript {
    /// The project of a key that does this.
    pub(crate) fn project_of(&self, key: &str) -> String {
        self.project.clone().unwrap_or_else(|| format!("project-of-{key}"))
    }
}

impl Script {
    /// Knows no key yet: every key is answered with `API_KEY_INVALID`.
    pub fn new() -> Self {
        Self {
            keys: BTreeMap::new(),
            others: KeyScript::from(Behaviour::Invalid),
            strict: true,
            log_capacity: 1_000,
            chunking: Chunking::default(),
            answer: None,
            thoughts: 24,
            signatures: Signatures::default(),
        }
    }

    /// Takes any key as good.
    pub fn open() -> Self {
        Self::new().others(Behaviour::Ok)
    }

    /// Adds a key, or replaces its steps for all models without their own.
    #[must_use]
    pub fn key(mut self, key: &str, steps: impl Into<Steps>) -> Self {
        self.keys.entry(key.to_owned()).or_default().steps = steps.into();
        self
    }

    /// Adds what a key does for one model.
    #[must_use]
    pub fn key_on(mut self, key: &str, model: &str, steps: impl Into<Steps>) -> Self {
        let entry = self.keys.entry(key.to_owned()).or_default();
        entry.models.insert(model.to_owned(), steps.into());
        self
    }

    /// Puts a key into a project.
    #[must_use]
    pub fn project(mut self, key: &str, project: &str) -> Self {
        self.keys.entry(key.to_owned()).or_default().project = Some(project.to_owned());
        self
    }

    /// Says what keys do that are not named.
    #[must_use]
    pub fn others(mut self, steps: impl Into<Steps>) -> Self {
        self.others = KeyScript { steps: steps.into(), ..KeyScript::default() };
        self
    }

    /// Says whether bodies are read strictly.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Says how many requests the log keeps.
    #[must_use]
    pub fn log_capacity(mut self, requests: usize) -> Self {
        self.log_capacity = requests;
        self
    }

    /// Says how streamed answers are divided.
    #[must_use]
    pub fn chunking(mut self, chunking: Chunking) -> Self {
        self.chunking = chunking;
        self
    }

    /// Says which thought signatures are taken.
    #[must_use]
    pub fn signatures(mut self, signatures: Signatures) -> Self {
        self.signatures = signatures;
        self
    }

    /// Says what to answer to every prompt.
    #[must_use]
    pub fn answer(mut self, text: &str) -> Self {
        self.answer = Some(text.to_owned());
        self
    }
}

impl Default for Script {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Into<Steps>> From<T> for KeyScript {
    fn from(steps: T) -> Self {
        Self { project: None, steps: steps.into(), models: BTreeMap::new() }
    }
}
