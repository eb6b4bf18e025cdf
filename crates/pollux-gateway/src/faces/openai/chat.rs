//! `POST /v1/chat/completions`: a chat in OpenAI's dialect.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use pollux_pool::id::ModelName;
use pollux_translate::{
    error::{ApiError, Status},
    gemini::{path, response::Response},
    openai::chat::{self, Context, Request},
};

use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    proxy::call::{Call, Shape},
};

/// The most that `x-pollux-ignored` holds, in bytes.
const MAX_IGNORED: usize = 2000;

/// `POST /v1/chat/completions`
pub(crate) async fn create(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let (call, context, ignored) = {
        let request = Request::parse(&body)?;
        let created = gateway.shared().clock.now().as_seconds();
        let context = Context::of(&request, format!("chatcmpl-{}", id.as_str()), created);
        (call(&gateway, &request)?, context, ignored(&request))
    };
    let sent = gateway.send(&call, &user).await?;
    let whole = |body: &Bytes| chat::from_gemini(&read(body)?, &context);
    let mut response =
        respond::translated(&gateway, sent, whole, || chat::Stream::new(context.clone()))?;
    if let Some(ignored) = ignored {
        response.headers_mut().insert("x-pollux-ignored", ignored);
    }
    Ok(response)
}

fn call(gateway: &Gateway, request: &Request<'_>) -> Result<Call, Failure> {
    let streaming = request.is_streaming();
    let model = request.model();
    path::check_model(model)?;
    let version = &gateway.shared().catalog.load().settings.api_version;
    let body = chat::to_gemini(request)?.encode();
    let json = HeaderValue::from_static("application/json");
    Ok(Call {
        method: Method::POST,
        path_and_query: path::generate(version, model, streaming),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        body: body.into(),
        model: ModelName::new(model),
        shape: if streaming { Shape::Events } else { Shape::Whole },
        owner: None,
    })
}

/// The fields that had no effect, as a header that stays readable whatever they are called.
fn ignored(request: &Request<'_>) -> Option<HeaderValue> {
    let names = request.ignored().iter().map(|name| name.escape_default().to_string());
    let mut list = names.collect::<Vec<_>>().join(", ");
    if list.len() > MAX_IGNORED {
        list.truncate(MAX_IGNORED);
        list.push_str("...");
    }
    if list.is_empty() { None } else { HeaderValue::from_str(&list).ok() }
}

fn read(body: &[u8]) -> Result<Response<'_>, ApiError> {
    Response::parse(body).map_err(|_| {
        ApiError::new(Status::Internal, "the upstream sent something that is not an answer")
    })
}
