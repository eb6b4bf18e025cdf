//! The one-line form of a script, for a command line.
//!
//! ```text
//! script  = entry { "," entry }
//! entry   = key [ "@" model ] [ "=" steps ]        key "*" is every other key
//!         | "signatures=" ( "project" | "shared" | "any" )
//! steps   = step { "+" step }
//! step    = name { ":" setting "=" value } [ "*" times ]
//! ```

use std::str::FromStr;
use std::time::Duration;

use super::{Behaviour, KeyScript, Quota, Script, Signatures, Step, Steps, Tier};
use crate::ScriptError;

/// Steps that name the project of their key.
struct Named {
    steps: Steps,
    project: Option<String>,
}

impl FromStr for Script {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let mut script = Self::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            script.entry(entry)?;
        }
        Ok(script)
    }
}

impl Script {
    fn entry(&mut self, entry: &str) -> Result<(), ScriptError> {
        if let Some(word) = entry.strip_prefix("signatures=") {
            self.signatures = Signatures::read(word)?;
            return Ok(());
        }
        let (name, steps) = entry.split_once('=').unwrap_or((entry, "ok"));
        let (key, model) = match name.split_once('@') {
            Some((key, model)) => (key, Some(model)),
            None => (name, None),
        };
        if key.is_empty() || model.is_some_and(str::is_empty) {
            return Err(ScriptError::Nameless(entry.to_owned()));
        }
        let named = named(steps)?;
        let target = match key {
            "*" => &mut self.others,
            _ => self.keys.entry(key.to_owned()).or_default(),
        };
        target.project = named.project.or(target.project.take());
        match model {
            Some(model) => {
                target.models.insert(model.to_owned(), named.steps);
            }
            None => target.steps = named.steps,
        }
        Ok(())
    }
}

impl Signatures {
    /// Reads its name.
    pub(super) fn read(word: &str) -> Result<Self, ScriptError> {
        Ok(match word.trim() {
            "project" => Self::Project,
            "shared" => Self::Shared,
            "any" => Self::Any,
            other => return Err(ScriptError::Value(other.to_owned())),
        })
    }
}

impl FromStr for KeyScript {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let Named { steps, project } = named(text)?;
        Ok(Self { project, ..Self::from(steps) })
    }
}

impl FromStr for Steps {
    type Err = ScriptError;

    fn from_str(text: &str) -> Result<Self, ScriptError> {
        let Named { steps, project } = named(text)?;
        match project {
            Some(_) => Err(ScriptError::Setting("project".to_owned())),
            None => Ok(steps),
        }
    }
}

fn named(text: &str) -> Result<Named, ScriptError> {
    let mut project = None;
    let mut steps = Vec::new();
    for part in text.split('+') {
        let (body, times) = match part.rsplit_once('*') {
            Some((body, times)) => (body, Some(number(times)?)),
            None => (part, None),
        };
        let mut words = body.trim().split(':');
        let name = words.next().unwrap_or_default();
        let mut settings = Settings::read(words)?;
        project = settings.take("project").map(str::to_owned).or(project);
        let behaviour = behaviour(name, &mut settings)?;
        settings.finish()?;
        steps.push(Step { behaviour, times });
    }
    Ok(Named { steps: Steps(steps), project })
}

fn behaviour(name: &str, settings: &mut Settings<'_>) -> Result<Behaviour, ScriptError> {
    if let Some(behaviour) = Behaviour::plain(name) {
        return Ok(behaviour);
    }
    Ok(match name {
        "quota" => Behaviour::Quota(Quota {
            requests_per_minute: settings.number("rpm")?,
            input_tokens_per_minute: settings.number("tpm")?,
            requests_per_day: settings.number("rpd")?,
            tier: match settings.take("tier") {
                None | Some("free") => Tier::Free,
                Some("paid") => Tier::Paid,
                Some(other) => return Err(ScriptError::Value(other.to_owned())),
            },
            tells_consumer: match settings.take("tells") {
                None => false,
                Some("consumer") => true,
                Some(other) => return Err(ScriptError::Value(other.to_owned())),
            },
        }),
        "slow" => Behaviour::Slow {
            first_byte: settings.duration("first")?,
            chunk: settings.duration("chunk")?,
        },
        "cut" => Behaviour::Cut { after: settings.number("after")? },
        "error_midstream" => {
            Behaviour::ErrorMidstream { after: settings.number("after")?.unwrap_or(1) }
        }
        "plain_error_midstream" => {
            Behaviour::PlainErrorMidstream { after: settings.number("after")?.unwrap_or(1) }
        }
        _ => return Err(ScriptError::Behaviour(name.to_owned())),
    })
}

/// The settings of one step that nobody has asked for yet.
struct Settings<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Settings<'a> {
    fn read(words: impl Iterator<Item = &'a str>) -> Result<Self, ScriptError> {
        let pair = |word: &'a str| {
            word.split_once('=').ok_or_else(|| ScriptError::Setting(word.to_owned()))
        };
        words.map(pair).collect::<Result<_, _>>().map(Self)
    }

    fn take(&mut self, name: &str) -> Option<&'a str> {
        let at = self.0.iter().position(|(setting, _)| *setting == name)?;
        Some(self.0.swap_remove(at).1)
    }

    fn number<T: FromStr>(&mut self, name: &str) -> Result<Option<T>, ScriptError> {
        self.take(name).map(number).transpose()
    }

    fn duration(&mut self, name: &str) -> Result<Duration, ScriptError> {
        self.take(name).map_or(Ok(Duration::ZERO), duration)
    }

    fn finish(self) -> Result<(), ScriptError> {
        match self.0.first() {
            Some((name, _)) => Err(ScriptError::Setting((*name).to_owned())),
            None => Ok(()),
        }
    }
}

fn number<T: FromStr>(text: &str) -> Result<T, ScriptError> {
    text.trim().parse().map_err(|_| ScriptError::Value(text.to_owned()))
}

/// Reads `200ms`, `2s` or plain milliseconds.
fn duration(text: &str) -> Result<Duration, ScriptError> {
    if let Some(millis) = text.strip_suffix("ms") {
        return Ok(Duration::from_millis(number(millis)?));
    }
    match text.strip_suffix('s') {
        Some(seconds) => Ok(Duration::from_secs(number(seconds)?)),
        None => Ok(Duration::from_millis(number(text)?)),
    }
}
