//! `POST /v1/chat/completions`: a chat in OpenAI's dialect.

use std::{collections::HashMap, sync::Arc};

use axum::response::Response;
use bytes::Bytes;
use futures_util::future::try_join_all;
use pollux_pool::lease::Owner;
use pollux_translate::{
    error::{ApiError, Status},
    gemini::{self, reference},
    media::Media,
    openai::chat::{self, Completion, Context, Known, Remote, Request, Translated, Wanted},
};

use super::ask;
use crate::{
    app::Gateway,
    bindings,
    catalog::User,
    faces::respond::{self, Answered, Incoming},
    failure::Failure,
    models::{self, names},
    proxy::{
        call::Call,
        rest::{self, Pieces, Rest},
    },
};

/// What is to be asked upstream, and what the answer needs to know of it.
struct Asked {
    call: Call,
    /// How often an answer may be continued after the model's own limit.
    continuations: u32,
    /// Whether the call names what may belong to one project.
    has_references: bool,
    times: u32,
    context: Context,
    ignored: Vec<String>,
}

/// `POST /v1/chat/completions`
pub(crate) async fn create(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = Request::parse(&body)?;
    let streaming = request.is_streaming();
    let name = names::resolve(&gateway, &user, request.model()).await?;
    let listed = models::known(&gateway, &user);
    let is_listed = |name: &str| listed.as_ref().is_some_and(|list| names::is_listed(list, name));
    let wanted = wanted(&gateway, &user, &name, is_listed);
    let (known, signer) = known(&gateway, &user, &request).await?;
    let mut asked = {
        let policy = &gateway.treatment(&user).chat;
        let translated = chat::to_gemini(&request, &wanted, policy, &known)?;
        ask::check_ignored(&gateway, &user, &head.headers, &translated.ignored)?;
        Asked::of((&gateway, &user), &request, (&wanted, translated), id.as_str())
    };
    drop((request, known));
    asked.call.prefer = signer;
    if asked.has_references {
        let names = reference::in_request(asked.call.body.bytes());
        asked.call.owner = bindings::owner_of(gateway.shared(), user.pool, &names).await?;
    }
    let Asked { call, times, context, ignored, continuations, .. } = asked;
    let call = Arc::new(call);
    let rest = Rest::of(&gateway, &user, &call, continuations);
    let mut response = if streaming {
        let streaming = respond::Streaming { call, times, rest: Some(rest) };
        respond::stream(&gateway, &user, streaming, chat::Stream::new(context)).await?
    } else {
        whole(&gateway, &user, &rest, times, &context).await?
    };
    ask::note_ignored(&mut response, &ignored);
    Ok(response)
}

/// Looks up what the translation has to know beside the request.
///
/// Says as well whose signatures the last of its calls bear: another project may refuse them.
async fn known(
    gateway: &Gateway,
    user: &User,
    request: &Request<'_>,
) -> Result<(Known, Option<Owner>), Failure> {
    let calls: Vec<&str> = request.call_ids().collect();
    let remote: Vec<Remote<'_>> = request.remote_media().collect();
    let mut known = Known::default();
    if !remote.is_empty() {
        known.media = fetched(gateway, &remote).await?;
    }
    if calls.is_empty() {
        return Ok((known, None));
    }
    let signed = gateway.recall_signatures(user.pool, &calls).await;
    let last = calls.iter().rev().find_map(|id| signed.get(*id));
    let owner = last.map(|last| gateway.shared().catalog.load().owner(user.pool, last.key));
    known.signatures = signed.into_iter().map(|(id, it)| (id, it.signature)).collect();
    Ok((known, owner))
}

/// Fetches media; an error names the first field that they are missing for.
async fn fetched(
    gateway: &Gateway,
    remote: &[Remote<'_>],
) -> Result<HashMap<String, Media>, Failure> {
    let urls: Vec<&str> = remote.iter().map(|remote| remote.url).collect();
    let mut found = gateway.fetch(&urls).await;
    let mut media = HashMap::new();
    for Remote { url, field } in remote {
        match found.remove(*url) {
            Some(Ok(one)) => drop(media.insert((*url).to_owned(), one)),
            Some(Err(mut failure)) => {
                failure.error.param = Some(field.clone());
                return Err(failure);
            }
            None => {}
        }
    }
    Ok(media)
}

impl Asked {
    fn of(
        (gateway, user): (&Gateway, &User),
        request: &Request<'_>,
        (wanted, translated): (&Wanted<'_>, Translated<'_>),
        id: &str,
    ) -> Self {
        let body = translated.request.encode().into();
        let created = gateway.now().as_seconds();
        Self {
            call: ask::generate(gateway, user, (wanted.model, request.is_streaming()), body),
            // A limit of the client's own is what he wants.
            continuations: if translated.request.generation_config.max_output_tokens.is_none() {
                gateway.treatment(user).chat.continuations
            } else {
                0
            },
            has_references: translated.request.has_references(),
            times: translated.times,
            context: Context::of(request, &translated, format!("chatcmpl-{id}"), created),
            ignored: translated.ignored,
        }
    }
}

async fn whole(
    gateway: &Gateway,
    user: &User,
    rest: &Rest,
    times: u32,
    context: &Context,
) -> Answered {
    let answers = (0..times).map(|_| rest::whole(rest.clone()));
    let answers = try_join_all(answers).await?;
    let Completion { body, signed } = {
        let responses = answers.iter().map(|pieces| joined(&pieces.bodies));
        chat::from_gemini(&responses.collect::<Result<Vec<_>, _>>()?, context)?
    };
    for call in signed {
        if let Some(pieces) = answers.get(call.answer) {
            gateway.remember_signature(user.pool, pieces.key, call);
        }
    }
    let mut response: Response = respond::json(body);
    let attempts = answers.iter().map(|Pieces { attempts, .. }| attempts).sum();
    respond::note_attempts(&mut response, attempts);
    Ok(response)
}

/// Reads an answer, all pieces of it as one.
fn joined(bodies: &[Bytes]) -> Result<gemini::response::Response<'_>, ApiError> {
    let unreadable =
        |_| ApiError::new(Status::Internal, "the upstream sent something that is not an answer");
    let mut pieces = bodies.iter().map(|body| gemini::response::Response::parse(body));
    let mut whole = pieces.next().transpose().map_err(unreadable)?.unwrap_or_default();
    for rest in pieces {
        whole.continue_with(rest.map_err(unreadable)?);
    }
    Ok(whole)
}

/// The model behind a name; suffixes mean something unless that is switched off.
fn wanted<'a>(
    gateway: &Gateway,
    user: &User,
    name: &'a str,
    is_listed: impl Fn(&str) -> bool,
) -> Wanted<'a> {
    let suffixes = gateway.treatment(user).chat.suffixes;
    if suffixes { Wanted::parse(name, is_listed) } else { Wanted::plain(name) }
}
