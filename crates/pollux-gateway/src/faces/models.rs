//! `GET /v1/models` and `/v1/models/{id}`: asked by clients of three dialects, answered in each.

use std::sync::Arc;

use http::request;
use percent_encoding::percent_decode_str;
use pollux_translate::{
    anthropic,
    error::{ApiError, Status},
    model::ModelEntry,
    openai::{self, chat::Wanted},
};

use super::respond::{Answered, Dialect, Incoming, json};
use crate::{
    app::Gateway,
    catalog::{Names, User},
    failure::Failure,
    models::{
        self,
        cache::{Listed, ListedModel},
        names::is_listed,
    },
};

/// `GET /v1/models`, as `dialect` writes it.
pub(crate) async fn list(gateway: Gateway, incoming: Incoming, dialect: Dialect) -> Answered {
    let (user, listed) = listed(&gateway, &incoming.head).await?;
    let catalog = gateway.shared().catalog.load();
    let entries = entries(&user, &listed, &catalog.settings.names);
    Ok(json(match dialect {
        Dialect::Anthropic => anthropic::model::list(entries),
        Dialect::OpenAi | Dialect::Gemini => openai::model::list(entries),
    }))
}

/// `GET /v1/models/{id}`, as `dialect` writes it.
pub(crate) async fn one(gateway: Gateway, incoming: Incoming, dialect: Dialect) -> Answered {
    let (user, listed) = listed(&gateway, &incoming.head).await?;
    let name = incoming.head.uri.path().strip_prefix("/v1/models/").unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    let id = name.strip_prefix("models/").unwrap_or(&name);
    let catalog = gateway.shared().catalog.load();
    let found = entries(&user, &listed, &catalog.settings.names).find(|entry| entry.id == id);
    let model = found.ok_or_else(|| unknown(id))?;
    Ok(json(match dialect {
        Dialect::Anthropic => anthropic::model::one(model),
        Dialect::OpenAi | Dialect::Gemini => openai::model::one(model),
    }))
}

async fn listed(
    gateway: &Gateway,
    head: &request::Parts,
) -> Result<(Arc<User>, Arc<Listed>), Failure> {
    let user = gateway.user(&head.headers, &head.uri)?;
    let listed = models::list(gateway, &user).await?;
    Ok((user, listed))
}

/// The models that a user may ask, and other names of them.
fn entries<'a>(
    user: &'a User,
    listed: &'a Listed,
    names: &'a Names,
) -> impl Iterator<Item = ModelEntry<'a>> {
    let models = listed.models.iter().filter(|model| user.may_ask(&model.id)).map(entry);
    let model_of = |name: &'a str| Wanted::parse(name, |name| is_listed(listed, name)).model;
    let aliases = names.listed().filter(move |(_, name)| user.may_ask(model_of(name)));
    models.chain(aliases.map(alias))
}

fn entry(model: &ListedModel) -> ModelEntry<'_> {
    ModelEntry { id: &model.id, display_name: Some(&model.display_name), created: 0 }
}

/// A name of the server's own, which says what it stands for.
fn alias<'a>((id, model): (&'a str, &'a str)) -> ModelEntry<'a> {
    ModelEntry { id, display_name: Some(model), created: 0 }
}

fn unknown(id: &str) -> ApiError {
    let message = format!("the model `{id}` does not exist; GET /v1/models lists those that do");
    ApiError {
        param: Some("model".to_owned()),
        code: Some("model_not_found"),
        ..ApiError::new(Status::NotFound, message)
    }
}
