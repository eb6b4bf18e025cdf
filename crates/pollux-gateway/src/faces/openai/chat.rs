//! `POST /v1/chat/completions`: a chat in OpenAI's dialect.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use pollux_pool::id::ModelName;
use pollux_translate::{
    error::{ApiError, Status, TranslateError},
    gemini::{path, response::Response},
    openai::chat::{self, Context, Known, Policy, Request, Translated, Wanted},
};

use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Incoming},
    proxy::call::{Call, Shape},
};

/// The most that `x-pollux-ignored` holds, in bytes.
const MAX_IGNORED: usize = 2000;
/// Asks for strictness, or for the opposite, in one request.
const STRICT: &str = "x-pollux-strict";

/// `POST /v1/chat/completions`
pub(crate) async fn create(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let policy = gateway.shared().catalog.load().settings.chat.clone();
    let (call, context, ignored) = {
        let request = Request::parse(&body)?;
        let wanted = wanted(&policy, request.model());
        let known = Known::default();
        let translated = chat::to_gemini(&request, &wanted, &policy, &known)?;
        if is_strict(&policy, &head.headers) {
            refuse_ignored(&translated)?;
        }
        let created = gateway.shared().clock.now().as_seconds();
        let context =
            Context::of(&request, &translated, format!("chatcmpl-{}", id.as_str()), created);
        let call = call(&gateway, &wanted, &translated, request.is_streaming());
        (call, context, ignored(&translated))
    };
    let sent = gateway.send(&call, &user).await?;
    let whole = |body: &Bytes| Ok(chat::from_gemini(&[read(body)?], &context)?.body);
    let mut response =
        respond::translated(&gateway, sent, whole, || chat::Stream::new(context.clone()))?;
    if let Some(ignored) = ignored {
        response.headers_mut().insert("x-pollux-ignored", ignored);
    }
    Ok(response)
}

/// The model behind a name; suffixes mean something unless that is switched off.
fn wanted<'a>(policy: &Policy, model: &'a str) -> Wanted<'a> {
    if policy.suffixes { Wanted::parse(model, |_| false) } else { Wanted::plain(model) }
}

fn is_strict(policy: &Policy, headers: &HeaderMap) -> bool {
    let asked = headers.get(STRICT).and_then(|value| value.to_str().ok());
    asked.map_or(policy.strict, |asked| matches!(asked.trim(), "1" | "true"))
}

fn refuse_ignored(translated: &Translated<'_>) -> Result<(), TranslateError> {
    let Some(first) = translated.ignored.first() else { return Ok(()) };
    let text = format!(
        "these fields have no effect on Gemini, and strict mode refuses them: {}",
        translated.ignored.join(", ")
    );
    Err(TranslateError::at(first.as_str(), text))
}

fn call(
    gateway: &Gateway,
    wanted: &Wanted<'_>,
    translated: &Translated<'_>,
    streaming: bool,
) -> Call {
    let version = &gateway.shared().catalog.load().settings.api_version;
    let json = HeaderValue::from_static("application/json");
    Call {
        method: Method::POST,
        path_and_query: path::generate(version, wanted.model, streaming),
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, json)]),
        body: translated.request.encode().into(),
        model: ModelName::new(wanted.model),
        shape: if streaming { Shape::Events } else { Shape::Whole },
        owner: None,
    }
}

/// The fields that had no effect, as a header that stays readable whatever they are called.
fn ignored(translated: &Translated<'_>) -> Option<HeaderValue> {
    let names = translated.ignored.iter().map(|name| name.escape_default().to_string());
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
