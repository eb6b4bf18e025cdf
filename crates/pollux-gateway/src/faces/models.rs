//! `GET /v1/models` and `/v1/models/{id}`: asked by clients of three dialects, answered in each.

use percent_encoding::percent_decode_str;
use pollux_translate::{
    anthropic,
    error::{ApiError, Status},
    model::ModelEntry,
    openai,
};

use super::respond::{Answered, Dialect, Incoming, json};
use crate::{
    app::Gateway,
    models::{self, cache::ListedModel},
};

/// `GET /v1/models`, as `dialect` writes it.
pub(crate) async fn list(gateway: Gateway, incoming: Incoming, dialect: Dialect) -> Answered {
    let user = gateway.user(&incoming.head.headers, &incoming.head.uri)?;
    let listed = models::list(&gateway, &user).await?;
    let treatment = gateway.treatment(&user);
    let aliases = treatment.names.listed().map(alias);
    let entries = listed.models.iter().map(entry).chain(aliases);
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
    let aliases = treatment.names.listed().map(alias);
    let found = listed.models.iter().map(entry).chain(aliases).find(|entry| entry.id == id);
    let model = found.ok_or_else(|| unknown(id))?;
    Ok(json(match dialect {
        Dialect::Anthropic => anthropic::model::one(model),
        Dialect::OpenAi | Dialect::Gemini => openai::model::one(model),
    }))
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
