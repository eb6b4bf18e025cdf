//! `POST /v1/audio/...`: text to speech and speech to text in OpenAI's dialect.

use axum::{body::Body, response::Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use pollux_translate::openai::audio::{
    speech::{self, Sound},
    transcription::{self, Task, Transcript},
};

use super::{ask, multipart};
use crate::{
    app::Gateway,
    faces::respond::{self, Answered, Incoming},
    models::names,
};

/// `POST /v1/audio/speech`
pub(crate) async fn speak(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = speech::Request::parse(&body)?;
    ask::check_ignored(&gateway, &head.headers, request.ignored())?;
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let streaming = request.is_streaming();
    let call = ask::generate(&gateway, &model, streaming, request.to_gemini().into());
    let mut response = if streaming {
        let sent = gateway.send(&call, &user).await?;
        let whole = |body: &Bytes| Ok(Sound::read(&request, body)?.bytes);
        respond::translated(&gateway, sent, whole, speech::Stream::default)?
    } else {
        let answers = ask::all(&gateway, &user, vec![call]).await?;
        let Sound { media_type, bytes } = Sound::read(&request, answers.first())?;
        let mut response = file(media_type, bytes);
        answers.note(&mut response);
        response
    };
    ask::note_ignored(&mut response, request.ignored());
    Ok(response)
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
    ask::check_ignored(&gateway, &head.headers, request.ignored())?;
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let streaming = request.is_streaming();
    let call = ask::generate(&gateway, &model, streaming, request.to_gemini().into());
    let mut response = if streaming {
        let sent = gateway.send(&call, &user).await?;
        let whole = |body: &Bytes| Ok(Transcript::read(&request, body)?.body);
        respond::translated(&gateway, sent, whole, transcription::Stream::default)?
    } else {
        let answers = ask::all(&gateway, &user, vec![call]).await?;
        let Transcript { media_type, body } = Transcript::read(&request, answers.first())?;
        let mut response = file(media_type, body);
        answers.note(&mut response);
        response
    };
    ask::note_ignored(&mut response, request.ignored());
    Ok(response)
}

fn file(media_type: &'static str, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
