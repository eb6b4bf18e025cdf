//! The dialects the gateway speaks. Faces do not know each other; what they share is in [`respond`].

pub(crate) mod gemini;
pub(crate) mod health;
pub(crate) mod models;
pub(crate) mod openai;
pub(crate) mod respond;
pub(crate) mod verify;

use crate::{
    app::Gateway,
    faces::respond::{Answered, Dialect, Incoming},
    failure::Failure,
};

/// Any path that is not served.
pub(crate) async fn not_found(_: Gateway, incoming: Incoming) -> Answered {
    Err(Failure::no_route(&incoming.head.method, incoming.head.uri.path()))
}

/// A path that is served, for other methods.
pub(crate) async fn wrong_method(_: Gateway, incoming: Incoming) -> Answered {
    Err(Failure::wrong_method(&incoming.head.method, incoming.head.uri.path()))
}

/// `GET /v1/models`, which clients of all dialects ask.
pub(crate) async fn list_models(gateway: Gateway, incoming: Incoming) -> Answered {
    match Dialect::of(&incoming.head) {
        Dialect::Gemini => gemini::pass(gateway, incoming).await,
        dialect @ (Dialect::OpenAi | Dialect::Anthropic) => {
            models::list(gateway, incoming, dialect).await
        }
    }
}

/// `GET /v1/models/{id}`, which clients of all dialects ask; what is below a model is Gemini's own.
pub(crate) async fn one_model(gateway: Gateway, incoming: Incoming) -> Answered {
    if incoming.head.uri.path().contains("/operations/") {
        return gemini::pass(gateway, incoming).await;
    }
    match Dialect::of(&incoming.head) {
        Dialect::Gemini => gemini::pass(gateway, incoming).await,
        dialect @ (Dialect::OpenAi | Dialect::Anthropic) => {
            models::one(gateway, incoming, dialect).await
        }
    }
}
