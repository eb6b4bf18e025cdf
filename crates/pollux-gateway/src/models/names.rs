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
    /// What stands in for a model that Gemini does not list; without one such a model is 404.
    pub default: Option<String>,
}

impl Names {
    /// What an alias stands for.
    fn alias(&self, name: &str) -> Option<&str> {
        let alias = self.aliases.iter().find(|(alias, _)| is_like(name, alias));
        alias.map(|(_, model)| model.as_str())
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
/// Those of the list of models, which is only asked for when there is a default.
pub(crate) async fn resolve<'n>(
    gateway: &Gateway,
    user: &User,
    name: &'n str,
) -> Result<Cow<'n, str>, Failure> {
    let default = {
        let names = &gateway.treatment(user).names;
        if let Some(model) = names.alias(name) {
            return Ok(Cow::Owned(model.to_owned()));
        }
        names.default.clone()
    };
    let Some(default) = default else { return Ok(Cow::Borrowed(name)) };
    let listed = super::list(gateway, user).await?;
    let model = Wanted::parse(name, |name| is_listed(&listed, name)).model;
    let is_own = is_listed(&listed, model) || model.contains('/');
    Ok(if is_own { Cow::Borrowed(name) } else { Cow::Owned(default) })
}

/// Whether Gemini lists a model by this very name.
pub(crate) fn is_listed(listed: &Listed, name: &str) -> bool {
    listed.models.iter().any(|model| model.id == name)
}
