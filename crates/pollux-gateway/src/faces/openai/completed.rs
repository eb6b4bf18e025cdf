//! `POST /api/chat/completed`: Open WebUI tells that a chat is over.
//!
//! Its own server runs filters here and answers with what they made of the chat; without filters
//! that is the chat as it was sent.

use pollux_translate::error::TranslateError;

use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Incoming},
};

/// `POST /api/chat/completed`
pub(crate) async fn echo(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let is_object = body.trim_ascii_start().starts_with(b"{");
    if !is_object || serde_json::from_slice::<&serde_json::value::RawValue>(&body).is_err() {
        return Err(TranslateError::whole("the body must be a JSON object").into());
    }
    Ok(respond::json(body))
}
