//! `GET /v1/models` and `/v1/models/{id}`: asked by clients of three dialects, answered in each.

use percent_encoding::percent_decode_str;
use pollux_translate::{
    anthropic,
    model::ModelEntry,
    openai::{self, chat::Wanted},
};

use super::respond::{Answered, Dialect, Incoming, json};
use crate::{
    app::Gateway,
    catalog::User,
    models::{
        self,
        cache::{Listed, ListedModel},
        names::{Names, is_listed},
    },
};

/// `GET /v1/models`, as `dialect` writes it.
pub(crate) async fn list(gateway: Gateway, incoming: Incoming, dialect: Dialect) -> Answered {
    let user = gateway.user(&incoming.head.headers, &incoming.head.uri)?;
    let listed = models::list(&gateway, &user).await?;
    let treatment = gateway.treatment(&user);
    let entries = entries(&user, &listed, &treatment.names);
    Ok(json(match dialect {
        Dialect::Anthropic => anthropic::model::list(entries),
        Dialect::OpenAi | Dialect::Gemini => openai::model::list(entries),
    }))
}

/// `GET /v1/models/{id}`, as `dialect` writes it.
pub(crate) async fn one(gateway: Gateway, incoming: Incoming, dialect: Dialect) -> Answered {
    let user = gateway.user(&incoming.head.headers, &incoming.head.uri)?;
    let listed = models::list(&gateway, &user).await?;
    let name = incoming.head.uri.path().strip_prefix("/v1/models/").unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let id = name.strip_prefix("models/").unwrap_or(&name);
    let treatment = gateway.treatment(&user);
    let found = entries(&user, &listed, &treatment.names).find(|entry| entry.id == id);
    let model = found.ok_or_else(|| models::unknown(id))?;
    Ok(json(match dialect {
        Dialect::Anthropic => anthropic::model::one(model),
        Dialect::OpenAi | Dialect::Gemini => openai::model::one(model),
    }))
}

/// Every model that a user may ask, and other names of them.
fn entries<'a>(
    user: &'a User,
    listed: &'a Listed,
    names: &'a Names,
) -> impl Iterator<Item = ModelEntry<'a>> {
    let is_allowed = |model: &str| user.may_ask(model) && names.allows(model);
    let models = listed.models.iter().filter(move |model| is_allowed(&model.id));
    let model_of = |name: &'a str| Wanted::parse(name, |name| is_listed(listed, name)).model;
    let aliases = names.listed().filter(move |(_, name)| is_allowed(model_of(name)));
    models.map(entry).chain(aliases.map(alias))
}

fn entry(model: &ListedModel) -> ModelEntry<'_> {
    ModelEntry { id: &model.id, display_name: Some(&model.display_name), created: 0 }
}

/// A name of the server's own, which says what it stands for.
fn alias<'a>((id, model): (&'a str, &'a str)) -> ModelEntry<'a> {
    ModelEntry { id, display_name: Some(model), created: 0 }
}
