//! `POST /v1/embeddings`: vectors in OpenAI's dialect.

use pollux_translate::openai::embeddings::{self, Request};

use super::ask;
use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Incoming},
    models::names,
};

/// `POST /v1/embeddings`
pub(crate) async fn create(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = Request::parse(&body)?;
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let batches = request.batches(&model).into_iter();
    let calls = batches.map(|batch| ask::embed(&gateway, &user, &model, batch));
    let answers = ask::all(&gateway, &user, calls).await?;
    let mut response = respond::json(embeddings::from_gemini(&request, answers.bodies())?);
    answers.note(&mut response);
    ask::note_ignored(&mut response, request.ignored());
    Ok(response)
}
