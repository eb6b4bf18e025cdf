//! `POST /v1/completions`: the endpoint that chat replaced.

use axum::response::Response;
use bytes::Bytes;
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
    ask::check_ignored(&gateway, &head.headers, request.ignored())?;
    let streaming = request.is_streaming();
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let created = gateway.shared().clock.now().as_seconds();
    let context = request.context(format!("cmpl-{}", id.as_str()), created);
    let bodies = request.to_gemini().into_iter();
    let calls: Vec<Call> =
        bodies.map(|body| ask::generate(&gateway, &model, streaming, body.into())).collect();
    let mut response = match calls.as_slice() {
        [call] if streaming => stream(&gateway, &user, call, context).await?,
        _ => whole(&gateway, &user, calls, &context).await?,
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

async fn stream(gateway: &Gateway, user: &User, call: &Call, context: Context) -> Answered {
    let sent = gateway.send(call, user).await?;
    let whole = |body: &Bytes| completions::from_gemini(&context, [body.as_ref()]);
    respond::translated(gateway, sent, whole, || Stream::new(context.clone()))
}
