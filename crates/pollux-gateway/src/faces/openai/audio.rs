//! `POST /v1/audio/...`: text to speech and speech to text in OpenAI's dialect.

use axum::{body::Body, response::Response};
use http::{HeaderValue, header};
use pollux_translate::{
    error::ApiError,
    openai::audio::{
        speech::{self, Sound},
        transcription::{self, Task, Transcript},
    },
    stream::StreamTranslator,
};

use super::{ask, multipart};
use crate::{
    app::Gateway,
    catalog::User,
    faces::respond::{self, Answered, Incoming},
    models::names,
    proxy::call::Call,
};

/// `POST /v1/audio/speech`
pub(crate) async fn speak(gateway: Gateway, incoming: Incoming) -> Answered {
    let Incoming { id: _, head, body } = incoming;
    let user = gateway.user(&head.headers, &head.uri)?;
    let body = gateway.body(body).await?;
    let request = speech::Request::parse(&body)?;
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let streaming = request.is_streaming();
    let call = ask::generate(&gateway, &user, (&model, streaming), request.to_gemini().into());
    let file = |body: &[u8]| {
        Sound::read(&request, body).map(|Sound { media_type, bytes }| (media_type, bytes))
    };
    let mut response =
        answer(&gateway, &user, (call, streaming), file, speech::Stream::default).await?;
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
    ask::check_ignored(&gateway, &user, &head.headers, request.ignored())?;
    let model = names::resolve(&gateway, &user, request.model()).await?;
    let streaming = request.is_streaming();
    let call = ask::generate(&gateway, &user, (&model, streaming), request.to_gemini().into());
    let file = |body: &[u8]| {
        Transcript::read(&request, body).map(|Transcript { media_type, body }| (media_type, body))
    };
    let mut response =
        answer(&gateway, &user, (call, streaming), file, transcription::Stream::default).await?;
    ask::note_ignored(&mut response, request.ignored());
    Ok(response)
}

/// Sends the one call and answers with a stream, or with the file that `read` finds in the answer.
async fn answer<T>(
    gateway: &Gateway,
    user: &User,
    (call, streaming): (Call, bool),
    read: impl Fn(&[u8]) -> Result<(&'static str, Vec<u8>), ApiError>,
    stream: impl FnOnce() -> T,
) -> Answered
where
    T: StreamTranslator + Send + Unpin + 'static,
{
    if streaming {
        return respond::stream(gateway, user, call.into(), stream()).await;
    }
    let answers = ask::all(gateway, user, vec![call]).await?;
    let (media_type, file) = read(answers.first())?;
    let mut response = Response::new(Body::from(file));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    answers.note(&mut response);
    Ok(response)
}
