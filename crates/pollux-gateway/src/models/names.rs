//! What a client's name for a model stands for: an alias, a model, or the default.

use std::borrow::Cow;

use pollux_translate::{gemini::family::is_like, openai::chat::Wanted};

use super::cache::Listed;
use crate::{app::Gateway, catalog::User, failure::Failure};

/// Names beyond Gemini's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Foreign names, which may hold `*`, and what they stand for; the first that fits counts.
    pub aliases: Vec<(String, String)>,
    /// What can stand in for a model that Gemini does not list.
    pub default: Option<String>,
    /// What becomes of a request for such a model; left open, the default stands in where there
    /// is one.
    pub unknown: Option<Unknown>,
    /// The only models that may be asked, whose names may hold `*`; any when empty.
    pub allowed: Vec<String>,
}

/// What becomes of a request for a model that Gemini does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// Gemini is asked all the same.
    Ask,
    /// It is refused here.
    Refuse,
    /// The default model is asked; without one it is refused.
    Default,
}

impl Names {
    /// What an alias stands for.
    fn alias(&self, name: &str) -> Option<&str> {
        let alias = self.aliases.iter().find(|(alias, _)| is_like(name, alias));
        alias.map(|(_, model)| model.as_str())
    }

    /// Whether a model may be asked.
    pub(crate) fn allows(&self, model: &str) -> bool {
        let model = model.strip_prefix("models/").unwrap_or(model);
        self.allowed.is_empty() || self.allowed.iter().any(|allowed| is_like(model, allowed))
    }

    /// The names, patterns among them, that stand for the model `id` of a list.
    pub(crate) fn of<'a>(
        &'a self,
        id: &'a str,
        listed: &'a Listed,
    ) -> impl Iterator<Item = &'a str> {
        let model = |name: &'a str| Wanted::parse(name, |name| is_listed(listed, name)).model;
        let names = self.aliases.iter().filter(move |(_, target)| model(target) == id);
        names.map(|(name, _)| name.as_str())
    }

    /// Aliases that can be listed, and what they stand for: a pattern is nobody's name.
    pub(crate) fn listed(&self) -> impl Iterator<Item = (&str, &str)> {
        let plain = self.aliases.iter().filter(|(alias, _)| !alias.contains('*'));
        plain.map(|(alias, model)| (alias.as_str(), model.as_str()))
    }
}

/// The model behind `name`, which may still have suffixes.
///
/// # Errors
/// 404 when such models are refused, and those of the list of models, which is only asked for
/// where it decides anything.
pub(crate) async fn resolve<'n>(
    gateway: &Gateway,
    user: &User,
    name: &'n str,
) -> Result<Cow<'n, str>, Failure> {
    let treatment = gateway.treatment(user);
    let names = &treatment.names;
    if let Some(model) = names.alias(name) {
        return Ok(Cow::Owned(model.to_owned()));
    }
    let default = match (names.unknown, &names.default) {
        (Some(Unknown::Ask), _) | (None, None) => return Ok(Cow::Borrowed(name)),
        (Some(Unknown::Refuse), _) => None,
        (Some(Unknown::Default) | None, default) => default.as_ref(),
    };
    let listed = super::list(gateway, user).await?;
    let model = Wanted::parse(name, |name| is_listed(&listed, name)).model;
    let is_own = is_listed(&listed, model) || model.contains('/');
    match default {
        _ if is_own => Ok(Cow::Borrowed(name)),
        Some(default) => Ok(Cow::Owned(default.clone())),
        None => Err(super::unknown(model).into()),
    }
}

/// Whether Gemini lists a model by this very name.
pub(crate) fn is_listed(listed: &Listed, name: &str) -> bool {
    listed.models.iter().any(|model| model.id == name)
}
