//! `POST /v1/images/...`: pictures in OpenAI's dialect.

use bytes::Bytes;
use pollux_translate::{
    error::Status,
    openai::images::{Pictures, Request},
};

use super::{ask, multipart};
use crate::{
    app::Gateway,
    catalog::User,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    models::names,
};

/// `POST /v1/images/generations`
pub(crate) async fn generate(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = Request::generation(&body)?;
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    make(&gateway, &user, &request).await
}

/// `POST /v1/images/edits`
pub(crate) async fn edit(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let form = multipart::form(&head.headers, body).await?;
    let request = Request::edit(&form)?;
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    make(&gateway, &user, &request).await
}

/// `POST /v1/images/variations`
pub(crate) async fn vary(gateway: Gateway, incoming: Incoming) -> Answered {
    gateway.user(&incoming.head.headers, &incoming.head.uri)?;
    Err(Failure::new(
        Status::NotFound,
        "variations are not offered; POST /v1/images/edits with the image and a prompt that says \
         what to vary",
    ))
}

async fn make(gateway: &Gateway, user: &User, request: &Request<'_>) -> Answered {
    let body = Bytes::from(request.to_gemini());
    let model = names::resolve(gateway, user, request.model()).await?;
    let call = |_| ask::generate(gateway, user, (&model, false), body.clone());
    let answers = ask::all(gateway, user, (0..request.count()).map(call)).await?;
    let pictures = Pictures::read(request, answers.bodies())?;
    let created = gateway.shared().clock.now().as_seconds();
    let mut response = respond::json(pictures.encode(created));
    answers.note(&mut response);
    ask::note_ignored(&mut response, pictures.ignored());
    Ok(response)
}
