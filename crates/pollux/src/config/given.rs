//! What was set where, as text: the nearest source wins, and what is in the database is nearest.

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

use pollux_store::{keys::About, secret::Secret};

use super::{
    Config, ConfigError, Sources, load,
    settings::{self, Setting},
    value,
};

/// The default of `gemini_base_url`.
const GOOGLE: &str = "https://generativelanguage.googleapis.com";

/// Everything that was set, before it is read.
#[derive(Clone, Debug)]
pub struct Given {
    data_dir: PathBuf,
    keys: Vec<(Secret, About)>,
    texts: BTreeMap<&'static str, Text>,
}

#[derive(Clone, Debug)]
struct Text {
    origin: Origin,
    text: Secret,
}

/// What a setting was set by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag, with its dashes.
    Flag(String),
    /// A variable of the environment.
    Variable(String),
    /// A file.
    File(PathBuf),
    /// An admin, for the whole server.
    Database,
    /// An admin, for one pool.
    Pool,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) | Self::Variable(name) => f.write_str(name),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database => f.write_str("the database"),
            Self::Pool => f.write_str("the pool"),
        }
    }
}

impl Given {
    /// Reads flags, the environment and the file.
    ///
    /// # Errors
    /// When the file cannot be read, or names what does not exist.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let path = sources.file.clone();
        let path = path.or_else(|| variable(sources, "POLLUX_CONFIG").map(Into::into));
        let (file, keys) = path.as_deref().map(load::read).transpose()?.unwrap_or_default();
        let mut texts = BTreeMap::new();
        for setting in settings::ALL {
            let from_file = || {
                let text = file.get(setting.name)?;
                Some((Origin::File(path.clone()?), text.clone()))
            };
            if let Some((origin, text)) = nearest(setting, sources).or_else(from_file) {
                texts.insert(setting.name, Text { origin, text: Secret::new(text) });
            }
        }
        Ok(Self { data_dir: data_dir(&sources.environment), keys, texts })
    }

    /// The same with what is kept in the database over it, as far as this program can use it.
    #[must_use]
    pub fn with<'a>(
        &self,
        origin: &Origin,
        kept: impl IntoIterator<Item = (&'a str, &'a Secret)>,
    ) -> Self {
        let mut given = self.clone();
        for (name, text) in kept {
            let setting = settings::ALL.iter().find(|setting| setting.name == name);
            let usable = setting.filter(|it| it.is_changeable() && it.check(text.expose()).is_ok());
            let Some(setting) = usable else {
                tracing::warn!("{name} in the database is no setting that this program can use");
                continue;
            };
            let text = Text { origin: origin.clone(), text: text.clone() };
            given.texts.insert(setting.name, text);
        }
        given
    }

    /// Takes from `running` what a server has to be started anew for, and returns the names of the
    /// settings that say something else now.
    pub fn stay(&mut self, running: &Self) -> Vec<&'static str> {
        let mut waiting = Vec::new();
        for Setting { name, .. } in settings::ALL.iter().filter(|it| it.needs_restart) {
            let [new, old] = [&*self, running].map(|it| it.text(name).map(|(_, it)| it.expose()));
            if new == old {
                continue;
            }
            waiting.push(*name);
            match running.texts.get(name) {
                Some(text) => drop(self.texts.insert(name, text.clone())),
                None => drop(self.texts.remove(name)),
            }
        }
        waiting
    }

    /// Reads every text.
    ///
    /// # Errors
    /// When one of them is not allowed.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let base_url = value::base_url(GOOGLE).map_err(|_| ConfigError::Default)?;
        let mut config = Config::with_data_dir(self.data_dir.clone(), base_url);
        config.keys.clone_from(&self.keys);
        for setting in settings::ALL {
            let Some(Text { origin, text }) = self.texts.get(setting.name) else { continue };
            (setting.set)(&mut config, text.expose()).map_err(|allowed| ConfigError::Value {
                origin: origin.clone(),
                name: setting.name,
                value: if setting.secret { "***".to_owned() } else { text.expose().to_owned() },
                allowed,
            })?;
        }
        Ok(config)
    }

    /// What a setting was set to, and by what; nothing where its default holds.
    pub fn text(&self, name: &str) -> Option<(&Origin, &Secret)> {
        self.texts.get(name).map(|Text { origin, text }| (origin, text))
    }
}

impl Setting {
    /// Reads a text and throws away what it means.
    ///
    /// # Errors
    /// What would be taken instead.
    pub fn check(&self, text: &str) -> Result<(), String> {
        let base_url = value::base_url(GOOGLE)?;
        (self.set)(&mut Config::with_data_dir(PathBuf::new(), base_url), text)
    }
}

/// A flag or a variable; an empty one counts as absent, as compose files leave it.
fn nearest(setting: &Setting, sources: &Sources) -> Option<(Origin, String)> {
    if let Some(text) = sources.flags.get(setting.name) {
        return Some((Origin::Flag(format!("--{}", setting.flag())), text.clone()));
    }
    let own = setting.variable();
    std::iter::once(own.as_str())
        .chain(setting.also.iter().copied())
        .find_map(|name| Some((Origin::Variable(name.to_owned()), variable(sources, name)?)))
}

fn variable(sources: &Sources, name: &str) -> Option<String> {
    sources.environment.get(name).filter(|text| !text.is_empty()).cloned()
}

fn data_dir(environment: &BTreeMap<String, String>) -> PathBuf {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    match (set("XDG_DATA_HOME"), set("HOME")) {
        (Some(data), _) => Path::new(data).join("pollux"),
        (None, Some(home)) => Path::new(home).join(".local/share/pollux"),
        (None, None) => PathBuf::from("pollux-data"),
    }
}
