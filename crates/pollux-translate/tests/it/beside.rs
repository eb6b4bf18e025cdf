//! Golden files of OpenAI's endpoints beside chat, laid out as those of chat are.
//!
//! A form stands in `form.json`: texts as pairs of name and value, files with `field`, `name`,
//! `media_type` and their `content`. An answer that is not JSON is in `answer.txt`, its media type
//! in the first line; bytes that are not text are in hexadecimal.

use std::path::Path;

use bytes::BytesMut;
use pollux_translate::error::{ApiError, TranslateError};
use pollux_translate::gemini::response::Response;
use pollux_translate::openai::audio::speech::{self, Sound};
use pollux_translate::openai::audio::transcription::{self, Task, Transcript};
use pollux_translate::openai::form::{File, Form};
use pollux_translate::openai::images::{self, Pictures};
use pollux_translate::openai::{completions, embeddings, error};
use pollux_translate::stream::{Source, StreamTranslator};
use serde_json::Value;

use crate::golden::{Made, every_case, read};
use crate::layout::layout;
use crate::run;

const CREATED: i64 = 1_700_000_000;

#[test]
fn every_embeddings_case_translates_as_written() {
    every_case("embeddings", 12, |case| {
        of_request(case, |body, made| {
            let request = embeddings::Request::parse(body)?;
            note(made, &request.batches(request.model()), request.ignored());
            if let Some(body) = read(case, "response.json") {
                let bodies = vec![body.as_slice(); request.batches(request.model()).len()];
                answer(made, embeddings::from_gemini(&request, bodies));
            }
            Ok(())
        })
    });
}

#[test]
fn every_completions_case_translates_as_written() {
    every_case("completions", 12, |case| {
        of_request(case, |body, made| {
            let request = completions::Request::parse(body)?;
            note(made, &request.to_gemini(), request.ignored());
            let context = request.context("cmpl-1".to_owned(), CREATED);
            if let Some(body) = read(case, "response.json") {
                let bodies = vec![body.as_slice(); request.to_gemini().len()];
                answer(made, completions::from_gemini(&context, bodies));
            }
            if let Some(body) = read(case, "stream.sse") {
                stream(made, completions::Stream::new(context), &body);
            }
            Ok(())
        })
    });
}

#[test]
fn every_images_case_translates_as_written() {
    every_case("images", 12, |case| {
        of_request(case, |body, made| {
            let form = form(case);
            let request = match &form {
                Some(form) => images::Request::edit(form)?,
                None => images::Request::generation(body)?,
            };
            let bodies = [request.to_gemini()];
            note(made, &bodies, &[]);
            if let Some(body) = read(case, "response.json") {
                let pictures = Pictures::read(&request, vec![body.as_slice(); request.count()]);
                if let Ok(pictures) = &pictures {
                    note(made, &[], pictures.ignored());
                }
                answer(made, pictures.map(|pictures| pictures.encode(CREATED)));
            }
            Ok(())
        })
    });
}

#[test]
fn every_speech_case_translates_as_written() {
    every_case("speech", 8, |case| {
        of_request(case, |body, made| {
            let request = speech::Request::parse(body)?;
            note(made, &[request.to_gemini()], request.ignored());
            if let Some(body) = read(case, "response.json") {
                match Sound::read(&request, &body) {
                    Ok(Sound { media_type, bytes }) => {
                        let hex: Vec<_> = bytes.iter().map(|it| format!("{it:02x}")).collect();
                        let hex = hex.concat();
                        made.push(("answer.txt", format!("{media_type}\n{hex}\n")));
                    }
                    Err(error) => answer(made, Err(error)),
                }
            }
            if let Some(body) = read(case, "stream.sse") {
                stream(made, speech::Stream::default(), &body);
            }
            Ok(())
        })
    });
}

#[test]
fn every_transcription_case_translates_as_written() {
    every_case("transcriptions", 10, |case| {
        of_request(case, |_, made| {
            let form = form(case).unwrap();
            let is_translation = case.ends_with("translated_with_times");
            let task = if is_translation { Task::Translate } else { Task::Transcribe };
            let request = transcription::Request::parse(task, &form)?;
            note(made, &[request.to_gemini()], request.ignored());
            if let Some(body) = read(case, "response.json") {
                match Transcript::read(&request, &body) {
                    Ok(Transcript { media_type: "application/json", body }) => {
                        answer(made, Ok(body));
                    }
                    Ok(Transcript { media_type, body }) => {
                        let body = String::from_utf8(body).unwrap();
                        made.push(("answer.txt", format!("{media_type}\n{body}")));
                    }
                    Err(error) => answer(made, Err(error)),
                }
            }
            if let Some(body) = read(case, "stream.sse") {
                stream(made, transcription::Stream::default(), &body);
            }
            Ok(())
        })
    });
}

/// Runs `translate` on a case's request; what it refuses is the error.
fn of_request(
    case: &Path,
    translate: impl FnOnce(&[u8], &mut Made) -> Result<(), TranslateError>,
) -> Made {
    let mut made = Made::new();
    let body = read(case, "request.json").unwrap_or_default();
    if let Err(error) = translate(&body, &mut made) {
        answer(&mut made, Err(ApiError::from(error)));
    }
    made
}

/// Notes the bodies that go to Gemini, one after the other, and what is left out.
fn note(made: &mut Made, bodies: &[Vec<u8>], ignored: &[String]) {
    let bodies = bodies.iter().map(|body| layout(&String::from_utf8(body.clone()).unwrap()));
    let bodies: String = bodies.collect();
    if !bodies.is_empty() {
        made.push(("gemini.json", bodies));
    }
    if !ignored.is_empty() {
        made.push(("ignored.txt", ignored.join("\n") + "\n"));
    }
}

fn stream(made: &mut Made, mut stream: impl StreamTranslator, body: &[u8]) {
    let mut out = BytesMut::new();
    for event in run::events([body]) {
        stream.event(Source::default(), &Response::parse(&event).unwrap(), &mut out);
    }
    stream.finish(&mut out);
    made.push(("chunks.sse", String::from_utf8(out.to_vec()).unwrap()));
}

fn answer(made: &mut Made, answer: Result<Vec<u8>, ApiError>) {
    let (name, body) = match answer {
        Ok(body) => ("answer.json", body),
        Err(error) => ("error.json", error::encode(&error)),
    };
    made.push((name, layout(&String::from_utf8(body).unwrap())));
}

fn form(case: &Path) -> Option<Form> {
    let form: Value = serde_json::from_slice(&read(case, "form.json")?).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let pairs = form["texts"].as_array().into_iter().flatten();
    let file = |file: &Value| File {
        field: text(&file["field"]),
        name: text(&file["name"]),
        media_type: text(&file["media_type"]),
        bytes: text(&file["content"]).into(),
    };
    Some(Form {
        texts: pairs.map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        files: form["files"].as_array().into_iter().flatten().map(file).collect(),
    })
}
