//! The native face: Gemini's own bytes in both directions.
//!
//! Only the path is read, to know the model and what the answer will look
//! like; unknown methods, fields and query parameters pass through.

use pollux_pool::id::ModelName;
use pollux_translate::{
    error::Status,
    gemini::path::{self, Target},
};

use crate::{
    app::Gateway,
    auth,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    proxy::{
        call::{Call, Shape},
        headers,
    },
};

/// Collections that any key can serve.
pub(crate) const PASSED: &[&str] = &["models", "tunedModels", "dynamic"];

/// Collections whose members belong to the project that made them.
pub(crate) const OWNED: &[&str] =
    &["files", "cachedContents", "batches", "operations", "fileSearchStores", "interactions"];

/// Any call on a model, or the list of models.
pub(crate) async fn pass(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let target = Target::parse(head.uri.path())?;
    let query = auth::query_without_credentials(&head.uri);
    let shape = shape(&target, &query);
    let model = model(&target)?;
    let path = head.uri.path();
    let path_and_query = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    let call = Call {
        body: gateway.body(body).await?,
        headers: headers::upward(&head.headers),
        method: head.method,
        path_and_query,
        model,
        shape,
        owner: None,
    };
    let sent = gateway.send(&call, &user).await?;
    Ok(respond::passed(&gateway, sent))
}

/// Members of a collection that belong to one project.
pub(crate) async fn owned(gateway: Gateway, incoming: Incoming) -> Answered {
    gateway.user(&incoming.head.headers, &incoming.head.uri)?;
    let collection = incoming.head.uri.path().split('/').nth(2).unwrap_or_default();
    Err(Failure::new(
        Status::Unimplemented,
        format!(
            "{collection} belong to one project each, and this server does not keep track of that"
        ),
    ))
}

fn shape(target: &Target<'_>, query: &str) -> Shape {
    match target.call() {
        Some(path::Method::GenerateContent | path::Method::StreamGenerateContent)
            if is_events(query) =>
        {
            Shape::Events
        }
        Some(path::Method::GenerateContent) => Shape::Whole,
        Some(path::Method::StreamGenerateContent) => Shape::Array,
        Some(
            path::Method::CountTokens
            | path::Method::EmbedContent
            | path::Method::BatchEmbedContents
            | path::Method::Other,
        )
        | None => Shape::Document,
    }
}

fn is_events(query: &str) -> bool {
    query.split('&').any(|pair| pair == "alt=sse" || pair == "$alt=sse")
}

/// The model whose quota is used; lists use none.
fn model(target: &Target<'_>) -> Result<ModelName, Failure> {
    match (&target.resource, target.call()) {
        (Some(name), _) => {
            path::check_model(name)?;
            Ok(ModelName::new(name))
        }
        (None, _) => Ok(ModelName::new(crate::models::LISTING)),
    }
}
