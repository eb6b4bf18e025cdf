//! `POST /v1/completions`: the endpoint that chat replaced.

use axum::response::Response;
use pollux_translate::openai::completions::{self, Context, Request, Stream};

use super::ask;
use crate::{
    app::Gateway,
    catalog::User,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    models::names,
    proxy::call::Call,
};

/// `POST /v1/completions`
pub(crate) async fn create(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = Request::parse(&body)?;
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    let streaming = request.is_streaming();
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let created = gateway.shared().clock.now().as_seconds();
    let context = request.context(format!("cmpl-{}", id.as_str()), created);
    let bodies = request.to_gemini().into_iter();
    let calls: Vec<Call> = bodies
        .map(|body| ask::generate(&gateway, &user, (&model, streaming), body.into()))
        .collect();
    let mut response = match <[Call; 1]>::try_from(calls) {
        Ok([call]) if streaming => {
            respond::stream(&gateway, &user, call.into(), Stream::new(context)).await?
        }
        Ok(call) => whole(&gateway, &user, call.into(), &context).await?,
        Err(calls) => whole(&gateway, &user, calls, &context).await?,
    };
    ask::note_ignored(&mut response, request.ignored());
    Ok(response)
}

async fn whole(
    gateway: &Gateway,
    user: &User,
    calls: Vec<Call>,
    context: &Context,
) -> Result<Response, Failure> {
    let answers = ask::all(gateway, user, calls).await?;
    let mut response = respond::json(completions::from_gemini(context, answers.bodies())?);
    answers.note(&mut response);
    Ok(response)
}
