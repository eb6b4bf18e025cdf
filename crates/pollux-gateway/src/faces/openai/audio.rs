//! `POST /v1/audio/...`: text to speech and speech to text in OpenAI's dialect.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use pollux_translate::openai::audio::{
    speech::{self, Sound},
    transcription::{self, Task, Transcript},
};

use super::{
    ask::{self, Answers},
    multipart,
};
use crate::{
    app::Gateway,
    catalog::User,
    faces::respond::{Answered, Incoming},
    failure::Failure,
};

/// `POST /v1/audio/speech`
pub(crate) async fn speak(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = speech::Request::parse(&body)?;
    let answers = one(&gateway, &user, request.model(), request.to_gemini()).await?;
    let Sound { media_type, bytes } = Sound::read(&request, answers.first())?;
    Ok(respond((media_type, bytes), &answers, request.ignored()))
}

/// `POST /v1/audio/transcriptions`
pub(crate) async fn transcribe(gateway: Gateway, incoming: Incoming) -> Answered {
    write_down(gateway, incoming, Task::Transcribe).await
}

/// `POST /v1/audio/translations`
pub(crate) async fn translate(gateway: Gateway, incoming: Incoming) -> Answered {
    write_down(gateway, incoming, Task::Translate).await
}

async fn write_down(gateway: Gateway, incoming: Incoming, task: Task) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let form = multipart::form(&head.headers, body).await?;
    let request = transcription::Request::parse(task, &form)?;
    let answers = one(&gateway, &user, request.model(), request.to_gemini()).await?;
    let Transcript { media_type, body } = Transcript::read(&request, answers.first())?;
    Ok(respond((media_type, body), &answers, request.ignored()))
}

async fn one(
    gateway: &Gateway,
    user: &User,
    model: &str,
    body: Vec<u8>,
) -> Result<Answers, Failure> {
    let call = ask::generate(gateway, model, false, body);
    ask::all(gateway, user, vec![call]).await
}

fn respond(
    (media_type, body): (&'static str, Vec<u8>),
    answers: &Answers,
    ignored: &[String],
) -> Response {
    let mut response = Response::new(Body::from(body));
    let media_type = HeaderValue::from_static(media_type);
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    answers.note(&mut response);
    ask::note_ignored(&mut response, ignored);
    response
}
